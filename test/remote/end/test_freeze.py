"""A frozen stage: a record on the host that nothing may change the stage against."""

import os
import unittest

from support import Json
from switches import SwitchTest


class FreezeTest(SwitchTest):
    def freeze(self, stage: str = 'production') -> None:
        self.assertEqual(self.runner.call('freeze', {'stage': stage, 'reason': 'the sale', 'atMs': 7}), {})

    def unfreeze(self) -> bool:
        was: bool = self.runner.call('unfreeze', {'stage': 'production', 'reason': None})['was']
        return was

    def frozen(self) -> Json:
        body = {'stages': ['production'], 'check': [], 'shared': [], 'programs': [], 'facts': []}
        frozen: Json = self.runner.call('observe', body)['stages']['production']['frozen']
        return frozen

    def test_who_froze_it_since_when_and_why_is_told(self) -> None:
        self.assertIsNone(self.frozen())
        self.freeze()
        told = self.frozen()
        self.assertEqual((told['reason'], told['sinceMs']), ('the sale', 7))
        self.assertEqual(sorted(told), ['by', 'command', 'from', 'reason', 'run', 'sinceMs'])

    def test_nothing_is_armed_and_nothing_pruned(self) -> None:
        self.freeze()
        self.assertEqual(self.runner.refusal('arm', self.intent()), 'frozen')
        self.assertEqual(self.runner.refusal('prune', {'stage': 'production', 'revisions': ['shop-2.0'], 'atMost': 1}), 'frozen')
        self.assertEqual((self.link_text(), self.told()[-1]['what']), ('shop-1.0', 'frozen'))

    def test_it_goes_on_when_it_is_taken_back(self) -> None:
        self.freeze()
        self.assertTrue(self.unfreeze())
        self.assertFalse(self.unfreeze())
        self.arm()

    def test_both_are_on_the_record_once(self) -> None:
        self.freeze()
        self.unfreeze()
        self.unfreeze()
        self.assertEqual(self.told(), [
            {'what': 'frozen', 'stage': 'production', 'reason': 'the sale'},
            {'what': 'unfrozen', 'stage': 'production', 'reason': None},
        ])

    def test_what_is_frozen_is_not_frozen_again(self) -> None:
        self.freeze()
        self.assertEqual(
            self.runner.refusal('freeze', {'stage': 'production', 'reason': 'again', 'atMs': 8}), 'frozen',
        )

    def test_another_stage_of_the_root_is_not_frozen_with_it(self) -> None:
        self.lock('staging')
        self.freeze('staging')
        self.arm()

    def test_only_who_holds_the_stage_may(self) -> None:
        self.runner.call('unlock', {'name': 'production'})
        for name, body in (
            ('freeze', {'stage': 'production', 'reason': '', 'atMs': 1}), ('unfreeze', {'stage': 'production', 'reason': None}),
        ):
            self.assertEqual(self.runner.refusal(name, body), 'lock-lost')

    def test_a_damaged_record_freezes_too_and_can_be_taken_away(self) -> None:
        with open(os.path.join(self.layout.frozen, 'production.json'), 'w', encoding='ascii') as file:
            file.write('{')
        self.assertIn('is damaged', self.frozen()['reason'])
        self.assertEqual(self.runner.refusal('arm', self.intent()), 'frozen')
        self.assertTrue(self.unfreeze())


if __name__ == '__main__':
    unittest.main()
