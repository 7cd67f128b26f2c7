"""One thread that waits for everything at once: descriptors, timers, and results of worker threads."""

import os
import selectors
import time
from collections import deque
from heapq import heappop, heappush
from itertools import count
from typing import Callable, Deque, Iterator, List, Optional, Tuple

READ = selectors.EVENT_READ
WRITE = selectors.EVENT_WRITE

# select(2) need not take more than 31 days (POSIX), and a step may have any limit; waiting is begun anew then.
_LONGEST_WAIT_S = 24 * 60 * 60.0

Callback = Callable[[], None]


class Timer:
    """A callback that is due at a time of the monotonic clock, unless it is cancelled before."""

    def __init__(self, callback: Callback) -> None:
        self.callback: Optional[Callback] = callback

    def cancel(self) -> None:
        self.callback = None


class Loop:
    def __init__(self) -> None:
        # select(2): a dozen descriptors at most, and its time-out is in microseconds where that of epoll and poll is
        # rounded up to milliseconds, which all hosts would then differ by when they fire.
        self._selector = selectors.SelectSelector()
        self._timers: List[Tuple[float, int, Timer]] = []
        self._order = count()
        self._posted: Deque[Callback] = deque()
        self._woken, self.wake_descriptor = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self.wake_descriptor, False)
        self.watch(self._woken, READ, self._drain_wakes)

    def watch(self, descriptor: int, events: int, callback: Callback) -> None:
        self._selector.register(descriptor, events, callback)

    def unwatch(self, descriptor: int) -> None:
        """Idempotent. To be called before the descriptor is closed."""
        try:
            self._selector.unregister(descriptor)
        except KeyError:
            pass

    def after(self, seconds: float, callback: Callback) -> Timer:
        timer = Timer(callback)
        heappush(self._timers, (time.monotonic() + seconds, next(self._order), timer))
        return timer

    def post(self, callback: Callback) -> None:
        """Has the loop call this soon. The only method for other threads."""
        self._posted.append(callback)
        try:
            os.write(self.wake_descriptor, b'\0')
        except BlockingIOError:
            # The pipe is full of wakes: one more would say nothing new.
            pass

    def run(self, done: Callable[[], bool], limit_s: Optional[float] = None) -> bool:
        """Works until `done` or, where there is a limit, for so long; is it done? Asked after every callback, so
        that nothing else is begun once it is time to stop."""
        until = None if limit_s is None else time.monotonic() + limit_s
        while not done():
            if until is not None and time.monotonic() >= until:
                return False
            for callback in self._due(until):
                callback()
                if done():
                    break
        return True

    def close(self) -> None:
        self._selector.close()
        os.close(self._woken)
        os.close(self.wake_descriptor)

    def _due(self, until: Optional[float]) -> Iterator[Callback]:
        """What can be done now, found out bit by bit. Descriptors come first, standard input before all: a timer
        that judges silence must not run before what is waiting was read."""
        for key, _ in sorted(self._selector.select(self._patience(until)), key=lambda event: event[0].fd):
            if self._selector.get_map().get(key.fd) is key:
                yield key.data
        for _ in range(len(self._posted)):
            yield self._posted.popleft()
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            callback = heappop(self._timers)[2].callback
            if callback is not None:
                yield callback

    def _patience(self, until: Optional[float]) -> Optional[float]:
        if self._posted:
            return 0
        while self._timers and self._timers[0][2].callback is None:
            heappop(self._timers)
        times = [timer[0] for timer in self._timers[:1]] + ([] if until is None else [until])
        return min(max(0.0, min(times) - time.monotonic()), _LONGEST_WAIT_S) if times else None

    def _drain_wakes(self) -> None:
        try:
            os.read(self._woken, 4096)
        except BlockingIOError:
            pass
