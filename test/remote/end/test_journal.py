import json
import os
import threading
from typing import List
from unittest import mock

from end.journal import Journal
from end.journal_file import try_append
from end.who import Who
from roots import ANA, RootTest, as_ordinary_user


class JournalTest(RootTest):
    def test_a_line_tells_what_who_from_where_and_when(self) -> None:
        self.journal.append('build', revision='shop-1.0', sha256='ab')
        (entry,) = self.journal.latest(10_000)
        self.assertTrue(str(entry.pop('atNs')).isdigit())
        self.assertEqual(entry, {
            'v': 1, 'run': 'run-1', 'by': 'ana', 'origin': 'laptop', 'command': 'deploy production',
            'what': 'build', 'revision': 'shop-1.0', 'sha256': 'ab',
        })

    def test_a_journal_that_is_made_is_on_the_disk_with_its_name(self) -> None:
        synced: List[int] = []
        with mock.patch('os.fsync', lambda descriptor: synced.append(os.fstat(descriptor).st_ino)):
            for _ in range(2):
                self.journal.append('build', revision='shop-1.0', sha256='ab')
        file, directory = (os.stat(path).st_ino for path in (self.layout.journal, self.layout.records))
        self.assertEqual(synced, [file, directory, file])

    def test_a_journal_that_may_not_be_written_is_named_with_what_is_missing(self) -> None:
        def test() -> None:
            self.journal.append('build', revision='shop-1.0', sha256='ab')
            os.chmod(self.layout.journal, 0o444)
            refusal = self.refused('permission', self.journal.append, 'build')
            self.assertRegex(refusal.message, r'journal\.jsonl is not writable for (.+): it belongs to \1, mode 0444; give \1')

        as_ordinary_user(self.folder, test)

    def test_any_text_is_one_line_and_comes_back_the_same(self) -> None:
        text = 'a\nb\r\u2028\udcff"é'
        self.journal.append('rejected', revision='shop-1.0', reason=text)
        with open(self.layout.journal, 'rb') as file:
            self.assertEqual(file.read().count(b'\n'), 1)
        self.assertEqual([entry['reason'] for entry in self.journal.latest(10_000)], [text])

    def test_a_torn_last_line_is_ignored_and_harms_no_later_one(self) -> None:
        self.journal.append('build', revision='shop-1.0')
        with open(self.layout.journal, 'ab') as file:
            file.write(b'{"v":1,"what":"kept","id":"x')
        self.assertEqual(self.whats(), ['build'])
        self.journal.append('sealed', revision='shop-1.0')
        self.assertEqual(self.whats(), ['build', 'sealed'])

    def test_a_line_torn_at_every_byte_never_hides_another(self) -> None:
        self.journal.append('build', revision='shop-1.0')
        with open(self.layout.journal, 'rb') as file:
            line = file.read()
        for length in range(len(line)):
            with open(self.layout.journal, 'wb') as file:
                file.write(line + line[:length])
            # Whole but for its newline, it counts: so it is read the same before and after the next line is written.
            self.journal.append('sealed')
            self.assertEqual(self.whats(), ['build'] * (2 if length == len(line) - 1 else 1) + ['sealed'], length)

    def test_a_line_is_written_again_where_another_one_was_torn_between_the_look_and_the_write(self) -> None:
        self.journal.append('build')
        descriptor = os.open(self.layout.journal, os.O_RDWR | os.O_APPEND)
        self.addCleanup(os.close, descriptor)

        def after_another_was_torn(own: int, line: bytes) -> int:
            with open(self.layout.journal, 'ab') as other:
                other.write(b'{"v":1,"what":"kept","id')
            return os.write(own, line)

        line = b'{"v":1,"what":"sealed"}\n'
        self.assertFalse(try_append(descriptor, line, after_another_was_torn))
        self.assertEqual(self.whats(), ['build'])
        self.assertTrue(try_append(descriptor, line))
        self.assertEqual(self.whats(), ['build', 'sealed'])

    def test_a_line_that_found_room_for_its_beginning_only_is_written_again_as_a_whole(self) -> None:
        self.journal.append('build')
        descriptor = os.open(self.layout.journal, os.O_RDWR | os.O_APPEND)
        self.addCleanup(os.close, descriptor)
        line = b'{"v":1,"what":"sealed"}\n'
        self.assertFalse(try_append(descriptor, line, lambda own, whole: os.write(own, whole[:9])))
        self.assertTrue(try_append(descriptor, line))
        self.assertEqual(self.whats(), ['build', 'sealed'])

    def test_what_is_no_entry_is_passed_over(self) -> None:
        with open(self.layout.journal, 'wb') as file:
            file.write(b'\n[]\nnull\n"x"\n{"what":1,"v":1}\n\xff\xfe\n' + b'[' * 100_000 + b'\n' + b'"' + b'a' * (3 << 20) + b'\n')
        self.journal.append('build')
        self.assertEqual(self.whats(), ['build'])

    def test_a_line_of_a_later_version_is_refused_not_passed_over(self) -> None:
        with open(self.layout.journal, 'w') as file:
            file.write(json.dumps({'v': 2, 'what': 'intent'}) + '\n')
        self.refused('not-ours', self.journal.history)

    def test_the_last_entries_come_oldest_first(self) -> None:
        for name in 'abc':
            self.journal.append('build', revision=name)
        self.assertEqual([entry['revision'] for entry in self.journal.latest(2)], ['b', 'c'])
        self.assertEqual(self.journal.latest(0), [])

    def test_a_root_without_a_journal_has_no_entries(self) -> None:
        self.assertEqual((self.journal.latest(10), self.journal.history()), ([], ({}, {}, set())))

    def test_a_journal_that_is_a_link_is_neither_read_nor_written(self) -> None:
        outside = os.path.join(self.folder, 'outside')
        os.symlink(outside, self.layout.journal)
        self.refused('io', self.journal.append, 'build')
        self.refused('io', self.journal.history)
        self.assertFalse(os.path.lexists(outside))

    def test_several_writers_at_once_lose_no_line(self) -> None:
        def write(run: str) -> None:
            journal = Journal(self.layout, Who(run, ANA.by, ANA.origin, ANA.command))
            for _ in range(25):
                journal.append('build', filler='x' * 5000)

        threads = [threading.Thread(target=write, args=(str(number),)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        runs = [str(entry['run']) for entry in self.journal.latest(10_000)]
        self.assertEqual({run: runs.count(run) for run in set(runs)}, {'0': 25, '1': 25, '2': 25, '3': 25})
