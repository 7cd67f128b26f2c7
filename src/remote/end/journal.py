"""The journal of a root: one JSON line for everything that changed it, never rewritten."""

import json
import os
import time
from typing import List, Optional

from end.checkpoint import Replayed, replayed
from end.entry import Entry
from end.history import History
from end.journal_file import VERSION, append_line, open_journal, read_entries
from end.layout import Layout
from end.refusal import Refusal, from_os_error
from end.who import Who

# How much of the end of a journal is read for its latest entries; more where that does not suffice.
_LATEST_BYTES = 64 << 10


class Journal:
    """Appends the entries of one connection and reads those of all."""

    def __init__(self, layout: Layout, who: Who) -> None:
        self._layout = layout
        self._path = layout.journal
        self.who = who
        # What was replayed for the last answer. Whoever takes it out is alone with it; others then begin at the checkpoint.
        self._replayed: List[Replayed] = []

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
            append_line(self._path, line)
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
        return self._from(mark if mark <= self.mark() else 0)

    def latest(self, limit: int) -> List[Entry]:
        """The last entries, oldest first. A root without a journal has none."""
        size, length = self.mark(), _LATEST_BYTES
        while True:
            begin = max(0, size - length)
            # Where it begins in the middle of a line, what is left of that is no entry.
            found = self._from(begin)
            if len(found) >= limit or begin == 0:
                return found[len(found) - limit:] if limit < len(found) else found
            length *= 4

    def history(self) -> History:
        """What all its lines tell. Only what was written since the last time is read, or since the checkpoint."""
        current = self._take_replayed()
        current.catch_up()
        history = current.replay.history()
        self._replayed[:] = [current]
        return history

    def keep_checkpoint(self) -> None:
        """Writes down what was replayed, where that spares later readers much. It never fails: it can be done another time."""
        try:
            current = self._take_replayed()
            current.catch_up()
        except (OSError, Refusal):
            return
        current.keep()
        self._replayed[:] = [current]

    def _take_replayed(self) -> Replayed:
        try:
            return self._replayed.pop()
        except IndexError:
            return replayed(self._layout)

    def _from(self, begin: int) -> List[Entry]:
        file = open_journal(self._path)
        if file is None:
            return []
        with file:
            return [entry for _, entry in read_entries(file, begin) if entry is not None]
