"""What was replayed of a journal, written down beside it, so that not every reader has to begin at its first line.

The journal is the truth: a checkpoint that does not fit to it, cannot be read or is missing is as none, and the journal is
read from its beginning. It names how much of the journal it tells, and the digests of the first and the last bytes of that.
They show that another journal was put there or that it was cut, not that somebody has edited its middle.
"""

import hashlib
import os
from typing import BinaryIO, List, Literal, Optional, Tuple, TypedDict, cast

from end.conform import nonconformity
from end.history import Replay, ReplayRecord
from end.journal_file import open_journal, read_entries
from end.layout import Layout
from end.records import read_record, write_record
from end.refusal import Refusal

VERSION: Literal[1] = 1

# A few hundred runs. Less is read faster than a checkpoint of it.
WORTH_BYTES = 256 << 10

_SEAL_BYTES = 4096


class CheckpointFile(TypedDict):
    v: int
    # How many bytes of the journal are told here; the sha256 of the first of them, and of the last.
    bytes: int
    head: str
    tail: str
    replay: ReplayRecord


class Replayed:
    """The journal up to an offset, replayed. Goes on from there when it has grown, and begins again when it is another one."""

    def __init__(self, layout: Layout, replay: Replay, offset: int, file_id: Optional[Tuple[int, int]]) -> None:
        self._layout = layout
        self.replay = replay
        self._offset = offset
        # None: what was replayed fits to whatever journal is found.
        self._file_id = file_id
        # What the checkpoint tells.
        self._kept = offset

    def catch_up(self) -> None:
        """Raises Refusal for a journal that cannot be read."""
        file = open_journal(self._layout.journal)
        if file is None:
            self._begin_again(None)
            return
        with file:
            found = os.fstat(file.fileno())
            file_id = (found.st_dev, found.st_ino)
            if found.st_size < self._offset or self._file_id not in (None, file_id):
                self._begin_again(file_id)
            self._file_id = file_id
            for end, entry in read_entries(file, self._offset):
                self._offset = end
                if entry is not None:
                    self.replay.take(entry)

    def keep(self) -> None:
        """Writes the checkpoint where it would spare enough. Where that fails the one before holds."""
        if self._offset - self._kept < WORTH_BYTES:
            return
        self.replay.forget_made(self._is_gone)
        try:
            file = open_journal(self._layout.journal)
            if file is None:
                return
            with file:
                head, tail = _seals(file, self._offset)
            record: CheckpointFile = {
                'v': VERSION, 'bytes': self._offset, 'head': head, 'tail': tail, 'replay': self.replay.record(),
            }
            write_record(self._layout.checkpoint, record, self._layout.incoming, 0o600)
        except (OSError, Refusal):
            return
        self._kept = self._offset

    def _begin_again(self, file_id: Optional[Tuple[int, int]]) -> None:
        self.replay, self._offset, self._kept, self._file_id = Replay(), 0, 0, file_id

    def _is_gone(self, revision: str) -> bool:
        layout = self._layout
        places: List[str] = [layout.revision(revision), layout.sdist(revision), layout.tree(revision), layout.rejection(revision)]
        return not any(map(os.path.lexists, places))


def replayed(layout: Layout) -> Replayed:
    """What the checkpoint tells of the journal that is there, or nothing yet."""
    file = open_journal(layout.journal)
    if file is None:
        return Replayed(layout, Replay(), 0, None)
    with file:
        found = os.fstat(file.fileno())
        checkpoint = _read(layout, file, found.st_size)
    file_id = (found.st_dev, found.st_ino)
    if checkpoint is None:
        return Replayed(layout, Replay(), 0, file_id)
    return Replayed(layout, Replay.restored(checkpoint['replay']), checkpoint['bytes'], file_id)


def _read(layout: Layout, journal: BinaryIO, size: int) -> Optional[CheckpointFile]:
    if size < WORTH_BYTES:
        return None
    try:
        value = read_record(layout.checkpoint)
    except (OSError, ValueError):
        return None
    if not isinstance(value, dict) or value.get('v') != VERSION or nonconformity(value, CheckpointFile) is not None:
        return None
    found = cast(CheckpointFile, value)
    if found['bytes'] > size or _seals(journal, found['bytes']) != (found['head'], found['tail']):
        return None
    return found


def _seals(journal: BinaryIO, size: int) -> Tuple[str, str]:
    """Digests of the beginning and of the end of the first bytes of a journal."""
    length = min(_SEAL_BYTES, size)
    descriptor = journal.fileno()
    head, tail = os.pread(descriptor, length, 0), os.pread(descriptor, length, size - length)
    return hashlib.sha256(head).hexdigest(), hashlib.sha256(tail).hexdigest()
