import os
from typing import Callable
from unittest.mock import patch

from end import archive
from end.archive import Unpacked
from end.begin import begin
from end.messages import UnpackAnswer
from end.tree import tree_digest
from roots import RootTest, file, never, sdist, sha256, tarball


class Beginning(RootTest):
    def unpack(self, content: bytes, name: str = 'shop-1.0') -> UnpackAnswer:
        return begin(self.layout, self.journal, {'revision': name, 'sha256': sha256(content), 'keepFailed': False}, never)

    def test_the_journal_names_the_directory_then_it_is_filled(self) -> None:
        content = sdist()
        self.receive('shop-1.0', content)
        answer = self.unpack(content)
        (entry,) = self.journal.latest(10_000)
        self.assertEqual((entry['what'], entry['revision'], entry['sha256']), ('build', 'shop-1.0', sha256(content)))
        self.assertEqual(answer['sourceDigest'], tree_digest(self.path('shop-1.0')))
        self.assertEqual(answer['files'], 2)

    def test_without_a_journal_no_directory_is_made(self) -> None:
        self.receive('shop-1.0', sdist())
        os.mkdir(self.layout.journal)
        self.refused('io', self.unpack, sdist())
        self.assertFalse(os.path.lexists(self.path('shop-1.0')))

    def test_an_sdist_that_was_not_received_or_is_another_one_is_refused_before_anything_is_made(self) -> None:
        self.refused('digest', self.unpack, sdist())
        self.receive('shop-1.0', sdist('shop-1.0', file('shop-1.0/x')))
        self.refused('digest', self.unpack, sdist())
        self.assertEqual((self.whats(), os.path.lexists(self.path('shop-1.0'))), ([], False))

    def test_an_sdist_that_another_build_changes_meanwhile_is_refused(self) -> None:
        """It was looked at, and is another one when it is unpacked: in place, or by another file of that name."""
        mine, other = (sdist('shop-1.0', file('shop-1.0/a', word * 100)) for word in (b'mine', b'evil'))
        self.receive('shop-1.0', mine)

        def unpack_other(path: str, into: str, cancelled: Callable[[], bool]) -> Unpacked:
            with open(path, 'wb') as target:
                target.write(other)
            return archive.unpack(path, into, cancelled)

        with patch('end.begin.unpack', unpack_other):
            self.refused('digest', self.unpack, mine)

    def test_what_is_unpacked_is_hashed_to_its_last_byte(self) -> None:
        content = sdist()
        self.receive('shop-1.0', content)
        os.mkdir(self.path('into'))
        unpacked = archive.unpack(self.layout.sdist('shop-1.0'), self.path('into'), never)
        self.assertEqual(unpacked.sha256, sha256(content))

    def test_a_directory_that_was_not_made_here_is_left_alone(self) -> None:
        os.mkdir(self.path('shop-1.0'))
        self.receive('shop-1.0', sdist())
        self.refused('not-ours', self.unpack, sdist())
        self.assertEqual((os.listdir(self.path('shop-1.0')), self.whats()), ([], []))

    def test_a_link_in_the_place_of_the_directory_is_never_followed(self) -> None:
        outside = os.path.join(self.folder, 'outside')
        os.mkdir(outside)
        for target in (outside, '/nowhere'):
            os.symlink(target, self.path('shop-1.0'))
            self.receive('shop-1.0', sdist())
            self.refused('not-ours', self.unpack, sdist())
            os.unlink(self.path('shop-1.0'))
        self.assertEqual(os.listdir(outside), [])

    def test_an_unfinished_build_must_be_abandoned_first_and_what_stands_is_never_built_again(self) -> None:
        digest = self.begin()
        self.refused('conflict', self.unpack, sdist())
        self.seal_begun('shop-1.0', digest)
        self.refused('conflict', self.unpack, sdist())

    def test_an_sdist_of_another_project_is_refused(self) -> None:
        for info in (b'Name: other\n', b'Metadata-Version: 2.1\n\nName: shop\n', b'Name: shop/../x\n', b''):
            content = tarball(file('shop-1.0/PKG-INFO', info))
            self.receive('shop-1.0', content)
            with self.subTest(info):
                self.refused('archive', self.unpack, content)
            os.unlink(self.path('shop-1.0', 'PKG-INFO'))
            os.rmdir(self.path('shop-1.0'))
