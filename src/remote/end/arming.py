"""What arm checks and writes before it says yes, so that nothing that is needed later can be missing then (DESIGN 6)."""

from typing import Callable, Dict, NamedTuple, Optional

from end.freeze import check_not_frozen
from end.journal import Journal
from end.layout import Layout
from end.link_pair import LinkPair, check_link, make_pair
from end.locks import Locks
from end.loop import Loop
from end.messages import ArmBody
from end.notes import Notes
from end.recovery import check_target
from end.refusal import Refusal
from end.undo import Undo


class Tools(NamedTuple):
    """What a switch works with."""

    loop: Loop
    layout: Layout
    journal: Journal
    locks: Locks
    undo: Undo
    # The sha256 of a revision that stands; raises Refusal for one that does not.
    standing: Callable[[str], str]


class Armed(NamedTuple):
    # The revision that it switches to; None where a recovery goes back to something else.
    revision: Optional[str]
    pair: LinkPair


def prepare(tools: Tools, notes: Notes, body: ArmBody) -> Armed:
    """Checks everything, writes the intent, makes both links. Raises Refusal, with nothing left of it."""
    check_not_frozen(tools.layout, body['stage'])
    sha256 = check_target(tools.layout, tools.journal, body, tools.standing)
    revision = None if sha256 is None else body['to']
    check_locks(tools.locks, body['stage'], revision)
    check_link(tools.layout, body['stage'], body['from'])
    try:
        tools.journal.append('intent', **_told(body), sha256=sha256)
        pair = make_pair(tools.layout, body['stage'], body['from'], body['to'], notes.warn)
    except Refusal:
        # Whatever of the intent reached the disk must not be taken for an open switch.
        place = {'id': body['id'], 'stage': body['stage']}
        notes.note('put-back', **place, moved=False, movedByOthers=False, undo=[])
        raise
    return Armed(revision, pair)


def check_locks(locks: Locks, stage: str, revision: Optional[str]) -> None:
    """Raises Refusal('lock-lost') unless the stage is held alone, and the revision in any way."""
    locks.check(stage, 'exclusive')
    if revision is not None:
        locks.check(revision, 'shared', 'exclusive')


def _told(body: ArmBody) -> Dict[str, object]:
    """What the journal keeps of the request. Not how to undo the steps: their environment may hold secrets."""
    return {key: value for key, value in body.items() if key != 'undo'}
