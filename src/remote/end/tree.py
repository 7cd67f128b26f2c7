"""A directory tree read once, without ever following a link: what is in it, and the digest of that."""

import hashlib
import os
import stat
from typing import Callable, Iterable, Iterator, List, NamedTuple

from end.refusal import Refusal

# A descriptor is held open for every level: a login may have 1024 (getrlimit(2)). Python's stack ends at 1000.
DEPTH_LIMIT = 200

_CHUNK = 1 << 20
OPEN_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: what was a file a moment ago may be a pipe now, and opening it must not wait.
OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class TreeEntry(NamedTuple):
    """One entry below the top. `kind`: d directory, f file, x executable file, l symlink, o anything else."""

    path: bytes
    kind: bytes
    # The sha256 of a file, the text of a link, nothing for the rest.
    content: bytes


# Called for every file and directory when it has been read: its directory's descriptor, its name, its descriptor.
# A directory is left after everything in it; the top itself is not left.
Leave = Callable[[int, str, int], None]


def digest_of(entries: Iterable[TreeEntry]) -> str:
    """The sha256 over path, kind and content of all entries, in the order of their paths' components.

    Every part is preceded by its length, so that no two trees have the same digest. Owner, times and the write bits
    are not part of it: a sealed tree has the digest it had before.
    """
    total = hashlib.sha256()
    for line in told(entries):
        total.update(line)
    return total.hexdigest()


def told(entries: Iterable[TreeEntry]) -> Iterator[bytes]:
    """What a digest is the sha256 of, entry by entry."""
    for entry in sorted(entries, key=lambda each: each.path.split(b'/')):
        yield b'%b%d:%b%d:%b' % (entry.kind, len(entry.path), entry.path, len(entry.content), entry.content)


def tree_digest(top: str) -> str:
    """The digest of everything below `top` but `.revision.json`, which names it. Raises OSError."""
    return digest_of(read_tree(top, lambda directory, name, descriptor: None))


def read_tree(top: str, leave: Leave) -> List[TreeEntry]:
    """Everything below `top` but its `.revision.json`, in no order. Raises OSError, Refusal for a tree too deep."""
    descriptor = os.open(top, OPEN_DIRECTORY)
    try:
        entries: List[TreeEntry] = []
        _read_directory(descriptor, b'', 0, entries, leave)
    finally:
        os.close(descriptor)
    return [entry for entry in entries if entry.path != b'.revision.json']


def _read_directory(directory: int, prefix: bytes, depth: int, entries: List[TreeEntry], leave: Leave) -> None:
    if depth > DEPTH_LIMIT:
        raise Refusal('invalid', f'the tree is more than {DEPTH_LIMIT} directories deep at {prefix[:200]!r}')
    with os.scandir(directory) as listing:
        names = [(found.name, found.stat(follow_symlinks=False).st_mode) for found in listing]
    for name, mode in names:
        path = prefix + os.fsencode(name)
        if stat.S_ISDIR(mode):
            entries.append(TreeEntry(path, b'd', b''))
            descriptor = os.open(name, OPEN_DIRECTORY, dir_fd=directory)
            try:
                _read_directory(descriptor, path + b'/', depth + 1, entries, leave)
                leave(directory, name, descriptor)
            finally:
                os.close(descriptor)
        elif stat.S_ISREG(mode):
            entries.append(_read_file(directory, name, path, leave))
        elif stat.S_ISLNK(mode):
            entries.append(TreeEntry(path, b'l', os.fsencode(os.readlink(name, dir_fd=directory))))
        else:
            entries.append(TreeEntry(path, b'o', b''))


def _read_file(directory: int, name: str, path: bytes, leave: Leave) -> TreeEntry:
    descriptor = os.open(name, OPEN_FILE, dir_fd=directory)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return TreeEntry(path, b'o', b'')
        content = content_of(descriptor)
        leave(directory, name, descriptor)
        return TreeEntry(path, b'x' if found.st_mode & stat.S_IXUSR else b'f', content)
    finally:
        os.close(descriptor)


def content_of(descriptor: int) -> bytes:
    """The sha256 of what can be read from an open file. Raises OSError."""
    content = hashlib.sha256()
    while True:
        chunk = os.read(descriptor, _CHUNK)
        if chunk == b'':
            return content.digest()
        content.update(chunk)
