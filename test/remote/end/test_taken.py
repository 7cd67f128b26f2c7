"""A switch whose lock files somebody removed, while another connection takes new ones and puts it back."""

import os
import unittest
from typing import List

from support import Json, Refused, Runner
from switches import SwitchTest


class TakenTest(SwitchTest):
    def lose_locks(self) -> None:
        for name in os.listdir(self.layout.locks):
            os.unlink(self.layout.lock(name))

    def another(self) -> Runner:
        """A connection that has the locks, by files of its own."""
        self.lose_locks()
        runner = self.connect()
        self.hold(runner)
        return runner

    def put_back_by(self, other: Runner) -> Json:
        answer = other.call('put-back', {'id': 's1'})
        other.call('put-back-done', {'id': 's1', 'undo': []})
        return answer

    def whats(self) -> List[str]:
        return [entry['what'] for entry in self.told()]

    def test_a_keep_without_the_lock_file_is_refused_and_the_switch_goes_back_with_its_runner(self) -> None:
        self.arm(undo=[self.undo('reload')])
        self.fire()
        self.start_step('reload')
        self.lose_locks()
        self.assertEqual(self.runner.refusal('keep', {'id': 's1'}), 'lock-lost')
        self.runner.lose()
        self.runner.ended()
        self.assertEqual((self.link_text(), self.undone()), ('shop-1.0', ['reload']))
        self.assertNotIn('kept', self.whats())

    def test_what_another_one_has_put_back_is_never_kept(self) -> None:
        self.arm()
        self.fire()
        self.put_back_by(self.another())
        self.assertEqual(self.runner.refusal('keep', {'id': 's1'}), 'not-armed')
        self.assertEqual(self.whats(), ['intent', 'fired', 'taken', 'put-back'])

    def test_nor_what_it_is_about_to_put_back(self) -> None:
        self.arm()
        self.fire()
        self.another().call('put-back', {'id': 's1'})
        self.assertEqual(self.runner.refusal('keep', {'id': 's1'}), 'not-armed')
        self.assertEqual(self.whats(), ['intent', 'fired', 'taken'])

    def test_a_line_that_came_between_the_look_at_the_lock_and_kept_decides(self) -> None:
        self.arm()
        self.fire()
        # As by a connection that had the lock for a moment: the file of this one is back when it is looked at.
        self.journal.append('taken', id='s1', stage='production')
        self.assertEqual(self.runner.refusal('keep', {'id': 's1'}), 'not-armed')
        observed = self.runner.call('observe', {'stages': ['production'], 'check': [], 'shared': [], 'programs': [], 'facts': []})
        self.assertEqual(observed['stages']['production']['switches'][0]['state'], 'open')

    def test_what_was_kept_before_it_was_taken_is_not_put_back(self) -> None:
        self.arm()
        self.fire()
        other = self.another()
        self.journal.append('kept', id='s1', stage='production')
        self.assertEqual(other.refusal('put-back', {'id': 's1'}), 'not-armed')
        self.assertEqual(self.link_text(), 'shop-2.0')

    def test_the_link_of_who_took_it_is_left_alone_though_it_names_the_same_revision(self) -> None:
        self.arm(undo=[self.undo('reload')])
        self.fire()
        self.start_step('reload')
        other = self.another()
        self.put_back_by(other)
        other.call('arm', self.intent(id='s2'))
        other.call('fire', {'id': 's2', 'atUs': None, 'delayUs': 0})
        self.assertEqual(self.runner.refusal('put-back', {'id': 's1'}), 'not-armed')
        self.runner.lose()
        self.runner.ended()
        self.assertEqual((self.link_text(), self.undone()), ('shop-2.0', []))
        other.call('keep', {'id': 's2'})
        self.assertEqual(self.whats(), ['intent', 'fired', 'taken', 'put-back', 'intent', 'fired', 'kept'])

    def test_what_was_armed_only_is_not_fired_any_more(self) -> None:
        self.arm()
        self.put_back_by(self.another())
        self.assertEqual(self.runner.refusal('fire', {'id': 's1', 'atUs': None, 'delayUs': 0}), 'lock-lost')
        self.assertEqual(self.runner.refusal('put-back', {'id': 's1'}), 'not-armed')
        self.assertEqual(self.link_text(), 'shop-1.0')

    def test_no_step_is_run_without_the_lock_file_but_what_undoes_one(self) -> None:
        self.arm()
        self.fire()
        self.lose_locks()
        self.assertEqual(self.step_refusal(), 'lock-lost')
        self.assertEqual(self.put_back()['link']['text'], 'shop-1.0')
        self.assertEqual(self.run_step(self.spec('true'), undo_of='reload')['kind'], 'exited')

    def test_nor_is_that_beside_who_took_it(self) -> None:
        self.arm()
        self.fire()
        self.put_back_by(self.another())
        self.assertEqual(self.step_refusal(undo_of='reload'), 'lock-lost')

    def step_refusal(self, **undo_of: str) -> str:
        with self.assertRaises(Refused) as caught:
            self.run_step(self.spec('true'), **undo_of)
        return caught.exception.code

    def test_a_lock_whose_file_is_gone_is_not_granted_once_more(self) -> None:
        self.lose_locks()
        self.assertEqual(self.runner.refusal('lock', {'name': 'production', 'mode': 'exclusive'}), 'lock-lost')


if __name__ == '__main__':
    unittest.main()
