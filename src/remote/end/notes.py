"""Journal lines that must not stop a switch: a disk that takes no line must not keep a host from going back."""

from typing import Dict, List, Tuple

from end.journal import Journal
from end.refusal import Refusal


class Notes:
    """Writes lines in order. One that cannot be written is a warning, and is tried again before the next."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._unwritten: List[Tuple[str, Dict[str, object]]] = []
        self._warnings: List[str] = []

    def note(self, what: str, **keys: object) -> None:
        self._unwritten.append((what, keys))
        self.write_rest()

    def write_rest(self) -> None:
        try:
            while self._unwritten:
                what, keys = self._unwritten[0]
                self._journal.append(what, **keys)
                self._unwritten.pop(0)
        except Refusal as refusal:
            self.warn(refusal.message)

    def warn(self, message: str) -> None:
        self._warnings.append(message)

    def take_warnings(self) -> List[str]:
        """What was warned of since this was asked last."""
        warnings, self._warnings = self._warnings, []
        return warnings
