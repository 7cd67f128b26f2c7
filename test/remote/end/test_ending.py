"""The bounds of the dead man's switch, with short ones; and a link that cannot be put back."""

import os
import signal
import threading
from typing import List

from end.ending import EndLimits, Ending
from end.exchange import Answer, Cancelled, Exchange
from end.locks import held_by
from end.loop import Loop
from end.messages import OpenBody, UndoResult
from end.outlet import Outlet
from end.programs import Programs
from end.refusal import Refusal
from end.session import Session, open_session
from roots import as_ordinary_user
from support import HOLDER
from switches import SwitchTest


class EndingTest(SwitchTest):
    """Here the connection is made in this process, so that its parts can be given other bounds."""

    def setUp(self) -> None:
        super().setUp()
        self.runner.stop()
        self.loop = Loop()
        self.addCleanup(self.loop.close)
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        self.addCleanup(os.close, write)
        self.exchange = Exchange(self.loop, Outlet(self.loop, write, self.fail))
        self.programs = Programs(self.loop, os.environ)
        self.addCleanup(signal.signal, signal.SIGCHLD, signal.getsignal(signal.SIGCHLD))
        signal.signal(signal.SIGCHLD, lambda number, frame: self.loop.post(self.programs.look))
        self.addCleanup(signal.set_wakeup_fd, signal.set_wakeup_fd(self.loop.wake_descriptor))
        self.session = self.open_session()

    def open_session(self) -> Session:
        body: OpenBody = {
            'protocol': 1, 'root': self.layout.root, 'project': 'shop', 'host': 'web1', 'heartbeatMs': 1000,
            'forwardAgent': False,
            'holder': HOLDER,
        }
        session = open_session(self.loop, body)
        session.locks.lock('production', 'exclusive')
        session.locks.lock('shop-2.0', 'shared')
        return session

    def fire_here(self, *undo: object) -> None:
        self.session.switching.arm(self.intent(undo=list(undo)))
        self.session.switching.fire({'id': 's1', 'atUs': None, 'delayUs': 0}, lambda answer: None)
        self.loop.run(lambda: self.link_text() == 'shop-2.0', 5)

    def end(self, **limits: float) -> None:
        Ending(self.loop, self.exchange, self.programs, EndLimits(**limits)).run(self.session, 'the test ends it')

    def results(self) -> List[UndoResult]:
        results: List[UndoResult] = self.told()[-1]['undo']
        return results

    def test_an_undo_that_takes_too_long_is_killed_and_the_next_one_has_its_turn(self) -> None:
        self.fire_here(self.undo('a'), self.undo('b', argv=['sleep', '600']))
        for step in ('a', 'b'):
            self.session.undo.note_started(step)
        self.end(one_undo=0.3)
        self.assertEqual(self.undone(), ['a'])
        self.assertEqual(self.results(), [
            {'of': 'b', 'ok': False, 'reason': 'not done after 0.3 s'}, {'of': 'a', 'ok': True, 'reason': None},
        ])

    def test_all_undo_together_has_a_limit_and_what_had_no_turn_is_said(self) -> None:
        self.fire_here(self.undo('a'), self.undo('b', argv=['sleep', '600']))
        for step in ('a', 'b'):
            self.session.undo.note_started(step)
        self.end(all_undo=0.3)
        self.assertEqual(self.undone(), [])
        self.assertEqual([result['reason'] for result in self.results()], [
            'not done after 0.3 s', 'no time was left for it',
        ])

    def test_an_undo_with_a_shorter_limit_of_its_own_keeps_it(self) -> None:
        self.fire_here(self.undo('a', argv=['sleep', '600'], timeoutMs=200))
        self.session.undo.note_started('a')
        self.end()
        self.assertEqual(self.results(), [{'of': 'a', 'ok': False, 'reason': 'not done after 0.2 s'}])

    def test_a_thread_that_does_not_stop_is_not_waited_for(self) -> None:
        release = threading.Event()

        def job(cancelled: Cancelled) -> Answer:
            release.wait()
            return {}

        self.exchange.work(1, job)
        self.end(workers=0.1)
        self.assertFalse(self.exchange.idle())
        # It may still write: the locks go with the process, and with it the thread.
        self.assertTrue(held_by(self.layout, 'production')[0])
        release.set()
        self.assertTrue(self.loop.run(self.exchange.idle, 5))

    def test_the_locks_are_released_when_nothing_is_at_work_any_more(self) -> None:
        self.end()
        self.assertFalse(held_by(self.layout, 'production')[0])

    def begin_here(self, name: str) -> str:
        self.session.locks.lock(name, 'exclusive')
        self.session.builds.add(name)
        self.session.journal.append('build', revision=name, sha256='0' * 64)
        os.mkdir(self.layout.revision(name))
        return self.layout.revision(name)

    def test_a_build_that_nobody_will_end_is_removed_on_the_record(self) -> None:
        path = self.begin_here('shop-3.0')
        self.end()
        self.assertEqual((os.path.exists(path), self.told()[-1]['what']), (False, 'abandoned'))

    def test_a_build_that_the_runner_left_when_it_closed_stays(self) -> None:
        path = self.begin_here('shop-3.0')
        Ending(self.loop, self.exchange, self.programs).run(self.session, 'the runner closed it', closed=True)
        self.assertTrue(os.path.exists(path))

    def test_builds_of_others_and_revisions_that_stand_stay(self) -> None:
        path = self.begin_here('shop-3.0')
        self.session.locks.unlock('shop-3.0')
        self.session.locks.lock('shop-1.0', 'exclusive')
        self.session.builds.add('shop-1.0')
        self.end()
        self.assertEqual([os.path.exists(path), os.path.exists(self.layout.revision('shop-1.0'))], [True, True])

    def test_a_build_that_is_to_be_kept_when_it_fails_stays(self) -> None:
        path = self.begin_here('shop-3.0')
        self.session.builds.discard('shop-3.0')
        self.end()
        self.assertTrue(os.path.exists(path))

    def test_a_build_at_which_a_thread_still_is_stays(self) -> None:
        path = self.begin_here('shop-3.0')
        release = threading.Event()
        self.addCleanup(release.set)
        self.exchange.work(1, lambda cancelled: {} if release.wait() else {})
        self.end(workers=0.1)
        self.assertTrue(os.path.exists(path))

    def test_a_link_that_cannot_be_put_back_is_tried_again_and_stays_open_on_the_record(self) -> None:
        def test() -> None:
            self.session = self.open_session()
            self.fire_here(self.undo('a', argv=['true']))
            self.session.undo.note_started('a')
            # Nothing in the root can be renamed any more.
            os.chmod(self.layout.root, 0o555)
            with self.assertRaises(Refusal) as caught:
                self.session.switching.put_back('s1')
            self.assertEqual(caught.exception.code, 'permission')
            self.end()
            self.assertEqual(self.link_text(), 'shop-2.0')
            told = self.told()[2:]
            self.assertEqual([entry['what'] for entry in told], ['put-back-failed', 'put-back-failed'])
            for entry in told:
                self.assertTrue(entry['reason'].startswith('switching the link production: Permission denied'), entry)
            # So that whoever puts it back later does not undo it again.
            undone = [{'of': 'a', 'ok': False, 'reason': 'it ended well, but before the link could be put back'}]
            self.assertEqual([entry.get('undo') for entry in told], [None, undone])
            [switch] = self.journal.history().stages['production'].switches
            self.assertEqual((switch['state'], switch['undo']), ('open', undone))
            self.assertEqual(os.listdir(self.layout.incoming), [])
            os.chmod(self.layout.root, 0o755)
            self.assertIsNone(self.session.switching.lose())
            self.assertEqual(self.link_text(), 'shop-1.0')
            self.assertEqual(self.told()[-1]['what'], 'put-back')

        # A child would share the descriptors, and with them the locks.
        self.session.locks.release()
        as_ordinary_user(self.folder, test)

    def test_an_undo_that_ran_before_the_link_was_back_did_not_end_well(self) -> None:
        def test() -> None:
            self.session = self.open_session()
            self.fire_here(self.undo('a', argv=['chmod', '755', self.layout.root]))
            self.session.undo.note_started('a')
            os.chmod(self.layout.root, 0o555)
            self.end()
            self.assertEqual(self.link_text(), 'shop-1.0')
            self.assertEqual(self.results(), [
                {'of': 'a', 'ok': False, 'reason': 'it ended well, but before the link could be put back'},
            ])

        self.session.locks.release()
        as_ordinary_user(self.folder, test)
