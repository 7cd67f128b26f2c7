"""The switch of one host, in every order in which its inputs can come."""

import unittest
from itertools import product
from typing import Iterator, List, NamedTuple, Optional, Tuple

from end.switch import CAN_FAIL, IDLE, Accepted, Input, Refused, Switch, decide, is_open

# Two switches, so that every input also comes with the id of another one.
STEPS: Tuple[Tuple[Input, Optional[str]], ...] = (
    ('arm', 'a'), ('arm', 'b'), ('fire', 'a'), ('fire', 'b'), ('due', None), ('put-back', 'a'), ('put-back', 'b'),
    ('keep', 'a'), ('keep', 'b'), ('loss', None), ('done', 'a'),
    # One that a dead remote end left behind.
    ('adopt', 'old'), ('put-back', 'old'), ('done', 'old'),
)

LONGEST = 6


class World(NamedTuple):
    """What the effects did, as a host would look."""

    switch: Switch = IDLE
    # Which switch the link is moved by; None: it reads as before.
    link: Optional[str] = None
    prepared: Optional[str] = None
    waiting: bool = False
    records: Tuple[str, ...] = ()


def step(world: World, given: Input, id: Optional[str], succeeds: bool) -> World:
    if given == 'adopt' and any(record.endswith('old') for record in world.records):
        return world
    decision = decide(world.switch, given, id)
    if isinstance(decision, Refused):
        return world
    if not decision.effects:
        return world._replace(switch=decision.then)
    if not succeeds and decision.effects[0] in CAN_FAIL:
        # The delay is over when `due` comes, whatever becomes of it. A failure is written down once.
        told = tuple(f'{effect[len("record-"):]} {world.switch.id}' for effect in decision.if_failed)
        records = world.records if world.records[-1:] == told else world.records + told
        return world._replace(switch=decision.otherwise, waiting=False, records=records)
    return carried_out(world, decision)


def carried_out(world: World, decision: Accepted) -> World:
    switch = decision.then
    for effect in decision.effects:
        if effect == 'prepare':
            world = world._replace(prepared=switch.id, records=world.records + (f'intent {switch.id}',))
        elif effect == 'find':
            world = world._replace(prepared='old', link='old', records=world.records + ('intent old',))
        elif effect == 'wait':
            world = world._replace(waiting=True)
        elif effect == 'stop-waiting':
            world = world._replace(waiting=False)
        elif effect == 'rename':
            assert world.prepared == switch.id and world.waiting
            world = world._replace(link=switch.id, waiting=False)
        elif effect == 'rename-back':
            assert world.link == switch.id and world.prepared == switch.id
            world = world._replace(link=None)
        elif effect == 'forget-undo':
            # Before anything that may go wrong.
            assert decision.effects[0] == effect and switch.state == 'kept'
        elif effect == 'remove-links':
            world = world._replace(prepared=None)
        elif effect == 'record-undo':
            assert world.records[-1] == f'put-back {switch.id}'
        else:
            world = world._replace(records=world.records + (f'{effect[len("record-"):]} {switch.id}',))
        if effect == 'record-kept':
            # What is kept is what the link reads from now on.
            world = world._replace(link=None)
    return world._replace(switch=switch)


def worlds() -> Iterator[Tuple[List[object], World]]:
    """Every world that a sequence of up to LONGEST inputs leads to, once, with one way to it."""
    seen = {World()}
    front: List[Tuple[List[object], World]] = [([], World())]
    for _ in range(LONGEST):
        following: List[Tuple[List[object], World]] = []
        for way, world in front:
            for (given, id), succeeds in product(STEPS, (True, False)):
                after = step(world, given, id, succeeds)
                if after not in seen:
                    seen.add(after)
                    following.append((way + [(given, id, succeeds)], after))
        yield from following
        front = following


class EverySequenceTest(unittest.TestCase):
    def test_a_loss_leaves_no_link_moved_and_no_delay_running(self) -> None:
        for way, world in worlds():
            after = step(world, 'loss', None, True)
            self.assertIsNone(after.link, way)
            self.assertFalse(after.waiting, way)
            # What was left by another one stays open until its undo was done.
            self.assertEqual(is_open(after.switch), after.switch.state == 'returned', way)

    def test_the_link_is_moved_exactly_while_a_switch_is_fired_or_was_left_so(self) -> None:
        for way, world in worlds():
            moved = world.switch.state in ('fired', 'left')
            self.assertEqual(world.link, world.switch.id if moved else None, way)

    def test_prepared_links_are_there_exactly_while_there_may_be_a_rename(self) -> None:
        for way, world in worlds():
            waits = is_open(world.switch) and world.switch.state != 'returned'
            self.assertEqual(world.prepared, world.switch.id if waits else None, way)

    def test_the_delay_runs_exactly_while_firing(self) -> None:
        for way, world in worlds():
            self.assertEqual(world.waiting, world.switch.state == 'firing', way)

    def test_every_intent_has_one_end_at_most_and_only_the_latest_may_have_none(self) -> None:
        for way, world in worlds():
            open_id = None
            for record in world.records:
                what, id = record.split()
                if what == 'intent':
                    self.assertIsNone(open_id, way)
                    open_id = id
                else:
                    self.assertEqual(id, open_id, way)
                    open_id = None if what in ('kept', 'put-back') else open_id
            self.assertEqual(open_id, world.switch.id if is_open(world.switch) else None, way)

    def test_nothing_is_kept_that_was_not_fired(self) -> None:
        for way, world in worlds():
            for before, record in zip(world.records, world.records[1:]):
                if record.startswith('kept'):
                    self.assertIn(before.split()[0], ('fired', 'put-back-failed'), way)
                    self.assertEqual(before.split()[1], record.split()[1], way)

    def test_the_same_answer_twice_does_nothing_the_second_time(self) -> None:
        for way, world in worlds():
            for given in ('put-back', 'keep'):
                once = step(world, given, world.switch.id, True)
                if once.switch != world.switch and once.switch.state != 'left':
                    self.assertEqual(step(once, given, world.switch.id, True), once, way)

    def test_an_input_for_another_switch_changes_nothing_while_one_is_open(self) -> None:
        for way, world in worlds():
            if is_open(world.switch):
                for given in ('arm', 'fire', 'put-back', 'keep'):
                    self.assertEqual(step(world, given, 'other', True), world, way)

    def test_a_put_back_that_cannot_rename_back_says_so_and_can_be_tried_again(self) -> None:
        for way, world in worlds():
            if world.switch.state in ('fired', 'left'):
                for given, id in (('loss', None), ('put-back', world.switch.id)):
                    failed = step(world, given, id, False)
                    self.assertEqual(failed._replace(records=world.records), world, way)
                    self.assertEqual(failed.records[-1], f'put-back-failed {world.switch.id}', way)
                    again = step(failed, given, id, True)
                    self.assertIsNone(again.link, way)
                    if world.switch.state == 'fired':
                        self.assertEqual(again.records[-1], f'put-back {world.switch.id}', way)

    def test_only_a_put_back_that_failed_is_written_down_as_one(self) -> None:
        for way, world in worlds():
            for given, id in STEPS:
                after = step(world, given, id, False)
                if after.records[len(world.records):] == (f'put-back-failed {world.switch.id}',):
                    self.assertIn(world.switch.state, ('fired', 'left'), way)

    def test_what_was_left_by_another_one_has_its_end_on_the_record_only_when_its_undo_is_done(self) -> None:
        for way, world in worlds():
            if world.switch.state == 'returned':
                self.assertNotIn('put-back old', world.records, way)
                for given in ('put-back', 'loss'):
                    self.assertEqual(step(world, given, 'old', True), world, way)
                self.assertEqual(step(world, 'done', 'old', True).records[-1], 'put-back old', way)

    def test_enough_worlds_were_seen(self) -> None:
        states = {world.switch.state for _, world in worlds()}
        self.assertEqual(states, {'armed', 'firing', 'fired', 'kept', 'put-back', 'left', 'returned'})


class RefusalTest(unittest.TestCase):
    def test_a_refusal_says_what_is_there(self) -> None:
        cases: List[Tuple[Switch, Input, str]] = [
            (IDLE, 'fire', 'cannot fire switch b: none is armed'),
            (IDLE, 'put-back', 'cannot put back switch b: none is armed'),
            (Switch('armed', 'a'), 'arm', 'cannot arm switch b: switch a is armed'),
            (Switch('armed', 'b'), 'keep', 'cannot keep switch b: switch b is armed'),
            (Switch('firing', 'b'), 'fire', 'cannot fire switch b: switch b is about to fire'),
            (Switch('fired', 'b'), 'fire', 'cannot fire switch b: switch b is fired'),
            (Switch('fired', 'a'), 'put-back', 'cannot put back switch b: switch a is fired'),
            (Switch('kept', 'b'), 'put-back', 'cannot put back switch b: switch b is kept'),
            (Switch('put-back', 'b'), 'keep', 'cannot keep switch b: switch b is put back'),
            (Switch('left', 'a'), 'put-back', 'cannot put back switch b: switch a was left open'),
            (Switch('returned', 'a'), 'adopt', 'cannot put back switch b: switch a is being put back'),
            (Switch('armed', 'b'), 'done', 'cannot close switch b: switch b is armed'),
        ]
        for switch, given, message in cases:
            decision = decide(switch, given, 'b')
            self.assertEqual(decision, Refused('conflict' if given in ('arm', 'adopt') else 'not-armed', message))


if __name__ == '__main__':
    unittest.main()
