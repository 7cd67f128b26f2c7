"""Locks: one holder, named to whoever asks, gone with the process that held it."""

import fcntl
import json
import os
import signal
from typing import Optional, Tuple

from end.locks import Pause, attempt, contend, held_by, holder_of
from roots import RootTest
from support import HOLDER, RemoteEndTest


class TextTest(RootTest):
    """The text of a lock is believed only while the lock is held by whoever wrote it."""

    NAME = 'production'

    def setUp(self) -> None:
        super().setUp()
        # Of a run that was killed: nobody took it away.
        self.write('dead')
        self.other: int = os.open(self.layout.lock(self.NAME), os.O_RDWR)
        self.addCleanup(lambda: self.other < 0 or os.close(self.other))
        fcntl.flock(self.other, fcntl.LOCK_EX)

    def write(self, run: str) -> None:
        with open(self.layout.lock(self.NAME), 'w') as file:
            json.dump({**HOLDER, 'run': run}, file)

    def release(self) -> None:
        os.close(self.other)
        self.other = -1

    def contend(self, pause: Pause) -> Tuple[bool, Optional[str]]:
        descriptor, holder = contend(self.layout, self.NAME, 'exclusive', pause)
        if descriptor is not None:
            os.close(descriptor)
        return descriptor is not None, None if holder is None else holder['run']

    def held_by(self, pause: Pause) -> Tuple[bool, Optional[str]]:
        held, holder = held_by(self.layout, self.NAME, pause)
        return held, None if holder is None else holder['run']

    def test_what_is_read_twice_is_who_has_it(self) -> None:
        self.write('alive')
        self.assertEqual(self.contend(lambda _: None), (False, 'alive'))
        self.assertEqual(self.held_by(lambda _: None), (True, 'alive'))

    def test_a_holder_that_has_not_written_yet_is_not_taken_for_a_dead_one(self) -> None:
        self.assertEqual(self.contend(lambda _: self.write('alive')), (False, 'alive'))
        self.write('dead')
        self.assertEqual(self.held_by(lambda _: self.write('alive')), (True, 'alive'))

    def test_a_lock_that_somebody_only_looked_at_is_had(self) -> None:
        self.assertEqual(self.contend(lambda _: self.release()), (True, None))

    def test_a_lock_that_was_given_back_meanwhile_is_free(self) -> None:
        self.assertEqual(self.held_by(lambda _: self.release()), (False, None))

    def test_where_no_two_readings_agree_nobody_is_named(self) -> None:
        runs = iter(range(100))
        for ask in (self.contend, self.held_by):
            self.assertIsNone(ask(lambda _: self.write(f'run {next(runs)}'))[1])


class LockTest(RemoteEndTest):
    def setUp(self) -> None:
        super().setUp()
        self.other = self.connect(holder={**HOLDER, 'run': 'run-2', 'by': 'bob'})

    def test_one_connection_gets_it_the_other_is_told_who_has_it(self) -> None:
        self.assertEqual(self.lock('production'), {'granted': True, 'holder': None})
        self.assertEqual(self.lock('production', runner=self.other), {'granted': False, 'holder': HOLDER})
        self.assertEqual(self.lock('staging', runner=self.other), {'granted': True, 'holder': None})

    def test_whoever_asks_again_still_has_it(self) -> None:
        self.lock('production')
        self.assertTrue(self.lock('production')['granted'])

    def test_it_is_free_when_it_is_unlocked(self) -> None:
        self.lock('production')
        self.assertEqual(self.runner.call('unlock', {'name': 'production'}), {})
        self.assertTrue(self.lock('production', runner=self.other)['granted'])

    def test_to_unlock_what_is_not_held_changes_nothing(self) -> None:
        self.lock('production', runner=self.other)
        self.runner.call('unlock', {'name': 'production'})
        self.assertFalse(self.lock('production')['granted'])

    def test_it_is_free_when_its_holder_is_killed(self) -> None:
        self.lock('production')
        self.runner.process.send_signal(signal.SIGKILL)
        self.runner.ended()
        self.assertTrue(self.lock('production', runner=self.other)['granted'])

    def test_a_shared_lock_has_several_holders_and_no_exclusive_one(self) -> None:
        self.assertTrue(self.lock('shop-1.0', 'shared')['granted'])
        self.assertTrue(self.lock('shop-1.0', 'shared', self.other)['granted'])
        self.assertFalse(self.lock('shop-1.0', 'exclusive', self.connect())['granted'])

    def test_an_exclusive_lock_becomes_shared(self) -> None:
        self.lock('shop-1.0')
        self.assertTrue(self.lock('shop-1.0', 'shared')['granted'])
        self.assertTrue(self.lock('shop-1.0', 'shared', self.other)['granted'])

    def test_a_shared_lock_becomes_exclusive_only_for_the_last_holder(self) -> None:
        self.lock('shop-1.0', 'shared')
        self.lock('shop-1.0', 'shared', self.other)
        self.assertFalse(self.lock('shop-1.0')['granted'])
        self.other.call('unlock', {'name': 'shop-1.0'})
        self.assertTrue(self.lock('shop-1.0')['granted'])

    def test_a_refused_conversion_leaves_the_shared_lock(self) -> None:
        self.lock('shop-1.0', 'shared')
        self.lock('shop-1.0', 'shared', self.other)
        self.lock('shop-1.0')
        self.other.call('unlock', {'name': 'shop-1.0'})
        self.assertFalse(self.lock('shop-1.0', 'exclusive', self.other)['granted'])

    def test_the_text_of_a_dead_holder_is_not_believed(self) -> None:
        self.lock('production')
        self.runner.process.send_signal(signal.SIGKILL)
        self.runner.ended()
        self.assertEqual(holder_of(self.layout, 'production'), HOLDER)
        self.assertEqual(held_by(self.layout, 'production'), (False, None))

    def test_a_text_that_cannot_be_read_names_nobody(self) -> None:
        for text in ('', 'not json', '[]', '{"run":"run-1"}', '[' * 50_000):
            self.lock('production')
            with open(self.layout.lock('production'), 'w') as file:
                file.write(text)
            self.assertEqual(self.lock('production', runner=self.other), {'granted': False, 'holder': None})
            self.assertEqual(held_by(self.layout, 'production'), (True, None))
            self.runner.call('unlock', {'name': 'production'})

    def test_looking_at_a_lock_leaves_no_file_and_takes_none(self) -> None:
        self.assertEqual(held_by(self.layout, 'production'), (False, None))
        self.assertEqual(os.listdir(self.layout.locks), [])

    def test_an_attempt_succeeds_only_where_nobody_is(self) -> None:
        with attempt(self.layout, 'shop-1.0') as free:
            self.assertTrue(free)
            self.assertFalse(self.lock('shop-1.0', 'shared')['granted'])
        self.assertTrue(self.lock('shop-1.0', 'shared')['granted'])
        with attempt(self.layout, 'shop-1.0') as free:
            self.assertFalse(free)

    def test_a_name_that_could_leave_the_folder_is_refused(self) -> None:
        for name in ('../x', '.', '', 'a/b', 'shared', 'a\nb'):
            self.assertEqual(self.runner.refusal('lock', {'name': name, 'mode': 'shared'}), 'invalid')

    def test_a_lock_file_that_is_a_link_is_not_followed(self) -> None:
        os.symlink('../root.json', self.layout.lock('production'))
        self.assertEqual(self.runner.refusal('lock', {'name': 'production', 'mode': 'exclusive'}), 'io')
        self.assertIn('project', self.read('.stage', 'root.json'))

    def test_a_root_that_nobody_settled_has_no_locks(self) -> None:
        runner = self.start()
        runner.open(self.path('elsewhere'))
        self.assertEqual(runner.refusal('lock', {'name': 'production', 'mode': 'exclusive'}), 'io')
        self.assertFalse(os.path.exists(self.path('elsewhere')))
