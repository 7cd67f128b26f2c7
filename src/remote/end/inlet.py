"""Standard input: read all the time, whatever else goes on, because its end is the end of the runner."""

import os
import time
from typing import Callable

from end.loop import READ, Loop
from end.wire import BrokenFrame, Frame, FrameReader

# Until the runner has said how long its silence may be (the default of DESIGN 7).
_FIRST_SILENCE_S = 30.0


class Inlet:
    """Hands on frames in order, until `lost` was called: at the end of input, after silence, at a broken frame."""

    def __init__(
        self, loop: Loop, descriptor: int, take: Callable[[Frame], None], lost: Callable[[str], None]
    ) -> None:
        os.set_blocking(descriptor, False)
        self._loop = loop
        self._descriptor = descriptor
        self._take = take
        self._lost = lost
        self._frames = FrameReader()
        self._open = True
        self._silence_s = _FIRST_SILENCE_S
        self._heard = time.monotonic()
        loop.watch(descriptor, READ, self._read)
        self._timer = loop.after(self._silence_s, self._judge)

    def expect(self, silence_s: float) -> None:
        """From now on the runner is lost after so much silence."""
        self._silence_s = silence_s
        self._timer.cancel()
        self._timer = self._loop.after(silence_s, self._judge)

    def shut(self) -> None:
        """Nothing more is read; what was read but not handed on is forgotten."""
        self._open = False
        self._timer.cancel()
        self._loop.unwatch(self._descriptor)

    def _read(self) -> None:
        try:
            count = os.readv(self._descriptor, [self._frames.room()])
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(f'standard input cannot be read: {error.strerror}')
            return
        if count == 0:
            self._lose('end of input')
            return
        self._heard = time.monotonic()
        try:
            for frame in self._frames.filled(count):
                self._take(frame)
                if not self._open:
                    return
        except BrokenFrame as broken:
            self._lose(f'broken frame: {broken}')

    def _judge(self) -> None:
        now = time.monotonic()
        # A process that was stopped wakes up with its timers due and its input unread.
        self._read()
        if not self._open:
            return
        if now - self._heard >= self._silence_s:
            self._lose(f'silence for {self._silence_s:g} s')
            return
        self._timer = self._loop.after(self._heard + self._silence_s - time.monotonic(), self._judge)

    def _lose(self, why: str) -> None:
        self.shut()
        self._lost(why)
