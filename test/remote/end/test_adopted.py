"""An open switch, put back by the next connection: the remote end that armed it died without doing so."""

import os
import unittest

from switches import SwitchTest


class AdoptedTest(SwitchTest):
    def die(self) -> None:
        """As in a crash of the host: nothing more is done. The next connection holds the locks."""
        self.runner.process.kill()
        self.runner.ended()
        self.runner = self.connect()
        self.hold()

    def test_what_was_fired_is_put_back_and_closed_with_what_was_undone(self) -> None:
        self.arm()
        self.fire()
        self.die()
        answer = self.put_back()
        self.assertEqual((answer['link']['text'], answer['movedByOthers'], answer['started']), ('shop-1.0', False, []))
        self.assertEqual(self.link_text(), 'shop-1.0')
        result = {'of': 'reactivate/1', 'ok': True, 'reason': None}
        self.runner.call('put-back-done', {'id': 's1', 'undo': [result]})
        self.assertEqual(self.told()[2:], [self.put_back_line(), self.put_back_line(result)])

    def test_what_was_armed_only_is_closed_without_a_rename(self) -> None:
        self.arm()
        self.die()
        self.assertEqual(self.put_back()['link']['text'], 'shop-1.0')
        self.assertEqual(self.told()[1:], [self.put_back_line(moved=False)])

    def test_a_link_that_somebody_moved_meanwhile_is_left_alone(self) -> None:
        self.arm()
        self.fire()
        self.die()
        os.unlink(self.path('production'))
        os.symlink('elsewhere', self.path('production'))
        self.assertTrue(self.put_back()['movedByOthers'])
        self.assertEqual(self.link_text(), 'elsewhere')

    def test_the_undo_that_a_dead_one_still_owed_can_be_written_down(self) -> None:
        self.arm()
        self.fire()
        self.put_back()
        self.die()
        self.put_back()
        result = {'of': 'activate/1', 'ok': True, 'reason': None}
        self.runner.call('put-back-done', {'id': 's1', 'undo': [result]})
        self.assertEqual(len(self.told()), 4)

    def test_only_who_holds_the_stage_may(self) -> None:
        self.arm()
        self.fire()
        self.die()
        self.runner.call('unlock', {'name': 'production'})
        self.assertEqual(self.runner.refusal('put-back', {'id': 's1'}), 'lock-lost')

    def test_what_was_kept_or_never_was_is_not_put_back(self) -> None:
        self.arm()
        self.fire()
        self.keep()
        self.die()
        for id in ('s1', 'never'):
            self.assertEqual(self.runner.refusal('put-back', {'id': id}), 'not-armed')

    def test_afterwards_another_switch_can_be_armed(self) -> None:
        self.arm()
        self.fire()
        self.die()
        self.put_back()
        self.arm(id='s2')
        self.fire('s2')
        self.keep('s2')
        self.assertEqual(self.link_text(), 'shop-2.0')


if __name__ == '__main__':
    unittest.main()
