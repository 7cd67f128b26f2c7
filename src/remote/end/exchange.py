"""Requests and their answers: each has one, whenever it is ready and whichever thread made it."""

import threading
from typing import Callable, Dict, Mapping, NamedTuple, Optional, Union

from end.fit_answer import Unfit, fit_answer
from end.loop import Loop
from end.messages import ANSWER_BYTES, ANSWERS
from end.outlet import Outlet
from end.program import STDERR
from end.refusal import Refusal
from end.wire import BrokenFrame, FrameTooLong, Message, data_frame, message_frame, output_frames

Answer = Mapping[str, object]

# Of a request that is not in the message table.
_REFUSAL_BYTES = 64 << 10

# In characters, each of which may take twelve bytes as JSON.
_MESSAGE_LIMIT = 16 << 10

# A request that runs no program may print 64 KiB: a few warnings.
_WARNING_LIMIT = 4 << 10

# Says whether its result is still wanted.
Cancelled = Callable[[], bool]


class Request(NamedTuple):
    id: int
    name: str
    body: object


class Exchange:
    """Sends answers until it is muted; knows which requests are under way and how to stop them."""

    def __init__(self, loop: Loop, outlet: Outlet) -> None:
        self._loop = loop
        self._outlet = outlet
        self._latest = 0
        # Of what is not answered yet, the request.
        self._names: Dict[int, str] = {}
        self._stoppers: Dict[int, Callable[[], None]] = {}
        # The revision or stage that each job is at, if it is at one.
        self._working: Dict[int, Optional[str]] = {}
        self._muted = False

    def accept(self, message: Message) -> Request:
        """Raises BrokenFrame for what is no request: nobody could be told."""
        id, name = message.content.get('id'), message.content.get('do')
        if not isinstance(id, int) or isinstance(id, bool) or not isinstance(name, str):
            raise BrokenFrame('a message that is no request')
        if id != self._latest + 1:
            raise BrokenFrame(f'request {id} after request {self._latest}')
        self._latest = id
        self._names[id] = name
        return Request(id, name, message.content.get('with'))

    def was_asked(self, id: int) -> bool:
        return 1 <= id <= self._latest

    def answer(self, id: int, answer: Answer) -> None:
        name = self._names.get(id)
        if name is None:
            return
        try:
            self._send(id, {'id': id, 'ok': fit_answer(answer, ANSWERS[name])}, ANSWER_BYTES[name])
        except FrameTooLong as error:
            self.refuse(id, Refusal('internal', f'the answer is too long: {error}'))
        except Unfit as error:
            self.refuse(id, Refusal('internal', f'the answer to {name} does not fit: {error}'))

    def refuse(self, id: int, refusal: Refusal) -> None:
        if id not in self._names:
            return
        limit = ANSWER_BYTES.get(self._names[id], _REFUSAL_BYTES)
        error = {'code': refusal.code, 'message': refusal.message[:_MESSAGE_LIMIT], 'detail': refusal.detail}
        try:
            self._send(id, {'id': id, 'error': error}, limit)
        except FrameTooLong:
            self._send(id, {'id': id, 'error': {**error, 'message': refusal.message[:1000], 'detail': {}}}, limit)

    def output(self, id: int, stream: int, lines: bytes) -> None:
        if self._muted:
            return
        for frame in output_frames(id, stream, lines):
            self._outlet.send(frame)

    def data(self, id: int, content: bytes) -> None:
        if not self._muted:
            self._outlet.send(data_frame(id, content))

    @property
    def congested(self) -> bool:
        """Has the runner so much to read that nothing should be read from disk for it?"""
        return self._outlet.full

    def warn(self, id: int, message: str) -> None:
        """What went wrong without failing the request, as a line of its error output, before the answer."""
        line = f'stage-deploy: {message[:_WARNING_LIMIT]}\n'
        self.output(id, STDERR, line.encode('utf-8', 'backslashreplace'))

    def work(self, id: int, job: Callable[[Cancelled], Answer], at: Optional[str] = None) -> None:
        """Does what may take long in a thread of its own; the answer is what the job returns or refuses."""
        stopped = threading.Event()

        def run() -> None:
            result = _result_of(lambda: job(stopped.is_set))
            self._loop.post(lambda: self._finish(id, result))

        threading.Thread(target=run, daemon=True).start()
        self._stoppers[id] = stopped.set
        self._working[id] = at

    def stoppable(self, id: int, stop: Callable[[], None]) -> None:
        """`stop` is called once, if the request is cancelled before it is answered; it brings the answer about."""
        self._stoppers[id] = stop

    def cancel(self, id: int) -> None:
        """Of a request that is answered already there is nothing to stop."""
        stop = self._stoppers.pop(id, None)
        if stop is not None:
            stop()

    def cancel_all(self) -> None:
        for id in list(self._stoppers):
            self.cancel(id)

    def idle(self) -> bool:
        """Are all worker threads done?"""
        return not self._working

    def check_left_alone(self, name: str) -> None:
        """Raises Refusal('conflict') while a thread is at work on it: a job that takes too long is not over."""
        if name in self._working.values():
            raise Refusal('conflict', f'another request of this connection is still at work on {name}')

    def mute(self) -> None:
        """From now on nothing is sent: who asked is gone, or asked for the end."""
        self._muted = True

    def say_farewell(self, id: int) -> None:
        """The answer to the last request, sent although all others are not: that the end is done."""
        self._muted = False
        self.answer(id, {})
        self._muted = True

    def _finish(self, id: int, result: Union[Answer, Refusal]) -> None:
        del self._working[id]
        if isinstance(result, Refusal):
            self.refuse(id, result)
        else:
            self.answer(id, result)

    def _send(self, id: int, content: Dict[str, object], limit: int) -> None:
        frame = message_frame(content, limit)
        self._stoppers.pop(id, None)
        self._names.pop(id, None)
        if not self._muted:
            self._outlet.send(frame)


def internal_error(error: BaseException) -> Refusal:
    """A bug, with where it is."""
    # Here, because most connections never need what it loads.
    import traceback

    frames = traceback.format_exception(type(error), error, error.__traceback__)
    return Refusal('internal', f'{type(error).__name__}: {error}', traceback=''.join(frames))


def _result_of(job: Callable[[], Answer]) -> Union[Answer, Refusal]:
    try:
        return job()
    except Refusal as refusal:
        return refusal
    except Exception as error:
        return internal_error(error)
