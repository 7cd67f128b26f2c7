"""Runs a short program to its end in the calling thread, with its output kept: for questions, never for steps."""

import os
import selectors
import signal
import subprocess
import time
from typing import Callable, Dict, List, NamedTuple, Optional

from end import ended
from end.messages import Ended

# What is kept of each stream; the program may print more, it goes nowhere.
OUTPUT_LIMIT = 1 << 20

# How often is looked whether the question still matters and whether the program has exited.
_GLANCE_S = 0.05

# A pipe may stay open in a process that the program left behind.
_DRAIN_S = 0.5

# A process that was killed ends at once, unless it is of another user (sudo) or in the kernel's hands.
_DIE_S = 1.0

_READ_SIZE = 64 << 10


class Captured(NamedTuple):
    ended: Ended
    out: bytes
    err: bytes


def capture(
    argv: List[str],
    *,
    cwd: str,
    environment: Dict[str, str],
    limit_s: float,
    cancelled: Callable[[], bool],
) -> Captured:
    """Starts `argv` in a session of its own and waits for it, `limit_s` seconds at most; then its group is killed. What
    cannot be killed is left alone and said: nobody waits for it."""
    since = time.monotonic()
    try:
        process = subprocess.Popen(
            argv, cwd=cwd, env=environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
    except (OSError, ValueError, IndexError) as error:
        return Captured(ended.unstarted(str(error)), b'', b'')
    pipes = _Pipes(process)
    try:
        stopped = _wait(process, pipes, since + limit_s, cancelled)
        if stopped is not None:
            _kill_group(process)
        status = _status(process)
    finally:
        pipes.close()
    duration_ms = int((time.monotonic() - since) * 1000)
    left = '' if status is not None else '; it cannot be killed and is left running'
    if stopped == 'cancelled':
        how = ended.cancelled(f'it was cancelled{left}', duration_ms)
    elif stopped == 'timed-out' or status is None:
        how = ended.timed_out(f'it took longer than {limit_s:g} s{left}', duration_ms)
    else:
        how = ended.of_status(status, duration_ms)
    return Captured(how, pipes.content(process.stdout), pipes.content(process.stderr))


class _Pipes:
    """The two pipes of a process, read as far as they are ready."""

    def __init__(self, process: 'subprocess.Popen[bytes]') -> None:
        self._selector = selectors.DefaultSelector()
        self._pipes = [pipe for pipe in (process.stdout, process.stderr) if pipe is not None]
        self._kept: Dict[object, bytearray] = {pipe: bytearray() for pipe in self._pipes}
        for pipe in self._pipes:
            self._selector.register(pipe, selectors.EVENT_READ)

    @property
    def open(self) -> bool:
        return len(self._selector.get_map()) > 0

    def read(self) -> None:
        """Waits a glance for output, and keeps it up to the limit."""
        for key, _ in self._selector.select(_GLANCE_S):
            chunk = os.read(key.fd, _READ_SIZE)
            kept = self._kept[key.fileobj]
            kept.extend(chunk[:max(0, OUTPUT_LIMIT - len(kept))])
            if chunk == b'':
                self._selector.unregister(key.fileobj)

    def close(self) -> None:
        self._selector.close()
        for pipe in self._pipes:
            pipe.close()

    def content(self, pipe: object) -> bytes:
        return bytes(self._kept[pipe])


def _wait(
    process: 'subprocess.Popen[bytes]', pipes: _Pipes, deadline: float, cancelled: Callable[[], bool]
) -> Optional[str]:
    """Reads until the program has exited and its pipes are drained. None, or why it must be stopped before that."""
    drained_at: Optional[float] = None
    while pipes.open or process.poll() is None:
        if cancelled():
            return 'cancelled'
        now = time.monotonic()
        if process.poll() is not None:
            drained_at = drained_at or now + _DRAIN_S
            if now >= drained_at:
                break
        elif now >= deadline:
            return 'timed-out'
        if pipes.open:
            pipes.read()
        else:
            _wait_a_glance(process)
    return None


def _wait_a_glance(process: 'subprocess.Popen[bytes]') -> None:
    try:
        process.wait(_GLANCE_S)
    except subprocess.TimeoutExpired:
        pass


def _status(process: 'subprocess.Popen[bytes]') -> Optional[int]:
    """As wait(2) tells it; None where it does not end."""
    try:
        return process.wait(_DIE_S)
    except subprocess.TimeoutExpired:
        return None


def _kill_group(process: 'subprocess.Popen[bytes]') -> None:
    """A question changes nothing, so it needs no time to clean up."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # Gone already, or all of it is of another user (sudo): kill(2) is allowed wherever it is for one of the group.
        pass
