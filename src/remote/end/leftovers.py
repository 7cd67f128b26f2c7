"""What dead runs have left in a root: found as `sweep` finds it, whatever its age, and left alone."""

import os
import time
from typing import Collection, Iterator, List, Literal, Tuple

from end.journal import Journal
from end.layout import Layout
from end.locks import held_by
from end.messages import Leftover
from end.revisions import unfinished

_Kind = Literal['incoming', 'sdist', 'tree', 'unfinished']


def is_busy(layout: Layout) -> bool:
    """Does somebody hold any lock of this root? Then what is under way looks like something left."""
    return any(held_by(layout, name)[0] for name in _names_in(layout.locks))


def leftovers(layout: Layout, journal: Journal) -> List[Leftover]:
    """By path below the root, with the seconds since each was last touched in any way."""
    now = time.time()
    found: List[Leftover] = []
    for path, kind in sorted(_leftover_paths(layout, journal)):
        try:
            seen = os.lstat(path)
        except FileNotFoundError:
            continue
        age = max(0, int(now - max(seen.st_mtime, seen.st_ctime)))
        found.append({'path': os.path.relpath(path, layout.root), 'kind': kind, 'ageS': age})
    return found


def _leftover_paths(layout: Layout, journal: Journal) -> Iterator[Tuple[str, _Kind]]:
    history = journal.history()
    wanted = history.made
    for name in _names_in(layout.incoming):
        yield os.path.join(layout.incoming, name), 'incoming'
    for name in _names_in(layout.sdists):
        if name.endswith('.tar.gz') and not _is_owned(layout, name[:-len('.tar.gz')], wanted):
            yield os.path.join(layout.sdists, name), 'sdist'
    for name in _names_in(layout.trees):
        if not _is_owned(layout, name, wanted):
            yield layout.tree(name), 'tree'
    for name in unfinished(layout, history):
        yield layout.revision(name), 'unfinished'


def _is_owned(layout: Layout, name: str, wanted: Collection[str]) -> bool:
    return name in wanted or os.path.lexists(layout.manifest(name))


def _names_in(directory: str) -> List[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []
