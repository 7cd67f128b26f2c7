"""A root is its project's for as long as something binds it, and for as long as a run of that project is at work in
it.
"""

import os
import time
from typing import Callable, NamedTuple, Optional, Tuple

from end.binding import binding
from end.journal import Journal
from end.layout import Layout
from end.locks import Locks, held_by
from end.messages import Holder
from end.records import write_record
from end.refusal import Refusal, from_os_error
from end.root_file import RootFile, claim_root, read_root_file, same_project

# The lock of the root itself: shared by all that are at work in it, exclusive while it is given to another project. No
# stage and no revision can be called so.
ROOT = '@root'

# Whoever has it for itself reads a short journal and writes one file.
_WAIT_S = 1.0
_BETWEEN_S = 0.005

# Between two looks somebody else can have claimed it; as often as this it is said to be contested.
_TRIES = 5


class Contested(NamedTuple):
    """A run of another project is at work in a root that nothing binds yet: one of the two has to give way."""

    holder: Optional[Holder]


def hold_root(layout: Layout, journal: Journal, locks: Locks, project: str) -> Optional[Contested]:
    """Makes sure that the root is this project's, and stays so until the lock of the root is let go of.

    Refused ('other-project'): it is bound to another one. One that nothing binds and nobody is at work in is rewritten.
    """
    if locks.mode(ROOT) is not None:
        return None
    try:
        for _ in range(_TRIES):
            contested = _claim(layout, journal, locks, project)
            if contested is not None:
                return contested
            if _share(locks) and same_project(_whose(layout, project)['project'], project):
                return None
            locks.unlock(ROOT)
    except OSError as error:
        raise from_os_error(error, f'claiming {layout.root}') from error
    return Contested(None)


def let_root_go(locks: Locks) -> None:
    """Nothing of this connection is locked any more: somebody else may have the root."""
    if locks.names == {ROOT}:
        locks.unlock(ROOT)


def _claim(layout: Layout, journal: Journal, locks: Locks, project: str) -> Optional[Contested]:
    if same_project(_whose(layout, project)['project'], project):
        return None
    # Before it is locked: what is bound is refused with not a byte written.
    _check_free(layout, journal, project)
    if not locks.lock(ROOT, 'exclusive')['granted']:
        # Not whom the text of this lock names: many share it, and each has written itself into it.
        return Contested(_at_work(layout)[1])
    try:
        found = _whose(layout, project)
        if same_project(found['project'], project):
            return None
        held, holder = _at_work(layout)
        if held:
            return Contested(holder)
        _check_free(layout, journal, project)
        journal.append('claimed', project=project, was=found['project'])
        mine: RootFile = {'v': found['v'], 'id': found['id'], 'project': project}
        write_record(layout.root_file, mine, layout.incoming)
        return None
    finally:
        locks.unlock(ROOT)


def _share(locks: Locks, pause: Callable[[float], None] = time.sleep) -> bool:
    until = time.monotonic() + _WAIT_S
    while not locks.lock(ROOT, 'shared')['granted']:
        if time.monotonic() > until:
            return False
        pause(_BETWEEN_S)
    return True


def _whose(layout: Layout, project: str) -> RootFile:
    return read_root_file(layout) or claim_root(layout, project)


def _at_work(layout: Layout) -> Tuple[bool, Optional[Holder]]:
    """Does anybody hold a lock here but that of the root, and who? An earlier version of the tool does not lock the
    root, and what outlives a build has only the lock of its revision. Whoever has only just settled holds none yet.
    """
    for name in sorted(os.listdir(layout.locks)):
        held, holder = (False, None) if name == ROOT else held_by(layout, name)
        if held:
            return True, holder
    return False, None


def _check_free(layout: Layout, journal: Journal, project: str) -> None:
    found = read_root_file(layout)
    if found is None or same_project(found['project'], project):
        return
    why = binding(layout, journal.history().stages)
    if why is not None:
        raise Refusal('other-project', f'{layout.root} is the root of {found["project"]}, not of {project}: {why}, '
                      'and every project has its own', project=found['project'])
