"""One sealed revision compared with what its manifest says of it. Reads every byte of it, and writes none."""

import os
import stat
from typing import List, Optional

from end.closed import name_of
from end.layout import Layout
from end.manifest import Manifest
from end.messages import SealedReport, SealedReportDanglingItem, TreeReport
from end.plain_file import open_plain
from end.revisions import Checking, why_not_running
from end.survey import Seen, survey
from end.tree import content_of, digest_of
from end.tree_changes import changes_since, touched_since
from end.tree_list import read_tree_list

_WRITE_BITS = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_MANIFEST = b'.revision.json'


def compare_sealed(layout: Layout, name: str, manifest: Manifest, checking: Checking) -> SealedReport:
    """Raises OSError where the revision's own directory cannot be read."""
    environment = manifest['environment']
    return {
        'sha256': manifest['sha256'],
        'treeDigest': manifest['treeDigest'],
        'python': None if environment is None else environment['python'],
        'executable': None if environment is None else environment['executable'],
        'interpreter': why_not_running(layout, name, manifest, checking),
        'builders': manifest['builders'],
        'sdist': _stored_sdist(layout, name),
        'dangling': _dangling(layout, manifest),
        'tree': _compare_tree(layout, name, manifest, survey(layout.revision(name), checking.cancelled)),
    }


def _compare_tree(layout: Layout, name: str, manifest: Manifest, seen: List[Seen]) -> TreeReport:
    top = os.lstat(layout.revision(name))
    inside = [each for each in seen if each.entry.path != _MANIFEST]
    whole = all(each.read for each in inside)
    digest = digest_of(each.entry for each in inside) if whole else None
    sealed = read_tree_list(layout, name, manifest['treeDigest'])
    if digest == manifest['treeDigest']:
        changes = []
    elif sealed is not None:
        changes = changes_since(sealed, inside)
    else:
        changes = touched_since(os.lstat(layout.manifest(name)).st_mtime_ns, inside)
    writable = [(os.fsdecode(each.entry.path), each.mode) for each in seen if each.entry.kind != b'l' and each.mode & _WRITE_BITS]
    if stat.S_IMODE(top.st_mode) & _WRITE_BITS:
        writable.insert(0, ('', stat.S_IMODE(top.st_mode)))
    strange = [(os.fsdecode(each.entry.path), name_of(each.uid)) for each in seen if each.uid != top.st_uid]
    return {
        'digest': digest,
        'listed': sealed is not None,
        'changes': changes,
        'changesTotal': len(changes),
        'writable': [{'path': path, 'mode': mode} for path, mode in writable],
        'writableTotal': len(writable),
        'strange': [{'path': path, 'owner': owner} for path, owner in strange],
        'strangeTotal': len(strange),
    }


def _stored_sdist(layout: Layout, name: str) -> Optional[str]:
    try:
        descriptor = open_plain(layout.sdist(name))
    except OSError:
        return None
    try:
        return content_of(descriptor).hex()
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _dangling(layout: Layout, manifest: Manifest) -> List[SealedReportDanglingItem]:
    shared = os.path.join(layout.root, 'shared')
    return [
        {'path': link['path'], 'target': link['target']}
        for link in manifest['shared'] if not os.path.exists(os.path.join(shared, link['target']))
    ]
