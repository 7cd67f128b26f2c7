import gzip
import os
import tarfile
import tempfile
from typing import List

from end.archive import Unpacked, unpack
from end.removal import remove_tree
from end.tree import tree_digest
from roots import Member, RootTest, file, never, special, symlink, tarball

INFO = file('shop-1.0/PKG-INFO', b'Name: shop\n')


class ArchiveTest(RootTest):
    def setUp(self) -> None:
        super().setUp()
        self.into = ''

    def unpack(self, content: bytes) -> Unpacked:
        """Unpacks into a new directory, `self.into`."""
        self.into = os.path.join(tempfile.mkdtemp(dir=self.layout.root), 'shop-1.0')
        os.mkdir(self.into)
        path = os.path.join(self.folder, 'sdist')
        with open(path, 'wb') as target:
            target.write(content)
        return unpack(path, self.into, never)

    def listing(self) -> List[str]:
        found = []
        for directory, names, files in os.walk(self.into):
            found += [os.path.relpath(os.path.join(directory, name), self.into) for name in [*names, *files]]
        return sorted(found)


class Unpacking(ArchiveTest):
    def test_strips_the_one_top_level_directory(self) -> None:
        unpacked = self.unpack(tarball(
            special('shop-1.0', tarfile.DIRTYPE), INFO, special('./shop-1.0//src/', tarfile.DIRTYPE),
            file('shop-1.0/src/shop/deep.py', b'x = 1\n'), symlink('shop-1.0/latest', 'src/shop'),
        ))
        self.assertEqual(self.listing(), ['PKG-INFO', 'latest', 'src', 'src/shop', 'src/shop/deep.py'])
        self.assertEqual((unpacked.files, unpacked.bytes), (5, 17))

    def test_passes_over_the_directory_in_which_the_archive_was_made(self) -> None:
        for name in ('./', '.', './/'):
            with self.subTest(name):
                self.unpack(tarball(special(name, tarfile.DIRTYPE), INFO))
                self.assertEqual(self.listing(), ['PKG-INFO'])

    def test_takes_only_the_executable_bit_and_the_time_from_the_archive(self) -> None:
        self.unpack(tarball(
            INFO, file('shop-1.0/run', mode=0o700), file('shop-1.0/open', mode=0o666), file('shop-1.0/closed', mode=0),
            special('shop-1.0/sgid', tarfile.DIRTYPE, mode=0o2777), special('shop-1.0/suid', tarfile.DIRTYPE, mode=0o4755),
            special('shop-1.0/all', tarfile.DIRTYPE, mode=0o7777), file('shop-1.0/sticky', mode=0o1644),
        ))
        modes = {name: oct(os.lstat(os.path.join(self.into, name)).st_mode) for name in os.listdir(self.into)}
        self.assertEqual(modes, {
            'PKG-INFO': '0o100644', 'run': '0o100755', 'open': '0o100644', 'closed': '0o100644', 'sticky': '0o100644',
            'sgid': '0o40755', 'suid': '0o40755', 'all': '0o40755',
        })
        self.assertEqual(os.lstat(os.path.join(self.into, 'run')).st_mtime, 1_500_000_000)

    def test_times_that_no_file_can_have_are_brought_into_range(self) -> None:
        names = ['1e30', '-5', '1.5', 'nan', 'inf', '-inf']
        members: List[Member] = []
        for name in names:
            member = file('shop-1.0/' + name)
            member[0].pax_headers = {'mtime': name}
            members.append(member)
        self.unpack(tarball(INFO, *members))
        times = [int(os.lstat(os.path.join(self.into, name)).st_mtime) for name in names]
        self.assertEqual(times, [0x37FFFFFFF, 0, 1, 0, 0x37FFFFFFF, 0])

    def test_its_digest_is_that_of_the_tree_and_does_not_depend_on_the_order_of_members(self) -> None:
        members = [
            INFO, file('shop-1.0/a/b', b'1'), file('shop-1.0/a-b', b'2'), file('shop-1.0/x', b'3', 0o755),
            symlink('shop-1.0/link', 'a/b'), special('shop-1.0/empty', tarfile.DIRTYPE),
        ]
        forward = self.unpack(tarball(*members)).source_digest
        self.assertEqual(forward, tree_digest(self.into))
        self.assertEqual(self.unpack(tarball(*reversed(members))).source_digest, forward)

    def test_names_and_link_texts_in_any_encoding_come_out_as_they_are(self) -> None:
        content = gzip.compress(b''.join((
            _raw_header(b'shop-1.0/PKG-INFO', b'0'), _raw_header(b'shop-1.0/\xff \xe9', b'0'),
            _raw_header(b'shop-1.0/link', b'2', b'\xff \xe9'), bytes(1024),
        )))
        self.unpack(content)
        self.assertEqual(sorted(os.listdir(os.fsencode(self.into))), [b'PKG-INFO', b'link', b'\xff \xe9'])
        self.assertEqual(os.readlink(os.path.join(os.fsencode(self.into), b'link')), b'\xff \xe9')

    def test_a_file_that_comes_twice_is_the_later_one(self) -> None:
        unpacked = self.unpack(tarball(INFO, file('shop-1.0/a', b'old'), file('shop-1.0/a', b'new', 0o755)))
        with open(os.path.join(self.into, 'a')) as source:
            self.assertEqual(source.read(), 'new')
        self.assertEqual(unpacked.source_digest, tree_digest(self.into))

    def test_a_hard_link_becomes_a_file_of_its_own(self) -> None:
        unpacked = self.unpack(tarball(
            INFO, file('shop-1.0/a', b'text', 0o755), special('shop-1.0/b', tarfile.LNKTYPE, 'shop-1.0/a'),
        ))
        self.assertEqual(os.lstat(os.path.join(self.into, 'b')).st_nlink, 1)
        self.assertTrue(os.access(os.path.join(self.into, 'b'), os.X_OK))
        self.assertEqual(unpacked.source_digest, tree_digest(self.into))

    def test_links_that_stay_in_the_tree_are_made_even_when_they_dangle_or_turn_in_circles(self) -> None:
        texts = {'a': 'missing/..//b', 'b': 'a', 'src/up': '..', 'src/over': '../src/../PKG-INFO', 'c': '.'}
        self.unpack(tarball(INFO, *(symlink('shop-1.0/' + name, text) for name, text in texts.items())))
        self.assertEqual({name: os.readlink(os.path.join(self.into, name)) for name in texts}, texts)

    def test_stops_when_it_is_cancelled(self) -> None:
        self.unpack(tarball(INFO))
        self.refused('cancelled', unpack, os.path.join(self.folder, 'sdist'), self.path('shop-1.1'), lambda: True)


class Hostile(ArchiveTest):
    """F24: refused, and nothing written outside."""

    def assert_refused(self, *members: Member) -> None:
        before = _paths(self.folder)
        self.refused('archive', self.unpack, tarball(INFO, *members))
        made = os.path.dirname(self.into)
        self.assertEqual(os.listdir(made), ['shop-1.0'])
        remove_tree(made)
        self.assertEqual(_paths(self.folder), before)

    def test_absolute_paths_and_paths_with_two_dots(self) -> None:
        for name in ('/etc/x', '../x', 'shop-1.0/../x', 'shop-1.0/../../x', 'shop-1.0/a/../b', '..', self.folder + '/x'):
            with self.subTest(name):
                self.assert_refused(file(name, b'bad'))

    def test_the_root_directory(self) -> None:
        for name in ('/', '//', '/.', '/./'):
            with self.subTest(name):
                self.assert_refused(special(name, tarfile.DIRTYPE))

    def test_line_breaks_empty_and_overlong_names(self) -> None:
        for name in ('shop-1.0/a\nb', './', 'shop-1.0/' + 'a' * 256, 'shop-1.0' + '/d' * 300):
            with self.subTest(name[:20]):
                self.assert_refused(file(name))

    def test_a_path_longer_than_the_host_can_open(self) -> None:
        self.assert_refused(file('shop-1.0' + ('/' + 'd' * 200) * 30))

    def test_links_that_leave_the_tree(self) -> None:
        for text in ('/etc/passwd', '/', '..', '../x', 'a/../../x', '../shop-1.0/PKG-INFO', './../x'):
            with self.subTest(text):
                self.assert_refused(symlink('shop-1.0/link', text))

    def test_links_that_leave_the_tree_through_another_link_in_either_order(self) -> None:
        up = symlink('shop-1.0/d/e/up', '..')
        out = symlink('shop-1.0/out', 'd/e/up/../..')
        for members in ((up, out), (out, up)):
            self.assert_refused(file('shop-1.0/d/e/f'), *members)
        self.assert_refused(symlink('shop-1.0/a', '.'), symlink('shop-1.0/b', 'a/a/../x'), symlink('shop-1.0/c', 'b/../..'))

    def test_files_written_through_a_link_of_the_archive(self) -> None:
        for text in ('/tmp', '..', 'src', '.'):
            with self.subTest(text):
                self.assert_refused(symlink('shop-1.0/link', text), file('shop-1.0/link/x', b'bad'))
        self.assert_refused(symlink('shop-1.0/link', 'PKG-INFO'), file('shop-1.0/link', b'bad'))
        self.assert_refused(symlink('shop-1.0/link', 'src'), special('shop-1.0/link', tarfile.DIRTYPE))

    def test_one_name_for_two_kinds_of_things(self) -> None:
        self.assert_refused(file('shop-1.0/a'), file('shop-1.0/a/b'))
        self.assert_refused(special('shop-1.0/d', tarfile.DIRTYPE), file('shop-1.0/d'))
        self.assert_refused(special('shop-1.0/e', tarfile.DIRTYPE), symlink('shop-1.0/e', '.'))

    def test_hard_links_to_anything_but_a_file_of_the_archive(self) -> None:
        for target in ('/etc/passwd', '../x', 'shop-1.0/../../x', 'other/x', 'shop-1.0/missing', 'shop-1.0/src', 'shop-1.0'):
            with self.subTest(target):
                self.assert_refused(
                    special('shop-1.0/src', tarfile.DIRTYPE), special('shop-1.0/hard', tarfile.LNKTYPE, target),
                )
        self.assert_refused(symlink('shop-1.0/s', 'PKG-INFO'), special('shop-1.0/hard', tarfile.LNKTYPE, 'shop-1.0/s'))

    def test_devices_pipes_and_set_id_bits(self) -> None:
        for kind in (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE):
            self.assert_refused(special('shop-1.0/special', kind))
        for mode in (0o4755, 0o2755):
            self.assert_refused(file('shop-1.0/root', b'#!/bin/sh', mode))
            self.assert_refused(special('shop-1.0/hard', tarfile.LNKTYPE, 'shop-1.0/PKG-INFO', mode=mode))

    def test_two_top_level_directories_or_a_file_in_its_place(self) -> None:
        self.assert_refused(file('shop-1.1/x'))
        self.assert_refused(file('x'))
        self.assert_refused(file('shop-1.0'))

    def test_no_pkg_info_or_one_that_is_no_file(self) -> None:
        self.refused('archive', self.unpack, tarball(file('shop-1.0/src/PKG-INFO')))
        self.refused('archive', self.unpack, tarball(special('shop-1.1/PKG-INFO', tarfile.DIRTYPE)))
        self.refused('archive', self.unpack, tarball(symlink('shop-1.2/PKG-INFO', 'x')))
        self.refused('archive', self.unpack, tarball())

    def test_a_verdict_or_a_log_brought_along(self) -> None:
        for name in ('.revision.json', '.build.log', '.revision.json/x'):
            self.assert_refused(file('shop-1.0/' + name, b'{}'))
        self.assert_refused(symlink('shop-1.0/.build.log', 'PKG-INFO'))

    def test_links_without_a_target(self) -> None:
        self.assert_refused(symlink('shop-1.0/link', ''))
        bad = symlink('shop-1.0/link', 'x')
        bad[0].pax_headers = {'linkpath': 'a\0b'}
        self.assert_refused(bad)


class Broken(ArchiveTest):
    def whole(self) -> bytes:
        return tarball(INFO, *(file(f'shop-1.0/{number}', os.urandom(3000)) for number in range(8)))

    def test_an_archive_that_is_cut_off_anywhere_is_refused(self) -> None:
        whole = self.whole()
        for length in [*range(0, len(whole), 997), len(whole) - 1]:
            self.refused('archive', self.unpack, whole[:length])

    def test_a_tar_that_is_cut_off_inside_a_whole_gzip_is_refused_at_every_block(self) -> None:
        plain = gzip.decompress(tarball(INFO, file('shop-1.0/a', b'x' * 700), file('shop-1.0/b', b'y' * 512)))
        ended = plain.rstrip(b'\0')
        end = len(ended) + -len(ended) % 512
        for length in range(0, end + 1, 256):
            self.refused('archive', self.unpack, gzip.compress(plain[:length]))
        self.unpack(gzip.compress(plain[:end + 512]))

    def test_a_broken_header_in_the_middle_is_not_taken_for_the_end(self) -> None:
        plain = bytearray(gzip.decompress(tarball(INFO, file('shop-1.0/a'), file('shop-1.0/b'))))
        plain[2 * 512 + 148] ^= 1
        self.refused('archive', self.unpack, gzip.compress(plain))

    def test_a_flipped_bit_is_refused(self) -> None:
        broken = bytearray(self.whole())
        broken[-6] ^= 1
        self.refused('archive', self.unpack, bytes(broken))

    def test_what_is_no_gzip_or_no_tar_is_refused(self) -> None:
        for content in (b'', b'hello', gzip.compress(b''), gzip.compress(b'hello' * 1000), b'PK\x03\x04' + bytes(600)):
            self.refused('archive', self.unpack, content)

    def test_a_header_that_wants_to_fill_the_memory_is_refused(self) -> None:
        header = tarfile.TarInfo('x')
        header.type, header.size = tarfile.XHDTYPE, 64 << 20
        plain = gzip.decompress(tarball(INFO))[:1024] + header.tobuf(tarfile.USTAR_FORMAT) + bytes(64 << 20)
        refusal = self.refused('archive', self.unpack, gzip.compress(plain, 1))
        self.assertIn('header of more than', refusal.message)

    def test_an_endless_rest_is_refused(self) -> None:
        refusal = self.refused('archive', self.unpack, gzip.compress(gzip.decompress(tarball(INFO)) + bytes(32 << 20), 1))
        self.assertIn('more after its end', refusal.message)


def _paths(folder: str) -> List[str]:
    found = []
    for directory, names, files in os.walk(folder):
        found += [os.path.join(directory, name) for name in [*names, *files] if name != 'sdist']
    return sorted(found)


def _raw_header(name: bytes, kind: bytes, linkname: bytes = b'') -> bytes:
    header = bytearray(tarfile.TarInfo('x').tobuf(tarfile.USTAR_FORMAT))
    header[0:100] = name.ljust(100, b'\0')
    header[156:157] = kind
    header[157:257] = linkname.ljust(100, b'\0')
    header[148:156] = b' ' * 8
    header[148:156] = b'%06o\0 ' % sum(header)
    return bytes(header)
