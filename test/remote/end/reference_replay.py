"""The replay of one stage as it is meant: it keeps the whole past. What the remote end does must tell the same, in bounded memory."""

from typing import Dict, List, Literal, NamedTuple, Optional, Set

from end.entry import Entry, merged, switch_of, text_of, undo_results_of
from end.messages import SwitchRecord, UndoResult
from end.stage_record import StageHistory
from end.stage_replay import mends

End = Literal['open', 'kept', 'put-back']


class Before(NamedTuple):
    """What a kept switch changed, to be restored when it is decided that it was put back."""

    stack: List[str]
    # Of the switch that it mended, if it was a recovery.
    recovered: Optional[End]


class ReferenceReplay:
    """The replay of one stage: takes its entries one after the other."""

    def __init__(self) -> None:
        self._switches: Dict[str, SwitchRecord] = {}
        self._sha256: Dict[str, Optional[str]] = {}
        self._live: Dict[str, Optional[str]] = {}
        self._stack: List[str] = []
        # By the switch that was kept; the latest last.
        self._before: Dict[str, Before] = {}
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
        before = Before(list(self._stack), None if mended is None else mended['state'])
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
        if switch['id'] not in kept:
            return
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


def _move(stack: List[str], kind: str, to: str) -> None:
    """What a kept switch does to the stack, whose last entry is live."""
    if kind in ('rollback', 'recover') and to in stack:
        while stack[-1] != to:
            stack.pop()
    elif stack[-1:] != [to]:
        stack.append(to)
