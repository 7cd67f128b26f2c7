"""One running program: its output, its time limit and its end."""

import os
import subprocess
import time
from typing import Callable, Dict, NamedTuple, Optional

from end import ended
from end.build_log import BuildLog
from end.group import Group
from end.lines import Lines
from end.loop import READ, Loop, Timer
from end.messages import Ended
from end.redact import Redactor

STDOUT = 1
STDERR = 2

_READ_SIZE = 64 << 10

# The most that can wait in one pipe (pipe(7): /proc/sys/fs/pipe-max-size).
_PIPE_SIZE = 1 << 20


class Limits(NamedTuple):
    """Seconds. DESIGN 5."""

    drain: float = 2.0
    grace: float = 5.0


class Reports(NamedTuple):
    """Where a program's output and its end go."""

    # The stream, and whole lines.
    output: Callable[[int, bytes], None]
    ended: Callable[[Ended], None]


class Program:
    """Reads the two pipes of a process until it exits, and what is left in them a little longer.

    A process that stays behind in the pipes (a daemon) is not waited for. Its group is killed only by `stop`, or, with
    `whole_group`, when it has exited. `by_sudo`: it runs as root, who alone can end it.
    """

    def __init__(
        self,
        loop: Loop,
        process: 'subprocess.Popen[bytes]',
        reports: Reports,
        *,
        redactor: Redactor,
        log: Optional[BuildLog],
        limits: Limits,
        by_sudo: bool = False,
        whole_group: bool = False,
    ) -> None:
        self._loop = loop
        self._process = process
        self._reports = reports
        self._redactor = redactor
        self._log = log
        self._limits = limits
        self._since = time.monotonic()
        self._group = Group(loop, process.pid, lambda: process.poll() is not None, limits.grace, by_sudo)
        self._whole_group = whole_group
        self._limit: Optional[Timer] = None
        self._stopped: Optional[Ended] = None
        self._exited = False
        self._done = False
        self._paused = False
        self._pipes = {_descriptor(process.stdout): STDOUT, _descriptor(process.stderr): STDERR}
        self._lines: Dict[int, Lines] = {STDOUT: Lines(redactor), STDERR: Lines(redactor)}
        for pipe in self._pipes:
            os.set_blocking(pipe, False)
            self._watch(pipe)

    @property
    def done(self) -> bool:
        return self._done

    @property
    def exited(self) -> bool:
        """The program itself, whatever it left behind."""
        return self._exited

    def limit(self, seconds: float, reason: str) -> None:
        """Stops it when it has not ended after so long."""
        self._limit = self._loop.after(seconds, lambda: self.stop(ended.timed_out(reason)))

    def stop(self, how: Ended) -> None:
        """Kills the group. The program ends as `how` says, unless it had ended by itself before."""
        if self._done or self._group.ending:
            return
        self.look()
        if self._done:
            return
        if not self._exited:
            self._stopped = how
        self._group.end(self._group_gone)

    def look(self) -> None:
        """Has it exited? To be called when a child did."""
        if self._exited or self._process.poll() is None:
            return
        self._exited = True
        self._read_waiting()
        if self._group.ending:
            return
        if self._whole_group:
            self._group.end(self._group_gone)
        elif self._pipes:
            self._loop.after(self._limits.drain, self._finish)
        else:
            self._finish()

    def pause(self, paused: bool) -> None:
        """While paused its pipes are not read, so that it waits when they are full."""
        self._paused = paused
        for pipe in self._pipes:
            if paused:
                self._loop.unwatch(pipe)
            else:
                self._watch(pipe)

    def _watch(self, pipe: int) -> None:
        self._loop.unwatch(pipe)
        self._loop.watch(pipe, READ, lambda: self._read(pipe))

    def _read(self, pipe: int) -> None:
        self._read_some(pipe)

    def _read_some(self, pipe: int) -> int:
        """One read; how much there was."""
        try:
            piece = os.read(pipe, _READ_SIZE)
        except BlockingIOError:
            return 0
        stream = self._pipes[pipe]
        if piece:
            self._emit(stream, self._lines[stream].feed(piece))
        else:
            self._close(pipe)
            if self._exited and not self._pipes and not self._group.ending:
                self._finish()
        return len(piece)

    def _read_waiting(self) -> None:
        """What the program left in the pipes, even when they are paused: its last words are worth the memory."""
        for pipe in list(self._pipes):
            left = _PIPE_SIZE
            while left > 0 and pipe in self._pipes:
                size = self._read_some(pipe)
                left -= size or left

    def _close(self, pipe: int) -> None:
        self._loop.unwatch(pipe)
        stream = self._process.stdout if self._pipes.pop(pipe) == STDOUT else self._process.stderr
        if stream is not None:
            stream.close()

    def _group_gone(self, trouble: Optional[str]) -> None:
        if trouble is not None and self._stopped is not None:
            self._stopped['reason'] = f'{self._stopped["reason"]}; its processes may still run: {trouble}'
        self._finish()

    def _finish(self) -> None:
        if self._done:
            return
        # First, because reading the last bytes of the last pipe would come back here.
        self._done = True
        if self._limit is not None:
            self._limit.cancel()
        self._read_waiting()
        for pipe in list(self._pipes):
            self._close(pipe)
        for stream, lines in self._lines.items():
            self._emit(stream, lines.finish())
        if self._log is not None:
            self._log.close()
        self._reports.ended(self._how())

    def _how(self) -> Ended:
        duration_ms = round((time.monotonic() - self._since) * 1000)
        if self._stopped is not None:
            how = self._stopped.copy()
            how['durationMs'] = duration_ms
            return how
        return ended.of_status(self._process.returncode, duration_ms)

    def _emit(self, stream: int, lines: bytes) -> None:
        if not lines:
            return
        trouble = None if self._log is None else self._log.append(lines)
        self._reports.output(stream, lines)
        if trouble is not None:
            self._reports.output(STDERR, f'stage-deploy: {trouble}\n'.encode())


def _descriptor(stream: Optional[object]) -> int:
    fileno = getattr(stream, 'fileno')
    number: int = fileno()
    return number
