"""Files that a step writes: whole or not at all."""

import os
import stat
import unittest
from typing import List, Optional

from support import RemoteEndTest


class WriteFileTest(RemoteEndTest):
    def write(self, path: str, content: str, mode: str = '0640', size: Optional[int] = None) -> List[object]:
        size = len(content.encode()) if size is None else size
        id = self.ask_run(self.spec('@write-file', path, mode, str(size), input=content))
        ended = self.runner.answer(id)
        return [ended['code'], (self.runner.output(id, 1) + self.runner.output(id, 2)).decode().rstrip('\n')]

    def file(self) -> str:
        return os.path.join(self.layout.root, 'a file')

    def test_a_file_is_written_with_its_mode(self) -> None:
        path = self.file()
        self.assertEqual(self.write(path, 'käse\n'), [0, f'{path}: written'])
        with open(path, encoding='utf-8') as file:
            self.assertEqual(file.read(), 'käse\n')
        self.assertEqual(stat.S_IMODE(os.lstat(path).st_mode), 0o640)

    def test_a_file_that_is_so_already_is_left_alone(self) -> None:
        path = self.file()
        self.write(path, 'a')
        before = os.lstat(path)
        self.assertEqual(self.write(path, 'a'), [0, f'{path}: unchanged'])
        self.assertEqual(os.lstat(path).st_ino, before.st_ino)

    def test_another_content_or_mode_replaces_it(self) -> None:
        path = self.file()
        self.write(path, 'a')
        self.assertEqual(self.write(path, 'b'), [0, f'{path}: written'])
        self.assertEqual(self.write(path, 'b', '0600'), [0, f'{path}: written'])
        self.assertEqual(os.listdir(self.layout.root).count('a file'), 1)

    def test_what_does_not_arrive_whole_leaves_the_file_as_it_was(self) -> None:
        path = self.file()
        self.write(path, 'a')
        self.assertEqual(
            self.write(path, 'b' * 10, size=20),
            [1, f'{path}: not written: 10 of 20 bytes of its text have arrived'],
        )
        with open(path, encoding='utf-8') as file:
            self.assertEqual(file.read(), 'a')

    def test_a_link_in_its_place_is_replaced_and_what_it_leads_to_is_not(self) -> None:
        path, other = self.file(), os.path.join(self.layout.root, 'other')
        self.write(other, 'other')
        os.symlink(other, path)
        self.write(path, 'mine')
        self.assertFalse(os.path.islink(path))
        with open(other) as file:
            self.assertEqual(file.read(), 'other')

    def test_where_there_is_no_directory_that_is_said_and_nothing_is_left(self) -> None:
        path = os.path.join(self.layout.root, 'none', 'file')
        self.assertEqual(self.write(path, 'a'), [1, f'{path}: No such file or directory'])

    def test_a_text_longer_than_a_pipe_holds_arrives_whole(self) -> None:
        text = 'x' * 500_000
        self.write(self.file(), text)
        self.assertEqual(os.path.getsize(self.file()), len(text))

    def test_a_program_that_reads_nothing_of_its_input_ends_as_it_does(self) -> None:
        self.assertEqual(self.run_step(self.spec('true', input='x' * 500_000))['code'], 0)


if __name__ == '__main__':
    unittest.main()
