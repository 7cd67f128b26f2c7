"""The closer look of `deploy check`: paths, one sealed revision, leftovers, facts. Reads only, and needs no lock."""

import grp
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, Mapping, Optional, Tuple

from end.closed import name_of
from end.environment import clean_environment
from end.facts import answer
from end.fitting import fitted_facts
from end.journal import Journal
from end.layout import Layout, check_revision_name
from end.leftovers import is_busy, leftovers
from end.manifest import read_manifest
from end.messages import InspectBody, Inspection, PathReport, SealedReport
from end.refusal import Refusal, from_os_error
from end.revisions import Checking, has_digests
from end.root_report import existing_part
from end.sealed import compare_sealed
from end.wire import FRAME_LIMIT

_FACTS_AT_ONCE = 8

# Of each list so many are told, or fewer and fewer until the answer fits: a path may take 24 KiB as JSON.
_MOST = (50, 10, 2)

# What an answer needs around its content.
_ENVELOPE = 4096


def inspect(
    layout: Layout, journal: Journal, body: InspectBody, environ: Mapping[str, str], cancelled: Callable[[], bool]
) -> Inspection:
    """Answers for the paths, the revision and the facts that are asked for.

    Refused: paths that lead out of the root by their own words, names that are none, a journal of a later version.
    """
    for path in body['paths']:
        if os.path.isabs(path) or '..' in path.split('/') or '\0' in path:
            raise Refusal('invalid', f'{path!r} is no path below the root')
    checking = Checking(clean_environment(environ), cancelled)
    try:
        return _inspect(layout, journal, body, checking)
    except OSError as error:
        raise from_os_error(error, f'inspecting {layout.root}') from error


def _inspect(layout: Layout, journal: Journal, body: InspectBody, checking: Checking) -> Inspection:
    with ThreadPoolExecutor(_FACTS_AT_ONCE) as pool:
        where = existing_part(layout.root)
        facts = [pool.submit(answer, fact, where, checking) for fact in body['facts']]
        sealed, why = _sealed(layout, body['revision'], checking)
        answers = [fact.result() for fact in facts]
    # Before and after: what a run leaves when it ends in between is no leftover.
    busy = is_busy(layout)
    left = leftovers(layout, journal)
    report: Inspection = {
        'group': _group(os.getegid()),
        'groups': sorted({_group(gid) for gid in [os.getegid(), *os.getgroups()]}),
        'paths': [_report_path(layout.root, path) for path in body['paths']],
        'sealed': sealed,
        'why': why,
        'leftovers': left,
        'leftoversTotal': len(left),
        'busy': busy or is_busy(layout),
        'facts': fitted_facts(answers),
    }
    return _fitted(report, FRAME_LIMIT - _ENVELOPE)


def _sealed(
    layout: Layout, revision: Optional[str], checking: Checking
) -> Tuple[Optional[SealedReport], Optional[str]]:
    if revision is None:
        return None, None
    name = check_revision_name(revision)
    try:
        manifest = read_manifest(layout, name)
        if manifest is None:
            return None, 'it has no manifest' if os.path.lexists(layout.revision(name)) else 'it is not there'
        if not has_digests(manifest):
            return None, 'its digest record is not complete'
        return compare_sealed(layout, name, manifest, checking), None
    except Refusal as refusal:
        if refusal.code == 'cancelled':
            raise
        return None, refusal.message
    except OSError as error:
        return None, from_os_error(error, f'reading {name}').message


def _report_path(root: str, path: str) -> PathReport:
    try:
        found = os.lstat(os.path.join(root, path)) if path else os.stat(root)
    except (FileNotFoundError, NotADirectoryError):
        return {'path': path, 'kind': 'absent', 'owner': None, 'group': None, 'mode': None}
    return {
        'path': path,
        'kind': 'directory' if stat.S_ISDIR(found.st_mode) else 'file' if stat.S_ISREG(found.st_mode)
        else 'link' if stat.S_ISLNK(found.st_mode) else 'other',
        'owner': name_of(found.st_uid),
        'group': _group(found.st_gid),
        'mode': stat.S_IMODE(found.st_mode),
    }


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _fitted(report: Inspection, limit: int) -> Inspection:
    for most in _MOST:
        _shorten(report, most)
        if len(json.dumps(report)) <= limit:
            break
    return report


def _shorten(report: Inspection, most: int) -> None:
    del report['leftovers'][most:]
    sealed = report['sealed']
    if sealed is not None:
        del sealed['dangling'][most:]
        del sealed['tree']['changes'][most:]
        del sealed['tree']['writable'][most:]
        del sealed['tree']['strange'][most:]
