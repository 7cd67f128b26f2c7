"""An open switch, put back by the next connection: the remote end that armed it died without doing so."""

import os
import unittest

from support import Json
from switches import SwitchTest


class AdoptedTest(SwitchTest):
    def die(self) -> None:
        """As in a crash of the host: nothing more is done. The next connection holds the locks."""
        self.runner.process.kill()
        self.runner.ended()
        self.runner = self.connect()
        self.hold()

    def done(self, *results: Json) -> None:
        self.runner.call('put-back-done', {'id': 's1', 'undo': list(results)})

    def state(self) -> str:
        told = self.runner.call('observe', {'stages': ['production'], 'check': [], 'shared': [], 'programs': [], 'facts': []})
        state: str = told['stages']['production']['switches'][0]['state']
        return state

    def test_what_was_fired_is_put_back_and_closed_with_what_was_undone(self) -> None:
        self.arm()
        self.fire()
        self.die()
        answer = self.put_back()
        self.assertEqual((answer['link']['text'], answer['movedByOthers'], answer['started']), ('shop-1.0', False, []))
        self.assertEqual(self.link_text(), 'shop-1.0')
        result = {'of': 'reactivate/1', 'ok': True, 'reason': None}
        self.done(result)
        self.assertEqual(self.told()[2:], [self.put_back_line(result)])

    def test_it_stays_open_until_the_undo_is_done_too_so_that_the_next_one_sees_it(self) -> None:
        self.arm()
        self.fire()
        for _ in range(2):
            self.die()
            self.assertEqual(self.put_back()['link']['text'], 'shop-1.0')
            self.assertEqual(self.state(), 'open')
        self.runner.lose()
        self.runner.ended()
        self.assertEqual(len(self.told()), 2)
        self.runner = self.connect()
        self.hold()
        self.put_back()
        self.done()
        self.assertEqual((self.state(), self.told()[2:]), ('put-back', [self.put_back_line()]))

    def test_of_several_each_is_put_back_in_its_turn_and_what_was_undone_can_be_said_of_all(self) -> None:
        self.arm()
        self.fire()
        self.die()
        self.arm(id='s2', kind='rollback', **{'from': 'shop-2.0', 'to': 'shop-1.0'})
        self.fire('s2')
        self.die()
        result = {'of': 'reactivate/1', 'ok': True, 'reason': None}
        for id, text, undo in [('s2', 'shop-2.0', []), ('s1', 'shop-1.0', [result]), ('s2', 'shop-1.0', [result])]:
            self.assertEqual(self.put_back(id)['link']['text'], text)
            self.runner.call('put-back-done', {'id': id, 'undo': undo})
        lines = [(line['id'], line['undo']) for line in self.told() if line['what'] == 'put-back']
        self.assertEqual(lines, [('s2', []), ('s1', [result]), ('s2', [result])])

    def test_nothing_else_is_begun_before_it_is_done(self) -> None:
        self.arm()
        self.fire()
        self.die()
        self.put_back()
        self.assertEqual(self.runner.refusal('arm', self.intent(id='s2')), 'conflict')

    def test_the_link_that_the_dead_one_had_prepared_is_used_and_nothing_of_it_is_left(self) -> None:
        self.arm()
        self.fire()
        waiting = os.listdir(self.layout.incoming)
        prepared = os.lstat(os.path.join(self.layout.incoming, waiting[0])).st_ino
        self.die()
        self.put_back()
        self.assertEqual(os.lstat(self.path('production')).st_ino, prepared)
        self.assertEqual((len(waiting), os.listdir(self.layout.incoming)), (1, []))

    def test_what_was_armed_only_leaves_no_prepared_link_either(self) -> None:
        self.arm()
        self.die()
        self.assertEqual(len(os.listdir(self.layout.incoming)), 2)
        self.put_back()
        self.assertEqual(os.listdir(self.layout.incoming), [])

    def test_a_put_back_that_fails_is_on_the_record_and_can_be_tried_again(self) -> None:
        self.arm()
        self.fire()
        self.die()
        os.rename(self.layout.incoming, self.path('aside'))
        self.assertEqual(self.runner.refusal('put-back', {'id': 's1'}), 'io')
        self.assertEqual([entry['what'] for entry in self.told()], ['intent', 'fired', 'put-back-failed'])
        os.rename(self.path('aside'), self.layout.incoming)
        self.put_back()
        self.done()
        self.assertEqual((self.link_text(), self.state()), ('shop-1.0', 'put-back'))

    def test_what_was_armed_only_is_closed_without_a_rename(self) -> None:
        self.arm()
        self.die()
        self.assertEqual(self.put_back()['link']['text'], 'shop-1.0')
        self.done()
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
        self.done()
        self.arm(id='s2')
        self.fire('s2')
        self.keep('s2')
        self.assertEqual(self.link_text(), 'shop-2.0')


if __name__ == '__main__':
    unittest.main()
