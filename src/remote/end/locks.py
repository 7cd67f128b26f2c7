"""Locks that the kernel takes back when this process dies: flock(2) on files (DESIGN 3).

A file is removed by nobody but who has it exclusively and then finds it long unused (`remove_unused`): whoever opened
it before looks, once it is locked, whether it is the one at its place still.
"""

import fcntl
import json
import os
import time
from contextlib import contextmanager
from typing import Callable, Dict, FrozenSet, Iterator, Literal, NamedTuple, Optional, Tuple, cast

from end.conform import nonconformity
from end.layout import Layout
from end.messages import Holder, LockAnswer
from end.plain_file import open_plain
from end.refusal import Refusal, from_os_error

Mode = Literal['exclusive', 'shared']

_OPERATIONS: Dict[Mode, int] = {'exclusive': fcntl.LOCK_EX, 'shared': fcntl.LOCK_SH}

# A holder's text is some hundred bytes; a file that is longer was not written here.
_TEXT_LIMIT = 64 << 10

# The text of a holder that was killed stays until the next one, which has the lock by then, has written its own.
_READINGS = 6
_BETWEEN_READINGS_S = 0.002

Pause = Callable[[float], None]


class _Held(NamedTuple):
    descriptor: int
    mode: Mode
    # Inherited by a program: it may be held still when this process has let go of it.
    lent: bool


class Locks:
    """The locks of one connection, by name. Only the loop's thread may use them, except for `attempt`."""

    def __init__(self, layout: Layout, holder: Holder) -> None:
        self._layout = layout
        self._holder = holder
        self._held: Dict[str, _Held] = {}

    def lock(self, name: str, mode: Mode) -> LockAnswer:
        """Takes a lock, or converts the one that is held; never waits. Who has it is told when it is refused.

        Raises Refusal('lock-lost') when a conversion is refused and the old mode is gone too: flock(2) lets go first; and
        where the file of a lock that is held was removed or replaced.
        """
        held = self._held.get(name)
        if held is not None:
            return self._convert(name, held, mode)
        descriptor, holder = contend(self._layout, name, mode)
        if descriptor is None:
            return {'granted': False, 'holder': holder}
        self._held[name] = _Held(descriptor, mode, lent=False)
        _write_text(descriptor, json.dumps(self._holder).encode('ascii'))
        return {'granted': True, 'holder': None}

    def unlock(self, name: str) -> None:
        """Lets go of a lock; one that is not held is fine."""
        held = self._held.pop(name, None)
        if held is None:
            return
        if held.mode == 'exclusive' and not held.lent:
            _write_text(held.descriptor, b'')
        # Not LOCK_UN: that would unlock it for the programs that inherited the descriptor as well.
        os.close(held.descriptor)

    def release(self) -> None:
        """Lets go of all."""
        for name in list(self._held):
            self.unlock(name)

    @property
    def names(self) -> FrozenSet[str]:
        """All that are held, in whatever mode."""
        return frozenset(self._held)

    def exclusive(self) -> FrozenSet[str]:
        """The names of the locks that nobody else can have meanwhile."""
        return frozenset(name for name, held in self._held.items() if held.mode == 'exclusive')

    def mode(self, name: str) -> Optional[Mode]:
        """How a lock is held; None where it is not."""
        held = self._held.get(name)
        return None if held is None else held.mode

    def check(self, name: str, *modes: Mode) -> None:
        """Raises Refusal('lock-lost') unless the lock is held in one of these modes, on the file at its place now.

        Another file in that place would let a second holder in.
        """
        held = self._held.get(name)
        if held is None or held.mode not in modes:
            raise Refusal('lock-lost', f'this connection does not hold the {" or ".join(modes)} lock of {name}')
        if not _is_at(self._layout.lock(name), held.descriptor):
            raise Refusal('lock-lost', f'the lock file of {name} was removed or replaced')

    def check_all(self) -> None:
        """The same for every lock that is held, in whatever mode."""
        for name, held in self._held.items():
            self.check(name, held.mode)

    def lend(self, name: str) -> int:
        """The descriptor of an exclusive lock, for a program to inherit."""
        self.check(name, 'exclusive')
        self._held[name] = self._held[name]._replace(lent=True)
        return self._held[name].descriptor

    def _convert(self, name: str, held: _Held, mode: Mode) -> LockAnswer:
        self.check(name, held.mode)
        if held.mode == mode or _try(held.descriptor, mode):
            self._held[name] = held._replace(mode=mode)
            # It was let go of in between: others could have it, and could have taken its file away.
            self.check(name, mode)
            return {'granted': True, 'holder': None}
        if _try(held.descriptor, held.mode):
            self.check(name, held.mode)
            holder = holder_of(self._layout, name)
            # Of several that share it the last one has written: it may be this one, which is not who stands in its way.
            return {'granted': False, 'holder': None if holder == self._holder else holder}
        self.unlock(name)
        raise Refusal('lock-lost', f'the lock of {name} was lost to another run while it was made {mode}')


@contextmanager
def attempt(layout: Layout, name: str) -> Iterator[bool]:
    """Is nobody at a revision, this connection included? If so it is kept locked for the length of the context.

    For any thread: the descriptor is its own.
    """
    descriptor = _open_and_lock(layout.lock(name), 'exclusive')
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)


def remove_unused(layout: Layout, name: str, before: float) -> bool:
    """Removes the file of a lock that nobody holds and nobody has written to since; tells whether it is gone. Raises OSError.

    Who takes the lock meanwhile is refused, or makes a new file: what it has locked was taken away by then, and it looks.
    """
    path = layout.lock(name)
    descriptor = open_plain(path, os.O_RDWR)
    try:
        if not _try(descriptor, 'exclusive') or not _is_at(path, descriptor):
            return False
        found = os.fstat(descriptor)
        if max(found.st_mtime, found.st_ctime) >= before:
            return False
        os.unlink(path)
        return True
    finally:
        os.close(descriptor)


def contend(
    layout: Layout, name: str, mode: Mode, pause: Pause = time.sleep
) -> Tuple[Optional[int], Optional[Holder]]:
    """A locked descriptor; or, where somebody else has it, who that is: what was read twice while it could not be had.

    None for the holder where no two readings agree, or nothing is written yet.
    """
    got: Optional[int] = None

    def is_mine() -> bool:
        nonlocal got
        got = _open_and_lock(layout.lock(name), mode)
        return got is not None

    _, holder = _until_free_or_read(layout, name, is_mine, pause)
    return got, holder


def holder_of(layout: Layout, name: str) -> Optional[Holder]:
    """What the text of a lock says; None where it says nothing. To be believed only while the lock is held."""
    try:
        descriptor = open_plain(layout.lock(name))
    except OSError:
        return None
    try:
        value: object = json.loads(os.read(descriptor, _TEXT_LIMIT))
    except (OSError, ValueError, RecursionError):
        return None
    finally:
        os.close(descriptor)
    # Conforms to the shape: that is checked here.
    return cast(Holder, value) if nonconformity(value, Holder) is None else None


def held_by(layout: Layout, name: str, pause: Pause = time.sleep) -> Tuple[bool, Optional[Holder]]:
    """Is a lock held by anybody now, and by whom (read as by `contend`)? Changes nothing on disk, and waits for nobody."""
    free, holder = _until_free_or_read(layout, name, lambda: not _is_held(layout.lock(name)), pause)
    return not free, holder


def _until_free_or_read(
    layout: Layout, name: str, is_free: Callable[[], bool], pause: Pause
) -> Tuple[bool, Optional[Holder]]:
    """Has a lock become free, or did two readings of its text in a row agree while it was not: then they are the holder."""
    read: Optional[Holder] = None
    for reading in range(_READINGS):
        if is_free():
            return True, None
        before, read = read, holder_of(layout, name)
        if reading > 0 and read == before:
            return False, read
        pause(_BETWEEN_READINGS_S)
    return False, None


def _is_held(path: str) -> bool:
    try:
        descriptor = open_plain(path)
    except OSError:
        return False
    try:
        return not _try(descriptor, 'shared')
    finally:
        os.close(descriptor)


def _open_and_lock(path: str, mode: Mode) -> Optional[int]:
    """A locked descriptor of the file at this path, None where somebody else has it."""
    while True:
        try:
            descriptor = open_plain(path, os.O_RDWR | os.O_CREAT)
        except OSError as error:
            raise from_os_error(error, 'opening the lock file') from error
        if not _try(descriptor, mode):
            os.close(descriptor)
            return None
        if _is_at(path, descriptor):
            return descriptor
        # Replaced between open and flock: what is locked now is a file that nobody else will ask for.
        os.close(descriptor)


def _try(descriptor: int, mode: Mode) -> bool:
    try:
        fcntl.flock(descriptor, _OPERATIONS[mode] | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise from_os_error(error, 'locking') from error
    return True


def _is_at(path: str, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    except OSError:
        return False


def _write_text(descriptor: int, text: bytes) -> None:
    """Only information: a full disk must not keep anybody from a lock."""
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text, 0)
    except OSError:
        pass
