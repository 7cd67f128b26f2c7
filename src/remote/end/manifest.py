"""The two verdicts on disk: `.revision.json` in a verified revision, `rejected/{revision}.json` for a rejected one."""

import os
from typing import List, Optional, TypedDict, cast

from end.conform import nonconformity
from end.layout import Layout, is_revision_name
from end.messages import BuilderRecord, EnvironmentRecord, StepRecord
from end.records import read_record
from end.refusal import Refusal, from_os_error

VERSION = 1


class SharedLink(TypedDict):
    """A symlink of the revision that its configuration asked for: where it stands, and what in `{root}/shared` it names."""

    path: str
    target: str


class Manifest(TypedDict):
    v: int
    # The directory's own name: a copy of a revision under another name is none, its environment does not move along.
    revision: str
    # The project, as PKG-INFO spells it.
    name: str
    version: str
    # Of the sdist.
    sha256: str
    sourceDigest: str
    treeDigest: str
    # None where no step built one: then the revision is the unpacked sdist, and nothing in it is started by us.
    environment: Optional[EnvironmentRecord]
    shared: List[SharedLink]
    verification: List[StepRecord]
    # Who built what was installed here, by shared step; none of what this host built for itself alone.
    builders: List[BuilderRecord]
    run: str
    by: str
    origin: str
    command: str
    atMs: int
    tool: str


class Rejection(TypedDict):
    v: int
    revision: str
    name: str
    version: str
    sha256: str
    reason: str
    verification: List[StepRecord]
    run: str
    by: str
    origin: str
    command: str
    atMs: int


def has_manifest(layout: Layout, name: str) -> bool:
    """A stage's link shows the manifest of the revision that it names, and is no revision itself."""
    return not os.path.islink(layout.revision(name)) and os.path.lexists(layout.manifest(name))


def verified_names(layout: Layout) -> List[str]:
    """The revisions that have a manifest, legible or not; sorted."""
    return [name for name in _names_in(layout.root) if has_manifest(layout, name)]


def rejected_names(layout: Layout) -> List[str]:
    """The revisions that have a rejection, legible or not; sorted."""
    ending = '.json'
    return [name[:-len(ending)] for name in _names_in(layout.rejected) if name.endswith(ending)]


def read_manifest(layout: Layout, name: str) -> Optional[Manifest]:
    """The manifest of a revision, None where there is none. Refuses ('not-standing') one that is damaged."""
    value = _read(layout.manifest(name)) if has_manifest(layout, name) else None
    if isinstance(value, dict):
        # Manifests of the first version name no builders.
        value.setdefault('builders', [])
    problem = None if value is None else _problem(value, Manifest)
    if problem is not None:
        raise Refusal('not-standing', f'the manifest of {name} is damaged: {problem}')
    # Conforms to the shape: that was just checked.
    return cast(Optional[Manifest], value)


def read_rejection(layout: Layout, name: str) -> Optional[Rejection]:
    """The rejection of a revision, None where there is none. A damaged one still rejects (refused, 'rejected')."""
    value = _read(layout.rejection(name))
    problem = None if value is None else _problem(value, Rejection)
    if problem is not None:
        raise Refusal('rejected', f'{name} is rejected, and the record of it is damaged: {problem}')
    return cast(Optional[Rejection], value)


def has_verdict(layout: Layout, name: str) -> bool:
    """Is there a verdict, legible or not? Decides what may still be removed as unfinished."""
    return has_manifest(layout, name) or os.path.lexists(layout.rejection(name))


def _names_in(directory: str) -> List[str]:
    try:
        names = os.listdir(directory)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []
    return sorted(filter(is_revision_name, names))


class _Damaged(ValueError):
    """Stands in for the content of a record that cannot be parsed, so that both verdicts can say so their own way."""


def _read(path: str) -> object:
    try:
        return read_record(path)
    except NotADirectoryError:
        return None
    except ValueError as error:
        return _Damaged(str(error))
    except OSError as error:
        raise from_os_error(error, 'reading a verdict') from error


def _problem(value: object, shape: type) -> Optional[str]:
    if isinstance(value, _Damaged):
        return str(value)
    if isinstance(value, dict) and value.get('v') != VERSION:
        return f'it has version {value.get("v")!r}, which this stage-deploy does not know'
    return nonconformity(value, shape, 'it')
