"""A switch whose remote end is gone and left it without an end, as the journal tells it (DESIGN 6: open)."""

from typing import NamedTuple, Optional

from end.journal import Journal
from end.messages import ArmBody, SwitchRecord


class Adopted(NamedTuple):
    """Enough of it to put it back, or to say how its undo ended."""

    body: ArmBody
    # Is its link still to be put back?
    is_open: bool
    # A crash may have fallen between the rename and its line: then the link alone tells.
    fired: bool


def find_left(journal: Journal, id: str) -> Optional[Adopted]:
    """None where the journal knows no such switch, or where it was kept."""
    for stage in journal.history().stages.values():
        for record in stage.switches:
            if record['id'] == id and record['state'] != 'kept':
                return Adopted(_body(record), record['state'] == 'open', record['firedNs'] is not None)
    return None


def _body(record: SwitchRecord) -> ArmBody:
    """Without the undo steps: they went with the remote end that was given them."""
    return {
        'id': record['id'],
        'kind': record['kind'],
        'stage': record['stage'],
        'from': record['from'],
        'to': record['to'],
        'recovers': record['recovers'],
        'hosts': record['hosts'],
        'except': record['except'],
        'exception': record['exception'],
        'atMs': record['atMs'],
        'undo': [],
    }
