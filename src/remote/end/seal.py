"""The verdict *verified*: the tree made read-only, and the manifest renamed into it last (DESIGN 3)."""

import os
import stat
import time
from secrets import token_hex
from typing import List, Optional, cast

from end.conform import nonconformity
from end.journal import Journal
from end.layout import Layout, check_revision_name
from end.manifest import VERSION, Manifest, read_manifest, read_rejection
from end.messages import EnvironmentRecord, SealBody
from end.products import remove_products
from end.records import read_record, sync_directory, write_record
from end.refusal import Refusal, from_os_error
from end.shared import link_shared
from end.spellings import check_spelling
from end.tree import digest_of, read_tree
from end.tree_list import write_tree_list

_WRITE_BITS = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def seal(layout: Layout, journal: Journal, body: SealBody) -> str:
    """Seals a revision that was begun here and returns its tree digest.

    Asked again for the same bytes it only finishes what a crash left: the manifest, once there, is never rewritten.
    What is shared is linked before, so that verification never writes to it. Refused: another verdict, other bytes, a
    directory that was not made here, and something in the place of such a link. The caller holds the revision's lock.
    """
    name = check_revision_name(body['revision'])
    manifest = read_manifest(layout, name)
    if manifest is None:
        _check_begun(layout, journal, name, body['sha256'])
        try:
            manifest = _seal_tree(layout, journal, body)
        except OSError as error:
            raise from_os_error(error, f'sealing {name}') from error
    elif manifest['sha256'] != body['sha256']:
        raise Refusal('conflict', f'{name} stands here, made from other bytes', sha256=manifest['sha256'])
    _finish(layout, journal, name, manifest)
    return manifest['treeDigest']


def environment_record(layout: Layout, name: str) -> Optional[EnvironmentRecord]:
    """What a build step wrote to DEPLOY_RECORD; None where none wrote anything. Refuses what is no such record."""
    try:
        value = read_record(layout.record(name))
    except ValueError as error:
        raise Refusal('invalid', f'what the build wrote to DEPLOY_RECORD is no JSON: {error}') from error
    problem = None if value is None else nonconformity(value, EnvironmentRecord, 'it')
    if problem is not None:
        raise Refusal('invalid', f'what the build wrote to DEPLOY_RECORD is no record of an environment: {problem}')
    return cast(Optional[EnvironmentRecord], value)


def _check_begun(layout: Layout, journal: Journal, name: str, sha256: str) -> None:
    if read_rejection(layout, name) is not None:
        raise Refusal('rejected', f'{name} was rejected: a verdict is final')
    check_spelling(layout, name, sha256)
    history = journal.history()
    if name not in history.begun:
        raise Refusal('not-ours', f'{layout.revision(name)} was not begun by stage-deploy: it is left alone')
    if history.made[name] != sha256:
        raise Refusal('conflict', f'{name} was begun from other bytes', sha256=history.made[name])


def _seal_tree(layout: Layout, journal: Journal, body: SealBody) -> Manifest:
    name = body['revision']
    environment = environment_record(layout, name)
    _check_interpreter(layout, name, environment)
    shared = link_shared(layout, name, body['shared'], None if environment is None else environment['path'])
    entries = read_tree(layout.revision(name), _without_write_bits)
    manifest: Manifest = {
        'v': VERSION,
        'revision': name,
        'name': body['project'],
        'version': body['version'],
        'sha256': body['sha256'],
        'sourceDigest': body['sourceDigest'],
        'treeDigest': digest_of(entries),
        'environment': environment,
        'shared': shared,
        'verification': body['verification'],
        'builders': body['builders'],
        'run': journal.who.run,
        'by': journal.who.by,
        'origin': journal.who.origin,
        'command': journal.who.command,
        'atMs': time.time_ns() // 1_000_000,
        'tool': body['tool'],
    }
    write_tree_list(layout, name, entries)
    # One sync for all files of the tree instead of an fsync for each: the manifest must never be older than they.
    os.sync()
    write_record(layout.manifest(name), manifest, layout.incoming, 0o444)
    return manifest


def _check_interpreter(layout: Layout, name: str, environment: Optional[EnvironmentRecord]) -> None:
    if environment is None:
        return
    executable = os.path.join(layout.revision(name), environment['executable'])
    if not os.access(executable, os.X_OK):
        raise Refusal('not-standing', f'the environment of {name} has no interpreter at {executable}')


def _finish(layout: Layout, journal: Journal, name: str, manifest: Manifest) -> None:
    try:
        descriptor = os.open(layout.revision(name), os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            _remove_write_bits(descriptor)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if name in journal.history().begun:
            journal.append('sealed', revision=name, sha256=manifest['sha256'])
        if os.path.lexists(layout.record(name)):
            os.unlink(layout.record(name))
            sync_directory(layout.incoming)
        remove_products(layout, name)
    except OSError as error:
        raise from_os_error(error, f'sealing {name}') from error


def _without_write_bits(directory: int, name: str, descriptor: int) -> None:
    found = os.fstat(descriptor)
    if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
        _replace_by_own_copy(directory, name, descriptor, found)
    else:
        _remove_write_bits(descriptor)


def _remove_write_bits(descriptor: int) -> None:
    mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
    if mode & _WRITE_BITS:
        os.fchmod(descriptor, mode & ~_WRITE_BITS)


def _replace_by_own_copy(directory: int, name: str, descriptor: int, found: os.stat_result) -> None:
    """A file with further hard links (an installer's cache has some) is shared with somebody: its bits are not ours to
    change, and whoever holds the other name could change a sealed revision through it."""
    temporary = f'.{token_hex(8)}.copy'
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    copy = os.open(temporary, flags, 0o600, dir_fd=directory)
    try:
        with os.fdopen(os.dup(descriptor), 'rb') as source, os.fdopen(copy, 'wb') as target:
            source.seek(0)
            for chunk in iter(lambda: source.read(1 << 20), b''):
                target.write(chunk)
            target.flush()
            os.utime(target.fileno(), ns=(found.st_atime_ns, found.st_mtime_ns))
            os.fchmod(target.fileno(), stat.S_IMODE(found.st_mode) & ~_WRITE_BITS)
        os.replace(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
    except OSError:
        os.unlink(temporary, dir_fd=directory)
        raise
