"""The switch of this connection: what its runner asks of it, and what `switch` makes of that."""

import time
from typing import List, Optional

from end.adopted import find_left
from end.arming import Tools
from end.effects import Effects, Fired
from end.layout import check_stage_name
from end.link import read_link
from end.link_pair import discard_strays
from end.messages import ArmBody, CloseSwitchBody, FireBody, KeepAnswer, LinkReport, LoadUndoBody, PutBackAnswer
from end.messages import PutBackDoneBody, ReadBackAnswer, ReadBackBody, UndoResult
from end.notes import Notes
from end.recovery import close_split
from end.refusal import Refusal
from end.switch import IDLE, Input, Refused, Switch, decide, described, is_open


def _delay_s(body: FireBody) -> float:
    """A time that makes no sense, because a clock was suspended, say, is waited for no longer than `delayUs`."""
    if body['atUs'] is None:
        return 0.0
    return min(max(0.0, body['atUs'] / 1e6 - time.monotonic()), body['delayUs'] / 1e6)


class Switching:
    """All happens in the loop's thread, at once, in the order of the requests."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._notes = Notes(tools.journal)
        self._effects = Effects(tools, self._notes, self._due)
        self._switch = IDLE

    def load_undo(self, body: LoadUndoBody) -> None:
        """Before anything is armed: what is started from now on is undone by the dead man's switch."""
        stage = check_stage_name(body['stage'])
        if is_open(self._switch):
            raise Refusal('conflict', f'cannot prepare switch {body["id"]}: another one is open')
        self._tools.locks.check(stage, 'exclusive')
        self._effects.will_undo(body['id'], stage, body['undo'])

    def arm(self, body: ArmBody) -> None:
        """Raises Refusal, with nothing armed, when anything that is needed later is missing now."""
        check_stage_name(body['stage'])
        self._effects.will_prepare(body)
        self._take('arm', body['id'])

    def fire(self, body: FireBody, fired: Fired) -> None:
        """Starts the delay; `fired` is told when it is over, or when the switch is put back before that."""
        self._effects.delay_s = _delay_s(body)
        self._take('fire', body['id'])
        self._effects.fired = fired

    def put_back(self, id: str) -> PutBackAnswer:
        """Also of a switch that another connection armed, if that one is gone and left it without an end."""
        self._look_for_another()
        if self._may_be_left(id):
            self._adopt(id)
        self._take('put-back', id)
        return {
            'link': self._effects.read(),
            'movedByOthers': self._effects.moved_by_others,
            'started': [spec['of'] for spec in self._tools.undo.waiting()],
        }

    def put_back_done(self, body: PutBackDoneBody) -> None:
        self._effects.results = body['undo']
        self._take('done', body['id'])

    def keep(self, id: str) -> KeepAnswer:
        """Raises Refusal where the lock of the stage is gone, and with it the say in this switch."""
        self._look_for_another()
        if is_open(self._switch):
            self._effects.check_stage_lock()
        self._take('keep', id)
        # Between that look and the line `kept` somebody may have written his: what stands first in the journal holds.
        if self._effects.is_taken():
            self._take('taken', None)
            self._take('keep', id)
        return {'link': self._effects.read(), 'unrecorded': self._notes.unwritten}

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
            self._look_for_another()
            self._take('loss', None)
        except Refusal as refusal:
            return refusal.message
        return None

    def check_steps(self, *, undo: bool) -> None:
        """May a step be run over this connection? Raises Refusal('lock-lost') where what it works on may be somebody else's.

        What was started is undone without a lock too, as a link is put back without one, but not beside another
        connection that does it.
        """
        self._look_for_another()
        if self._switch.state == 'taken':
            raise Refusal('lock-lost', described(self._switch))
        if not undo:
            self._tools.locks.check_all()

    @property
    def undo_is_due(self) -> bool:
        """Is there a switch that is not kept, armed or about to be, whose undo nobody recorded yet?"""
        return self._effects.owed is not None

    def record_undo(self, results: List[UndoResult]) -> None:
        """How what was started was undone, where nobody has said so yet."""
        self._effects.record_undo(results, is_back=not is_open(self._switch))

    def take_warnings(self) -> List[str]:
        return self._notes.take_warnings()

    def finish(self) -> None:
        """Tries once more what the journal could not take. Whoever puts back what is open makes links of his own."""
        if is_open(self._switch):
            self._effects.remove_links()
        self._notes.write_rest()

    def _may_be_left(self, id: str) -> bool:
        """Not while this connection has steps of its own to undo: what the journal has of a switch that it could not arm
        is no switch of another one, and to take it for one would forget how to undo them."""
        return self._switch.id != id and not is_open(self._switch) and self._effects.owed != 'undone'

    def _adopt(self, id: str) -> None:
        """Goes on where the remote end that armed this switch stopped. That one is gone: its lock is held here."""
        left = find_left(self._tools.journal, id)
        if left is None:
            return
        self._tools.locks.check(left.body['stage'], 'exclusive')
        if left.is_open:
            self._effects.take(left)
            # Whoever armed it may be alive, if its lock file was removed, and have kept it until this line.
            left = find_left(self._tools.journal, id)
            if left is None:
                return
        if left.is_open:
            self._effects.will_find(left)
            self._take('adopt', id)
        else:
            self._switch = Switch('put-back', id)
            self._effects.adopt_closed(left)
        self._effects.note_fired(left.fired)

    def _look_for_another(self) -> None:
        """Where the lock file of the stage is not the one that is held, another connection may have taken it, found this
        switch open, and put it back. Then it is nothing to us any more."""
        if self._switch.state not in ('armed', 'firing', 'fired'):
            return
        try:
            self._effects.check_stage_lock()
        except Refusal:
            if self._effects.is_taken():
                self._take('taken', None)

    def _take(self, given: Input, id: Optional[str]) -> None:
        decision = decide(self._switch, given, id)
        if isinstance(decision, Refused):
            raise Refusal(decision.code, decision.message)
        self._switch = decision.otherwise
        try:
            for effect in decision.effects:
                self._effects.carry_out(effect)
                # The first is done. The others only write down or clear away: not even a bug in them undoes it.
                self._switch = decision.then
        except Refusal as refusal:
            self._effects.trouble = refusal.message
            for effect in decision.if_failed:
                self._effects.carry_out(effect)
            raise
        self._switch = decision.then

    def _due(self) -> None:
        try:
            self._take('due', None)
            self._effects.tell_fired()
        except Refusal as refusal:
            self._effects.tell(refusal)
