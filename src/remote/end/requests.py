"""Every request of the message table and what is done for it: at once in the loop, or in a thread by `jobs`."""

import time
from typing import Any, Callable, Dict, List, Optional, Union

from end.conform import nonconformity
from end.exchange import Answer, Exchange, Request, internal_error
from end.jobs import JOBS, NEED_EXCLUSIVE_LOCK
from end.layout import check_revision_name
from end.loop import Loop
from end.messages import BODIES, ArmBody, BootBody, CancelBody, CloseSwitchBody, FetchBody, FetchProductsBody, FireAnswer, FireBody, KeepBody
from end.messages import LoadUndoBody, LockBody, OpenBody, ProbeBody, PutBackBody, PutBackDoneBody, ReadBackBody, ReceiveBody
from end.messages import Nothing, ReceiveProductsBody, RunBody, UndoSpec, UnlockBody
from end.programs import Programs, check_spec
from end.refusal import Refusal
from end.revision_locks import let_go, take
from end.root_claim import hold_root, let_root_go
from end.session import Session, introduce, open_session
from end.settle import settle
from end.steps import boot, probe, run
from end.transfers import Transfers
from end.wire import BrokenFrame, Data, Frame

# None: the answer comes later.
Handler = Callable[[Session, int, Any], Optional[Answer]]


class Requests:
    """Takes frames in order. `expect` is told the runner's heartbeat, `closed` the id of its last request."""

    def __init__(
        self,
        loop: Loop,
        exchange: Exchange,
        programs: Programs,
        *,
        expect: Callable[[float], None],
        closed: Callable[[int], None],
    ) -> None:
        self._loop = loop
        self._exchange = exchange
        self._programs = programs
        self._transfers = Transfers(loop, exchange)
        self._expect = expect
        self._closed = closed
        self.session: Optional[Session] = None
        self._unsettled: Optional[Refusal] = None
        # Bodies were checked against the message table; that a name goes with its body cannot be written as a type.
        self._handlers: Dict[str, Handler] = {
            'settle': self._settle,
            'lock': self._lock,
            'unlock': self._unlock,
            'receive': self._receive,
            'fetch': self._fetch,
            'receive-products': self._receive_products,
            'fetch-products': self._fetch_products,
            'run': self._run,
            'probe': self._probe,
            'boot': self._boot,
            'cancel': self._cancel,
            'load-undo': self._load_undo,
            'arm': self._arm,
            'fire': self._fire,
            'put-back': self._put_back,
            'put-back-done': self._put_back_done,
            'keep': self._keep,
            'close-switch': self._close_switch,
            'read-back': self._read_back,
        }

    def take(self, frame: Frame) -> None:
        """Raises BrokenFrame where nobody could be answered."""
        if isinstance(frame, Data):
            self._transfers.take(frame)
            return
        request = self._exchange.accept(frame)
        try:
            answer = self._handle(request)
        except Refusal as refusal:
            self._warn(request.id)
            self._exchange.refuse(request.id, refusal)
        except BrokenFrame:
            raise
        except Exception as error:
            self._exchange.refuse(request.id, internal_error(error))
        else:
            self._warn(request.id)
            if answer is not None:
                self._exchange.answer(request.id, answer)

    def pause(self, paused: bool) -> None:
        """The runner does not read what it was sent."""
        self._transfers.pause(paused)

    def _handle(self, request: Request) -> Optional[Answer]:
        self._check(request)
        body: Any = request.body
        if request.name == 'open':
            return self._open(body)
        if request.name == 'beat':
            return {'atUs': time.monotonic_ns() // 1000}
        if request.name == 'clock':
            return {'timeNs': str(time.time_ns())}
        if request.name == 'close':
            self._closed(request.id)
            return None
        if self.session is None:
            raise Refusal('not-open', f'{request.name} before open')
        job = JOBS.get(request.name)
        if job is None:
            return self._handlers[request.name](self.session, request.id, body)
        key = NEED_EXCLUSIVE_LOCK.get(request.name)
        name: Optional[str] = None if key is None else body[key]
        if name is not None:
            self.session.locks.check(name, 'exclusive')
            self._exchange.check_left_alone(name)
        session, do = self.session, job
        self._exchange.work(request.id, lambda cancelled: do(session, body, cancelled), at=name)
        return None

    def _check(self, request: Request) -> None:
        shape = BODIES.get(request.name)
        if shape is None:
            raise Refusal('invalid', f'there is no request {request.name!r}')
        problem = nonconformity(request.body, shape)
        if problem is not None:
            raise Refusal('invalid', f'{request.name}: {problem}')

    def _open(self, body: OpenBody) -> Answer:
        if self.session is not None:
            raise Refusal('invalid', 'this connection is open already')
        if body['heartbeatMs'] == 0:
            raise Refusal('invalid', 'a heartbeat of 0 ms would end every connection at once')
        self.session = open_session(self._loop, body)
        if body['forwardAgent']:
            self._programs.give_agent()
        self._expect(body['heartbeatMs'] / 1000)
        return introduce()

    def _settle(self, session: Session, id: int, body: Nothing) -> Answer:
        self._unsettled = Refusal('internal', 'the root was not settled')
        try:
            settled = settle(session.layout, session.project)
            # Where a run of another project is at work, the locks that are asked for next tell who that is.
            hold_root(session.layout, session.journal, session.locks, session.project)
        except Refusal as refusal:
            self._unsettled = refusal
            raise
        self._unsettled = None
        return settled

    def _lock(self, session: Session, id: int, body: LockBody) -> Answer:
        # Asked for in the same flight: nothing is made in a root that is not ours.
        if self._unsettled is not None:
            raise self._unsettled
        # Every name of a stage is one that a revision may have.
        name = check_revision_name(body['name'])
        if body['mode'] == 'shared':
            self._exchange.check_left_alone(name)
        contested = hold_root(session.layout, session.journal, session.locks, session.project)
        if contested is not None:
            return {'granted': False, 'holder': contested.holder}
        return take(session.locks, name, body['mode'])

    def _unlock(self, session: Session, id: int, body: UnlockBody) -> Answer:
        self._exchange.check_left_alone(body['name'])
        let_go(session.locks, body['name'])
        let_root_go(session.locks)
        return {}

    def _receive(self, session: Session, id: int, body: ReceiveBody) -> None:
        self._transfers.receive(session, id, body)

    def _fetch(self, session: Session, id: int, body: FetchBody) -> None:
        self._transfers.fetch(session, id, body)

    def _receive_products(self, session: Session, id: int, body: ReceiveProductsBody) -> None:
        self._transfers.receive_products(session, id, body)

    def _fetch_products(self, session: Session, id: int, body: FetchProductsBody) -> None:
        self._transfers.fetch_products(session, id, body)

    def _run(self, session: Session, id: int, body: RunBody) -> None:
        session.switching.check_steps(undo=body['undoOf'] is not None)
        run(session, self._exchange, self._programs, id, body)

    def _probe(self, session: Session, id: int, body: ProbeBody) -> None:
        session.switching.check_steps(undo=body['undoOf'] is not None)
        probe(session, self._exchange, self._loop, id, body)

    def _boot(self, session: Session, id: int, body: BootBody) -> None:
        session.switching.check_steps(undo=False)
        boot(session, self._exchange, self._programs, self._loop, id, body)

    def _cancel(self, session: Session, id: int, body: CancelBody) -> Answer:
        self._exchange.cancel(body['request'])
        return {}

    def _load_undo(self, session: Session, id: int, body: LoadUndoBody) -> Answer:
        _check_undo(body['undo'])
        session.switching.load_undo(body)
        return {}

    def _arm(self, session: Session, id: int, body: ArmBody) -> Answer:
        _check_undo(body['undo'])
        session.switching.arm(body)
        return {}

    def _fire(self, session: Session, id: int, body: FireBody) -> None:
        def fired(answer: Union[FireAnswer, Refusal]) -> None:
            self._warn(id)
            if isinstance(answer, Refusal):
                self._exchange.refuse(id, answer)
            else:
                self._exchange.answer(id, answer)

        session.switching.fire(body, fired)

    def _put_back(self, session: Session, id: int, body: PutBackBody) -> Answer:
        return session.switching.put_back(body['id'])

    def _put_back_done(self, session: Session, id: int, body: PutBackDoneBody) -> Answer:
        session.switching.put_back_done(body)
        return {}

    def _keep(self, session: Session, id: int, body: KeepBody) -> Answer:
        return session.switching.keep(body['id'])

    def _close_switch(self, session: Session, id: int, body: CloseSwitchBody) -> Answer:
        return {'link': session.switching.close(body)}

    def _read_back(self, session: Session, id: int, body: ReadBackBody) -> Answer:
        return session.switching.read_back(body)

    def _warn(self, id: int) -> None:
        """What went wrong on the way without failing the request."""
        if self.session is not None:
            for warning in self.session.switching.take_warnings():
                self._exchange.warn(id, warning)


def _check_undo(specs: List[UndoSpec]) -> None:
    """What could never run is refused while there is somebody to be told."""
    for spec in specs:
        if spec['run'] is not None:
            check_spec(spec['run'])
