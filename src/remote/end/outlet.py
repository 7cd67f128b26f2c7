"""Standard output as a queue: written when the runner reads, never waited for."""

import os
from collections import deque
from typing import Callable, Deque

from end.loop import WRITE, Loop

# Above this much unread output, programs are not read and stored files are not sent; answers always are.
ROOM = 4 << 20


class Outlet:
    """Sends frames in order. `lost` is called once, when nobody can read them any more."""

    def __init__(self, loop: Loop, descriptor: int, lost: Callable[[str], None]) -> None:
        os.set_blocking(descriptor, False)
        self._loop = loop
        self._descriptor = descriptor
        self._lost = lost
        self._queue: Deque[memoryview] = deque()
        self._size = 0
        self._open = True
        self._full = False
        self._pressed: Callable[[bool], None] = _ignore

    @property
    def full(self) -> bool:
        return self._full

    def on_pressure(self, pressed: Callable[[bool], None]) -> None:
        """Calls back with True when there is no more room, with False when half of it is free again."""
        self._pressed = pressed

    def send(self, frame: bytes) -> None:
        if not self._open:
            return
        self._queue.append(memoryview(frame))
        self._size += len(frame)
        if len(self._queue) == 1:
            self._write()
            if self._queue and self._open:
                self._loop.watch(self._descriptor, WRITE, self._write_more)
        self._notice_pressure()

    def shut(self) -> None:
        """Forgets what is queued and takes nothing more: from the end on nothing is written to the runner."""
        self._open = False
        self._loop.unwatch(self._descriptor)
        self._queue.clear()
        self._size = 0
        self._notice_pressure()

    def empty(self) -> bool:
        return not self._queue

    def _write_more(self) -> None:
        self._write()
        if not self._queue:
            self._loop.unwatch(self._descriptor)
        self._notice_pressure()

    def _write(self) -> None:
        while self._queue:
            try:
                written = os.write(self._descriptor, self._queue[0])
            except BlockingIOError:
                return
            except OSError as error:
                self.shut()
                self._lost(f'standard output is closed: {error.strerror}')
                return
            self._size -= written
            if written == len(self._queue[0]):
                self._queue.popleft()
            else:
                self._queue[0] = self._queue[0][written:]

    def _notice_pressure(self) -> None:
        full = self._size > (ROOM // 2 if self._full else ROOM)
        if full != self._full:
            self._full = full
            self._pressed(full)


def _ignore(full: bool) -> None:
    pass
