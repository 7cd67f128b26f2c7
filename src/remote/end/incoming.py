"""An sdist on its way in: hashed while it arrives, in place only when it is whole and what was announced."""

import hashlib
import os
import re
from secrets import token_hex

from end.layout import Layout, check_revision_name
from end.manifest import read_manifest, read_rejection
from end.records import sync_directory
from end.refusal import Refusal, from_os_error
from end.spellings import check_spelling

# Measured (Linux 6.18, ext4, a virtual machine): of an upload of 100 MiB to three hosts the remote ends' system time was 0.6 s
# in writes of 252 KiB and 0.25 s in these. Probably the larger pages that the kernel then takes for the file (large folios).
WRITE_SIZE = 64 << 10

# Of parts that dead runs left of one sdist: an upload does not wait for the removal of thousands.
_PARTS_AT_ONCE = 10


def check_wanted(layout: Layout, name: str, sha256: str) -> None:
    """Refuses bytes for a revision that stands here ('conflict') or is rejected ('rejected'), however it is spelt."""
    manifest = read_manifest(layout, name)
    if manifest is not None:
        made = 'the same bytes' if manifest['sha256'] == sha256 else 'other bytes'
        raise Refusal('conflict', f'{name} stands here already, made from {made}', sha256=manifest['sha256'])
    rejection = read_rejection(layout, name)
    if rejection is not None:
        raise Refusal('rejected', f'{name} was rejected: {rejection["reason"]}. Ship a new version, or discard it',
                      sha256=rejection['sha256'])
    check_spelling(layout, name, sha256)


class Incoming:
    """Takes the bytes of one sdist; ends with `finish` or `discard`. Raises Refusal, after which it is discarded."""

    def __init__(self, layout: Layout, revision: str, sha256: str, size: int) -> None:
        self._name = check_revision_name(revision)
        check_wanted(layout, revision, sha256)
        self._announced = sha256
        self._left = size
        self._digest = hashlib.sha256()
        self._target = layout.sdist(revision)
        self._temporary = os.path.join(layout.incoming, f'{revision}.{token_hex(8)}.sdist')
        _remove_parts(layout, revision)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            self._file = os.fdopen(os.open(self._temporary, flags, 0o644), 'wb', buffering=0)
        except OSError as error:
            raise from_os_error(error, f'receiving the sdist of {revision}') from error

    def write(self, chunk: memoryview) -> None:
        self._left -= len(chunk)
        if self._left < 0:
            self.discard()
            raise Refusal('digest', f'more bytes arrived for {self._name} than were announced')
        try:
            rest = chunk
            while rest:
                rest = rest[self._file.write(rest[:WRITE_SIZE]) or 0:]
        except OSError as error:
            self.discard()
            raise from_os_error(error, f'receiving the sdist of {self._name}') from error
        self._digest.update(chunk)

    def finish(self) -> str:
        """Puts the sdist in its place and returns its sha256; the one before, of an unfinished build, is replaced."""
        found = self._digest.hexdigest()
        if self._left > 0 or found != self._announced:
            self.discard()
            missing = f'{self._left} bytes are missing' if self._left > 0 else f'its sha256 is {found}'
            raise Refusal('digest', f'the sdist of {self._name} did not arrive as it was sent: {missing}')
        try:
            os.fsync(self._file.fileno())
            self._file.close()
            os.replace(self._temporary, self._target)
            sync_directory(os.path.dirname(self._target))
        except OSError as error:
            self.discard()
            raise from_os_error(error, f'receiving the sdist of {self._name}') from error
        return found

    def discard(self) -> None:
        """Removes what has arrived. Idempotent; does nothing after `finish`."""
        try:
            self._file.close()
        except OSError:
            # A full disk may be reported by close(2) too; the file is being thrown away.
            pass
        try:
            os.unlink(self._temporary)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise from_os_error(error, f'removing the received part of the sdist of {self._name}') from error


def _remove_parts(layout: Layout, revision: str) -> None:
    """A few of those that arrived for a remote end that was killed; the rest is left to `sweep`. The caller holds the
    revision's lock: nobody is writing to it.
    """
    part = re.compile(re.escape(revision) + r'\.[0-9a-f]{16}\.sdist')
    try:
        for name in [name for name in os.listdir(layout.incoming) if part.fullmatch(name)][:_PARTS_AT_ONCE]:
            os.unlink(os.path.join(layout.incoming, name))
    except OSError as error:
        raise from_os_error(error, f'removing what arrived of {revision} before') from error
