"""What one host has to tell, in one answer. Reads only: not one byte changes (F22)."""

import os
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, List, Mapping, Set

from end.capture import capture
from end.environment import clean_environment
from end.fitting import fitted, fitted_facts
from end.freeze import read_freeze
from end.history import Entry, StageHistory, made, replay
from end.journal import read_entries
from end.layout import Layout, check_revision_name, check_shared_path, check_stage_name, is_revision_name
from end.link import read_link
from end.locks import held_by
from end.manifest import has_manifest
from end.messages import FactAnswer, FactQuestion, Holder, HostReport, ObserveBody, StageReport
from end.refusal import from_os_error
from end.revisions import Checking, report_revisions
from end.root_report import existing_part, report_root
from end.shared import report_shared
from end.verdict import unfinished
from end.wire import FRAME_LIMIT

_FACTS_AT_ONCE = 8

# What an answer needs around its content.
_ENVELOPE = 4096

_UNKNOWN_HOLDER: Holder = {
    'run': 'unknown', 'by': 'unknown', 'from': 'unknown', 'pid': 0, 'command': 'unknown', 'sinceMs': 0,
}

_NOTHING = StageHistory([], [], [], [])


def observe(
    layout: Layout, body: ObserveBody, environ: Mapping[str, str], cancelled: Callable[[], bool]
) -> HostReport:
    """Answers for the stages, revisions, programs and facts that are asked for. `environ` is that of the login.

    Refused: names that are none, a journal or root.json of a later version. What a fact's program says is
    passed on, not judged; it must not change anything, which cannot be enforced here.
    """
    stages = [check_stage_name(stage) for stage in body['stages']]
    for path in body['shared']:
        check_shared_path(path)
    for name in body['check']:
        check_revision_name(name)
    try:
        return _observe(layout, stages, body, Checking(clean_environment(environ), cancelled))
    except OSError as error:
        raise from_os_error(error, f'observing {layout.root}') from error


def _observe(layout: Layout, stages: List[str], body: ObserveBody, checking: Checking) -> HostReport:
    entries = list(read_entries(layout.journal))
    histories = replay(entries)
    with ThreadPoolExecutor(_FACTS_AT_ONCE) as pool:
        where = existing_part(layout.root)
        facts = [pool.submit(_answer, fact, where, checking) for fact in body['facts']]
        revisions = report_revisions(layout, body['check'], checking)
        answers = [fact.result() for fact in facts]
    told = {stage: _report_stage(layout, stage, histories.get(stage, _NOTHING)) for stage in stages}
    report: HostReport = {
        'root': report_root(layout),
        'stages': told,
        'revisions': revisions,
        'unfinished': unfinished(layout, entries),
        'shared': report_shared(layout, body['shared']),
        'foreign': _foreign(layout, entries, {*stages, *histories}),
        'programs': {name: shutil.which(name, path=checking.environment['PATH']) for name in body['programs']},
        'facts': fitted_facts(answers),
        'timeNs': str(time.time_ns()),
    }
    lives = [stage['link']['revision'] or '' for stage in told.values()]
    return fitted(report, [*body['check'], *lives], FRAME_LIMIT - _ENVELOPE)


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


def _foreign(layout: Layout, entries: List[Entry], stages: Set[str]) -> List[str]:
    """Entries of the root that stand, or could stand, where a revision belongs and that were not made here."""
    try:
        names = os.listdir(layout.root)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []
    ours = made(entries)
    return sorted(
        name for name in names
        if is_revision_name(name) and name not in ours and name not in stages
        and not has_manifest(layout, name)
    )


def _answer(question: FactQuestion, where: str, checking: Checking) -> FactAnswer:
    argv = question['argv']
    answer = capture(
        [sys.executable, *argv[1:]] if argv[:1] == ['@python'] else argv,
        cwd=where,
        environment=checking.environment,
        limit_s=question['timeoutMs'] / 1000,
        cancelled=checking.cancelled,
    )
    return {
        'id': question['id'],
        'ended': answer.ended,
        'out': answer.out.decode('utf-8', 'replace'),
        'err': answer.err.decode('utf-8', 'replace'),
    }
