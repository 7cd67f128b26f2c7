"""The file of a journal: lines are appended whole or not at all, and read one at a time."""

import errno
import json
import os
from typing import BinaryIO, Callable, Iterator, Optional, Tuple

from end.entry import Entry
from end.plain_file import open_plain
from end.records import sync_directory
from end.refusal import Refusal, from_os_error

VERSION = 1

# An entry is a few hundred bytes; a line longer than this was not written here and is not kept in memory.
_LINE_LIMIT = 1 << 20

# A try fails only where a disk is full to the byte, or another writer was cut off between a look and a write.
_TRIES = 5


def open_journal(path: str) -> Optional[BinaryIO]:
    """The journal, to be read; None where there is none. Refused: what is no plain file, before anything waits for it."""
    try:
        descriptor = open_plain(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise from_os_error(error, 'reading the journal') from error
    return os.fdopen(descriptor, 'rb')


def read_entries(file: BinaryIO, begin: int = 0) -> Iterator[Tuple[int, Optional[Entry]]]:
    """The entries of a journal from an offset on, oldest first, one line in memory at a time, each with the offset at which its
    line ends; None for a line that is no entry.

    A line that is no JSON object is what a crash or a full disk left behind: it is passed over, wherever it stands,
    because the next writer put a newline after it. A line of a later version is refused: to pass over
    what a newer tool did would be to guess. What may still be written is not told: the end of the file, unless it is an entry.
    """
    file.seek(begin)
    too_long = False
    end = begin
    while True:
        piece = file.readline(_LINE_LIMIT)
        if piece == b'':
            return
        end += len(piece)
        ended = piece.endswith(b'\n')
        entry = None if too_long or (not ended and len(piece) == _LINE_LIMIT) else _parsed(piece)
        if ended or entry is not None:
            yield end, entry
        too_long = not ended


def append_line(path: str, line: bytes) -> None:
    descriptor = open_plain(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
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
