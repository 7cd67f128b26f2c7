"""What a recovery may do here: only what the switch that it mends did, or what it came from (DESIGN 6)."""

from typing import Callable, Optional

from end.journal import Journal
from end.layout import Layout, check_revision_name, check_stage_name, is_revision_name
from end.link import read_link
from end.link_pair import check_link
from end.locks import Locks
from end.manifest import has_manifest
from end.messages import ArmBody, CloseSwitchBody, LinkReport, SwitchRecord
from end.refusal import Refusal
from end.stage_replay import mends


def check_target(layout: Layout, journal: Journal, body: ArmBody, sha256_of: Callable[[str], str]) -> Optional[str]:
    """The sha256 of the revision that is switched to; None where a recovery restores what is no revision.

    `sha256_of` raises Refusal for a revision that does not stand.
    """
    to = body['to']
    if body['kind'] != 'recover':
        if to is None or body['recovers'] is not None:
            raise Refusal('invalid', 'only a recovery mends a switch, or takes a link away')
        return sha256_of(check_revision_name(to))
    mended = find_unclosed(journal, body['stage'], body['recovers'] or '')
    if to not in (mended['from'], mended['to']):
        raise Refusal('conflict', f'{to!r} is neither what switch {mended["id"]} came from nor what it went to')
    if to is None or not is_revision_name(to):
        return None
    # What was live before the first switch may be anything; its link is restored as it was, as by a put back.
    was_checked = mended['kind'] != 'recover' and to == mended['to']
    return sha256_of(to) if was_checked or has_manifest(layout, to) else None


def close_split(layout: Layout, journal: Journal, locks: Locks, body: CloseSwitchBody) -> LinkReport:
    """Says how a switch ended here that split its hosts. Raises Refusal where the link is not there already."""
    record = find_unclosed(journal, check_stage_name(body['stage']), body['id'])
    locks.check(record['stage'], 'exclusive')
    check_link(layout, record['stage'], record['to'] if body['as'] == 'kept' else record['from'])
    if record['state'] != body['as']:
        journal.append('recovered', **body)
    return read_link(layout, record['stage'])


def find_unclosed(journal: Journal, stage: str, id: str) -> SwitchRecord:
    """A switch of the stage as the journal tells it. Raises Refusal('conflict') where a later one was kept here, but for
    recoveries of it: a decision can be changed.
    """
    history = journal.history().stages.get(stage)
    switches = [] if history is None else history.switches
    known = {record['id']: record for record in switches}
    for record in switches:
        if record['id'] == id:
            return record
        if record['state'] == 'kept' and not mends(known, record['id'], id):
            raise Refusal('conflict', f'switch {record["id"]} was kept here after switch {id}: there is nothing to mend')
    raise Refusal('conflict', f'the journal knows no switch {id} of {stage}')
