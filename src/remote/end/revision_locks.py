"""A revision is locked in all its spellings at once: two of them are never made side by side."""

from typing import List, Sequence

from end.identity import identity_of
from end.locks import Locks, Mode
from end.messages import LockAnswer


def lock_names(name: str) -> Sequence[str]:
    """The locks of a revision: its own, which an earlier version of the tool takes too, and the one of all its
    spellings, which nothing else can be called. A stage mostly has only its own.
    """
    identity = identity_of(name)
    return [name] if identity.startswith('==') else [name, identity]


def take(locks: Locks, name: str, mode: Mode) -> LockAnswer:
    """Takes or converts all of them, or changes none; never waits (`Locks.lock`)."""
    before = [(each, locks.mode(each)) for each in lock_names(name)]
    for done, (each, _) in enumerate(before):
        answer = locks.lock(each, mode)
        if answer['granted']:
            continue
        for taken, was in before[:done]:
            if was is None:
                locks.unlock(taken)
            else:
                locks.lock(taken, was)
        return answer
    return {'granted': True, 'holder': None}


def let_go(locks: Locks, name: str) -> None:
    for each in reversed(lock_names(name)):
        locks.unlock(each)


def lend(locks: Locks, name: str) -> List[int]:
    """The descriptors of the exclusive locks, for a program to inherit."""
    return [locks.lend(each) for each in lock_names(name)]
