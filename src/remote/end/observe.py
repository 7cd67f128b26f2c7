"""What one host has to tell, in one answer. Reads only: not one byte changes (F22)."""

import os
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, Dict, List, Mapping, Set

from end.capture import capture
from end.environment import clean_environment
from end.history import Entry, StageHistory, made, replay
from end.journal import read_entries
from end.layout import Layout, check_revision_name, check_stage_name, is_revision_name
from end.link import read_link
from end.locks import held_by
from end.manifest import has_verdict
from end.messages import FactAnswer, FactQuestion, Holder, HostReport, ObserveBody, StageReport
from end.revisions import Checking, report_revisions
from end.root_report import existing_part, report_root

# Enough for every question that is asked of it; the rest stays in the journal.
_STACK_LIMIT = 50
_WAS_LIVE_LIMIT = 500
_SWITCHES_LIMIT = 50
_FOREIGN_LIMIT = 1000

_FACTS_AT_ONCE = 8

_UNKNOWN_HOLDER: Holder = {
    'run': 'unknown', 'by': 'unknown', 'from': 'unknown', 'pid': 0, 'command': 'unknown', 'sinceMs': 0,
}

_NOTHING = StageHistory([], [], [])


def observe(
    layout: Layout, body: ObserveBody, environ: Mapping[str, str], cancelled: Callable[[], bool]
) -> HostReport:
    """Answers for the stages, revisions, programs and facts that are asked for. `environ` is that of the login.

    Refused: names that are none, a journal or root.json of a later version. What a fact's program says is
    passed on, not judged; it must not change anything, which cannot be enforced here.
    """
    stages = [check_stage_name(stage) for stage in body['stages']]
    check = [check_revision_name(name) for name in body['check']]
    environment = clean_environment(environ)
    entries = list(read_entries(layout.journal))
    histories = replay(entries)
    with ThreadPoolExecutor(_FACTS_AT_ONCE) as pool:
        where = existing_part(layout.root)
        facts = [pool.submit(_answer, fact, where, environment, cancelled) for fact in body['facts']]
        revisions = report_revisions(layout, check, Checking(environment, cancelled))
        answers = [fact.result() for fact in facts]
    return {
        'root': report_root(layout),
        'stages': {stage: _report_stage(layout, stage, histories.get(stage, _NOTHING)) for stage in stages},
        'revisions': revisions,
        'unfinished': _unfinished(layout, entries),
        'foreign': _foreign(layout, entries, {*stages, *histories}),
        'programs': {name: shutil.which(name, path=environment['PATH']) for name in body['programs']},
        'facts': answers,
        'timeNs': str(time.time_ns()),
    }


def _report_stage(layout: Layout, stage: str, history: StageHistory) -> StageReport:
    held, holder = held_by(layout, stage)
    latest = history.switches[:_SWITCHES_LIMIT]
    still_open = [switch for switch in history.switches[_SWITCHES_LIMIT:] if switch['state'] == 'open']
    return {
        'link': read_link(layout, stage),
        'stack': history.stack[:_STACK_LIMIT],
        'wasLive': history.was_live[:_WAS_LIVE_LIMIT],
        'switches': latest + still_open,
        'lock': (holder or _UNKNOWN_HOLDER) if held else None,
    }


def _unfinished(layout: Layout, entries: List[Entry]) -> List[str]:
    """Made here, still there, and without a verdict: begun and never sealed, or half removed."""
    return sorted(
        name for name in made(entries)
        if os.path.isdir(layout.revision(name)) and not has_verdict(layout, name)
    )


def _foreign(layout: Layout, entries: List[Entry], stages: Set[str]) -> List[str]:
    """Entries of the root that stand, or could stand, where a revision belongs and that were not made here."""
    try:
        names = os.listdir(layout.root)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []
    ours = made(entries)
    found = sorted(
        name for name in names
        if is_revision_name(name) and name not in ours and name not in stages
        and not os.path.lexists(layout.manifest(name))
    )
    return found[:_FOREIGN_LIMIT]


def _answer(
    question: FactQuestion, where: str, environment: Dict[str, str], cancelled: Callable[[], bool]
) -> FactAnswer:
    argv = question['argv']
    answer = capture(
        [sys.executable if argv[:1] == ['@python'] else argv[0], *argv[1:]] if argv else [],
        cwd=where,
        environment=environment,
        limit_s=question['timeoutMs'] / 1000,
        cancelled=cancelled,
    )
    return {
        'id': question['id'],
        'ended': answer.ended,
        'out': answer.out.decode('utf-8', 'replace'),
        'err': answer.err.decode('utf-8', 'replace'),
    }
