"""The history of one stage as the journal tells it: the stack, the switches, the revisions that were live. Pure."""

from itertools import takewhile
from typing import Dict, List, Mapping, Set, TypeVar

from end.entry import Entry, merged, switch_of, text_of, undo_results_of
from end.messages import SwitchRecord, UndoResult
from end.stage_record import STACK_LIMIT, BeforeRecord, End, LivedRecord, ReplayedSwitch, StageHistory, StageRecord

_Value = TypeVar('_Value')

# What is held of a past that has no end. More than is ever told (`fitting`), so that what is undone leaves enough.
_LIVED_LIMIT = 500
_SWITCHES_LIMIT = 60
_OPEN_LIMIT = 500
# A recovery takes back the switch that it mends, and recoveries of that one: the last few that were kept.
_BEFORE_LIMIT = 10


class StageReplay:
    """Takes the entries of one stage one after the other.

    A switch is *open* until it is kept or put back, also where to put it back was tried and failed. A later kept switch of the
    stage closes earlier open ones: they count for nothing, as if put back. What was *taken* to be put back cannot be kept any
    more. Of two ends of one switch the first holds, unless a recovery was kept since, or a line `recovered` says otherwise:
    these decide how a switch ended that split its hosts.
    """

    def __init__(self) -> None:
        # By their ids, in the order of their latest intents.
        self._switches: Dict[str, ReplayedSwitch] = {}
        # A dict for its order: the same.
        self._open: Dict[str, None] = {}
        # By revision, the latest last.
        self._lived: Dict[str, LivedRecord] = {}
        # The last is live.
        self._stack: List[str] = []
        # By the switch that was kept, the latest last.
        self._before: Dict[str, BeforeRecord] = {}
        self._undone: List[UndoResult] = []
        self._taken: Set[str] = set()

    @classmethod
    def restored(cls, record: StageRecord) -> 'StageReplay':
        replay = cls()
        replay._switches = {each['switch']['id']: each for each in record['switches']}
        replay._open = {id: None for id, each in replay._switches.items() if each['switch']['state'] == 'open'}
        replay._lived = {each['revision']: each for each in record['lived']}
        replay._stack = record['stack']
        replay._before = {each['id']: each for each in record['before']}
        replay._undone = record['undone']
        replay._taken = set(record['taken'])
        return replay

    def record(self) -> StageRecord:
        return {
            'stack': self._stack,
            'lived': list(self._lived.values()),
            'switches': list(self._switches.values()),
            'before': list(self._before.values()),
            'undone': self._undone,
            'taken': sorted(self._taken),
        }

    def take(self, entry: Entry) -> None:
        if entry['what'] == 'undone':
            self._undone = undo_results_of(entry)
            return
        identity = text_of(entry, 'id')
        if identity is None:
            return
        if entry['what'] == 'intent':
            self._undone = []
            self._begin(identity, entry)
            return
        found = self._switches.get(identity)
        if found is None:
            return
        switch = found['switch']
        if entry['what'] == 'fired':
            switch['firedNs'] = text_of(entry, 'firedNs')
        elif entry['what'] == 'taken' and switch['state'] == 'open':
            self._taken.add(identity)
        elif entry['what'] == 'kept' and switch['state'] == 'open' and identity not in self._taken:
            self._keep(found)
        elif entry['what'] == 'put-back-failed' and switch['state'] == 'open':
            switch['putBackFailed'] = text_of(entry, 'reason') or 'no reason was written'
            switch['undo'] = merged(switch['undo'], undo_results_of(entry))
        elif entry['what'] == 'put-back' and switch['state'] != 'kept':
            self._end(switch, 'put-back')
            switch['undo'] = merged(switch['undo'], undo_results_of(entry))
        elif entry['what'] == 'recovered':
            self._decide(found, 'kept' if entry.get('as') == 'kept' else 'put-back')

    def history(self) -> StageHistory:
        return StageHistory(
            stack=list(reversed(self._stack)),
            was_live=[
                {'revision': each['revision'], 'sha256': each['sha256'], 'takenBack': each['kept'] == 0}
                for each in reversed(list(self._lived.values()))
            ],
            # Copies: they change as the replay goes on.
            switches=[each['switch'].copy() for each in reversed(list(self._switches.values()))],
            undone=self._undone,
            taken=frozenset(self._taken),
        )

    def _begin(self, identity: str, entry: Entry) -> None:
        switch = switch_of(identity, entry)
        before = self._switches.get(identity)
        if switch is None or (before is not None and before['switch']['state'] != 'put-back'):
            return
        # Put back and armed once more: this host was lost when the others had kept, and goes forward again.
        self._switches.pop(identity, None)
        self._switches[identity] = {'switch': switch, 'sha256': text_of(entry, 'sha256')}
        self._open[identity] = None
        self._taken.discard(identity)
        self._forget_switches()

    def _keep(self, found: ReplayedSwitch) -> None:
        kept = found['switch']
        revision = kept['to']
        if revision is not None:
            self._lived.setdefault(revision, {'revision': revision, 'sha256': None, 'kept': 0})
        for earlier in self._open_before(kept['id']):
            self._end(earlier, 'put-back')
        mended = self._switches.get(kept['recovers'] or '')
        before: BeforeRecord = {
            'id': kept['id'],
            'stack': list(self._stack),
            'recovered': None if mended is None else mended['switch']['state'],
        }
        self._end(kept, 'kept')
        if mended is not None:
            self._decide(mended, 'kept' if mended['switch']['to'] == revision else 'put-back')
        elif revision is not None:
            _move(self._stack, kept['kind'], revision)
            del self._stack[:-STACK_LIMIT]
        self._before.pop(kept['id'], None)
        self._before[kept['id']] = before
        _forget_first(self._before, _BEFORE_LIMIT)
        if revision is not None:
            lived = self._lived.pop(revision)
            self._lived[revision] = {'revision': revision, 'sha256': found['sha256'], 'kept': lived['kept']}
            _forget_first(self._lived, _LIVED_LIMIT)

    def _open_before(self, id: str) -> List[SwitchRecord]:
        """What is open of the switches that were begun before this one."""
        # One that a person decides about is not among those that are open.
        order = list(self._open) if id in self._open else list(self._switches)
        earlier = [self._switches[each]['switch'] for each in takewhile(lambda each: each != id, order)]
        return [switch for switch in earlier if switch['state'] == 'open']

    def _decide(self, found: ReplayedSwitch, end: End) -> None:
        """How a switch ended that did not end alike on all its hosts."""
        switch = found['switch']
        if end == 'kept' and switch['state'] != 'kept':
            self._keep(found)
        elif end == 'put-back' and switch['state'] == 'kept':
            self._unkeep(switch)
        self._end(switch, end)

    def _unkeep(self, switch: SwitchRecord) -> None:
        kept = list(self._before)
        if switch['id'] not in kept:
            # It was taken back with the switch that it mended, or is too long ago to be taken back.
            return
        later = kept[kept.index(switch['id']) + 1:]
        switches = {id: each['switch'] for id, each in self._switches.items()}
        if not all(mends(switches, each, switch['id']) for each in later):
            # Something else was kept since: what that made of the stack holds.
            return
        for each in later:
            del self._before[each]
        before = self._before.pop(switch['id'])
        self._stack = list(before['stack'])
        mended = self._switches.get(switch['recovers'] or '')
        if mended is not None and before['recovered'] is not None:
            self._end(mended['switch'], before['recovered'])

    def _end(self, switch: SwitchRecord, state: End) -> None:
        """Nothing is left of a put back that failed once the switch has an end."""
        lived = self._lived.get(switch['to'] or '')
        if lived is not None:
            lived['kept'] = max(0, lived['kept'] + (state == 'kept') - (switch['state'] == 'kept'))
        if state != 'open':
            self._open.pop(switch['id'], None)
        elif switch['id'] not in self._open:
            # Its place is among others that may be open.
            still_open = {*self._open, switch['id']}
            self._open = {id: None for id in self._switches if id in still_open}
        switch['state'] = state
        switch['putBackFailed'] = None

    def _forget_switches(self) -> None:
        """All but the latest, those that are open and those that a recovery may take back: seldom, so that a line costs the same
        however many they are."""
        needed = min(len(self._open), _OPEN_LIMIT) + len(self._before) + _SWITCHES_LIMIT
        if len(self._switches) <= 2 * needed:
            return
        latest, still_open = list(self._switches)[-_SWITCHES_LIMIT:], list(self._open)[-_OPEN_LIMIT:]
        keep = {*latest, *still_open, *self._before}
        self._switches = {id: each for id, each in self._switches.items() if id in keep}
        self._open = {id: None for id in self._open if id in keep}
        self._taken &= keep


def mends(switches: Mapping[str, SwitchRecord], id: str, mended: str) -> bool:
    """Is this switch a recovery of that one, or of a recovery of it?"""
    seen: Set[str] = set()
    while id != mended:
        switch = switches.get(id)
        if switch is None or switch['recovers'] is None or id in seen:
            return False
        seen.add(id)
        id = switch['recovers']
    return True


def _move(stack: List[str], kind: str, to: str) -> None:
    """What a kept switch does to the stack, whose last entry is live."""
    if kind in ('rollback', 'recover') and to in stack:
        while stack[-1] != to:
            stack.pop()
    elif stack[-1:] != [to]:
        stack.append(to)


def _forget_first(latest_last: Dict[str, _Value], limit: int) -> None:
    while len(latest_last) > limit:
        del latest_last[next(iter(latest_last))]
