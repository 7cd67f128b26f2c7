"""Could this user deploy into the root, and how much space is there? Found out without writing anything."""

import os
from typing import Literal, Mapping, Optional, Tuple

from end.binding import binding
from end.closed import owner_of, why_closed
from end.layout import Layout
from end.messages import HostReportRoot
from end.refusal import Refusal
from end.root_file import RootFile, read_root_file
from end.stage_record import StageHistory

# Where a file system has no fixed number of inodes (btrfs says 0), there are as many as JSON can count.
_MANY = (1 << 53) - 1


def report_root(layout: Layout, histories: Mapping[str, StageHistory]) -> HostReportRoot:
    """The root as it is, or as it could be made: then all but `kind` is about the directory it would be made in."""
    kind = _kind(layout.root)
    root_file, why_not_ours = _read(layout)
    why = why_not_ours or _why_not_writable(layout, kind)
    space = os.statvfs(existing_part(layout.root))
    return {
        'kind': kind,
        'writable': why is None,
        'why': why,
        'owner': None if kind == 'absent' else owner_of(layout.root),
        'id': None if root_file is None else root_file['id'],
        'project': None if root_file is None else root_file['project'],
        'boundBy': None if root_file is None else binding(layout, histories),
        'freeBytes': min(space.f_bavail * space.f_frsize, _MANY),
        'freeInodes': _MANY if space.f_files == 0 else space.f_favail,
    }


def existing_part(path: str) -> str:
    """The path itself if it is a directory, otherwise the nearest one above it that is."""
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path


def _kind(root: str) -> Literal['absent', 'directory', 'other']:
    if os.path.isdir(root):
        return 'directory'
    return 'other' if os.path.lexists(root) else 'absent'


def _read(layout: Layout) -> Tuple[Optional[RootFile], Optional[str]]:
    try:
        return read_root_file(layout), None
    except Refusal as refusal:
        return None, refusal.message


def _why_not_writable(layout: Layout, kind: str) -> Optional[str]:
    if kind == 'other':
        return f'{layout.root} is no directory'
    where = existing_part(layout.root)
    above = os.path.dirname(layout.root)
    while kind == 'absent' and above != where:
        if os.path.lexists(above):
            return f'{above} is no directory'
        above = os.path.dirname(above)
    problem = why_closed(where)
    if problem is not None or not os.path.lexists(layout.records):
        return problem
    # The records may belong to somebody else than the root around them.
    if os.path.islink(layout.records) or not os.path.isdir(layout.records):
        return f'{layout.records} is no directory of its own'
    return why_closed(layout.records)
