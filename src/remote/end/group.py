"""The process group of a program: told to end, then made to."""

import os
import signal
import subprocess
import time
from typing import Callable, List, Optional

from end.command import as_root
from end.loop import Loop

# How often a group that was told to end is looked at; nothing tells when the last process of a group is gone.
_GLANCE_S = 0.02

# SIGKILL acts at once, except on a process that waits uninterruptibly (a dead NFS server): that is not waited for.
_GIVE_UP_S = 2.0


class Group:
    """Ends a group: SIGTERM, and SIGKILL to what is left of it after `grace_s`.

    `gone` is called once, with None, or with why the group could not be ended. `exited` reaps the leader: a zombie
    counts as a member. `by_sudo`: they are root's, so that only root can tell them.
    """

    def __init__(
        self, loop: Loop, leader: int, exited: Callable[[], bool], grace_s: float, by_sudo: bool = False
    ) -> None:
        self._loop = loop
        self._leader = leader
        self._exited = exited
        self._grace_s = grace_s
        self._ending_since: Optional[float] = None
        self._killed = False
        self._by_sudo = by_sudo
        self._helpers: List['subprocess.Popen[bytes]'] = []

    @property
    def ending(self) -> bool:
        return self._ending_since is not None

    def end(self, gone: Callable[[Optional[str]], None]) -> None:
        self._ending_since = time.monotonic()
        trouble = self._send(signal.SIGTERM)
        # A stopped process takes SIGTERM only when it goes on.
        self._send(signal.SIGCONT)
        self._look(gone, trouble)

    def _look(self, gone: Callable[[Optional[str]], None], trouble: Optional[str]) -> None:
        self._helpers = [helper for helper in self._helpers if helper.poll() is None]
        exited = self._exited()
        if exited and not self._has_members():
            gone(None)
            return
        waited = time.monotonic() - (self._ending_since or 0)
        if waited >= self._grace_s and not self._killed:
            self._killed = True
            trouble = self._send(signal.SIGKILL)
        if waited >= self._grace_s + _GIVE_UP_S:
            gone(trouble or 'it does not end, not even by SIGKILL')
            return
        self._loop.after(_GLANCE_S, lambda: self._look(gone, trouble))

    def _has_members(self) -> bool:
        try:
            os.killpg(self._leader, 0)
        except ProcessLookupError:
            return False
        except OSError:
            # EPERM: there are members, of another user (sudo).
            return True
        return True

    def _send(self, number: signal.Signals) -> Optional[str]:
        """None, or why nobody in the group took the signal."""
        if self._by_sudo:
            return self._send_as_root(number)
        try:
            os.killpg(self._leader, number)
        except ProcessLookupError:
            return None
        except OSError as error:
            return f'{number.name} could not be sent: {error.strerror}'
        return None

    def _send_as_root(self, number: signal.Signals) -> Optional[str]:
        """kill(1) is not waited for: whether it did any good is seen by the group."""
        name = number.name[len('SIG'):]
        try:
            helper = subprocess.Popen(
                as_root('kill', '-s', name, '--', f'-{self._leader}'),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            return f'{number.name} could not be sent: {error.strerror}'
        self._helpers.append(helper)
        return None
