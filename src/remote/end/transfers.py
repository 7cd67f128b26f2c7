"""The requests that move files as data frames: an sdist, and what a shared step of a build made, in and out.

What each needs is loaded when it is asked for: a switch moves no file.
"""

import os
from typing import TYPE_CHECKING, Callable, Dict, Generator, List, NamedTuple

from end.exchange import Answer, Exchange
from end.loop import Loop
from end.messages import FetchBody, FetchProductsBody, ReceiveBody, ReceiveProductsBody
from end.plain_file import open_plain
from end.refusal import Refusal, from_os_error
from end.session import Session
from end.wire import BrokenFrame, Data

if TYPE_CHECKING:
    from end.sdist import StoredSdist

_CHUNK_SIZE = 256 << 10


class _Arriving(NamedTuple):
    """Takes bytes for a revision. `finish` puts them in their place and makes the answer; both may refuse."""

    revision: str
    write: Callable[[memoryview], None]
    finish: Callable[[], Answer]
    discard: Callable[[], None]


class Transfers:
    def __init__(self, loop: Loop, exchange: Exchange) -> None:
        self._loop = loop
        self._exchange = exchange
        self._arriving: Dict[int, _Arriving] = {}
        self._waiting: List[Callable[[], None]] = []

    def receive(self, session: Session, id: int, body: ReceiveBody) -> None:
        """Answered when all data has arrived. Needs the revision's exclusive lock: nobody may remove it meanwhile."""
        from end.incoming import Incoming

        session.locks.check(body['revision'], 'exclusive')
        self._exchange.check_left_alone(body['revision'])
        session.builds.add(body['revision'])
        incoming = Incoming(session.layout, body['revision'], body['sha256'], body['bytes'])

        def finish() -> Answer:
            return {'sha256': incoming.finish(), 'bytes': body['bytes']}

        self._begin(id, _Arriving(body['revision'], incoming.write, finish, incoming.discard))

    def receive_products(self, session: Session, id: int, body: ReceiveProductsBody) -> None:
        """The same for what another host made. Needs the revision's exclusive lock too."""
        from end.arriving_products import ArrivingProducts

        session.locks.check(body['revision'], 'exclusive')
        self._exchange.check_left_alone(body['revision'])
        products = ArrivingProducts(session.layout, body)
        self._begin(id, _Arriving(body['revision'], products.write, products.finish, products.discard))

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
                arriving.write(data.content)
            except Refusal as refusal:
                self._give_up(id, refusal)
            return
        del self._arriving[id]
        # In a thread, because it waits for the disk.
        finish = arriving.finish
        self._exchange.work(id, lambda _: finish(), at=arriving.revision)

    def fetch(self, session: Session, id: int, body: FetchBody) -> None:
        """As many bytes as the runner was told go out as fast as it reads them, then comes the answer."""
        from end.sdist import stored_sdist

        stored = stored_sdist(session.layout, body['revision'])
        if stored.size != body['bytes']:
            raise Refusal('io', f'the stored sdist has {stored.size} bytes now, not {body["bytes"]}')
        self._send(id, _Outgoing(_sdist_chunks(stored), {}))

    def fetch_products(self, session: Session, id: int, body: FetchProductsBody) -> None:
        """The same for what a shared step made. Needs the revision's exclusive lock: nobody else may be at it."""
        from end.products import sent_products

        session.locks.check(body['revision'], 'exclusive')
        self._send(id, _Outgoing(sent_products(session.layout, body), {}))

    def pause(self, paused: bool) -> None:
        """While paused nothing more is read from disk: what waits for the runner is in memory."""
        if not paused:
            waiting, self._waiting = self._waiting, []
            for go_on in waiting:
                go_on()

    def _begin(self, id: int, arriving: _Arriving) -> None:
        self._arriving[id] = arriving

        def stop() -> None:
            self._give_up(id, Refusal('cancelled', 'cancelled by the runner'))
            arriving.discard()

        self._exchange.stoppable(id, stop)

    def _give_up(self, id: int, refusal: Refusal) -> None:
        self._arriving.pop(id, None)
        self._exchange.refuse(id, refusal)

    def _send(self, id: int, outgoing: '_Outgoing') -> None:
        def stop() -> None:
            outgoing.close()
            self._exchange.refuse(id, Refusal('cancelled', 'cancelled by the runner'))

        self._exchange.stoppable(id, stop)
        self._send_next(id, outgoing)

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
            self._exchange.answer(id, outgoing.answer)


class _Outgoing:
    """Chunks on their way out, and the answer that follows them."""

    def __init__(self, chunks: Generator[bytes, None, None], answer: Answer) -> None:
        self.answer = answer
        self.closed = False
        self._chunks = chunks

    def read(self) -> bytes:
        """The next bytes; none at the end. What was open is closed then, and after a refusal."""
        return next(self._chunks, b'')

    def close(self) -> None:
        self.closed = True
        self._chunks.close()


def _sdist_chunks(stored: 'StoredSdist') -> Generator[bytes, None, None]:
    """Exactly as many bytes as were announced, or a refusal."""
    left = stored.size
    try:
        with os.fdopen(open_plain(stored.path), 'rb', buffering=0) as file:
            for chunk in iter(lambda: file.read(_CHUNK_SIZE), b''):
                left -= len(chunk)
                if left < 0:
                    break
                yield chunk
    except OSError as error:
        raise from_os_error(error, 'reading the stored sdist') from error
    if left != 0:
        raise Refusal('io', 'the stored sdist changed while it was sent')
