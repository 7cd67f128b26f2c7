"""Clears away what dead runs have left: in incoming/ and sdists/, builds, lock files. Rather too little than too much.

Of each kind a few are removed at once: one run may have to sweep after thousands, and does not make its user wait for that.
"""

import os
import stat
from typing import Callable, Collection, ContextManager, List, Optional, Set

from end.few import Few
from end.history import History
from end.journal import Journal
from end.layout import Layout
from end.locks import held_by, remove_unused
from end.manifest import verified_names
from end.messages import SweptReport
from end.refusal import from_os_error
from end.removal import remove_tree
from end.revision_locks import lock_names
from end.revisions import unfinished
from end.root_claim import ROOT
from end.verdict import abandon

# Locks a revision exclusively for the length of the context, and tells whether nobody else was at it.
TryLock = Callable[[str], ContextManager[bool]]

# Names of revisions in which processes run. Asked only where something could go: it reads what every process has mapped.
InUse = Callable[[], Collection[str]]

# Of each kind of leftover: each may be a tree of many files. A run leaves no more than a few, so later ones catch up.
SWEPT_AT_ONCE = 10

# An empty file each, of which every revision has two.
LOCK_FILES_AT_ONCE = 100

# No run takes a day; a file this old that a run still wanted would be one that was frozen meanwhile.
_OLD_S = 24 * 60 * 60


def sweep(layout: Layout, journal: Journal, now: float, in_use: InUse, try_lock: TryLock) -> SweptReport:
    """Removes a few of the leftovers older than a day at `now` (seconds), by the time at which they were last touched in any
    way, and tells how many there are besides.

    Nothing of what a run could be at is removed while any other run is connected, whatever it does.
    """
    few = Few()
    before = now - _OLD_S
    try:
        history = journal.history()
        if not _others_connected(layout, journal.who.run):
            _sweep_files(layout, history, before, few)
            _sweep_lock_files(layout, history, before, few)
        _sweep_builds(layout, journal, before, in_use, try_lock, few)
    except OSError as error:
        raise from_os_error(error, f'sweeping {layout.records}') from error
    return few.report()


def _sweep_files(layout: Layout, history: History, before: float, few: Few) -> None:
    few.take(_old(layout.incoming, os.listdir(layout.incoming), before), SWEPT_AT_ONCE, _remove)
    for directory, ending in ((layout.sdists, '.tar.gz'), (layout.trees, '')):
        # A root that was settled before there were lists has no place for them yet.
        names = os.listdir(directory) if os.path.isdir(directory) else []
        ownerless = [name for name in names if not _is_owned(layout, history, name[:len(name) - len(ending)])]
        few.take(_old(directory, ownerless, before), SWEPT_AT_ONCE, _remove)


def _sweep_lock_files(layout: Layout, history: History, before: float, few: Few) -> None:
    """Those of revisions that are gone. Stages are as few as the configuration names, and keep theirs."""
    wanted: Set[str] = {ROOT, *history.stages}
    for revision in (*history.made, *verified_names(layout)):
        wanted.update(lock_names(revision))
    old = _old(layout.locks, [name for name in os.listdir(layout.locks) if name not in wanted], before)

    def remove(path: str) -> Optional[str]:
        return None if remove_unused(layout, os.path.basename(path), before) else 'somebody uses it'

    few.take(old, LOCK_FILES_AT_ONCE, remove)


def _sweep_builds(
    layout: Layout, journal: Journal, before: float, in_use: InUse, try_lock: TryLock, few: Few
) -> None:
    """Removes builds that ended without a verdict a day ago, of runs that died or were told to keep them.

    A run to the same revision removes them at once; this is for those to which nobody comes back.
    """
    old = [name for name in unfinished(layout, journal.history()) if _is_old(layout.revision(name), before)]

    def remove(name: str) -> Optional[str]:
        if name in in_use():
            return 'a process still runs in it'
        with try_lock(name) as free:
            if not free:
                return 'another run is at it'
            # Refused where a link names it, or it cannot be removed: what was asked for does not depend on it.
            abandon(layout, journal, name)
        return None

    few.take(old, SWEPT_AT_ONCE, remove)


def _others_connected(layout: Layout, run: str) -> bool:
    """Every run that changes something holds the lock of a stage all the time."""
    for name in os.listdir(layout.locks):
        # That of the root is shared with runs that are over: its text may be theirs.
        held, holder = (False, None) if name == ROOT else held_by(layout, name)
        if held and (holder is None or holder['run'] != run):
            return True
    return False


def _is_owned(layout: Layout, history: History, revision: str) -> bool:
    return revision in history.made or os.path.lexists(layout.manifest(revision))


def _old(directory: str, names: List[str], before: float) -> List[str]:
    """The paths of those that nobody has touched since."""
    return [path for path in (os.path.join(directory, name) for name in names) if _is_old(path, before)]


def _is_old(path: str, before: float) -> bool:
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return False
    return max(found.st_mtime, found.st_ctime) < before


def _remove(path: str) -> None:
    if stat.S_ISDIR(os.lstat(path).st_mode):
        remove_tree(path)
    else:
        os.unlink(path)
