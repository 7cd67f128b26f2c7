"""The dead man's switch: what is done, in this order, when the runner is gone or wants no more (DESIGN 6)."""

import threading
import time
from functools import partial
from typing import Callable, List, NamedTuple, Optional

from end.bug import report_bug
from end.ended import failure_of
from end.exchange import Exchange
from end.loop import Loop
from end.messages import Ended, ProbeAnswer, ProbeSpec, RunSpec, UndoSpec
from end.program import Reports
from end.programs import Programs
from end.session import Session
from end.steps import start_probe

# Of the last line that a failed undo printed.
_LAST_WORDS = 500

_NO_TIME = 'no time was left for it'

# Whatever it started again then may have read the link.
_TOO_EARLY = 'it ended well, but before the link could be put back'


class EndLimits(NamedTuple):
    """Seconds. DESIGN 6: the undo of one step, and of all."""

    one_undo: float = 30.0
    all_undo: float = 60.0
    # A group that was told to end is killed and given up by then (`program.Limits.grace`, `group`).
    programs: float = 8.0
    # Threads that were told to stop: they look at it after every chunk, but a disk may be slow.
    workers: float = 10.0
    # Removing a build; what is left of one is removed by the next run of that revision.
    removal: float = 10.0


class Ending:
    """Runs the loop itself, for nothing but this: no input is read any more and nothing is answered."""

    def __init__(self, loop: Loop, exchange: Exchange, programs: Programs, limits: EndLimits = EndLimits()) -> None:
        self._loop = loop
        self._exchange = exchange
        self._programs = programs
        self._limits = limits

    def run(self, session: Optional[Session], why: str, closed: bool = False) -> None:
        """Link, journal, programs, undo, journal, unfinished builds, locks. Returns when all is done or given up.

        What comes later is tried even if a bug of ours stopped what comes before. A runner that `closed` the connection
        has removed what it wanted removed.
        """
        self._exchange.mute()
        if session is not None:
            self._try(session.switching.lose)
        self._try(lambda: self._stop(why))
        if session is not None:
            self._try(partial(self._undo, session))
            self._try(partial(self._close, session))
        self._try(lambda: self._loop.run(self._exchange.idle, self._limits.workers))
        at_rest = self._exchange.idle() and self._programs.idle()
        if session is not None and not closed and at_rest:
            at_rest = self._removed(session)
        # A thread that still works has the locks until the process is gone, and with it the thread.
        if session is not None and at_rest:
            session.locks.release()

    def _try(self, part: Callable[[], object]) -> None:
        try:
            part()
        except Exception:
            report_bug()

    def _stop(self, why: str) -> None:
        self._programs.stop_all(f'cancelled: {why}')
        self._exchange.cancel_all()
        self._loop.run(self._programs.idle, self._limits.programs)

    def _undo(self, session: Session) -> None:
        until = time.monotonic() + self._limits.all_undo
        # The disk has had the time that the programs took to end.
        is_back = session.switching.lose() is None
        for spec in session.undo.waiting() if session.switching.undo_is_due else []:
            why = self._undo_one(spec, until)
            session.undo.note_ended(spec['of'], why if is_back else why or _TOO_EARLY)

    def _close(self, session: Session) -> None:
        """What is not back yet is tried once more: the disk, or whatever it was, has had a minute."""
        session.switching.lose()
        # Where it is not back the switch stays open in the journal, that is what it is; its steps are undone all the same.
        session.switching.record_undo(session.undo.results())
        session.switching.finish()

    def _removed(self, session: Session) -> bool:
        """Removes the builds that nobody will end; False where that takes too long. In a thread, since a disk may answer nobody."""
        names = sorted(session.builds & session.locks.exclusive())

        def remove() -> None:
            # Here, because most connections never need what it loads.
            from end.verdict import abandon_unless_judged

            for name in names:
                self._try(partial(abandon_unless_judged, session.layout, session.journal, name))

        thread = threading.Thread(target=remove, daemon=True)
        if names:
            thread.start()
            thread.join(self._limits.removal)
        return not thread.is_alive()

    def _undo_one(self, spec: UndoSpec, until: float) -> Optional[str]:
        """Why the undo failed, None where it did not."""
        program, question = spec['run'], spec['probe']
        until = min(until, time.monotonic() + self._limits.one_undo)
        why = None if program is None else self._run(program, until - time.monotonic())
        if why is None and question is not None:
            why = self._probe(question, until - time.monotonic())
        return why

    def _run(self, spec: RunSpec, limit_s: float) -> Optional[str]:
        if limit_s <= 0:
            return _NO_TIME
        ended: List[Ended] = []
        printed: List[bytes] = [b'']

        def keep_last(stream: int, lines: bytes) -> None:
            printed[0] = lines

        limited = spec.copy()
        limited['timeoutMs'] = min(spec['timeoutMs'], round(limit_s * 1000))
        self._programs.start(limited, Reports(output=keep_last, ended=ended.append))
        self._loop.run(lambda: bool(ended), limit_s + self._limits.programs)
        if not ended:
            return 'it did not end'
        why = failure_of(ended[0])
        last = printed[0].rstrip(b'\n').split(b'\n')[-1][:_LAST_WORDS].decode('utf-8', 'replace')
        return f'{why}: {last}' if why and last else why

    def _probe(self, spec: ProbeSpec, limit_s: float) -> Optional[str]:
        if limit_s <= 0:
            return _NO_TIME
        answers: List[ProbeAnswer] = []
        limited = spec.copy()
        limited['timeoutMs'] = min(spec['timeoutMs'], round(limit_s * 1000))
        stop = start_probe(self._loop, limited, answers.append)
        if not self._loop.run(lambda: bool(answers), limit_s + 1):
            stop()
            return 'it did not end'
        return failure_of(answers[0]['ended'])
