"""The members of a .tar.gz, in one pass and with bounded memory; anything but a whole archive is refused."""

import gzip
import hashlib
import tarfile
import zlib
from contextlib import contextmanager
from typing import IO, BinaryIO, Iterator, List, Protocol, Tuple, cast

from end.refusal import Refusal

# Above this, a header record (a long name, pax attributes) is there to fill memory, not to name a file.
_HEADER_LIMIT = 1 << 20
_HEADER_TYPES = (
    tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK,
)

# tar pads to a record of 10 KiB; nobody needs this much after the end.
_PADDING_LIMIT = 16 << 20

_CHUNK = 1 << 20
# A multiple of the block of 512 bytes.
_READ_AHEAD = 1 << 16


class Readable(Protocol):
    def read(self, size: int = -1) -> bytes: ...


class Hashed:
    """A file that is read once, from its start to its end, and the sha256 of what was read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self._digest.update(chunk)
        return chunk

    def sha256(self) -> str:
        """Of the whole file: what nobody has read is read now."""
        while self.read(_CHUNK):
            pass
        return self._digest.hexdigest()


def members(file: Readable) -> Iterator[Tuple[tarfile.TarInfo, Iterator[bytes]]]:
    """Each member with its content, in order; a content must be read before the next member is asked for.

    `tarfile` takes a broken header for the end of the archive. So the place where it stopped is looked at: there
    must be the mark of the end, a block of zeros (tar(5)), and the compressed data is read to its checksum.
    """
    plain = _Remembering(gzip.GzipFile(fileobj=cast(BinaryIO, file), mode='rb'))
    # A stream (`r|`) is only ever read.
    with _refusing(), _Archive.open(fileobj=cast(IO[bytes], plain), mode='r|', bufsize=_READ_AHEAD, tarinfo=_Member,
                                    encoding='utf-8', errors='surrogateescape') as archive:
        for member in iter(archive.next, None):
            yield member, _content(archive, member)
            # tarfile keeps every member for a later look-up by name; here nobody looks one up.
            archive.members.clear()
        if plain.block_at(archive.offset) != bytes(tarfile.BLOCKSIZE):
            raise tarfile.ReadError('its end is missing')
        plain.drain()


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError) as error:
        raise Refusal('archive', f'the sdist is refused: it is no whole .tar.gz ({error})') from error


class _Archive(tarfile.TarFile):
    """What typeshed does not say of a TarFile: where it stopped, and its list of members."""

    offset: int
    members: List[tarfile.TarInfo]


class _Member(tarfile.TarInfo):
    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        # The documented way to step in between a header and what is read because of it (see tarfile's source).
        if self.type in _HEADER_TYPES and self.size > _HEADER_LIMIT:
            raise tarfile.SubsequentHeaderError('a header of more than 1 MiB')  # type: ignore[attr-defined]
        member: tarfile.TarInfo = super()._proc_member(archive)  # type: ignore[misc]
        return member


class _Remembering:
    """The decompressed archive, with its latest blocks kept: the one at which `tarfile` stopped is among them."""

    def __init__(self, file: gzip.GzipFile) -> None:
        self._file = file
        self._end = 0
        self._latest: List[bytes] = []

    def read(self, size: int) -> bytes:
        chunk = self._file.read(size)
        if chunk != b'':
            self._end += len(chunk)
            self._latest = [*self._latest[-1:], chunk]
        return chunk

    def block_at(self, offset: int) -> bytes:
        kept = b''.join(self._latest)
        start = offset - (self._end - len(kept))
        return kept[start:start + tarfile.BLOCKSIZE] if start >= 0 else b''

    def drain(self) -> None:
        drained = 0
        while drained <= _PADDING_LIMIT:
            chunk = self._file.read(_CHUNK)
            if chunk == b'':
                return
            drained += len(chunk)
        raise tarfile.ReadError('there is more after its end')


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    if not member.isreg():
        return
    with _refusing():
        file = archive.extractfile(member)
        left = 0 if file is None else member.size
        while file is not None and left > 0:
            chunk = file.read(min(left, _CHUNK))
            if chunk == b'':
                raise tarfile.ReadError('unexpected end of data')
            left -= len(chunk)
            yield chunk
