import json
import os
import subprocess
import sys
import unittest
from typing import Callable, Dict, Iterator, List
from unittest import mock

from end import checkpoint, journal_file, stage_replay
from end.conform import nonconformity
from end.entry import Entry, text_of
from end.history import History, Replay, ReplayRecord, replay
from end.journal import Journal
from journals import deploys, random_journal
from reference_replay import ReferenceReplay
from roots import RootTest

# So small that a random journal reaches them.
SMALL = {'_SWITCHES_LIMIT': 3, '_OPEN_LIMIT': 2, '_BEFORE_LIMIT': 2, '_LIVED_LIMIT': 4, 'STACK_LIMIT': 5}


def small_limits() -> 'mock._patch_dict[str, object]':
    return mock.patch.dict(stage_replay.__dict__, SMALL)


def taken(entries: List[Entry], into: Replay) -> Replay:
    for entry in entries:
        into.take(entry)
    return into


def written_and_read(before: Replay) -> Replay:
    record = json.loads(json.dumps(before.record()))
    assert nonconformity(record, ReplayRecord) is None, nonconformity(record, ReplayRecord)
    return Replay.restored(record)


class Replaying(unittest.TestCase):
    def test_tells_what_a_reader_of_the_whole_past_tells(self) -> None:
        for seed in range(400):
            entries = random_journal(seed, 60)
            expected: Dict[str, ReferenceReplay] = {}
            for entry in entries:
                stage = text_of(entry, 'stage')
                if stage is not None:
                    expected.setdefault(stage, ReferenceReplay()).take(entry)
            with self.subTest(seed=seed):
                self.assertEqual(replay(entries).stages, {stage: each.history() for stage, each in expected.items()})

    def test_goes_on_from_any_line_as_if_it_had_read_all(self) -> None:
        for seed in range(150):
            entries = random_journal(seed, 80)
            for limits in (mock.patch.dict(stage_replay.__dict__, {}), small_limits()):
                with limits:
                    whole = replay(entries)
                    for cut in range(0, len(entries), 7):
                        rest = taken(entries[cut:], written_and_read(taken(entries[:cut], Replay())))
                        with self.subTest(seed=seed, cut=cut):
                            self.assertEqual(rest.history(), whole)

    def test_holds_no_more_the_longer_it_goes_on(self) -> None:
        with small_limits():
            replayed, sizes = Replay(), []
            for seed in range(60):
                taken(random_journal(seed, 100), replayed)
                # Identities come again in other journals; here every journal has its own.
                for stage in replayed.record()['stages'].values():
                    self.assertLessEqual(len(stage['stack']), 5)
                    self.assertLessEqual(len(stage['lived']), 4)
                    self.assertLessEqual(len(stage['switches']), 2 * (3 + 2 + 2) + 1)
                    self.assertLessEqual(len(stage['before']), 2)
                sizes.append(len(json.dumps(replayed.record())))
            self.assertLess(max(sizes), 40_000)

    def test_what_is_open_counts_however_much_came_after_it(self) -> None:
        lines: List[Entry] = [{'what': 'intent', 'id': 'open', 'kind': 'deploy', 'stage': 'production', 'to': 'shop-1', 'atMs': 1}]
        for number in range(1_000):
            lines += [{'what': 'intent', 'id': str(number), 'kind': 'deploy', 'stage': 'production', 'to': 'shop-2', 'atMs': 1},
                      {'what': 'put-back', 'id': str(number), 'stage': 'production'}]
        found = [each['id'] for each in replay(lines).stages['production'].switches if each['state'] == 'open']
        self.assertEqual(found, ['open'])


class CheckpointTest(RootTest):
    def setUp(self) -> None:
        super().setUp()
        worth = mock.patch.object(checkpoint, 'WORTH_BYTES', 1_000)
        worth.start()
        self.addCleanup(worth.stop)
        self.write(deploys(40))

    def write(self, content: bytes, mode: str = 'wb') -> None:
        with open(self.layout.journal, mode) as file:
            file.write(content)

    def another(self) -> Journal:
        """One of a connection that comes later."""
        return Journal(self.layout, self.journal.who)

    def kept(self) -> None:
        self.another().keep_checkpoint()
        self.assertTrue(os.path.isfile(self.layout.checkpoint))

    def told(self) -> 'tuple[History, int]':
        """What a new connection finds, and how many lines it read for that."""
        lines: List[bytes] = []
        parse = journal_file._parsed

        def counting(line: bytes) -> object:
            lines.append(line)
            return parse(line)

        with mock.patch.object(journal_file, '_parsed', counting):
            return self.another().history(), len(lines)

    def from_the_beginning(self) -> History:
        with open(self.layout.journal, 'rb') as file:
            return replay(entry for _, entry in journal_file.read_entries(file) if entry is not None)


class Kept(CheckpointTest):
    def test_spares_later_connections_all_that_it_tells(self) -> None:
        self.kept()
        for expected in (0, 1):
            history, lines = self.told()
            self.assertEqual((history.stages, lines), (self.from_the_beginning().stages, expected))
            self.another().append('frozen', stage='production', reason='')

    def test_is_written_again_when_the_journal_has_grown_enough(self) -> None:
        self.kept()
        journal = self.another()
        journal.history()
        self.write(deploys(1, 'staging'), 'ab')
        journal.keep_checkpoint()
        self.assertEqual(self.told()[1], 0)
        journal.append('frozen', stage='production', reason='')
        journal.keep_checkpoint()
        self.assertEqual(self.told()[1], 1)

    def test_is_not_worth_it_for_a_short_journal(self) -> None:
        with mock.patch.object(checkpoint, 'WORTH_BYTES', 1 << 20):
            self.another().keep_checkpoint()
        self.assertFalse(os.path.lexists(self.layout.checkpoint))

    def test_one_connection_reads_every_line_once(self) -> None:
        journal = self.another()
        self.assertEqual(journal.history(), self.from_the_beginning())
        journal.append('pruned', revision='shop-1.39')
        self.assertNotIn('shop-1.39', journal.history().made)
        self.write(deploys(2))
        self.assertEqual(journal.history(), self.from_the_beginning())

    def test_what_was_told_does_not_change_when_the_journal_goes_on(self) -> None:
        journal = self.another()
        self.write(deploys(1)[:deploys(1).rindex(b'{')])
        before = journal.history()
        told = before.stages['production'].switches[0]['state']
        self.write(deploys(1))
        self.assertEqual((told, before.stages['production'].switches[0]['state']), ('open', 'open'))
        self.assertEqual(journal.history().stages['production'].switches[0]['state'], 'kept')

    def test_forgets_revisions_of_which_nothing_is_left_but_not_one_that_is_being_made(self) -> None:
        self.write(b'', 'wb')
        self.another().append('build', revision='shop-9', sha256='')
        self.write(deploys(40), 'ab')
        os.mkdir(self.layout.revision('shop-1.39'))
        self.kept()
        self.assertEqual(sorted(self.told()[0].made), ['shop-1.39', 'shop-9'])


class Unfit(CheckpointTest):
    """Whatever stands at the checkpoint's path, the journal is the truth."""

    def changes(self) -> Iterator[Callable[[], None]]:
        path = self.layout.checkpoint

        def put(content: bytes) -> Callable[[], None]:
            def work() -> None:
                os.unlink(path)
                with open(path, 'wb') as file:
                    file.write(content)

            return work

        def instead(make: Callable[[], None]) -> Callable[[], None]:
            def work() -> None:
                os.unlink(path)
                make()

            return work

        with open(path, 'rb') as file:
            good = file.read()
        record = json.loads(good)
        yield instead(lambda: None)
        yield instead(lambda: os.mkfifo(path))
        yield instead(lambda: os.mkdir(path))
        yield instead(lambda: os.symlink('/dev/zero', path))
        yield instead(lambda: os.symlink('/no/such/file', path))
        for length in (0, 1, len(good) // 2, len(good) - 2):
            yield put(good[:length])
        for key, value in (('v', 2), ('bytes', record['bytes'] - 1), ('bytes', 1 << 40), ('head', ''), ('tail', ''),
                           ('replay', {}), ('replay', None)):
            yield put(json.dumps({**record, key: value}).encode())
        yield put(json.dumps({**record, 'more': 1}).encode())
        stages = {'production': {**record['replay']['stages']['production'], 'stack': [7]}}
        yield put(json.dumps({**record, 'replay': {**record['replay'], 'stages': stages}}).encode())

    def test_a_checkpoint_that_is_not_whole_or_not_of_this_journal_is_as_none(self) -> None:
        self.kept()
        for index, change in enumerate(list(self.changes())):
            if os.path.isdir(self.layout.checkpoint):
                os.rmdir(self.layout.checkpoint)
            elif os.path.lexists(self.layout.checkpoint):
                os.unlink(self.layout.checkpoint)
            self.kept()
            change()
            with self.subTest(index=index):
                history, lines = self.told()
                self.assertEqual(history, self.from_the_beginning())
                self.assertGreater(lines, 200)

    def test_nor_is_one_of_a_journal_that_was_cut_or_replaced(self) -> None:
        self.kept()
        for content in (b'', deploys(20), deploys(50, 'staging'), b'x' * 400_000):
            self.write(content)
            with self.subTest(bytes=len(content)):
                self.assertEqual(self.told()[0], self.from_the_beginning())

    def test_a_line_that_was_not_whole_yet_is_read_when_it_is(self) -> None:
        for rest in (b'{"v":1,"what":"pru', b'{"v":1,"what":"pruned","revision":"shop-1.38"}'):
            self.write(deploys(40) + rest)
            self.another().keep_checkpoint()
            for more in (b'\n', b'\n{"v":1,"what":"pruned","revision":"shop-1.39"}\n'):
                self.write(more, 'ab')
                with self.subTest(rest=rest, more=more):
                    self.assertEqual(self.told()[0].stages, self.from_the_beginning().stages)
                    self.assertEqual(self.told()[0].begun, self.from_the_beginning().begun)
                    self.assertNotIn('shop-1.39' if b'39' in more else 'shop-1.38' if b'38' in rest else '', self.told()[0].made)


class Writing(CheckpointTest):
    def test_that_fails_anywhere_leaves_the_one_before_or_none_and_says_nothing(self) -> None:
        for name in ('open', 'fsync', 'replace', 'pread'):
            for has_one in (False, True):
                if os.path.lexists(self.layout.checkpoint):
                    os.unlink(self.layout.checkpoint)
                self.write(deploys(40))
                if has_one:
                    self.kept()
                self.write(deploys(40, 'staging'), 'ab')
                for failing in range(6):
                    with self.subTest(name=name, has_one=has_one, failing=failing):
                        journal = self.another()
                        journal.history()
                        with mock.patch.object(os, name, self.failing(getattr(os, name), failing)):
                            journal.keep_checkpoint()
                        self.assertEqual(self.told()[0].stages, self.from_the_beginning().stages)
                        self.assertEqual(os.listdir(self.layout.incoming), [])

    def failing(self, work: Callable[..., object], after: int) -> Callable[..., object]:
        calls: List[int] = []

        def call(*args: object, **keys: object) -> object:
            # The journal itself can be read.
            if args[0] == self.layout.journal:
                return work(*args, **keys)
            calls.append(1)
            if len(calls) > after:
                raise OSError(28, 'No space left on device')
            return work(*args, **keys)

        return call


# What it takes to tell of a root, in a process of its own. VmHWM (proc(5)) is of this program alone, ru_maxrss is not: what the
# process was before execve(2) counts there.
_OBSERVE = """
import re, sys
from end.journal import Journal
from end.layout import Layout
from end.observe import observe
from end.who import Who

layout = Layout(sys.argv[1])
journal = Journal(layout, Who('r', 'ana', 'laptop', 'status'))
body = {'stages': ['production'], 'check': [], 'shared': [], 'programs': [], 'facts': []}
told = observe(layout, journal, body, {'PATH': '/bin'}, lambda: False)
if sys.argv[2] == 'keep':
    journal.keep_checkpoint()
print(told['stages']['production']['stack'][:2], int(re.search(r'VmHWM:\\s*(\\d+) kB', open('/proc/self/status').read())[1]) // 1024)
"""


class HundredThousandDeploys(RootTest):
    def observed(self, keep: str) -> 'tuple[str, int]':
        argv = [sys.executable, '-c', _OBSERVE, self.layout.root, keep]
        environment = {**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)}
        done = subprocess.run(argv, env=environment, stdout=subprocess.PIPE, check=True, universal_newlines=True)
        stack, size = done.stdout.rsplit(' ', 1)
        return stack, int(size)

    def test_are_told_in_a_few_mebibytes_with_a_checkpoint_and_without(self) -> None:
        with open(self.layout.journal, 'wb') as file:
            file.write(deploys(100_000))
        expected = "['shop-1.99999', 'shop-1.99998']"
        for keep in ('keep', 'no'):
            stack, mebibytes = self.observed(keep)
            self.assertEqual(stack, expected)
            self.assertLess(mebibytes, 60)
        self.assertLess(os.path.getsize(self.layout.checkpoint), 256 << 10)


if __name__ == '__main__':
    unittest.main()
