"""Who runs what, from where: the part of every journal line that is the same for a whole connection."""

from typing import Dict, NamedTuple


class Who(NamedTuple):
    run: str
    by: str
    origin: str
    command: str

    def as_entry(self) -> Dict[str, object]:
        """The keys that this adds to a journal entry or a manifest (`from` there is what a link named before)."""
        return dict(self._asdict())
