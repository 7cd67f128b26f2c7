"""One member of an sdist, judged by itself: where it may go in the tree, and as what (DESIGN 5). Pure."""

import tarfile
from typing import Dict, List, NamedTuple, Tuple

from end.refusal import Refusal
from end.tree import DEPTH_LIMIT

# NAME_MAX of every file system that hosts use (limits.h(0P)).
_COMPONENT_LIMIT = 255

# Linux gives up (ELOOP) after as many links in one path: path_resolution(7).
_HOPS_LIMIT = 40

Parts = Tuple[bytes, ...]


class Place(NamedTuple):
    """A member's name: the archive's top-level directory, and the path below it (empty for that directory itself)."""

    top: bytes
    parts: Parts


def place_of(name: str) -> Place:
    """Where a member belongs. Refused: absolute names, `..`, line breaks, overlong ones."""
    raw = name.encode('utf-8', 'surrogateescape')
    parts = [part for part in raw.split(b'/') if part not in (b'', b'.')]
    if raw.startswith(b'/'):
        raise refused(name, 'its path is absolute')
    if b'..' in parts:
        raise refused(name, 'its path has ..')
    if b'\n' in raw or b'\0' in raw:
        raise refused(name, 'its path has a line break or a NUL')
    if not parts:
        raise refused(name, 'it has no name')
    if len(parts) > DEPTH_LIMIT or any(len(part) > _COMPONENT_LIMIT for part in parts):
        raise refused(name, 'its path is too long')
    return Place(parts[0], tuple(parts[1:]))


def is_nameless(member: tarfile.TarInfo) -> bool:
    """The directory in which the archive was made, `./`: there is nothing to be made for it."""
    return member.isdir() and member.name.startswith('.') and set(member.name.split('/')) <= {'', '.'}


def check_kind(member: tarfile.TarInfo) -> None:
    """Refuses what an sdist has no use for: devices, pipes, sparse files, set-id bits of files.

    Those of directories are passed over: they only say in what kind of directory the sdist was packed, and modes are
    not taken from the archive. The runner decides alike (src/artifact/tree-faults.ts).
    """
    if not (member.isreg() or member.isdir() or member.issym() or member.islnk()):
        raise refused(member.name, 'it is a device, a pipe or something else that is no file, directory or link')
    if member.issparse():
        raise refused(member.name, 'it is a sparse file')
    if (member.isreg() or member.islnk()) and member.mode & 0o6000:
        raise refused(member.name, 'it has a set-user-id or set-group-id bit')


def check_links(links: Dict[Parts, bytes]) -> None:
    """Refuses a symlink that leaves the tree, by its own text or through other links of the archive in any order."""
    for parts in links:
        if not _stays(parts, links):
            raise refused(_shown(parts), 'it is a link that leads out of the tree')


def refused(name: str, why: str) -> Refusal:
    return Refusal('archive', f'the sdist is refused for its member {name[:200]!r}: {why}', member=name[:200])


def _stays(start: Parts, links: Dict[Parts, bytes]) -> bool:
    """Walks the path as the kernel would, over the links as they are going to be. A loop leads nowhere, so it stays."""
    waiting: List[bytes] = list(reversed(start))
    reached: List[bytes] = []
    hops = 0
    while waiting:
        part = waiting.pop()
        if part == b'..':
            if not reached:
                return False
            reached.pop()
            continue
        reached.append(part)
        text = links.get(tuple(reached))
        if text is None:
            continue
        hops += 1
        if text.startswith(b'/'):
            return False
        if hops > _HOPS_LIMIT:
            return True
        reached.pop()
        waiting.extend(each for each in reversed(text.split(b'/')) if each not in (b'', b'.'))
    return True


def _shown(parts: Parts) -> str:
    return b'/'.join(parts).decode('utf-8', 'backslashreplace')
