"""Unpacks an sdist into a revision's new directory; nothing is ever written outside of it (DESIGN 5)."""

import errno
import hashlib
import os
import tarfile
from typing import Callable, Dict, Iterator, NamedTuple, Optional

from end.member import Parts, check_kind, check_links, is_nameless, place_of, refused
from end.plain_file import open_plain
from end.refusal import Refusal, from_os_error
from end.tarball import Hashed, members
from end.tree import TreeEntry, digest_of

# More is no source distribution, but a way to fill a file system with inodes.
_MEMBERS_LIMIT = 200_000

# What we write into a revision ourselves: an sdist that brings its own verdict is not believed.
_OURS = ((b'.revision.json',), (b'.build.log',))

# The largest time that ext4 can store (ext4(5): the year 2446); XFS and others can store later ones.
_TIME_LIMIT = 0x3_7FFF_FFFF


class Unpacked(NamedTuple):
    # Of the very bytes that were unpacked: a build of another revision can write where sdists are kept.
    sha256: str
    source_digest: str
    # Files, directories and links.
    files: int
    bytes: int


def unpack(sdist: str, into: str, cancelled: Callable[[], bool]) -> Unpacked:
    """Unpacks into the empty directory `into` what stands below the one top-level directory of an sdist.

    Modes are 0755 for directories and executable files and 0644 for the rest; times are kept. Refused ('archive'):
    what leaves the tree, devices, set-id bits, more than one top-level directory, no PKG-INFO, and
    what is not a whole archive. After a refusal `into` holds a part of the tree, none of it outside.
    """
    unpacking = _Unpacking(os.fsencode(into), cancelled)
    try:
        with os.fdopen(open_plain(sdist), 'rb') as file:
            hashed = Hashed(file)
            for count, (member, content) in enumerate(members(hashed)):
                if count >= _MEMBERS_LIMIT:
                    raise Refusal('archive', f'the sdist is refused: it has more than {_MEMBERS_LIMIT} members')
                unpacking.take(member, content)
            return unpacking.finish(hashed.sha256())
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise Refusal('archive', 'the sdist is refused: it has a path that is too long for this host') from error
        raise from_os_error(error, 'unpacking the sdist') from error


class _Unpacking:
    """The tree as far as it is unpacked. Links are made last, so nothing can ever be written through one."""

    def __init__(self, into: bytes, cancelled: Callable[[], bool]) -> None:
        self._into = into
        self._cancelled = cancelled
        self._top: Optional[bytes] = None
        self._entries: Dict[Parts, TreeEntry] = {}
        self._links: Dict[Parts, bytes] = {}
        self._bytes = 0

    def take(self, member: tarfile.TarInfo, content: Iterator[bytes]) -> None:
        self._stop_if_cancelled()
        if is_nameless(member):
            return
        parts = self._parts_of(member.name)
        check_kind(member)
        if parts[:1] in _OURS:
            raise refused(member.name, 'what has this name is made on the host')
        if member.isdir():
            self._make_directory(member.name, parts)
        elif parts == ():
            raise refused(member.name, 'it stands where the top-level directory belongs')
        else:
            self._make_directory(member.name, parts[:-1])
            self._make_room(member.name, parts)
            self._make(member, parts, content)

    def finish(self, sha256: str) -> Unpacked:
        check_links(self._links)
        if self._kind((b'PKG-INFO',)) not in (b'f', b'x'):
            raise Refusal('archive', 'the sdist is refused: it has no PKG-INFO')
        for parts, text in self._links.items():
            os.symlink(text, self._path(parts))
        return Unpacked(sha256, digest_of(self._entries.values()), len(self._entries), self._bytes)

    def _parts_of(self, name: str) -> Parts:
        place = place_of(name)
        if self._top is None:
            self._top = place.top
        if place.top != self._top:
            raise refused(name, 'there must be one top-level directory, and this is a second one')
        return place.parts

    def _make_directory(self, name: str, parts: Parts) -> None:
        """Makes a directory and those above it; each must be one, never a file or a link of the archive."""
        for length in range(1, len(parts) + 1):
            above = parts[:length]
            kind = self._kind(above)
            if kind is None:
                os.mkdir(self._path(above), 0o755)
                self._entries[above] = TreeEntry(b'/'.join(above), b'd', b'')
            elif kind != b'd':
                raise refused(name, 'a part of its path is a file or a link of the archive')

    def _make_room(self, name: str, parts: Parts) -> None:
        """A file that comes twice is what tar makes of an update: the later one counts. Anything else is refused."""
        kind = self._kind(parts)
        if kind is None:
            return
        if kind == b'd':
            raise refused(name, 'there is a directory by this name')
        if kind == b'l':
            raise refused(name, 'there is a link by this name')
        os.unlink(self._path(parts))
        del self._entries[parts]

    def _make(self, member: tarfile.TarInfo, parts: Parts, content: Iterator[bytes]) -> None:
        if member.issym():
            text = member.linkname.encode('utf-8', 'surrogateescape')
            if text == b'' or b'\0' in text:
                raise refused(member.name, 'it is a link without a usable target')
            self._links[parts] = text
            self._entries[parts] = TreeEntry(b'/'.join(parts), b'l', text)
        elif member.islnk():
            self._copy(member, parts)
        else:
            executable = member.mode & 0o100 != 0
            self._write(parts, content, executable, _time_of(member))

    def _copy(self, member: tarfile.TarInfo, parts: Parts) -> None:
        """A hard link becomes a copy: two names of one file would be sealed, and copied apart, as one."""
        source = self._parts_of(member.linkname)
        kind = self._kind(source)
        if kind not in (b'f', b'x'):
            raise refused(member.name, 'it is a hard link to what is no file of the archive before it')
        with os.fdopen(open_plain(os.fsdecode(self._path(source))), 'rb') as file:
            self._write(parts, iter(lambda: file.read(1 << 20), b''), kind == b'x', _time_of(member))

    def _write(self, parts: Parts, content: Iterator[bytes], executable: bool, time: int) -> None:
        mode = 0o755 if executable else 0o644
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        digest = hashlib.sha256()
        with os.fdopen(os.open(self._path(parts), flags, mode), 'wb', buffering=0) as file:
            for chunk in content:
                self._stop_if_cancelled()
                _write_all(file.fileno(), chunk)
                digest.update(chunk)
                self._bytes += len(chunk)
            os.utime(file.fileno(), (time, time))
        self._entries[parts] = TreeEntry(b'/'.join(parts), b'x' if executable else b'f', digest.digest())

    def _kind(self, parts: Parts) -> Optional[bytes]:
        entry = self._entries.get(parts)
        return None if entry is None else entry.kind

    def _path(self, parts: Parts) -> bytes:
        return os.path.join(self._into, *parts)

    def _stop_if_cancelled(self) -> None:
        if self._cancelled():
            raise Refusal('cancelled', 'unpacking was cancelled')


def _write_all(descriptor: int, chunk: bytes) -> None:
    while chunk:
        chunk = chunk[os.write(descriptor, chunk):]


def _time_of(member: tarfile.TarInfo) -> int:
    """Whole seconds, whatever a header claims: pax times may be fractions, negative, infinite."""
    time = member.mtime
    return int(min(max(time, 0), _TIME_LIMIT)) if time == time else 0
