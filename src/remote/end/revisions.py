"""Which revisions there are, and whether they stand (DESIGN 3)."""

import os
import re
from typing import Callable, Collection, Dict, List, Literal, NamedTuple, Optional, Sequence, Union

from end.capture import capture
from end.ended import failure_of
from end.history import History
from end.identity import name_and_version
from end.layout import Layout
from end.manifest import Manifest, Rejection, SharedLink, has_verdict
from end.manifest import read_manifest, read_rejection, rejected_names, verified_names
from end.messages import EnvironmentRecord, RevisionReport
from end.refusal import Refusal
from end.spellings import elsewhere

# An interpreter starts in 20 ms; on a host that is swapping it may take seconds.
_INTERPRETER_LIMIT_S = 10.0
_AT_ONCE = 4

_SHOW_VERSION = 'import sys; print("%d.%d" % sys.version_info[:2])'

_SHA256 = re.compile('[0-9a-f]{64}')
_NAME_PART = re.compile('[A-Za-z0-9._+!-]{0,200}')


class Checking(NamedTuple):
    """What starting an interpreter needs."""

    environment: Dict[str, str]
    cancelled: Callable[[], bool]


def report_revisions(layout: Layout, check: Collection[str], checking: Checking) -> List[RevisionReport]:
    """Every revision with a verdict, by name. Those named in `check` stand only if their interpreter still runs."""
    verified = verified_names(layout)
    rejected = rejected_names(layout)

    def report(name: str) -> RevisionReport:
        return _report_verified(layout, name, checking if name in check else None)

    if sum(name in check for name in verified) < 2:
        reports = list(map(report, verified))
    else:
        # Here, because it loads much, and one interpreter can be waited for without it.
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            reports = list(pool.map(report, verified))
    reports += [_report_rejected(layout, name) for name in rejected if name not in verified]
    return sorted(reports, key=lambda each: each['name'])


def standing(layout: Layout, name: str) -> Manifest:
    """The manifest of a revision that stands, its interpreter not started. Refused: 'rejected', 'not-standing'."""
    manifest = read_manifest(layout, name)
    if manifest is None:
        rejection = read_rejection(layout, name)
        if rejection is not None:
            raise Refusal('rejected', f'{name} was rejected: {rejection["reason"]}')
        raise Refusal('not-standing', f'{name} is not here{elsewhere(layout, name)}')
    why = _why_not(layout, name, manifest)
    if why is not None:
        raise Refusal('not-standing', f'{name} does not stand: {why}')
    return manifest


def unfinished(layout: Layout, history: History) -> List[str]:
    """Made here, still there, and without a verdict: begun and never sealed, or half removed."""
    return sorted(
        name for name in history.made
        if os.path.isdir(layout.revision(name)) and not has_verdict(layout, name)
    )


def _report_verified(layout: Layout, name: str, checking: Optional[Checking]) -> RevisionReport:
    try:
        manifest = read_manifest(layout, name)
    except Refusal as refusal:
        return _report(name, 'verified', None, refusal.message)
    if manifest is None:
        return _report(name, 'verified', None, 'its manifest has just gone')
    why = _why_not(layout, name, manifest)
    if why is None and checking is not None:
        why = why_not_running(layout, name, manifest, checking)
    environment = manifest['environment']
    return _report(name, 'verified', manifest, why, None if environment is None else environment['python'],
                   manifest['shared'])


def _report_rejected(layout: Layout, name: str) -> RevisionReport:
    try:
        rejection = read_rejection(layout, name)
    except Refusal as refusal:
        return _report(name, 'rejected', None, refusal.message)
    return _report(name, 'rejected', rejection, 'it was just discarded' if rejection is None else rejection['reason'])


def _report(
    name: str,
    verdict: Literal['verified', 'rejected'],
    record: Union[Manifest, Rejection, None],
    why: Optional[str],
    python: Optional[str] = None,
    shared: Sequence[SharedLink] = (),
) -> RevisionReport:
    project, version = name_and_version(name)
    # A record that a hand has bent says less, and hides nothing of the revision.
    if record is not None and _NAME_PART.fullmatch(record['name'] + record['version']) is not None:
        project, version = record['name'], record['version']
    return {
        'name': name,
        'project': project,
        'version': version,
        'sha256': None if record is None else record['sha256'],
        'verdict': verdict,
        'stands': why is None,
        'why': why,
        'python': python,
        'shared': [link['path'] for link in shared],
        'atMs': 0 if record is None else record['atMs'],
    }


def _why_not(layout: Layout, name: str, manifest: Manifest) -> Optional[str]:
    """Why a revision does not stand, by what is on the disk; None where it does."""
    if manifest['revision'] != name:
        return f'it is a copy of {manifest["revision"]}'
    if not has_digests(manifest):
        return 'its digest record is not complete'
    environment = manifest['environment']
    if environment is not None and not os.access(_executable(layout, name, environment), os.X_OK):
        return f'its interpreter {environment["executable"]} is gone'
    return None


def has_digests(manifest: Manifest) -> bool:
    digests = (manifest['sha256'], manifest['sourceDigest'], manifest['treeDigest'])
    return all(_SHA256.fullmatch(digest) is not None for digest in digests)


def why_not_running(layout: Layout, name: str, manifest: Manifest, checking: Checking) -> Optional[str]:
    """Why its interpreter is not the one it was built with: a system's Python may be upgraded under an environment."""
    environment = manifest['environment']
    if environment is None:
        return None
    answer = capture(
        [_executable(layout, name, environment), '-I', '-S', '-B', '-c', _SHOW_VERSION],
        cwd=layout.revision(name),
        environment=checking.environment,
        limit_s=_INTERPRETER_LIMIT_S,
        cancelled=checking.cancelled,
    )
    failure = failure_of(answer.ended)
    if failure is not None:
        return f'its interpreter does not run: {failure}'
    found = answer.out.decode('ascii', 'replace').strip()
    wanted = '.'.join(environment['python'].split('.')[:2])
    return None if found == wanted else f'its interpreter is Python {found} now, it was built with {wanted}'


def _executable(layout: Layout, name: str, environment: EnvironmentRecord) -> str:
    return os.path.join(layout.revision(name), environment['executable'])
