"""The process: joins standard input and output, signals, the loop, and what is to be done at the end."""

import os
import signal
from types import FrameType
from typing import Callable, NoReturn, Optional

from end.bug import report_bug
from end.ending import Ending
from end.exchange import Exchange
from end.inlet import Inlet
from end.loop import Loop
from end.outlet import Outlet
from end.programs import Programs
from end.requests import Requests

_STDIN = 0
_STDOUT = 1

# As much patience as a runner deserves that asked for the end and does not read the answer.
_FAREWELL_S = 5.0

_ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class RemoteEnd:
    def __init__(self) -> None:
        self._why: Optional[str] = None
        self._closed_by: Optional[int] = None
        self._loop = Loop()
        self._outlet = Outlet(self._loop, _STDOUT, self.lose)
        self._exchange = Exchange(self._loop, self._outlet)
        self._programs = Programs(self._loop, os.environ)
        self._requests = Requests(
            self._loop, self._exchange, self._programs,
            expect=lambda silence_s: self._inlet.expect(silence_s), closed=self._close,
        )
        self._inlet = Inlet(self._loop, _STDIN, self._requests.take, self.lose)
        self._outlet.on_pressure(self._pause)

    def lose(self, why: str) -> None:
        """The first reason counts."""
        self._why = self._why or why

    def run(self, nonce: str) -> int:
        """Serves until the end, then ends in order. Returns the exit status: 0, or 1 for a bug."""
        _on_signals(self._loop, lose=self.lose, child_exited=self._programs.look)
        self._outlet.send(f'stage-deploy {nonce} ready\n'.encode('ascii'))
        status = 0
        try:
            self._loop.run(lambda: self._why is not None)
        except Exception:
            # A bug of ours must not leave a host half way either.
            report_bug()
            self.lose('a bug in the remote end')
            status = 1
        self._end(self._why or '')
        return status

    def _close(self, id: int) -> None:
        self._closed_by = id
        self.lose('the runner closed the connection')

    def _end(self, why: str) -> None:
        self._inlet.shut()
        if self._closed_by is None:
            self._outlet.shut()
        closed = self._closed_by is not None
        Ending(self._loop, self._exchange, self._programs).run(self._requests.session, why, closed)
        if self._closed_by is not None:
            self._exchange.say_farewell(self._closed_by)
            self._loop.run(self._outlet.empty, _FAREWELL_S)

    def _pause(self, full: bool) -> None:
        self._programs.pause(full)
        self._requests.pause(full)


def main(nonce: str) -> NoReturn:
    os.umask(0o022)
    status = 1
    try:
        status = RemoteEnd().run(nonce)
    except BaseException:
        report_bug()
    finally:
        # Not sys.exit: it would wait for threads that wait for a disk. The locks go with the process.
        os._exit(status)


def _on_signals(loop: Loop, lose: Callable[[str], None], child_exited: Callable[[], None]) -> None:
    def end(number: int, frame: Optional[FrameType]) -> None:
        lose(signal.Signals(number).name)

    def reap(number: int, frame: Optional[FrameType]) -> None:
        loop.post(child_exited)

    # A handler may run long after its signal, when select(2) has just begun to wait: the byte ends that wait.
    signal.set_wakeup_fd(loop.wake_descriptor, warn_on_full_buffer=False)
    for ending in _ENDING_SIGNALS:
        signal.signal(ending, end)
    signal.signal(signal.SIGCHLD, reap)
    # Who no longer reads is found out by EPIPE.
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
