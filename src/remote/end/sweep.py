"""Clears away what dead runs have left: in incoming/ and sdists/, and builds. Rather too little than too much."""

import os
import stat
from typing import Callable, Collection, ContextManager

from end.journal import Journal
from end.layout import Layout
from end.locks import held_by
from end.refusal import Refusal, from_os_error
from end.removal import remove_tree
from end.revisions import unfinished
from end.root_claim import ROOT
from end.verdict import abandon

# Locks a revision exclusively for the length of the context, and tells whether nobody else was at it.
TryLock = Callable[[str], ContextManager[bool]]

# Names of revisions in which processes run. Asked only where something could go: it reads what every process has mapped.
InUse = Callable[[], Collection[str]]

# No run takes a day; a file this old that a run still wanted would be one that was frozen meanwhile.
_OLD_S = 24 * 60 * 60


def sweep(layout: Layout, journal: Journal, now: float) -> None:
    """Removes leftovers older than a day at `now` (seconds), by the time at which they were last touched in any way.

    Nothing is removed while any other run is connected, whatever it does.
    """
    try:
        if _others_connected(layout, journal.who.run):
            return
        before = now - _OLD_S
        for name in os.listdir(layout.incoming):
            _remove_if_old(os.path.join(layout.incoming, name), before)
        wanted = journal.history().made
        for directory, ending in ((layout.sdists, '.tar.gz'), (layout.trees, '')):
            # A root that was settled before there were lists has no place for them yet.
            for name in os.listdir(directory) if os.path.isdir(directory) else []:
                revision = name[:len(name) - len(ending)]
                if revision not in wanted and not os.path.lexists(layout.manifest(revision)):
                    _remove_if_old(os.path.join(directory, name), before)
    except OSError as error:
        raise from_os_error(error, f'sweeping {layout.records}') from error


def sweep_builds(
    layout: Layout, journal: Journal, now: float, in_use: InUse, try_lock: TryLock
) -> None:
    """Removes builds that ended without a verdict a day ago, of runs that died or were told to keep them.

    A run to the same revision removes them at once; this is for those to which nobody comes back.
    """
    for name in unfinished(layout, journal.history()):
        if not _is_old(layout.revision(name), now - _OLD_S) or name in in_use():
            continue
        try:
            with try_lock(name) as free:
                if free:
                    abandon(layout, journal, name)
        except Refusal:
            # A link names it, or it cannot be removed: what was asked for does not depend on it.
            continue


def _others_connected(layout: Layout, run: str) -> bool:
    """Every run that changes something holds the lock of a stage all the time."""
    for name in os.listdir(layout.locks):
        # That of the root is shared with runs that are over: its text may be theirs.
        held, holder = (False, None) if name == ROOT else held_by(layout, name)
        if held and (holder is None or holder['run'] != run):
            return True
    return False


def _remove_if_old(path: str, before: float) -> None:
    if not _is_old(path, before):
        return
    if stat.S_ISDIR(os.lstat(path).st_mode):
        remove_tree(path)
    else:
        os.unlink(path)


def _is_old(path: str, before: float) -> bool:
    found = os.lstat(path)
    return max(found.st_mtime, found.st_ctime) < before
