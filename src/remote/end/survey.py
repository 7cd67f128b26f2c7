"""A sealed tree as it is now, read as far as it can be: what cannot is told, and hides nothing else."""

import os
import stat
from typing import Callable, List, NamedTuple

from end.plain_file import open_plain
from end.refusal import Refusal
from end.tree import DEPTH_LIMIT, OPEN_DIRECTORY, TreeEntry, content_of


class Seen(NamedTuple):
    """One entry of a tree. `content` is empty where it could not be read."""

    entry: TreeEntry
    mode: int
    uid: int
    # When it was last changed in any way: ctime, which nobody can set.
    changed_ns: int
    read: bool


def survey(top: str, cancelled: Callable[[], bool]) -> List[Seen]:
    """Everything below `top`, a directory before what is in it, links never followed. Raises OSError for the top itself."""
    descriptor = os.open(top, OPEN_DIRECTORY)
    try:
        seen: List[Seen] = []
        _survey_below(descriptor, b'', 0, seen, cancelled)
        return seen
    finally:
        os.close(descriptor)


def _survey_below(directory: int, prefix: bytes, depth: int, seen: List[Seen], cancelled: Callable[[], bool]) -> None:
    if depth > DEPTH_LIMIT:
        raise OSError(f'more than {DEPTH_LIMIT} directories deep')
    with os.scandir(directory) as listing:
        names = sorted(found.name for found in listing)
    for name in names:
        if cancelled():
            raise Refusal('cancelled', 'it was cancelled')
        try:
            found = os.stat(name, dir_fd=directory, follow_symlinks=False)
        except FileNotFoundError:
            continue
        at, path = len(seen), prefix + os.fsencode(name)
        seen.append(_see(directory, name, path, found))
        if stat.S_ISDIR(found.st_mode):
            try:
                below = os.open(name, OPEN_DIRECTORY, dir_fd=directory)
                try:
                    _survey_below(below, path + b'/', depth + 1, seen, cancelled)
                finally:
                    os.close(below)
            except OSError:
                seen[at] = seen[at]._replace(read=False)


def _see(directory: int, name: str, path: bytes, found: os.stat_result) -> Seen:
    kind, content, read = b'o', b'', True
    try:
        if stat.S_ISDIR(found.st_mode):
            kind = b'd'
        elif stat.S_ISLNK(found.st_mode):
            kind = b'l'
            content = os.fsencode(os.readlink(name, dir_fd=directory))
        elif stat.S_ISREG(found.st_mode):
            kind = b'x' if found.st_mode & stat.S_IXUSR else b'f'
            content = _content(directory, name)
    except OSError:
        read = False
    return Seen(TreeEntry(path, kind, content), stat.S_IMODE(found.st_mode), found.st_uid, found.st_ctime_ns, read)


def _content(directory: int, name: str) -> bytes:
    descriptor = open_plain(name, dir_fd=directory)
    try:
        return content_of(descriptor)
    finally:
        os.close(descriptor)
