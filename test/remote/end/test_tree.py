import os
import socket
from typing import Callable, List

from end.tree import DEPTH_LIMIT, read_tree, tree_digest
from roots import RootTest


class TreeTest(RootTest):
    def setUp(self) -> None:
        super().setUp()
        self.top = self.path('shop-1.0')
        os.makedirs(os.path.join(self.top, 'src'))
        self.write('src/a', 'text')
        os.symlink('src/a', os.path.join(self.top, 'link'))

    def write(self, name: str, content: str) -> None:
        with open(os.path.join(self.top, name), 'w') as file:
            file.write(content)

    def test_the_digest_changes_with_paths_kinds_contents_links_and_the_executable_bit(self) -> None:
        def change(*parts: str) -> str:
            return os.path.join(self.top, *parts)

        changes: List[Callable[[], None]] = [
            lambda: self.write('src/a', 'Text'),
            lambda: os.chmod(change('src/a'), 0o755),
            lambda: os.rename(change('src/a'), change('src/b')),
            lambda: os.rename(change('src/b'), change('b')),
            lambda: os.rmdir(change('src')),
            lambda: os.unlink(change('link')),
            lambda: os.symlink('src/b', change('link')),
            lambda: self.write('.build.log', 'Collecting'),
        ]
        digests = [tree_digest(self.top)]
        for make in changes:
            make()
            digests.append(tree_digest(self.top))
        self.assertEqual(len(set(digests)), len(changes) + 1)

    def test_the_digest_is_the_same_for_times_write_bits_and_the_manifest(self) -> None:
        before = tree_digest(self.top)
        os.utime(os.path.join(self.top, 'src/a'), (1, 1))
        os.chmod(os.path.join(self.top, 'src/a'), 0o444)
        self.write('.revision.json', '{}')
        self.assertEqual(tree_digest(self.top), before)

    def test_a_manifest_deeper_down_is_a_file_like_any_other(self) -> None:
        before = tree_digest(self.top)
        self.write('src/.revision.json', '{}')
        self.assertNotEqual(tree_digest(self.top), before)

    def test_nothing_is_read_through_a_link(self) -> None:
        os.mkdir(self.path('outside'))
        os.symlink('../outside', os.path.join(self.top, 'out'))
        before = tree_digest(self.top)
        with open(self.path('outside', 'x'), 'w'):
            pass
        self.assertEqual(tree_digest(self.top), before)

    def test_pipes_and_sockets_are_told_but_not_opened(self) -> None:
        os.mkfifo(os.path.join(self.top, 'pipe'))
        with socket.socket(socket.AF_UNIX) as server:
            directory = os.open(self.top, os.O_RDONLY)
            self.addCleanup(os.close, directory)
            # The folder's path is too long for a socket address.
            server.bind(f'/proc/self/fd/{directory}/socket')
            entries = read_tree(self.top, lambda directory, name, descriptor: None)
        self.assertEqual(sorted(entry.path for entry in entries if entry.kind == b'o'), [b'pipe', b'socket'])

    def test_directories_are_left_after_all_that_is_in_them(self) -> None:
        os.makedirs(os.path.join(self.top, 'src/deep/deeper'))
        left: List[str] = []
        read_tree(self.top, lambda directory, name, descriptor: left.append(name))
        self.assertLess(left.index('deeper'), left.index('deep'))
        self.assertLess(left.index('deep'), left.index('src'))
        self.assertLess(left.index('a'), left.index('src'))

    def test_a_tree_without_a_bottom_is_refused(self) -> None:
        self.make_deep(self.top, DEPTH_LIMIT + 2)
        self.refused('invalid', tree_digest, self.top)
