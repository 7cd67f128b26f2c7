"""Carries out on disk what `switch` decides: the links, and the lines of the journal that tell of them."""

import time
from typing import Callable, Dict, List, Literal, Optional, Union

from end.adopted import Adopted
from end.arming import Tools, check_locks, prepare
from end.history import replay
from end.link import read_link
from end.link_pair import LinkPair, find_pair
from end.loop import Timer
from end.messages import ArmBody, FireAnswer, LinkReport, UndoResult, UndoSpec
from end.notes import Notes
from end.refusal import Refusal
from end.switch import Effect
from end.switch_lines import SwitchLines

# Told once: the answer to `fire`, or why there is none.
Fired = Callable[[Union[FireAnswer, Refusal]], None]


class Effects:
    """Of one switch after the other; knows what they have to work on. `due` is called when the delay of `fire` is over."""

    def __init__(self, tools: Tools, notes: Notes, due: Callable[[], None]) -> None:
        self._tools = tools
        self._notes = notes
        self._lines = SwitchLines(notes)
        self._due = due
        # The body and the links of the latest switch that was armed or adopted.
        self._body: Optional[ArmBody] = None
        self._revision: Optional[str] = None
        self._pair: Optional[LinkPair] = None
        # Where the journal ended when it was armed.
        self._mark = 0
        self._delay: Optional[Timer] = None
        # Why the latest effect failed that could.
        self.trouble = ''
        self.delay_s = 0.0
        self.fired: Optional[Fired] = None
        # What came of undo steps, as the runner tells it.
        self.results: List[UndoResult] = []
        # The line that is still to say how what was started was undone, if any of it was.
        self.owed: Optional[Literal['undone', 'put-back']] = None
        self._carriers: Dict[Effect, Callable[[], None]] = {
            'wait': self._wait,
            'stop-waiting': self._stop_waiting,
            'rename': self._rename,
            'rename-back': self._rename_back,
            'remove-links': self.remove_links,
            'forget-undo': self._forget_undo,
            'record-fired': self._lines.fired,
            'record-kept': self._lines.kept,
            'record-put-back': self._record_put_back,
            'record-undo': lambda: self.record_undo(self.results),
            'record-put-back-failed': lambda: self._lines.put_back_failed(self.trouble),
        }

    def carry_out(self, effect: Effect) -> None:
        self._carriers[effect]()

    def will_undo(self, id: str, stage: str, undo: List[UndoSpec]) -> None:
        """Nothing is armed yet: what is started from now on is undone all the same."""
        self._lines.begin(id, stage)
        self.owed = 'undone'
        self._tools.undo.load(undo)

    def will_prepare(self, body: ArmBody) -> None:
        self._carriers['prepare'] = lambda: self._prepare(body)

    def take(self, left: Adopted) -> None:
        """Says that a switch of somebody else is put back from here, before anything is done to it."""
        self._lines.begin(left.body['id'], left.body['stage'])
        self._lines.taken()

    def check_stage_lock(self) -> None:
        """Raises Refusal('lock-lost') where the stage may be somebody else's by now."""
        self._tools.locks.check(self._armed()['stage'], 'exclusive')

    def is_taken(self) -> bool:
        """Has another connection ended the switch that was armed here, or taken it to put it back? So the journal says, in
        which what stands first holds.

        A journal that cannot be read says nothing: then the link decides.
        """
        body = self._armed()
        try:
            history = replay(self._tools.journal.since(self._mark)).stages.get(body['stage'])
        except (Refusal, OSError):
            return False
        if history is None:
            return False
        state = next((record['state'] for record in history.switches if record['id'] == body['id']), 'open')
        return state == 'put-back' or body['id'] in history.taken

    def will_find(self, left: Adopted) -> None:
        self._carriers['find'] = lambda: self._find(left)

    def adopt_closed(self, left: Adopted) -> None:
        """One whose link is back: only what came of its undo is still to be written down."""
        self._begin(left.body, [])

    def note_fired(self, fired: bool) -> None:
        """Was an adopted switch ever fired? Its link may tell where its journal does not."""
        body = self._armed()
        self._lines.fired_ns = time.time_ns() if fired or self.read()['text'] == body['to'] else None

    def record_undo(self, results: List[UndoResult], *, is_back: bool = True) -> None:
        """The end of a put back, of one that failed, or of a switch that was never armed: how what was started was undone.
        Recorded once."""
        owed, self.owed = self.owed, None
        if owed is None:
            return
        self._tools.undo.forget()
        if not results:
            return
        if owed == 'undone':
            self._lines.undone(results)
        elif is_back:
            self._lines.put_back(results)
        else:
            self._lines.undone_in_vain(self.trouble, results)

    def remove_links(self) -> None:
        for trouble in self._links().discard():
            self._notes.warn(trouble)

    def tell_fired(self) -> None:
        self.tell({'link': self._links().read(), 'firedNs': str(self._lines.fired_ns)})

    def tell(self, answer: Union[FireAnswer, Refusal]) -> None:
        fired, self.fired = self.fired, None
        if fired is not None:
            fired(answer)

    def read(self) -> LinkReport:
        """The link of the stage that the latest switch is of."""
        return read_link(self._tools.layout, self._armed()['stage'])

    @property
    def moved_by_others(self) -> bool:
        return self._lines.moved_by_others

    def _prepare(self, body: ArmBody) -> None:
        mark = self._tools.journal.mark()
        self._revision, self._pair = prepare(self._tools, self._notes, body)
        self._begin(body, body['undo'])
        self._mark = mark

    def _find(self, left: Adopted) -> None:
        body = left.body
        self._pair = find_pair(self._tools.layout, body['stage'], body['from'], body['to'], self._notes.warn)
        self._begin(body, [])
        # Nobody but this runner can say how that was undone; until it does the next one finds it open.
        self.owed = None

    def _begin(self, body: ArmBody, undo: List[UndoSpec]) -> None:
        self._body = body
        self._lines.begin(body['id'], body['stage'])
        self.results = []
        self.owed = 'put-back'
        self._tools.undo.load(undo)

    def _wait(self) -> None:
        self._delay = self._tools.loop.after(self.delay_s, self._due)

    def _stop_waiting(self) -> None:
        if self._delay is not None:
            self._delay.cancel()
        self.tell(Refusal('cancelled', 'the switch was put back before its delay was over'))

    def _rename(self) -> None:
        check_locks(self._tools.locks, self._armed()['stage'], self._revision)
        now = time.time_ns()
        self._links().go()
        self._lines.fired_ns = now

    def _rename_back(self) -> None:
        self._lines.moved_by_others = not self._links().go_back()

    def _forget_undo(self) -> None:
        self.owed = None
        self._tools.undo.forget()

    def _record_put_back(self) -> None:
        """Also what is still to be undone: if this process is killed before that, it is known to be due."""
        self._lines.put_back(self.results or self._tools.undo.standing())

    def _armed(self) -> ArmBody:
        if self._body is None:
            raise Refusal('internal', 'no switch was armed')
        return self._body

    def _links(self) -> LinkPair:
        if self._pair is None:
            raise Refusal('internal', 'no switch was armed')
        return self._pair
