"""Who runs what, from where: the part of every journal line that is the same for a whole connection."""

from typing import Dict, NamedTuple


class Who(NamedTuple):
    run: str
    by: str
    # `from` is a keyword in Python; on disk and on the wire it is `from`.
    origin: str
    command: str

    def as_entry(self) -> Dict[str, object]:
        """The keys that this adds to a journal entry or a manifest."""
        return {'run': self.run, 'by': self.by, 'from': self.origin, 'command': self.command}
