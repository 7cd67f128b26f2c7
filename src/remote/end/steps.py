"""The requests that run a step: a program or a probe, and what that means for a put back."""

import threading
from typing import Callable, Optional

from end import ended
from end.bug import report_bug
from end.build_log import BuildLog
from end.ended import failure_of
from end.exchange import Exchange
from end.layout import check_revision_name
from end.loop import Loop
from end.messages import BootBody, Ended, ProbeAnswer, ProbeBody, ProbeSpec, RunBody
from end.program import Reports
from end.programs import Loan, Programs, check_spec
from end.revision_locks import lend
from end.session import Session


# Seconds for the thread of a probe to return when it is over or cancelled. Then it is left behind: it looks up a name.
_TO_RETURN_S = 0.5


def run(session: Session, exchange: Exchange, programs: Programs, id: int, body: RunBody) -> None:
    """Starts the program of a step. Refuses a spec that makes no sense and a build without its lock."""
    spec, undo_of = body['spec'], body['undoOf']
    check_spec(spec)
    loan = None if spec['build'] is None else _loan(session, spec['build'])

    def end(how: Ended) -> None:
        _note_undone(session, undo_of, how)
        exchange.answer(id, how)

    reports = Reports(output=lambda stream, lines: exchange.output(id, stream, lines), ended=end)
    program = programs.start(spec, reports, loan)
    if program is None:
        return
    if undo_of is None:
        session.undo.note_started(spec['step'])
    stop = program.stop
    exchange.stoppable(id, lambda: stop(ended.cancelled('cancelled by the runner')))


def probe(session: Session, exchange: Exchange, loop: Loop, id: int, body: ProbeBody) -> None:
    """Asks in a thread of its own until the answer is as expected."""
    undo_of = body['undoOf']
    if undo_of is None:
        session.undo.note_started(body['spec']['step'])

    def end(answer: ProbeAnswer) -> None:
        _note_undone(session, undo_of, answer['ended'])
        exchange.answer(id, answer)

    exchange.stoppable(id, start_probe(loop, body['spec'], end))


def boot(
    session: Session, exchange: Exchange, programs: Programs, loop: Loop, id: int, body: BootBody
) -> None:
    """Starts the program of a boot probe and asks it. Answered when nothing of it runs any more."""
    # Here, because most connections never need it; all of it before anything runs.
    import end.probe  # noqa: F401
    from end.boot import Boot

    spec = body['spec']
    check_spec(spec['run'])
    build = spec['run']['build']
    loan = None if build is None else _loan(session, build)
    booting = Boot(
        loop, programs, spec,
        ask=lambda placed, answered: start_probe(loop, placed['probe'], answered),
        output=lambda stream, lines: exchange.output(id, stream, lines),
        end=lambda answer: exchange.answer(id, answer),
    )
    exchange.stoppable(id, booting.cancel)
    booting.start(loan)


def start_probe(loop: Loop, spec: ProbeSpec, end: Callable[[ProbeAnswer], None]) -> Callable[[], None]:
    """Returns how to cancel it. `end` is called in the loop's thread, once, also where the asking thread never returns."""
    # Here, because it loads ssl, which most connections never need.
    from end.probe import Probe

    asking = Probe(spec)
    waiting = True

    def tell(answer: ProbeAnswer) -> None:
        nonlocal waiting
        if waiting:
            waiting = False
            limit.cancel()
            end(answer)

    def give_up() -> None:
        tell(asking.given_up())

    def cancel() -> None:
        asking.cancel()
        loop.after(_TO_RETURN_S, give_up)

    def ask() -> None:
        try:
            answer = asking.run()
        except Exception as error:
            # A bug of ours: without an answer the step would never end.
            report_bug()
            answer = {'ended': ended.unstarted(f'{type(error).__name__}: {error}'), 'attempts': 0, 'detail': ''}
        loop.post(lambda: tell(answer))

    limit = loop.after(asking.limit_s + _TO_RETURN_S, give_up)
    threading.Thread(target=ask, daemon=True).start()
    return cancel


def _loan(session: Session, revision: str) -> Loan:
    check_revision_name(revision)
    locks = lend(session.locks, revision)
    env = {'DEPLOY_RECORD': session.layout.record(revision)}
    return Loan(locks, BuildLog(session.layout.build_log(revision)), env)


def _note_undone(session: Session, undo_of: Optional[str], how: Ended) -> None:
    """An undo that was cut off is not done: the dead man's switch would run it again."""
    if undo_of is not None and how['kind'] != 'cancelled':
        session.undo.note_ended(undo_of, failure_of(how))
