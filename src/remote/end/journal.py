"""The journal of a root: one JSON line for everything that changed it, never rewritten."""

import errno
import json
import os
import time
from collections import deque
from typing import BinaryIO, Callable, Deque, Dict, Iterator, List, Optional

from end.layout import Layout
from end.records import sync_directory
from end.refusal import Refusal, from_os_error
from end.who import Who

VERSION = 1

# An entry is a few hundred bytes; a line longer than this was not written here and is not kept in memory.
_LINE_LIMIT = 1 << 20

# A try fails only where a disk is full to the byte, or another writer was cut off between a look and a write.
_TRIES = 5

Entry = Dict[str, object]


class Journal:
    """Appends the entries of one connection and reads those of all."""

    def __init__(self, layout: Layout, who: Who) -> None:
        self._path = layout.journal
        self.who = who

    def append(self, what: str, **keys: object) -> None:
        """Writes one line with one write(2) and waits until it is on the disk. Raises Refusal when it cannot be.

        Several remote ends may append at once (one per stage): O_APPEND keeps their lines apart. There is no lock,
        because a stopped process that held one would block the dead man's switch of another. Instead a line that is found
        behind what another one has torn, on a full disk, is written again; and where two say how one thing ends, that
        is decided by which line stands first, which both can read.
        """
        entry: Entry = {'v': VERSION, 'atNs': str(time.time_ns()), **self.who.as_entry(), 'what': what, **keys}
        line = json.dumps(entry, separators=(',', ':')).encode('ascii') + b'\n'
        try:
            _append_line(self._path, line)
        except OSError as error:
            raise from_os_error(error, f'writing {what} into the journal') from error

    def mark(self) -> int:
        """Where it ends now, for `since`."""
        try:
            return os.lstat(self._path).st_size
        except OSError:
            return 0

    def since(self, mark: int) -> List[Entry]:
        """The entries that were written since that mark was taken; all, where the file has become shorter by hand."""
        return list(read_entries(self._path, mark if mark <= self.mark() else 0))

    def entries(self, limit: Optional[int] = None) -> List[Entry]:
        """The entries, oldest first; with a limit only the last ones. A root without a journal has none."""
        latest: Deque[Entry] = deque(read_entries(self._path), maxlen=limit)
        return list(latest)


def read_entries(path: str, begin: int = 0) -> Iterator[Entry]:
    """The entries of a journal from an offset on, oldest first, one line in memory at a time.

    A line that is no JSON object is what a crash or a full disk left behind: it is passed over, wherever it stands,
    because the next writer put a newline after it. A line of a later version is refused: to pass over
    what a newer tool did would be to guess.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise from_os_error(error, 'reading the journal') from error
    with os.fdopen(descriptor, 'rb') as file:
        file.seek(begin)
        for line in _lines(file):
            entry = _parsed(line)
            if entry is not None:
                yield entry


def _append_line(path: str, line: bytes) -> None:
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o644)
    try:
        is_new = os.fstat(descriptor).st_size == 0
        if not any(try_append(descriptor, line) for _ in range(_TRIES)):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        # A file whose name is not on the disk is lost with all its lines.
        sync_directory(os.path.dirname(path))


def try_append(descriptor: int, line: bytes, write: Callable[[int, bytes], int] = os.write) -> bool:
    """Does the whole line stand at the beginning of one now? What is torn, or behind something torn, is no entry to readers."""
    size = os.fstat(descriptor).st_size
    if not _begins_line(descriptor, size):
        line = b'\n' + line
    # A short write means a full disk; the next try then says so.
    if write(descriptor, line) < len(line):
        return False
    # O_APPEND has moved to the end of what this write put there, wherever that was (open(2), write(2)).
    begin = os.lseek(descriptor, 0, os.SEEK_CUR) - len(line)
    return line.startswith(b'\n') or _begins_line(descriptor, begin)


def _begins_line(descriptor: int, position: int) -> bool:
    return position == 0 or os.pread(descriptor, 1, position - 1) == b'\n'


def _lines(file: BinaryIO) -> Iterator[bytes]:
    too_long = False
    while True:
        piece = file.readline(_LINE_LIMIT)
        if piece == b'':
            return
        ended = piece.endswith(b'\n')
        if not too_long and (ended or len(piece) < _LINE_LIMIT):
            yield piece
        too_long = not ended


def _parsed(line: bytes) -> Optional[Entry]:
    try:
        value: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not isinstance(value.get('what'), str):
        return None
    version = value.get('v')
    if version != VERSION:
        raise Refusal('not-ours', f'the journal of this root has an entry of version {version!r}; '
                      'use the stage-deploy that wrote it, or a newer one')
    return value
