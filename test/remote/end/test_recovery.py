"""A split switch is mended: by a coordinated switch to what it went to or came from, or by a line where the link is right."""

import os
import unittest

from switches import SwitchTest


class RecoveryTest(SwitchTest):
    """`s1` went from shop-1.0 to shop-2.0, and another host has it otherwise."""

    def split(self, kept: bool, **changes: object) -> None:
        self.arm(**changes)
        self.fire()
        self.keep() if kept else self.put_back()

    def arm_recovery(self, origin: object, to: object) -> None:
        self.arm(id='r1', kind='recover', recovers='s1', **{'from': origin, 'to': to})

    def recover(self, origin: object, to: object) -> None:
        self.arm_recovery(origin, to)
        self.fire('r1')
        self.keep('r1')

    def refusal(self, origin: object, to: object, **changes: object) -> str:
        recovery = {'id': 'r1', 'kind': 'recover', 'recovers': 's1', 'from': origin, 'to': to}
        return self.runner.refusal('arm', self.intent(**{**recovery, **changes}))

    def stage(self) -> object:
        told = self.runner.call('observe', {'stages': ['production'], 'check': [], 'shared': [], 'programs': [], 'facts': []})
        production = told['stages']['production']
        states = {each['id']: each['state'] for each in production['switches']}
        return production['link']['text'], production['stack'], states


class SwitchedTest(RecoveryTest):
    def test_back_to_what_it_came_from(self) -> None:
        self.split(kept=True)
        self.recover('shop-2.0', 'shop-1.0')
        self.assertEqual(self.stage(), ('shop-1.0', [], {'s1': 'put-back', 'r1': 'kept'}))

    def test_forward_to_what_it_went_to(self) -> None:
        self.split(kept=False)
        self.recover('shop-1.0', 'shop-2.0')
        self.assertEqual(self.stage(), ('shop-2.0', ['shop-2.0'], {'s1': 'kept', 'r1': 'kept'}))

    def test_back_to_no_link_takes_the_link_away(self) -> None:
        os.unlink(self.path('production'))
        self.split(kept=True, **{'from': None})
        self.arm_recovery('shop-2.0', None)
        fired = self.fire('r1')
        self.assertEqual(fired['link']['kind'], 'absent')
        self.assertFalse(os.path.lexists(self.path('production')))
        self.keep('r1')
        self.assertEqual(self.stage(), (None, [], {'s1': 'put-back', 'r1': 'kept'}))
        self.assertEqual(os.listdir(self.layout.incoming), [])

    def test_a_link_that_was_taken_away_is_put_back(self) -> None:
        os.unlink(self.path('production'))
        self.split(kept=True, **{'from': None})
        self.arm_recovery('shop-2.0', None)
        self.fire('r1')
        self.assertEqual(self.put_back('r1')['link']['text'], 'shop-2.0')
        self.assertEqual(self.stage(), ('shop-2.0', ['shop-2.0'], {'s1': 'kept', 'r1': 'put-back'}))

    def test_a_link_that_was_taken_away_is_put_back_when_the_runner_is_lost(self) -> None:
        os.unlink(self.path('production'))
        self.split(kept=True, **{'from': None})
        self.arm_recovery('shop-2.0', None)
        self.fire('r1')
        self.runner.lose()
        self.runner.ended()
        self.assertEqual(self.link_text(), 'shop-2.0')

    def test_back_to_what_was_never_made_here_restores_its_exact_text(self) -> None:
        os.unlink(self.path('production'))
        os.symlink('/srv/shop', self.path('production'))
        self.split(kept=True, **{'from': '/srv/shop'})
        self.recover('shop-2.0', '/srv/shop')
        self.assertEqual(self.link_text(), '/srv/shop')


    def test_a_decision_can_be_changed(self) -> None:
        self.split(kept=True)
        self.recover('shop-2.0', 'shop-1.0')
        self.arm(id='r2', kind='recover', recovers='s1', **{'from': 'shop-1.0', 'to': 'shop-2.0'})
        self.fire('r2')
        self.keep('r2')
        self.assertEqual(self.stage(), ('shop-2.0', ['shop-2.0'], {'s1': 'kept', 'r1': 'kept', 'r2': 'kept'}))


class RefusedTest(RecoveryTest):
    def test_it_goes_nowhere_else(self) -> None:
        self.split(kept=True)
        self.seal('shop-3.0')
        self.lock('shop-3.0', 'shared')
        self.assertEqual(self.refusal('shop-2.0', 'shop-3.0'), 'conflict')
        self.assertEqual(self.refusal('shop-2.0', None), 'conflict')

    def test_the_switch_must_be_known_and_must_not_be_over(self) -> None:
        self.split(kept=True)
        self.assertEqual(self.refusal('shop-2.0', 'shop-1.0', recovers='s9'), 'conflict')
        self.arm(id='s2', **{'from': 'shop-2.0', 'to': 'shop-1.0'})
        self.fire('s2')
        self.keep('s2')
        self.assertEqual(self.refusal('shop-1.0', 'shop-2.0'), 'conflict')

    def test_what_it_went_to_must_stand(self) -> None:
        self.split(kept=False)
        os.chmod(self.path('shop-2.0'), 0o755)
        os.unlink(self.path('shop-2.0', '.revision.json'))
        self.assertEqual(self.refusal('shop-1.0', 'shop-2.0'), 'not-standing')

    def test_only_a_recovery_mends_or_takes_a_link_away(self) -> None:
        self.split(kept=True)
        for changes in ({'recovers': 's1', 'to': 'shop-1.0'}, {'to': None}):
            body = self.intent(id='s2', **{'from': 'shop-2.0', **changes})
            self.assertEqual(self.runner.refusal('arm', body), 'invalid')
        self.assertEqual(self.refusal('shop-2.0', 'shop-1.0', recovers=None), 'conflict')


class ClosedTest(RecoveryTest):
    def close(self, end: str) -> object:
        return self.runner.call('close-switch', {'id': 's1', 'stage': 'production', 'as': end})['link']['text']

    def refused(self, end: str) -> str:
        return self.runner.refusal('close-switch', {'id': 's1', 'stage': 'production', 'as': end})

    def die(self) -> None:
        self.runner.process.kill()
        self.runner.ended()
        self.runner = self.connect()
        self.hold()

    def test_what_was_fired_and_left_open_is_closed_as_kept(self) -> None:
        self.arm()
        self.fire()
        self.die()
        self.assertEqual(len(os.listdir(self.layout.incoming)), 1)
        self.assertEqual(self.close('kept'), 'shop-2.0')
        self.assertEqual(self.stage(), ('shop-2.0', ['shop-2.0'], {'s1': 'kept'}))
        self.assertEqual(os.listdir(self.layout.incoming), [])

    def test_what_was_armed_and_left_open_is_closed_as_put_back(self) -> None:
        self.arm()
        self.die()
        self.assertEqual(self.close('put-back'), 'shop-1.0')
        self.assertEqual(self.stage(), ('shop-1.0', [], {'s1': 'put-back'}))

    def test_only_as_what_its_link_says(self) -> None:
        self.arm()
        self.fire()
        self.die()
        self.assertEqual(self.refused('put-back'), 'moved')

    def test_what_is_so_already_is_not_written_again(self) -> None:
        self.split(kept=True)
        before = len(self.told())
        self.close('kept')
        self.assertEqual(len(self.told()), before)

    def test_only_who_holds_the_stage_may(self) -> None:
        self.split(kept=True)
        self.runner.call('unlock', {'name': 'production'})
        self.assertEqual(self.refused('kept'), 'lock-lost')

    def test_not_while_a_switch_is_open(self) -> None:
        self.split(kept=True)
        self.arm_recovery('shop-2.0', 'shop-1.0')
        self.assertEqual(self.refused('kept'), 'conflict')


if __name__ == '__main__':
    unittest.main()
