import ast
import os
import socket
import unittest
from contextlib import contextmanager
from typing import Callable, Dict, Iterator, List

from end.freeze import read_freeze
from end.inspection import inspect
from end.journal import Journal
from end.locks import attempt, held_by
from end.plain_file import open_plain
from end.refusal import Refusal
from roots import RootTest, never

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = os.path.join(HERE, '..', '..', '..', 'src', 'remote', 'end')

# A call with one of these waits for nobody: it makes a new file, takes nothing but a directory, or does not wait.
FLAGS_THAT_DO = ('O_EXCL', 'O_DIRECTORY', 'O_NONBLOCK')

# Calls without them, and why nothing is waited for.
LOOKED_AT_OTHERWISE = {
    "tree_list.py: open(temporary, 'xb')": 'x: it makes a new file',
    "processes.py: open(os.path.join(process, name), 'rb')": 'a file of the kernel, in /proc',
    "session.py: open(_BOOT_ID, encoding='ascii')": 'the same',
}

# With O_NONBLOCK it has to be looked at afterwards, too: these do.
LOOKS = {'plain_file.py', 'authorized_keys.py', 'tree.py', 'write_file.py'}


def sources() -> Dict[str, ast.Module]:
    found = {}
    for name in os.listdir(SOURCES):
        if name.endswith('.py'):
            with open(os.path.join(SOURCES, name), encoding='utf-8') as file:
                found[name] = ast.parse(file.read())
    return found


def names_of_flags(trees: Dict[str, ast.Module]) -> Dict[str, str]:
    """Names that stand for flags anywhere, with what they stand for."""
    assigned = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    return {ast.unparse(node.targets[0]): ast.unparse(node.value) for node in assigned if 'os.O_' in ast.unparse(node.value)}


def a_socket(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(path)


# By what stands there instead of a file.
KINDS: Dict[str, Callable[[str], None]] = {
    'a FIFO': os.mkfifo,
    'a directory': os.mkdir,
    'a socket': a_socket,
    'a symbolic link': lambda path: os.symlink('/dev/zero', path),
}


class PlainFile(RootTest):
    def test_nothing_else_is_opened_however_it_is_to_be_used(self) -> None:
        path = os.path.join(self.folder, 'it')
        for kind, make in KINDS.items():
            for flags in (os.O_RDONLY, os.O_WRONLY | os.O_APPEND | os.O_CREAT, os.O_RDWR | os.O_CREAT):
                make(path)
                with self.subTest(kind=kind, flags=flags):
                    with self.assertRaises(OSError) as caught:
                        open_plain(path, flags)
                    self.assertEqual((caught.exception.strerror, caught.exception.filename), (f'it is {kind}, no plain file', path))
                (os.rmdir if os.path.isdir(path) else os.unlink)(path)

    def test_a_device_is_none_either(self) -> None:
        with self.assertRaisesRegex(OSError, 'it is a device, no plain file'):
            open_plain('/dev/zero')

    def test_a_file_is_opened_and_one_that_is_not_there_is_made(self) -> None:
        path = os.path.join(self.folder, 'it')
        os.close(open_plain(path, os.O_WRONLY | os.O_CREAT))
        os.close(open_plain(path))
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.assertRaises(FileNotFoundError, open_plain, path + 'x')

    def test_every_module_that_opens_a_file_looks_at_it_first(self) -> None:
        trees = sources()
        flags = names_of_flags(trees)
        unguarded, looking = set(), set()
        for name, tree in trees.items():
            for node in ast.walk(tree):
                if not isinstance(node, ast.Call) or ast.unparse(node.func) not in ('open', 'os.open', 'io.open'):
                    continue
                said = ' '.join(flags.get(ast.unparse(each), ast.unparse(each)) for each in node.args)
                if not any(flag in said for flag in FLAGS_THAT_DO):
                    unguarded.add(f'{name}: {ast.unparse(node)}')
                elif 'O_NONBLOCK' in said:
                    looking.add(name)
        self.assertEqual(unguarded, set(LOOKED_AT_OTHERWISE))
        self.assertEqual(looking, LOOKS)
        for name in looking:
            self.assertIn('S_ISREG', ast.unparse(trees[name]))


class EveryPathOfTheRecords(RootTest):
    """Whatever stands where one of our files belongs, the answer comes at once and names the path."""

    def setUp(self) -> None:
        super().setUp()
        self.begun = self.begin('shop-1.0')
        self.seal_begun('shop-1.0', self.begun)

    @contextmanager
    def standing(self, path: str) -> Iterator[Callable[[str], None]]:
        """Puts other things at a path; the file is back after that."""
        aside = path + '.aside'
        if os.path.lexists(path):
            os.rename(path, aside)

        def remove() -> None:
            if os.path.lexists(path):
                (os.rmdir if os.path.isdir(path) else os.unlink)(path)

        def put(kind: str) -> None:
            remove()
            KINDS[kind](path)

        yield put
        remove()
        if os.path.lexists(aside):
            os.rename(aside, path)

    def refusal(self, work: Callable[[], object]) -> str:
        with self.assertRaises(Refusal) as caught:
            work()
        return caught.exception.message

    def test_a_journal_is_neither_read_nor_written(self) -> None:
        for kind in KINDS:
            with self.subTest(kind=kind), self.standing(self.layout.journal) as put:
                put(kind)
                another = Journal(self.layout, self.journal.who)
                works: List[Callable[[], object]] = [
                    another.history, lambda: another.latest(5), lambda: another.append('frozen', stage='production'),
                ]
                for work in works:
                    self.assertRegex(self.refusal(work), f'^(reading|writing).*: it is {kind}, no plain file .*journal.jsonl')
                another.keep_checkpoint()

    def test_a_lock_is_not_taken_and_counts_as_free(self) -> None:
        for kind in KINDS:
            with self.subTest(kind=kind), self.standing(self.layout.lock('production')) as put:
                put(kind)
                self.assertEqual(held_by(self.layout, 'production'), (False, None))

                def take() -> None:
                    with attempt(self.layout, 'production'):
                        self.fail('it was locked')

                self.assertIn(f'it is {kind}, no plain file', self.refusal(take))

    def test_a_record_that_freezes_a_stage_freezes_it_or_says_why_it_cannot_be_read(self) -> None:
        for kind in KINDS:
            with self.subTest(kind=kind), self.standing(self.layout.freeze('production')) as put:
                put(kind)
                try:
                    self.assertIsNotNone(read_freeze(self.layout, 'production'))
                except Refusal as refusal:
                    self.assertIn('no plain file', refusal.message)

    def test_a_stored_sdist_counts_as_missing_for_a_check(self) -> None:
        for kind in KINDS:
            with self.subTest(kind=kind), self.standing(self.layout.sdist('shop-1.0')) as put:
                put(kind)
                found = inspect(self.layout, self.journal, {'revision': 'shop-1.0', 'paths': [], 'facts': []}, {}, never)
                assert found['sealed'] is not None
                self.assertIsNone(found['sealed']['sdist'])


if __name__ == '__main__':
    unittest.main()
