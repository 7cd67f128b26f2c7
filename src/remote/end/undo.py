"""Which steps a put back has to undo: those that were started and are not undone, latest first. Pure."""

from typing import Dict, List, Optional, Sequence

from end.messages import UndoResult, UndoSpec

# Of an undo that is still to be tried. What is said of that step later replaces this; the runner knows it by this text.
NOT_YET = 'not undone yet'


class Undo:
    """Knows every step started over this connection, and how to undo those that the armed switch named.

    An undo that ended badly is not tried again: what it did half is for a person to see. One that was itself cut
    off, by the loss of the runner, is.
    """

    def __init__(self) -> None:
        self._started: List[str] = []
        self._specs: Dict[str, UndoSpec] = {}
        self._results: List[UndoResult] = []

    def load(self, specs: Sequence[UndoSpec]) -> None:
        """Of the switch that is armed now. Steps started before it count as well: `before:switch` is such a slot."""
        self._specs = {spec['of']: spec for spec in specs}
        self._results = []

    def forget(self) -> None:
        self._specs = {}

    def note_started(self, step: str) -> None:
        """The latest start counts for the order."""
        if step in self._started:
            self._started.remove(step)
        self._started.append(step)

    def note_ended(self, of: str, failure: Optional[str]) -> None:
        """The undo of a step came to its end, well (None) or not."""
        self._results.append({'of': of, 'ok': failure is None, 'reason': failure})

    def waiting(self) -> List[UndoSpec]:
        """What is still to be undone, latest first."""
        ended = {result['of'] for result in self._results}
        return [self._specs[step] for step in reversed(self._started) if step in self._specs and step not in ended]

    def results(self) -> List[UndoResult]:
        """How each undo ended, in the order in which they did."""
        return list(self._results)

    def standing(self) -> List[UndoResult]:
        """The same, and what is still to be undone."""
        return self.results() + [{'of': spec['of'], 'ok': False, 'reason': NOT_YET} for spec in self.waiting()]
