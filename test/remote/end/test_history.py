import itertools
import unittest
from typing import Dict, List, Optional, Sequence, Tuple

from end.entry import Entry
from end.history import replay
from end.stage_record import StageHistory

_identities = itertools.count()


def switch(to: str, kind: str = 'deploy', end: Optional[str] = 'kept', stage: str = 'production') -> List[Entry]:
    identity = str(next(_identities))
    intent: Entry = {
        'what': 'intent', 'id': identity, 'kind': kind, 'stage': stage, 'from': None, 'to': to, 'by': 'ana',
        'hosts': ['web1'], 'except': [], 'atMs': 5, 'sha256': 'sha of ' + to,
    }
    return [intent] if end is None else [intent, {'what': end, 'id': identity, 'stage': stage}]


def told_intent(
    identity: str, kind: str, origin: Optional[str], to: Optional[str], recovers: Optional[str] = None
) -> Entry:
    return {
        'what': 'intent', 'id': identity, 'kind': kind, 'stage': 'production', 'from': origin, 'to': to, 'by': 'ana',
        'recovers': recovers, 'hosts': ['web1'], 'except': [], 'atMs': 5, 'sha256': None,
    }


def end(identity: str, what: str) -> Entry:
    return {'what': what, 'id': identity, 'stage': 'production'}


def history(*switches: List[Entry]) -> StageHistory:
    return replay(itertools.chain.from_iterable(switches)).stages['production']


class Stack(unittest.TestCase):
    def test_a_deploy_and_a_promotion_push_and_a_rollback_pops(self) -> None:
        self.assertEqual(history(switch('a'), switch('b', 'promote'), switch('c')).stack, ['c', 'b', 'a'])
        self.assertEqual(history(switch('a'), switch('b'), switch('c'), switch('b', 'rollback')).stack, ['b', 'a'])

    def test_a_second_rollback_goes_further_back_never_forward_to_the_bad_one(self) -> None:
        told = history(switch('a'), switch('b'), switch('c'), switch('b', 'rollback'), switch('a', 'rollback'))
        self.assertEqual(told.stack, ['a'])

    def test_a_rollback_past_several_pops_them_all(self) -> None:
        self.assertEqual(history(switch('a'), switch('b'), switch('c'), switch('a', 'rollback')).stack, ['a'])

    def test_a_rollback_to_what_was_never_live_pushes_it(self) -> None:
        self.assertEqual(history(switch('b'), switch('a', 'rollback')).stack, ['a', 'b'])

    def test_what_was_live_before_and_is_deployed_again_has_the_one_between_below_it(self) -> None:
        self.assertEqual(history(switch('a'), switch('b'), switch('a')).stack, ['a', 'b', 'a'])

    def test_deploying_what_is_live_changes_nothing(self) -> None:
        self.assertEqual(history(switch('a'), switch('b'), switch('b')).stack, ['b', 'a'])

    def test_switches_that_were_put_back_or_are_open_count_for_nothing(self) -> None:
        self.assertEqual(history(switch('a'), switch('b', end='put-back'), switch('c', end=None)).stack, ['a'])

    def test_stages_have_stacks_of_their_own(self) -> None:
        told = replay(switch('a') + switch('b', stage='staging'))
        self.assertEqual({stage: each.stack for stage, each in told.stages.items()}, {'production': ['a'], 'staging': ['b']})



class Taken(unittest.TestCase):
    def last(self, *lines: str) -> Tuple[str, bool]:
        told = replay([told_intent('s', 'deploy', 'a', 'b'), *(end('s', what) for what in lines)]).stages['production']
        return told.switches[0]['state'], 's' in told.taken

    def test_what_was_taken_to_be_put_back_cannot_be_kept_any_more(self) -> None:
        self.assertEqual(self.last('fired', 'taken', 'kept'), ('open', True))
        self.assertEqual(self.last('fired', 'taken', 'kept', 'put-back'), ('put-back', True))

    def test_what_was_kept_cannot_be_taken(self) -> None:
        self.assertEqual(self.last('fired', 'kept', 'taken', 'put-back'), ('kept', False))

    def test_what_is_armed_once_more_can_be_kept(self) -> None:
        told = replay([
            told_intent('s', 'deploy', 'a', 'b'), end('s', 'taken'), end('s', 'put-back'),
            told_intent('s', 'deploy', 'a', 'b'), end('s', 'kept'),
        ]).stages['production']
        self.assertEqual((told.switches[0]['state'], told.taken), ('kept', frozenset()))


class FailedPutBack(unittest.TestCase):
    def last(self, *lines: Entry) -> Tuple[str, Optional[str]]:
        told = replay([told_intent('s', 'deploy', 'a', 'b'), *lines]).stages['production'].switches[0]
        return told['state'], told['putBackFailed']

    def failure(self) -> Entry:
        return {**end('s', 'put-back-failed'), 'reason': 'no way'}

    def test_the_switch_stays_open_and_says_why(self) -> None:
        self.assertEqual(self.last(self.failure()), ('open', 'no way'))

    def test_one_that_succeeds_later_closes_it(self) -> None:
        self.assertEqual(self.last(self.failure(), end('s', 'put-back')), ('put-back', None))

    def test_a_decision_closes_it(self) -> None:
        for decided in ('kept', 'put-back'):
            line = {**end('s', 'recovered'), 'as': decided}
            self.assertEqual(self.last(self.failure(), line), (decided, None))

    def test_of_one_that_has_an_end_it_means_nothing(self) -> None:
        self.assertEqual(self.last(end('s', 'kept'), self.failure()), ('kept', None))
        self.assertEqual(self.last(end('s', 'put-back'), self.failure()), ('put-back', None))

    def test_a_reason_that_is_none_is_said_as_that(self) -> None:
        self.assertEqual(self.last(end('s', 'put-back-failed')), ('open', 'no reason was written'))

    def test_a_later_kept_switch_closes_it(self) -> None:
        told = replay([told_intent('s', 'deploy', 'a', 'b'), self.failure(), *switch('c')]).stages['production'].switches[1]
        self.assertEqual((told['state'], told['putBackFailed']), ('put-back', None))


class Recovery(unittest.TestCase):
    """`split` is a switch of several hosts; a recovery decides how it ended here."""

    def history(self, *lines: Entry, before: Sequence[str] = ('a', 'b'), kind: str = 'deploy', to: str = 'c') -> StageHistory:
        intent = told_intent('split', kind, before[-1], to)
        return replay([*itertools.chain.from_iterable(switch(each) for each in before), intent, *lines]).stages['production']

    def states(self, told: StageHistory) -> List[Tuple[str, str]]:
        return [(each['id'], each['state']) for each in told.switches if not each['id'].isdigit()]

    def test_forward_does_what_the_switch_would_have_done(self) -> None:
        told = self.history(end('split', 'put-back'), told_intent('r', 'recover', 'b', 'c', 'split'), end('r', 'kept'))
        self.assertEqual(told.stack, ['c', 'b', 'a'])
        self.assertEqual(self.states(told), [('r', 'kept'), ('split', 'kept')])

    def test_forward_to_a_revision_from_before_pushes_it_if_the_switch_did(self) -> None:
        told = self.history(told_intent('r', 'recover', 'b', 'a', 'split'), end('r', 'kept'), to='a')
        self.assertEqual(told.stack, ['a', 'b', 'a'])

    def test_forward_of_a_rollback_pops(self) -> None:
        told = self.history(told_intent('r', 'recover', 'b', 'a', 'split'), end('r', 'kept'), kind='rollback', to='a')
        self.assertEqual(told.stack, ['a'])

    def test_back_takes_from_the_stack_what_the_switch_put_on_it(self) -> None:
        told = self.history(end('split', 'kept'), told_intent('r', 'recover', 'c', 'b', 'split'), end('r', 'kept'))
        self.assertEqual(told.stack, ['b', 'a'])
        self.assertEqual(self.states(told), [('r', 'kept'), ('split', 'put-back')])

    def test_back_of_a_rollback_puts_on_the_stack_what_it_popped(self) -> None:
        lines = (end('split', 'kept'), told_intent('r', 'recover', 'a', 'b', 'split'), end('r', 'kept'))
        self.assertEqual(self.history(*lines, kind='rollback', to='a').stack, ['b', 'a'])

    def test_back_where_it_was_left_open_changes_no_stack(self) -> None:
        told = self.history(told_intent('r', 'recover', 'c', 'b', 'split'), end('r', 'kept'))
        self.assertEqual((told.stack, self.states(told)), (['b', 'a'], [('r', 'kept'), ('split', 'put-back')]))

    def test_back_to_no_link_leaves_nothing_on_the_stack(self) -> None:
        intents = told_intent('split', 'deploy', None, 'a'), told_intent('r', 'recover', 'a', None, 'split')
        told = replay([intents[0], end('split', 'kept'), intents[1], end('r', 'kept')]).stages['production']
        self.assertEqual((told.stack, told.switches[0]['to']), ([], None))

    def test_without_a_switch_a_line_decides(self) -> None:
        forward = self.history({**end('split', 'recovered'), 'as': 'kept'})
        back = self.history(end('split', 'kept'), {**end('split', 'recovered'), 'as': 'put-back'})
        self.assertEqual((forward.stack, self.states(forward)), (['c', 'b', 'a'], [('split', 'kept')]))
        self.assertEqual((back.stack, self.states(back)), (['b', 'a'], [('split', 'put-back')]))

    def test_a_recovery_that_was_put_back_decides_nothing(self) -> None:
        told = self.history(end('split', 'kept'), told_intent('r', 'recover', 'c', 'b', 'split'), end('r', 'put-back'))
        self.assertEqual((told.stack, self.states(told)), (['c', 'b', 'a'], [('r', 'put-back'), ('split', 'kept')]))

    def test_a_recovery_that_split_itself_can_be_taken_back(self) -> None:
        told = self.history(
            end('split', 'kept'), told_intent('r', 'recover', 'c', 'b', 'split'), end('r', 'kept'),
            told_intent('again', 'recover', 'b', 'c', 'r'), end('again', 'kept'),
        )
        self.assertEqual(told.stack, ['c', 'b', 'a'])
        self.assertEqual(self.states(told), [('again', 'kept'), ('r', 'put-back'), ('split', 'kept')])

    def test_a_decision_can_be_changed(self) -> None:
        forth = (end('split', 'put-back'), told_intent('r', 'recover', 'b', 'c', 'split'), end('r', 'kept'))
        told = self.history(*forth, told_intent('again', 'recover', 'c', 'b', 'split'), end('again', 'kept'))
        self.assertEqual(told.stack, ['b', 'a'])
        self.assertEqual(dict(self.states(told))['split'], 'put-back')

    def test_what_was_kept_later_keeps_its_place_on_the_stack(self) -> None:
        told = self.history(end('split', 'kept'), *switch('d'), {**end('split', 'recovered'), 'as': 'put-back'})
        self.assertEqual(told.stack, ['d', 'c', 'b', 'a'])

    def test_recoveries_of_each_other_come_to_an_end(self) -> None:
        intents = told_intent('x', 'recover', 'a', 'b', 'y'), told_intent('y', 'recover', 'b', 'a', 'x')
        told = replay([*intents, end('x', 'kept'), end('y', 'kept')]).stages['production']
        self.assertEqual({each['id'] for each in told.switches}, {'x', 'y'})


class WasLive(unittest.TestCase):
    def test_names_each_revision_once_the_latest_first_with_its_sdist(self) -> None:
        told = history(switch('a'), switch('b'), switch('a'), switch('c', end='put-back'))
        self.assertEqual(told.was_live, [
            {'revision': 'a', 'sha256': 'sha of a', 'takenBack': False},
            {'revision': 'b', 'sha256': 'sha of b', 'takenBack': False},
        ])

    def test_tells_which_were_taken_back_since_unless_they_were_kept_another_time(self) -> None:
        kept = [told_intent('split', 'deploy', 'a', 'b'), end('split', 'kept')]
        lines = [*switch('a'), *kept, {**end('split', 'recovered'), 'as': 'put-back'}]
        taken_back = {each['revision']: each['takenBack'] for each in history(lines).was_live}
        self.assertEqual(taken_back, {'a': False, 'b': True})
        again = history([*lines, *switch('b')])
        self.assertEqual([each['takenBack'] for each in again.was_live], [False, False])


class Switches(unittest.TestCase):
    def test_are_told_newest_first_with_all_that_the_intent_says(self) -> None:
        first, second = history(switch('a'), switch('b', 'rollback', end=None)).switches
        self.assertEqual((second['to'], second['state']), ('a', 'kept'))
        self.assertEqual({key: value for key, value in first.items() if key != 'id'}, {
            'kind': 'rollback', 'stage': 'production', 'from': None, 'to': 'b', 'recovers': None, 'hosts': ['web1'],
            'except': [], 'exception': None, 'atMs': 5, 'by': 'ana', 'firedNs': None, 'state': 'open',
            'putBackFailed': None, 'undo': [],
        })

    def test_tell_which_channel_was_let_in_and_why(self) -> None:
        exception = {'channel': 'rc', 'reason': 'the fair is tomorrow'}
        (intent,) = switch('a', end=None)
        (told,) = history([{**intent, 'exception': exception}]).switches
        self.assertEqual(told['exception'], exception)

    def test_do_without_an_exception_that_cannot_be_read(self) -> None:
        for damaged in ('rc', {'channel': 'rc'}, {'channel': 1, 'reason': 'x'}):
            (intent,) = switch('a', end=None)
            (told,) = history([{**intent, 'exception': damaged}]).switches
            self.assertIsNone(told['exception'])

    def test_a_fired_line_does_not_close_a_switch(self) -> None:
        intent = switch('a', end=None)
        fired: Entry = {'what': 'fired', 'id': intent[0]['id'], 'stage': 'production', 'firedNs': '17'}
        (told,) = history(intent, [fired]).switches
        self.assertEqual((told['state'], told['firedNs']), ('open', '17'))

    def test_a_later_kept_switch_closes_earlier_open_ones_of_its_stage_only(self) -> None:
        told = replay(switch('a', end=None) + switch('x', end=None, stage='staging') + switch('b') + switch('c', end=None))
        states = {stage: [(each['to'], each['state']) for each in one.switches] for stage, one in told.stages.items()}
        self.assertEqual(states, {
            'production': [('c', 'open'), ('b', 'kept'), ('a', 'put-back')], 'staging': [('x', 'open')],
        })

    def test_a_put_back_switch_tells_what_was_undone_by_the_latest_word_on_each_step(self) -> None:
        def put_back(*undo: Dict[str, object]) -> Entry:
            return {'what': 'put-back', 'id': intent[0]['id'], 'stage': 'production', 'undo': list(undo)}

        intent = switch('a', end=None)
        first = put_back({'of': 'x', 'ok': False, 'reason': 'exit status 1'}, {'of': 'y', 'ok': True, 'reason': None})
        (told,) = history(intent, [put_back(), first, put_back({'of': 'x', 'ok': True, 'reason': None})]).switches
        self.assertEqual(told['undo'], [{'of': 'x', 'ok': True, 'reason': None}, {'of': 'y', 'ok': True, 'reason': None}])
        self.assertEqual(told['state'], 'put-back')

    def test_of_two_ends_the_first_holds(self) -> None:
        kept, put_back = switch('a'), switch('b', end='put-back')
        kept.append({**kept[1], 'what': 'put-back'})
        put_back.append({**put_back[1], 'what': 'kept'})
        self.assertEqual([each['state'] for each in history(kept, put_back).switches], ['put-back', 'kept'])

    def test_put_back_and_armed_once_more_it_is_open_until_it_has_an_end_again(self) -> None:
        again = switch('a', end='put-back')
        self.assertEqual([each['state'] for each in history(again, again[:1]).switches], ['open'])
        kept: Entry = {**again[1], 'what': 'kept'}
        told = history(again, switch('b', end=None), again[:1], [kept])
        self.assertEqual([(each['to'], each['state']) for each in told.switches], [('a', 'kept'), ('b', 'put-back')])
        self.assertEqual(told.stack, ['a'])

    def test_ends_without_an_intent_and_intents_without_sense_are_passed_over(self) -> None:
        nonsense: List[Entry] = [
            {'what': 'kept', 'id': 'lost', 'stage': 'production'},
            {'what': 'intent', 'id': 'x', 'stage': 'production', 'to': 7, 'kind': 'deploy', 'atMs': 1},
            {'what': 'intent', 'id': 'y', 'stage': 'production', 'to': 'a', 'kind': 'destroy', 'atMs': 1},
            {'what': 'intent', 'stage': 'production', 'to': 'a', 'kind': 'deploy', 'atMs': 1},
            {'what': 'intent', 'id': 'z', 'stage': 'production', 'to': 'a', 'kind': 'deploy', 'atMs': -1},
            {'what': 'intent', 'id': 'z', 'stage': 'production', 'to': 'a', 'kind': 'deploy', 'atMs': True},
            {'what': 'intent', 'id': 'z', 'stage': 'production', 'to': 'a', 'kind': 'deploy', 'atMs': 1 << 53},
        ]
        self.assertEqual(history(nonsense), StageHistory([], [], [], []))

    def test_names_that_no_stage_and_no_revision_can_have_are_passed_over(self) -> None:
        names = ('', '.', '..', '../x', 'a/b', 'x\0', '\ud800', 'shared')
        lines: List[Entry] = [{'what': 'build', 'revision': name, 'sha256': ''} for name in names]
        lines += [{'what': 'intent', 'id': 'x', 'stage': name, 'to': 'a', 'kind': 'deploy', 'atMs': 1} for name in names]
        self.assertEqual(replay(lines), ({}, {}, set()))


class Revisions(unittest.TestCase):
    def test_are_begun_until_they_have_a_verdict_and_made_until_they_are_removed(self) -> None:
        whats = ('sealed', 'rejected', 'abandoned', 'discarded', 'pruned', 'kept')
        entries: List[Entry] = [{'what': 'build', 'revision': what, 'sha256': 'sha of ' + what} for what in whats]
        entries += [{'what': what, 'revision': what} for what in whats]
        told = replay(entries)
        self.assertEqual(told.begun, {'kept'})
        self.assertEqual(told.made, {name: 'sha of ' + name for name in ('sealed', 'rejected', 'kept')})

    def test_begun_again_after_a_removal_is_begun(self) -> None:
        entries: List[Entry] = [{'what': what, 'revision': 'a', 'sha256': what} for what in ('build', 'abandoned', 'build')]
        told = replay(entries)
        self.assertEqual((told.begun, told.made), ({'a'}, {'a': 'build'}))
