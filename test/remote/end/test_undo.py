"""What a put back has to undo."""

import unittest
from typing import List

from end.messages import UndoSpec
from end.undo import Undo


def specs(*steps: str) -> List[UndoSpec]:
    return [{'of': step, 'run': None, 'probe': None} for step in steps]


def waiting(undo: Undo) -> List[str]:
    return [spec['of'] for spec in undo.waiting()]


class UndoTest(unittest.TestCase):
    def test_only_what_was_started_is_undone_latest_first(self) -> None:
        undo = Undo()
        undo.load(specs('a', 'b', 'c'))
        undo.note_started('a')
        undo.note_started('c')
        self.assertEqual(waiting(undo), ['c', 'a'])

    def test_a_step_that_was_started_before_the_switch_was_armed_counts(self) -> None:
        undo = Undo()
        undo.note_started('a')
        undo.load(specs('a'))
        self.assertEqual(waiting(undo), ['a'])

    def test_a_step_that_the_switch_did_not_name_is_not_undone(self) -> None:
        undo = Undo()
        undo.load(specs('a'))
        undo.note_started('other')
        self.assertEqual(waiting(undo), [])

    def test_what_is_still_to_be_undone_is_told_with_what_came_of_the_rest(self) -> None:
        undo = Undo()
        undo.load(specs('a', 'b'))
        undo.note_started('a')
        undo.note_started('b')
        undo.note_ended('b', None)
        self.assertEqual(undo.standing(), [
            {'of': 'b', 'ok': True, 'reason': None}, {'of': 'a', 'ok': False, 'reason': 'not undone yet'},
        ])

    def test_the_latest_start_of_a_step_counts(self) -> None:
        undo = Undo()
        undo.load(specs('a', 'b'))
        for step in ('a', 'b', 'a'):
            undo.note_started(step)
        self.assertEqual(waiting(undo), ['a', 'b'])

    def test_what_came_to_its_end_is_not_undone_again_whether_well_or_not(self) -> None:
        undo = Undo()
        undo.load(specs('a', 'b', 'c'))
        for step in ('a', 'b', 'c'):
            undo.note_started(step)
        undo.note_ended('c', None)
        undo.note_ended('b', 'exit status 1')
        self.assertEqual(waiting(undo), ['a'])
        self.assertEqual(undo.results(), [
            {'of': 'c', 'ok': True, 'reason': None},
            {'of': 'b', 'ok': False, 'reason': 'exit status 1'},
        ])

    def test_what_is_kept_is_not_undone(self) -> None:
        undo = Undo()
        undo.load(specs('a'))
        undo.note_started('a')
        undo.forget()
        self.assertEqual(waiting(undo), [])


if __name__ == '__main__':
    unittest.main()
