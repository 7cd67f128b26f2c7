"""The requests that move an sdist: in by `receive`, out by `fetch`, both as data frames."""

from typing import Callable, Dict, List, NamedTuple

from end.exchange import Cancelled, Exchange
from end.incoming import Incoming
from end.loop import Loop
from end.messages import FetchBody, ReceiveAnswer, ReceiveBody
from end.refusal import Refusal, from_os_error
from end.sdist import StoredSdist, stored_sdist
from end.session import Session
from end.wire import BrokenFrame, Data

_CHUNK_SIZE = 256 << 10


class _Arriving(NamedTuple):
    revision: str
    incoming: Incoming
    size: int


class Transfers:
    def __init__(self, loop: Loop, exchange: Exchange) -> None:
        self._loop = loop
        self._exchange = exchange
        self._arriving: Dict[int, _Arriving] = {}
        self._waiting: List[Callable[[], None]] = []

    def receive(self, session: Session, id: int, body: ReceiveBody) -> None:
        """Answered when all data has arrived. Needs the revision's exclusive lock: nobody may remove it meanwhile."""
        session.locks.check(body['revision'], 'exclusive')
        self._exchange.check_left_alone(body['revision'])
        session.builds.add(body['revision'])
        incoming = Incoming(session.layout, body['revision'], body['sha256'], body['bytes'])
        self._arriving[id] = _Arriving(body['revision'], incoming, body['bytes'])

        def stop() -> None:
            self._give_up(id, Refusal('cancelled', 'cancelled by the runner'))
            incoming.discard()

        self._exchange.stoppable(id, stop)

    def take(self, data: Data) -> None:
        """The next bytes, or that there are no more. What was under way when its request was refused is dropped."""
        id = data.request
        arriving = self._arriving.get(id)
        if arriving is None:
            if not self._exchange.was_asked(id):
                raise BrokenFrame(f'data of request {id}, which was never made')
            return
        if data.content:
            try:
                arriving.incoming.write(data.content)
            except Refusal as refusal:
                self._give_up(id, refusal)
            return
        del self._arriving[id]
        # In a thread, because it waits for the disk.
        self._exchange.work(id, _finish(arriving), at=arriving.revision)

    def fetch(self, session: Session, id: int, body: FetchBody) -> None:
        """The data goes out as fast as the runner reads, then comes the answer."""
        stored = stored_sdist(session.layout, body['revision'])
        outgoing = _Outgoing(stored)

        def stop() -> None:
            outgoing.close()
            self._exchange.refuse(id, Refusal('cancelled', 'cancelled by the runner'))

        self._exchange.stoppable(id, stop)
        self._send_next(id, outgoing)

    def pause(self, paused: bool) -> None:
        """While paused nothing more is read from disk: what waits for the runner is in memory."""
        if not paused:
            waiting, self._waiting = self._waiting, []
            for go_on in waiting:
                go_on()

    def _give_up(self, id: int, refusal: Refusal) -> None:
        self._arriving.pop(id, None)
        self._exchange.refuse(id, refusal)

    def _send_next(self, id: int, outgoing: '_Outgoing') -> None:
        """One chunk in one turn of the loop."""
        if outgoing.closed:
            return
        if self._exchange.congested:
            self._waiting.append(lambda: self._send_next(id, outgoing))
            return
        try:
            chunk = outgoing.read()
        except Refusal as refusal:
            self._exchange.refuse(id, refusal)
            return
        self._exchange.data(id, chunk)
        if chunk:
            self._loop.post(lambda: self._send_next(id, outgoing))
        else:
            self._exchange.answer(id, {'sha256': outgoing.stored.sha256, 'bytes': outgoing.stored.size})


class _Outgoing:
    """A stored sdist on its way out."""

    def __init__(self, stored: StoredSdist) -> None:
        self.stored = stored
        self._left = stored.size
        try:
            self._file = open(stored.path, 'rb', buffering=0)
        except OSError as error:
            raise from_os_error(error, 'reading the stored sdist') from error

    @property
    def closed(self) -> bool:
        return self._file.closed

    def read(self) -> bytes:
        """The next bytes; none at the end, which is there exactly after as many as were announced."""
        try:
            chunk = self._file.read(_CHUNK_SIZE)
        except OSError as error:
            self.close()
            raise from_os_error(error, 'reading the stored sdist') from error
        self._left -= len(chunk)
        if self._left < 0 or (not chunk and self._left > 0):
            self.close()
            raise Refusal('io', 'the stored sdist changed while it was sent')
        if not chunk:
            self.close()
        return chunk

    def close(self) -> None:
        self._file.close()


def _finish(arriving: _Arriving) -> Callable[[Cancelled], ReceiveAnswer]:
    return lambda _: {'sha256': arriving.incoming.finish(), 'bytes': arriving.size}
