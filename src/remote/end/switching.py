"""Carries out on disk what `switch` decides: the links, and the lines of the journal that tell of them."""

import time
from typing import Callable, Dict, List, Literal, Optional, Union

from end.adopted import Adopted, find_left
from end.arming import Tools, check_locks, prepare
from end.layout import check_stage_name
from end.link import read_link
from end.link_pair import LinkPair, discard_strays, find_pair
from end.loop import Timer
from end.messages import ArmBody, CloseSwitchBody, FireAnswer, FireBody, KeepAnswer, LinkReport, LoadUndoBody
from end.messages import PutBackAnswer, PutBackDoneBody, ReadBackAnswer, ReadBackBody, UndoResult, UndoSpec
from end.notes import Notes
from end.recovery import close_split
from end.refusal import Refusal
from end.switch import IDLE, Effect, Input, Refused, Switch, decide, is_open
from end.switch_lines import SwitchLines

# Told once: the answer to `fire`, or why there is none.
Fired = Callable[[Union[FireAnswer, Refusal]], None]


class Switching:
    """The switch of this connection. All happens in the loop's thread, at once, in the order of the requests."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._notes = Notes(tools.journal)
        self._lines = SwitchLines(self._notes)
        self._switch = IDLE
        # The body and the links of the latest switch that was armed.
        self._body: Optional[ArmBody] = None
        self._revision: Optional[str] = None
        self._pair: Optional[LinkPair] = None
        self._delay_s = 0.0
        self._delay: Optional[Timer] = None
        self._fired: Optional[Fired] = None
        # Why the latest effect failed that could.
        self._trouble = ''
        # The line that is still to say how what was started was undone, if any of it was.
        self._owed: Optional[Literal['undone', 'put-back']] = None
        # What came of undo steps, as the runner tells it.
        self._results: List[UndoResult] = []
        self._carriers: Dict[Effect, Callable[[], None]] = {
            'wait': self._wait,
            'stop-waiting': self._stop_waiting,
            'rename': self._rename,
            'rename-back': self._rename_back,
            'remove-links': self._remove_links,
            'record-fired': self._lines.fired,
            'record-kept': self._lines.kept,
            'record-put-back': self._record_put_back,
            'record-undo': lambda: self.record_undo(self._results),
            'record-put-back-failed': lambda: self._lines.put_back_failed(self._trouble),
        }

    def load_undo(self, body: LoadUndoBody) -> None:
        """Before anything is armed: what is started from now on is undone by the dead man's switch."""
        stage = check_stage_name(body['stage'])
        if is_open(self._switch):
            raise Refusal('conflict', f'cannot prepare switch {body["id"]}: another one is open')
        self._tools.locks.check(stage, 'exclusive')
        self._lines.begin(body['id'], stage)
        self._owed = 'undone'
        self._tools.undo.load(body['undo'])

    def arm(self, body: ArmBody) -> None:
        """Raises Refusal, with nothing armed, when anything that is needed later is missing now."""
        check_stage_name(body['stage'])
        self._carriers['prepare'] = lambda: self._prepare(body)
        self._take('arm', body['id'])

    def fire(self, body: FireBody, fired: Fired) -> None:
        """Starts the delay; `fired` is told when it is over, or when the switch is put back before that."""
        self._delay_s = body['delayUs'] / 1e6
        self._take('fire', body['id'])
        self._fired = fired

    def put_back(self, id: str) -> PutBackAnswer:
        """Also of a switch that another connection armed, if that one is gone and left it without an end."""
        if self._switch.id != id and not is_open(self._switch):
            self._adopt(id)
        self._take('put-back', id)
        return {
            'link': self._read(),
            'movedByOthers': self._lines.moved_by_others,
            'started': [spec['of'] for spec in self._tools.undo.waiting()],
        }

    def put_back_done(self, body: PutBackDoneBody) -> None:
        self._results = body['undo']
        self._take('done', body['id'])

    def keep(self, id: str) -> KeepAnswer:
        self._take('keep', id)
        self._owed = None
        self._tools.undo.forget()
        return {'link': self._links().read(), 'unrecorded': self._notes.unwritten}

    def read_back(self, body: ReadBackBody) -> ReadBackAnswer:
        """What the journal could not take before may find room by now: old revisions are pruned."""
        links = {stage: read_link(self._tools.layout, check_stage_name(stage)) for stage in body['stages']}
        self._notes.write_rest()
        return {'links': links, 'unrecorded': self._notes.unwritten}

    def close(self, body: CloseSwitchBody) -> LinkReport:
        """Says how a switch ended here that split its hosts, where the link is there already. Moves nothing."""
        if is_open(self._switch):
            raise Refusal('conflict', f'cannot close switch {body["id"]}: a switch of this connection is open')
        link = close_split(self._tools.layout, self._tools.journal, self._tools.locks, body)
        for trouble in discard_strays(self._tools.layout, body['stage']):
            self._notes.warn(trouble)
        return link

    def lose(self) -> Optional[str]:
        """The runner is gone: what is open is put back or disarmed. Says why not; it is to be tried again then."""
        try:
            self._take('loss', None)
        except Refusal as refusal:
            return refusal.message
        return None

    @property
    def undo_is_due(self) -> bool:
        """Is there a switch that is not kept, armed or about to be, whose undo nobody recorded yet?"""
        return self._owed is not None

    def record_undo(self, results: List[UndoResult]) -> None:
        """The end of a put back, or of a switch that was never armed: how what was started was undone. Recorded once."""
        owed, self._owed = self._owed, None
        if owed is None:
            return
        self._tools.undo.forget()
        if results and owed == 'put-back':
            self._lines.put_back(results)
        elif results:
            self._lines.undone(results)

    def take_warnings(self) -> List[str]:
        return self._notes.take_warnings()

    def finish(self) -> None:
        """Tries once more what the journal could not take. Whoever puts back what is open makes links of his own."""
        if is_open(self._switch):
            self._remove_links()
        self._notes.write_rest()

    def _adopt(self, id: str) -> None:
        """Goes on where the remote end that armed this switch stopped. That one is gone: its lock is held here."""
        left = find_left(self._tools.journal, id)
        if left is None:
            return
        adopted = left
        self._tools.locks.check(adopted.body['stage'], 'exclusive')
        if adopted.is_open:
            self._carriers['find'] = lambda: self._find(adopted)
            self._take('adopt', id)
        else:
            self._switch = Switch('put-back', id)
            self._begin(adopted.body, [])
        fired = adopted.fired or self._read()['text'] == adopted.body['to']
        self._lines.fired_ns = time.time_ns() if fired else None

    def _find(self, left: Adopted) -> None:
        body, layout = left.body, self._tools.layout
        self._pair = find_pair(layout, body['stage'], body['from'], body['to'], self._notes.warn)
        self._begin(body, [])
        # Nobody but this runner can say how that was undone; until it does the next one finds it open.
        self._owed = None

    def _begin(self, body: ArmBody, undo: List[UndoSpec]) -> None:
        self._body = body
        self._lines.begin(body['id'], body['stage'])
        self._results = []
        self._owed = 'put-back'
        self._tools.undo.load(undo)

    def _take(self, given: Input, id: Optional[str]) -> None:
        decision = decide(self._switch, given, id)
        if isinstance(decision, Refused):
            raise Refusal(decision.code, decision.message)
        self._switch = decision.otherwise
        try:
            for effect in decision.effects:
                self._carriers[effect]()
                # The first is done. The others only write down or clear away: not even a bug in them undoes it.
                self._switch = decision.then
        except Refusal as refusal:
            self._trouble = refusal.message
            for effect in decision.if_failed:
                self._carriers[effect]()
            raise
        self._switch = decision.then

    def _prepare(self, body: ArmBody) -> None:
        self._revision, self._pair = prepare(self._tools, self._notes, body)
        self._begin(body, body['undo'])

    def _wait(self) -> None:
        self._delay = self._tools.loop.after(self._delay_s, self._due)

    def _stop_waiting(self) -> None:
        if self._delay is not None:
            self._delay.cancel()
        self._tell(Refusal('cancelled', 'the switch was put back before its delay was over'))

    def _due(self) -> None:
        try:
            self._take('due', None)
            self._tell({'link': self._links().read(), 'firedNs': str(self._lines.fired_ns)})
        except Refusal as refusal:
            self._tell(refusal)

    def _tell(self, answer: Union[FireAnswer, Refusal]) -> None:
        fired, self._fired = self._fired, None
        if fired is not None:
            fired(answer)

    def _rename(self) -> None:
        check_locks(self._tools.locks, self._armed()['stage'], self._revision)
        now = time.time_ns()
        self._links().go()
        self._lines.fired_ns = now

    def _rename_back(self) -> None:
        self._lines.moved_by_others = not self._links().go_back()

    def _remove_links(self) -> None:
        for trouble in self._links().discard():
            self._notes.warn(trouble)

    def _record_put_back(self) -> None:
        """Also what is still to be undone: if this process is killed before that, it is known to be due."""
        self._lines.put_back(self._results or self._tools.undo.standing())

    def _armed(self) -> ArmBody:
        if self._body is None:
            raise Refusal('internal', 'no switch was armed')
        return self._body

    def _read(self) -> LinkReport:
        return read_link(self._tools.layout, self._armed()['stage'])

    def _links(self) -> LinkPair:
        if self._pair is None:
            raise Refusal('internal', 'no switch was armed')
        return self._pair

