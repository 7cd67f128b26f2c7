"""A stage that nothing may change until somebody says so: a record on the host, and lines in the journal."""

import os
from typing import Optional, cast

from end.conform import nonconformity
from end.journal import Journal
from end.layout import Layout, check_stage_name
from end.messages import Freeze, FreezeBody, UnfreezeAnswer, UnfreezeBody
from end.records import read_record, sync_directory, write_record
from end.refusal import Refusal, from_os_error


def read_freeze(layout: Layout, stage: str) -> Optional[Freeze]:
    """Who froze a stage, None where nobody did. A damaged record freezes too: nobody knows what it said."""
    try:
        value = read_record(layout.freeze(stage))
        problem = None if value is None else nonconformity(value, Freeze)
    except OSError as error:
        raise from_os_error(error, f'reading whether {stage} is frozen') from error
    except ValueError as error:
        problem = str(error)
    if problem is not None:
        return {
            'run': 'unknown', 'by': 'unknown', 'from': 'unknown', 'command': 'unknown', 'sinceMs': 0,
            'reason': f'the record {layout.freeze(stage)} is damaged: {problem}',
        }
    return cast(Optional[Freeze], value)


def check_not_frozen(layout: Layout, stage: str) -> None:
    """Raises Refusal('frozen'), which tells who froze it and why."""
    found = read_freeze(layout, stage)
    if found is not None:
        raise Refusal('frozen', f'{stage} is frozen by {found["by"]} from {found["from"]}: {found["reason"]}', freeze=found)


def freeze(layout: Layout, journal: Journal, body: FreezeBody) -> None:
    """Writes the record, after the line that tells of it. The caller holds the stage's lock, here and below."""
    stage = check_stage_name(body['stage'])
    check_not_frozen(layout, stage)
    who = journal.who
    record: Freeze = {
        'run': who.run, 'by': who.by, 'from': who.origin, 'command': who.command, 'reason': body['reason'],
        'sinceMs': body['atMs'],
    }
    journal.append('frozen', stage=stage, reason=body['reason'])
    try:
        write_record(layout.freeze(stage), record, layout.incoming)
    except OSError as error:
        raise from_os_error(error, f'freezing {stage}') from error


def unfreeze(layout: Layout, journal: Journal, body: UnfreezeBody) -> UnfreezeAnswer:
    """Removes the record, after the line that tells of it; a stage that is not frozen is fine."""
    stage = check_stage_name(body['stage'])
    path = layout.freeze(stage)
    if not os.path.lexists(path):
        return {'was': False}
    journal.append('unfrozen', stage=stage, reason=body['reason'])
    try:
        os.unlink(path)
        sync_directory(layout.frozen)
    except OSError as error:
        raise from_os_error(error, f'unfreezing {stage}') from error
    return {'was': True}
