"""What a journal tells, replayed: the stack of each stage, its switches, the revisions that were made here. Pure."""

from typing import Dict, FrozenSet, Iterable, List, Literal, Mapping, NamedTuple, Optional, Set

from end.entry import Entry, merged, switch_of, text_of, undo_results_of
from end.layout import is_revision_name, is_stage_name
from end.messages import StageReportWasLiveItem, SwitchRecord, UndoResult

End = Literal['open', 'kept', 'put-back']

_REMOVED = ('abandoned', 'discarded', 'pruned')


class StageHistory(NamedTuple):
    # Revisions by the replay of kept switches, live first: deploy and promote push, rollback pops; a recovery brings
    # about what the switch that it mends did, or undoes it.
    stack: List[str]
    # Every revision that was live after a kept switch, latest first, each once; also one that every such switch was taken back of.
    was_live: List[StageReportWasLiveItem]
    # Newest first.
    switches: List[SwitchRecord]
    # Of steps that were run for a switch that was never armed, since the latest intent.
    undone: List[UndoResult]
    # Switches that a later connection took, to put them back: whoever armed them has no say in them any more.
    taken: FrozenSet[str] = frozenset()


def replay(entries: Iterable[Entry]) -> Dict[str, StageHistory]:
    """The history of every stage that the journal names.

    A switch is *open* until it is kept or put back, also where to put it back was tried and failed. A later kept switch of the stage closes earlier open ones:
    they count for nothing, as if put back. What was *taken* to be put back cannot be kept any more. Of two ends of one switch the first holds, unless a recovery was kept
    since, or a line `recovered` says otherwise: these decide how a switch ended that split its hosts.
    """
    replays: Dict[str, _Replay] = {}
    for entry in entries:
        stage = text_of(entry, 'stage')
        if stage is not None and is_stage_name(stage):
            replays.setdefault(stage, _Replay()).take(entry)
    return {stage: replayed.history() for stage, replayed in replays.items()}


def made(entries: Iterable[Entry]) -> Dict[str, str]:
    """Revisions that were begun here and not removed since, each with the sha256 of the sdist it is made from."""
    found: Dict[str, str] = {}
    for entry in entries:
        revision = text_of(entry, 'revision')
        if revision is None or not is_revision_name(revision):
            continue
        if entry['what'] == 'build':
            found[revision] = text_of(entry, 'sha256') or ''
        elif entry['what'] in _REMOVED:
            found.pop(revision, None)
    return found


def begun(entries: Iterable[Entry]) -> Set[str]:
    """Revisions whose build was begun and that were neither sealed nor rejected nor removed since."""
    found: Set[str] = set()
    for entry in entries:
        revision = text_of(entry, 'revision')
        if revision is None or not is_revision_name(revision):
            continue
        if entry['what'] == 'build':
            found.add(revision)
        elif entry['what'] in ('sealed', 'rejected') or entry['what'] in _REMOVED:
            found.discard(revision)
    return found


class _Before(NamedTuple):
    """What a kept switch changed, to be restored when it is decided that it was put back."""

    stack: List[str]
    # Of the switch that it mended, if it was a recovery.
    recovered: Optional[End]


class _Replay:
    """The replay of one stage: takes its entries one after the other."""

    def __init__(self) -> None:
        self._switches: Dict[str, SwitchRecord] = {}
        self._sha256: Dict[str, Optional[str]] = {}
        self._live: Dict[str, Optional[str]] = {}
        self._stack: List[str] = []
        # By the switch that was kept; the latest last.
        self._before: Dict[str, _Before] = {}
        self._undone: List[UndoResult] = []
        self._taken: Set[str] = set()

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
        switch = self._switches.get(identity)
        if switch is None:
            return
        if entry['what'] == 'fired':
            switch['firedNs'] = text_of(entry, 'firedNs')
        elif entry['what'] == 'taken' and switch['state'] == 'open':
            self._taken.add(identity)
        elif entry['what'] == 'kept' and switch['state'] == 'open' and identity not in self._taken:
            self._keep(switch)
        elif entry['what'] == 'put-back-failed' and switch['state'] == 'open':
            switch['putBackFailed'] = text_of(entry, 'reason') or 'no reason was written'
            switch['undo'] = merged(switch['undo'], undo_results_of(entry))
        elif entry['what'] == 'put-back' and switch['state'] != 'kept':
            _end(switch, 'put-back')
            switch['undo'] = merged(switch['undo'], undo_results_of(entry))
        elif entry['what'] == 'recovered':
            self._decide(switch, 'kept' if entry.get('as') == 'kept' else 'put-back')

    def history(self) -> StageHistory:
        kept = {switch['to'] for switch in self._switches.values() if switch['state'] == 'kept'}
        return StageHistory(
            stack=list(reversed(self._stack)),
            was_live=[
                {'revision': name, 'sha256': sha256, 'takenBack': name not in kept}
                for name, sha256 in reversed(list(self._live.items()))
            ],
            switches=list(reversed(list(self._switches.values()))),
            undone=self._undone,
            taken=frozenset(self._taken),
        )

    def _begin(self, identity: str, entry: Entry) -> None:
        switch = switch_of(identity, entry)
        before = self._switches.get(identity)
        if switch is None or (before is not None and before['state'] != 'put-back'):
            return
        # Put back and armed once more: this host was lost when the others had kept, and goes forward again.
        self._switches.pop(identity, None)
        self._switches[identity] = switch
        self._taken.discard(identity)
        self._sha256[identity] = text_of(entry, 'sha256')

    def _keep(self, kept: SwitchRecord) -> None:
        for switch in self._switches.values():
            if switch is kept:
                break
            if switch['state'] == 'open':
                _end(switch, 'put-back')
        mended = self._switches.get(kept['recovers'] or '')
        before = _Before(list(self._stack), None if mended is None else mended['state'])
        _end(kept, 'kept')
        revision = kept['to']
        if mended is not None:
            self._decide(mended, 'kept' if mended['to'] == revision else 'put-back')
        elif revision is not None:
            _move(self._stack, kept['kind'], revision)
        self._before.pop(kept['id'], None)
        self._before[kept['id']] = before
        if revision is not None:
            self._live.pop(revision, None)
            self._live[revision] = self._sha256[kept['id']]

    def _decide(self, switch: SwitchRecord, end: End) -> None:
        """How a switch ended that did not end alike on all its hosts."""
        if end == 'kept' and switch['state'] != 'kept':
            self._keep(switch)
        elif end == 'put-back' and switch['state'] == 'kept':
            self._unkeep(switch)
        _end(switch, end)

    def _unkeep(self, switch: SwitchRecord) -> None:
        kept = list(self._before)
        later = kept[kept.index(switch['id']) + 1:]
        if not all(mends(self._switches, each, switch['id']) for each in later):
            # Something else was kept since: what that made of the stack holds.
            return
        for each in later:
            del self._before[each]
        before = self._before.pop(switch['id'])
        self._stack = list(before.stack)
        mended = self._switches.get(switch['recovers'] or '')
        if mended is not None and before.recovered is not None:
            _end(mended, before.recovered)


def _end(switch: SwitchRecord, state: End) -> None:
    """Nothing is left of a put back that failed once the switch has an end."""
    switch['state'] = state
    switch['putBackFailed'] = None


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
