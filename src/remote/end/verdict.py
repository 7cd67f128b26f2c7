"""The other ends of a revision: rejected, abandoned without a verdict, discarded after a rejection."""

import os
import time

from end.identity import name_and_version
from end.journal import Journal
from end.layout import Layout, check_revision_name
from end.manifest import VERSION, Rejection, has_verdict, read_manifest, read_rejection
from end.messages import RejectBody
from end.products import remove_products
from end.records import sync_directory, write_record
from end.refusal import Refusal, from_os_error
from end.removal import unseal_and_remove
from end.spellings import elsewhere


def reject(layout: Layout, journal: Journal, body: RejectBody) -> None:
    """Writes the verdict *rejected*, then removes the tree unless it is to be kept, and the sdist with it.

    A verdict is written once: a verified revision is refused ('conflict'), and an earlier rejection stays as it is.
    The caller holds the revision's lock, here and below.
    """
    name = check_revision_name(body['revision'])
    if read_manifest(layout, name) is not None:
        raise Refusal('conflict', f'{name} is verified: a verdict is final')
    before = read_rejection(layout, name)
    if before is not None and before['sha256'] != body['sha256']:
        raise Refusal('rejected', f'{name} was rejected before, made from other bytes', sha256=before['sha256'])
    try:
        if before is None:
            write_record(layout.rejection(name), _rejection(journal, body), layout.incoming)
        if before is None or name in journal.history().begun:
            journal.append('rejected', revision=name, sha256=body['sha256'], reason=body['reason'])
        if not body['keepTree']:
            _remove_what_is_ours(layout, journal, name)
    except OSError as error:
        raise from_os_error(error, f'rejecting {name}') from error


def abandon(layout: Layout, journal: Journal, revision: str) -> bool:
    """Removes a revision that has no verdict, its sdist and its records; tells whether there was anything.

    The journal's line comes last: until then the rest of the directory is known as unfinished.
    """
    name = check_revision_name(revision)
    if has_verdict(layout, name):
        raise Refusal('conflict', f'{name} has a verdict: it is no unfinished build')
    try:
        removed = _remove_what_is_ours(layout, journal, name)
        if name in journal.history().made:
            journal.append('abandoned', revision=name)
    except OSError as error:
        raise from_os_error(error, f'abandoning {name}') from error
    return removed


def abandon_unless_judged(layout: Layout, journal: Journal, revision: str) -> None:
    """The same for a build that nobody will end; where it has its verdict there is nothing to do."""
    if not has_verdict(layout, check_revision_name(revision)):
        abandon(layout, journal, revision)


def discard(layout: Layout, journal: Journal, revision: str) -> None:
    """Forgets a rejection, on the record: the same version can be shipped again. Removes a tree that was kept."""
    name = check_revision_name(revision)
    if not os.path.lexists(layout.rejection(name)):
        raise Refusal('conflict', f'{name} is not rejected here{elsewhere(layout, name)}: there is nothing to discard')
    if os.path.lexists(layout.manifest(name)):
        raise Refusal('conflict', f'{name} is verified: a verdict is final')
    try:
        _remove_what_is_ours(layout, journal, name)
        journal.append('discarded', revision=name)
        os.unlink(layout.rejection(name))
        sync_directory(layout.rejected)
    except OSError as error:
        raise from_os_error(error, f'discarding {name}') from error


def remove_files_of(layout: Layout, name: str) -> bool:
    """Removes the sdist, and what build and seal left beside a revision whose directory is gone; tells whether there was any."""
    removed = remove_products(layout, name)
    for path in (layout.sdist(name), layout.tree(name), layout.record(name)):
        try:
            os.unlink(path)
        except FileNotFoundError:
            continue
        sync_directory(os.path.dirname(path))
        removed = True
    return removed


def _remove_what_is_ours(layout: Layout, journal: Journal, name: str) -> bool:
    """The tree, only if the journal says that it was begun here, and what belongs to it."""
    ours = journal.history().made
    removed = name in ours and unseal_and_remove(layout, name, ours)
    return remove_files_of(layout, name) or removed


def _rejection(journal: Journal, body: RejectBody) -> Rejection:
    name, version = name_and_version(body['revision'])
    return {
        'v': VERSION,
        'revision': body['revision'],
        'name': name,
        'version': version,
        'sha256': body['sha256'],
        'reason': body['reason'],
        'verification': body['verification'],
        'run': journal.who.run,
        'by': journal.who.by,
        'origin': journal.who.origin,
        'command': journal.who.command,
        'atMs': time.time_ns() // 1_000_000,
    }
