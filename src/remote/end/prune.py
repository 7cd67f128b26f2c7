"""Removes old revisions, and only those that nothing names, holds, runs or may want back (DESIGN 4)."""

import os
import time
from functools import lru_cache
from typing import Collection, Dict, List, Optional

from end.history import History
from end.journal import Journal
from end.layout import Layout, is_revision_name
from end.link import read_link
from end.manifest import has_manifest
from end.messages import PruneBody, PrunedReport, PrunedReportKeptItem
from end.processes import revisions_in_use
from end.refusal import Refusal
from end.removal import names_by_link, unseal_and_remove
from end.sweep import InUse, TryLock, sweep
from end.verdict import remove_files_of


def prune(layout: Layout, journal: Journal, body: PruneBody, try_lock: TryLock) -> PrunedReport:
    """Removes those of the named revisions that may go, at most `atMost` of them, and tells of each that was tried before
    these were gone why it was kept. One that cannot go does not take the place of one that can.

    The runner decides which are old; what must not go is decided here, for the links and stacks of all stages,
    again for each under its lock. Also sweeps what dead runs have left.
    """
    removed: List[str] = []
    kept: List[PrunedReportKeptItem] = []

    @lru_cache(maxsize=None)
    def in_use() -> Collection[str]:
        return revisions_in_use(layout)

    for name in body['revisions']:
        if len(removed) == body['atMost']:
            break
        try:
            why = _prune_one(layout, journal, name, in_use, try_lock)
        except Refusal as refusal:
            why = refusal.message
        if why is None:
            removed.append(name)
        else:
            kept.append({'name': name, 'why': why})
    swept = sweep(layout, journal, time.time(), in_use, try_lock)
    journal.keep_checkpoint()
    return {'removed': removed, 'kept': kept, 'swept': swept}


def _prune_one(layout: Layout, journal: Journal, name: str, in_use: InUse, try_lock: TryLock) -> Optional[str]:
    """Removes a revision, or says why it is kept."""
    if not is_revision_name(name) or not os.path.lexists(layout.revision(name)):
        return 'it is not here'
    if name in in_use():
        return 'a process still runs in it'
    with try_lock(name) as free:
        if not free:
            return 'another run is at it'
        # Whoever switches to it holds its lock from arm to keep: what is read now stays so until it is gone.
        history = journal.history()
        if not has_manifest(layout, name):
            return 'it was not sealed here'
        why = why_needed(layout, history).get(name)
        if why is not None:
            return why
        # A directory with a manifest is a revision even where the journal was lost; nothing else has one.
        unseal_and_remove(layout, name, {name, *history.made})
        remove_files_of(layout, name)
        journal.append('pruned', revision=name)
    return None


def why_needed(layout: Layout, history: History) -> Dict[str, str]:
    """Revisions that any stage still needs, each with the reason."""
    needed: Dict[str, str] = {}
    for stage, past in history.stages.items():
        live = read_link(layout, stage)['revision']
        for name in _to_roll_back_to(past.stack, live):
            needed[name] = f'{stage} would be rolled back to it'
        for switch in past.switches:
            if switch['state'] == 'open':
                ends = (switch['from'], switch['to'])
                needed.update((name, f'a switch of {stage} is open') for name in ends if name is not None)
    for name, links in names_by_link(layout).items():
        needed[name] = f'{links[0]} is a link to it'
    return needed


def _to_roll_back_to(stack: List[str], live: Optional[str]) -> List[str]:
    """The entry below live; where the link names none of the stack, it was moved by hand: the top counts too."""
    if live in stack:
        return stack[stack.index(live) + 1:][:1]
    return stack[:2]
