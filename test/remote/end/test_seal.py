import json
import os
import stat
from typing import Callable, List

from end.manifest import read_manifest
from end.tree import tree_digest
from roots import RootTest, as_ordinary_user, file, sdist, symlink


class Seal(RootTest):
    def test_the_manifest_tells_what_was_verified_by_whom(self) -> None:
        digest = self.begin()
        self.build('shop-1.0', python='3.11.2', executable='.env/bin/python')
        os.makedirs(self.path('shop-1.0', '.env', 'bin'))
        os.symlink('/bin/sh', self.path('shop-1.0', '.env', 'bin', 'python'))
        os.makedirs(self.layout.shared('media'))
        tree = self.seal_begun('shop-1.0', digest, ['media'])
        with open(self.layout.manifest('shop-1.0')) as source:
            manifest = json.load(source)
        self.assertGreater(manifest.pop('atMs'), 0)
        self.assertEqual(manifest, {
            'v': 1, 'revision': 'shop-1.0', 'name': 'shop', 'version': '1.0', 'sha256': digest,
            'sourceDigest': '1' * 64, 'treeDigest': tree,
            'environment': {
                'path': '.env', 'executable': '.env/bin/python', 'python': '3.11.2', 'platform': 'linux',
                'wheels': [{'file': 'shop-1.0-py3-none-any.whl', 'sha256': '0' * 64}],
            },
            'shared': [{'path': 'media', 'target': 'media'}],
            'verification': [{'step': 'verify/1', 'title': 'pip check', 'result': 'ok', 'durationMs': 12}],
            'builders': [{'share': 'wheels', 'host': 's1', 'stage': 'staging', 'run': 'run-0', 'atMs': 7}],
            'run': 'run-1', 'by': 'ana', 'origin': 'laptop', 'command': 'deploy production',
            'tool': 'stage-deploy 0.1.0',
        })
        self.assertEqual(tree, tree_digest(self.path('shop-1.0')))
        self.assertEqual(self.whats(), ['build', 'sealed'])
        self.assertEqual(os.listdir(self.layout.incoming), [])

    def test_a_manifest_of_the_first_version_names_no_builders(self) -> None:
        self.seal()
        path = self.layout.manifest('shop-1.0')
        with open(path) as source:
            manifest = json.load(source)
        del manifest['builders']
        os.chmod(self.path('shop-1.0'), 0o755)
        os.unlink(path)
        with open(path, 'w') as target:
            json.dump(manifest, target)
        read = read_manifest(self.layout, 'shop-1.0')
        self.assertEqual(read and read['builders'], [])

    def test_a_revision_without_an_environment_can_be_sealed(self) -> None:
        self.seal()
        manifest = read_manifest(self.layout, 'shop-1.0')
        self.assertIsNotNone(manifest)
        self.assertIsNone(manifest and manifest['environment'])

    def test_no_write_bit_is_left_anywhere(self) -> None:
        self.seal('shop-1.0', sdist('shop-1.0', file('shop-1.0/src/deep/a'), file('shop-1.0/bin/run', mode=0o777)))
        modes = set()
        for directory, names, files in os.walk(self.path('shop-1.0')):
            modes |= {oct(os.lstat(os.path.join(directory, name)).st_mode) for name in [*names, *files, '.']}
        self.assertEqual(modes, {'0o100444', '0o100555', '0o40555'})

    def test_sealing_never_reaches_through_a_link(self) -> None:
        outside = os.path.join(self.folder, 'outside')
        os.makedirs(os.path.join(outside, 'inner'))
        with open(os.path.join(outside, 'file'), 'w'):
            pass
        digest = self.begin('shop-1.0', sdist('shop-1.0', symlink('shop-1.0/inside', '.')))
        for name, target in (('directory', outside), ('file', outside + '/file'), ('dangling', '/nowhere')):
            os.symlink(target, self.path('shop-1.0', name))
        before = {name: os.lstat(os.path.join(outside, name)).st_mode for name in ('.', 'inner', 'file')}
        self.seal_begun('shop-1.0', digest)
        self.assertEqual({name: os.lstat(os.path.join(outside, name)).st_mode for name in before}, before)

    def test_a_file_shared_by_a_hard_link_gets_an_own_copy(self) -> None:
        digest = self.begin()
        cached = os.path.join(self.folder, 'cached')
        with open(cached, 'w') as target:
            target.write('text')
        os.chmod(cached, 0o755)
        os.utime(cached, (7, 7))
        os.link(cached, self.path('shop-1.0', 'own'))
        os.link(cached, self.path('shop-1.0', 'other'))
        tree = self.seal_begun('shop-1.0', digest)
        self.assertEqual(stat.S_IMODE(os.lstat(cached).st_mode), 0o755)
        for name in ('own', 'other'):
            found = os.lstat(self.path('shop-1.0', name))
            self.assertEqual((found.st_nlink, stat.S_IMODE(found.st_mode), found.st_mtime), (1, 0o555, 7))
        with open(cached, 'w') as target:
            target.write('other')
        self.assertEqual(tree_digest(self.path('shop-1.0')), tree)

    def test_asked_again_it_only_finishes_and_never_rewrites_the_manifest(self) -> None:
        digest = self.begin()
        tree = self.seal_begun('shop-1.0', digest)
        before = os.lstat(self.layout.manifest('shop-1.0')).st_ino
        # As a crash between the manifest and the rest leaves it.
        os.chmod(self.path('shop-1.0'), 0o755)
        self.assertEqual(self.seal_begun('shop-1.0', digest), tree)
        self.assertEqual(os.lstat(self.layout.manifest('shop-1.0')).st_ino, before)
        self.assertEqual(stat.S_IMODE(os.lstat(self.path('shop-1.0')).st_mode), 0o555)
        self.assertEqual(self.whats(), ['build', 'sealed'])

    def test_what_was_not_begun_or_begun_from_other_bytes_or_rejected_is_refused_unchanged(self) -> None:
        os.mkdir(self.path('shop-0.9'))
        self.refused('not-ours', self.seal_begun, 'shop-0.9', '0' * 64)
        digest = self.begin()
        self.refused('conflict', self.seal_begun, 'shop-1.0', '0' * 64)
        self.assertTrue(os.stat(self.path('shop-1.0')).st_mode & stat.S_IWUSR)
        self.seal_begun('shop-1.0', digest)
        self.refused('conflict', self.seal_begun, 'shop-1.0', '0' * 64)

    def test_a_record_of_an_environment_that_is_none_is_refused(self) -> None:
        digest = self.begin()
        for text in ('', 'hello', 'null', '{}', '{"path":1}', '[' * 100_000):
            with open(self.layout.record('shop-1.0'), 'w') as target:
                target.write(text)
            self.refused('invalid', self.seal_begun, 'shop-1.0', digest)
        self.build('shop-1.0', executable='.env/bin/python')
        self.refused('not-standing', self.seal_begun, 'shop-1.0', digest)
        self.assertIsNone(read_manifest(self.layout, 'shop-1.0'))


class ForTheirOwner(RootTest):
    def test_a_sealed_tree_cannot_be_written_by_its_own_user(self) -> None:
        def test() -> None:
            self.seal('shop-1.0', sdist('shop-1.0', file('shop-1.0/src/a', b'text')))
            attempts: List[Callable[[], object]] = [
                lambda: open(self.path('shop-1.0', 'src', 'a'), 'w'),
                lambda: open(self.path('shop-1.0', 'src', 'new'), 'w'),
                lambda: open(self.path('shop-1.0', 'new'), 'w'),
                lambda: open(self.layout.manifest('shop-1.0'), 'a'),
                lambda: os.unlink(self.path('shop-1.0', 'src', 'a')),
                lambda: os.unlink(self.layout.manifest('shop-1.0')),
            ]
            for attempt in attempts:
                with self.assertRaises(PermissionError):
                    attempt()

        as_ordinary_user(self.folder, test)
