"""The lines of the journal that tell how the switch of this connection went. None of them stops it: see `notes`."""

from typing import Dict, List, Optional

from end.messages import UndoResult
from end.notes import Notes


class SwitchLines:
    """Remembers what the lines have to say of the link: when it was renamed, whether somebody else moved it."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._place: Dict[str, object] = {}
        self._failure_told = False
        self.fired_ns: Optional[int] = None
        self.moved_by_others = False

    def begin(self, id: str, stage: str) -> None:
        """Of another switch from now on."""
        self._place = {'id': id, 'stage': stage}
        self._failure_told = False
        self.fired_ns = None
        self.moved_by_others = False

    def fired(self) -> None:
        self._note('fired', firedNs=str(self.fired_ns))

    def taken(self) -> None:
        """Before its link is moved by anybody but who armed it: from here on that one cannot keep it."""
        self._note('taken')

    def kept(self) -> None:
        self._note('kept')

    def put_back(self, results: List[UndoResult]) -> None:
        self._note('put-back', moved=self.fired_ns is not None, movedByOthers=self.moved_by_others, undo=results)

    def undone(self, results: List[UndoResult]) -> None:
        """Of steps that were run for a switch that was never armed."""
        self._note('undone', undo=results)

    def put_back_failed(self, reason: str) -> None:
        """Once: it is tried several times before it is given up."""
        if not self._failure_told:
            self._failure_told = True
            self._note('put-back-failed', reason=reason)

    def undone_in_vain(self, reason: str, results: List[UndoResult]) -> None:
        """Its link is not back, its steps are undone: whoever puts it back later must know that."""
        self._note('put-back-failed', reason=reason, undo=results)

    def _note(self, what: str, **keys: object) -> None:
        self._notes.note(what, **self._place, **keys)
