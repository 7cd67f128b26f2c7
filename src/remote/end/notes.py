"""Journal lines that must not stop a switch: a disk that takes no line must not keep a host from going back."""

from typing import Dict, List, Optional, Tuple

from end.journal import Journal
from end.refusal import Refusal


class Notes:
    """Writes lines in order. One that cannot be written is a warning, and is tried again before the next."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._waiting: List[Tuple[str, Dict[str, object]]] = []
        # Why the first of them could not be written when that was tried last.
        self._trouble = ''
        self._warnings: List[str] = []

    def note(self, what: str, **keys: object) -> None:
        self._waiting.append((what, keys))
        self.write_rest()
        if self._waiting:
            self.warn(self._trouble)

    def write_rest(self) -> None:
        try:
            while self._waiting:
                what, keys = self._waiting[0]
                self._journal.append(what, **keys)
                self._waiting.pop(0)
        except Refusal as refusal:
            self._trouble = refusal.message

    @property
    def unwritten(self) -> Optional[str]:
        """Why there are lines that the journal could not take so far; None where it has them all."""
        return self._trouble if self._waiting else None

    def warn(self, message: str) -> None:
        self._warnings.append(message)

    def take_warnings(self) -> List[str]:
        """What was warned of since this was asked last."""
        warnings, self._warnings = self._warnings, []
        return warnings
