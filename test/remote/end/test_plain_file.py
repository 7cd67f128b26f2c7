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

# Where a file is opened without that look: because it was made a moment before (O_EXCL), because what is opened is a directory, or
# because it is looked at there.
LOOKED_AT_OTHERWISE = {
    'plain_file.py', 'archive.py', 'arriving_products.py', 'authorized_keys.py', 'incoming.py', 'processes.py', 'products.py',
    'records.py', 'removal.py', 'seal.py', 'session.py', 'shared.py', 'survey.py', 'tree.py', 'tree_list.py', 'write_file.py',
}


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
        found = set()
        for name in os.listdir(SOURCES):
            if not name.endswith('.py'):
                continue
            with open(os.path.join(SOURCES, name), encoding='utf-8') as file:
                tree = ast.parse(file.read())
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in ('open', 'os.open', 'io.open'):
                    found.add(name)
        self.assertEqual(found, found & LOOKED_AT_OTHERWISE)


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
