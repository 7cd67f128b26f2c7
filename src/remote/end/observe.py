"""What one host has to tell, in one answer. Reads only: not one byte changes (F22)."""

import os
import time
from typing import Callable, Dict, List, Mapping, Optional, Set

from end.environment import clean_environment
from end.facts import answer
from end.fitting import fitted, fitted_facts
from end.freeze import read_freeze
from end.history import History
from end.journal import Journal
from end.layout import Layout, check_revision_name, check_shared_path, check_stage_name, is_revision_name
from end.link import read_link
from end.locks import held_by
from end.manifest import has_manifest
from end.messages import Holder, HostReport, ObserveBody, StageReport
from end.refusal import from_os_error
from end.revisions import Checking, report_revisions, unfinished
from end.root_report import existing_part, report_root
from end.shared import report_shared
from end.stage_record import NO_HISTORY, StageHistory
from end.wire import FRAME_LIMIT

_FACTS_AT_ONCE = 8

# What an answer needs around its content.
_ENVELOPE = 4096

# In `check`: what a rollback of the stages that are asked for would go to. No revision can be called so.
PREVIOUS = '@previous'

_UNKNOWN_HOLDER: Holder = {
    'run': 'unknown', 'by': 'unknown', 'from': 'unknown', 'pid': 0, 'command': 'unknown', 'sinceMs': 0,
}


def observe(
    layout: Layout, journal: Journal, body: ObserveBody, environ: Mapping[str, str], cancelled: Callable[[], bool]
) -> HostReport:
    """Answers for the stages, revisions, programs and facts that are asked for. `environ` is that of the login.

    Refused: names that are none, a journal or root.json of a later version. What a fact's program says is
    passed on, not judged; it must not change anything, which cannot be enforced here.
    """
    stages = [check_stage_name(stage) for stage in body['stages']]
    for path in body['shared']:
        check_shared_path(path)
    for name in body['check']:
        if name != PREVIOUS:
            check_revision_name(name)
    try:
        return _observe(layout, journal.history(), stages, body, Checking(clean_environment(environ), cancelled))
    except OSError as error:
        raise from_os_error(error, f'observing {layout.root}') from error


def _observe(
    layout: Layout, history: History, stages: List[str], body: ObserveBody, checking: Checking
) -> HostReport:
    histories = history.stages
    check = sorted({*body['check']} - {PREVIOUS})
    if PREVIOUS in body['check']:
        check = sorted({*check, *_previous(layout, stages, histories)})
    where = existing_part(layout.root)
    if body['facts']:
        # Here, because it loads much, and a switch asks for none.
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(_FACTS_AT_ONCE) as pool:
            facts = [pool.submit(answer, fact, where, checking) for fact in body['facts']]
            revisions = report_revisions(layout, check, checking)
            answers = [fact.result() for fact in facts]
    else:
        revisions = report_revisions(layout, check, checking)
        answers = []
    told = {stage: _report_stage(layout, stage, histories.get(stage, NO_HISTORY)) for stage in stages}
    report: HostReport = {
        'root': report_root(layout, histories),
        'stages': told,
        'revisions': revisions,
        'checked': check,
        'unfinished': unfinished(layout, history),
        'shared': report_shared(layout, body['shared']),
        'foreign': _foreign(layout, history, {*stages, *histories}),
        'programs': _places(body['programs'], checking.environment['PATH']),
        'facts': fitted_facts(answers),
        'timeNs': str(time.time_ns()),
    }
    lives = [stage['link']['revision'] or '' for stage in told.values()]
    return fitted(report, [*check, *lives], FRAME_LIMIT - _ENVELOPE)


def _places(programs: List[str], path: str) -> Dict[str, Optional[str]]:
    if not programs:
        return {}
    # Here, because it loads what unpacks archives.
    from shutil import which

    return {name: which(name, path=path) for name in programs}


def _previous(layout: Layout, stages: List[str], histories: Mapping[str, StageHistory]) -> Set[str]:
    """What a rollback of each of these stages would go to, as far as one host can say: the latest that is not live."""
    found = set()
    for stage in stages:
        live = read_link(layout, stage)['revision']
        stack = histories.get(stage, NO_HISTORY).stack
        found.add(next((name for name in stack if name != live and is_revision_name(name)), None))
    return {name for name in found if name is not None}


def _report_stage(layout: Layout, stage: str, history: StageHistory) -> StageReport:
    held, holder = held_by(layout, stage)
    return {
        'link': read_link(layout, stage),
        'stack': history.stack,
        'wasLive': history.was_live,
        'switches': history.switches,
        'undone': history.undone,
        'lock': (holder or _UNKNOWN_HOLDER) if held else None,
        'frozen': read_freeze(layout, stage),
    }


def _foreign(layout: Layout, history: History, stages: Set[str]) -> List[str]:
    """Entries of the root that stand, or could stand, where a revision belongs and that were not made here."""
    try:
        names = os.listdir(layout.root)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []
    return sorted(
        name for name in names
        if is_revision_name(name) and name not in history.made and name not in stages
        and not has_manifest(layout, name)
    )
