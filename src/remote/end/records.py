"""Small files that are written once and whole: temporary name, fsync, rename. Never followed through a link."""

import json
import os
from typing import Optional

from end.plain_file import open_plain

# Manifests name every wheel and every step; a file larger than this was not written here.
_SIZE_LIMIT = 16 << 20


def write_record(path: str, value: object, temporaries: str, mode: int = 0o644) -> None:
    """Puts `value` as JSON at `path`, replacing what was there. Raises OSError; then `path` is as it was.

    `temporaries` is a directory on the same file system: a record in the making never stands beside real ones.
    """
    temporary = os.path.join(temporaries, f'{os.path.basename(path)}.{os.urandom(8).hex()}.new')
    write_new(temporary, value, mode)
    try:
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
    sync_directory(os.path.dirname(path))


def write_new(path: str, value: object, mode: int = 0o644) -> None:
    """Writes a file that must not be there yet, and waits until it is on the disk. On OSError it is gone again."""
    content = json.dumps(value, indent=1, sort_keys=True).encode('ascii') + b'\n'
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
    try:
        with os.fdopen(descriptor, 'wb') as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        os.unlink(path)
        raise


def read_record(path: str) -> Optional[object]:
    """What stands in a record; None where there is none. Raises OSError, and ValueError for what is no record."""
    try:
        descriptor = open_plain(path)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, 'rb') as file:
        content = file.read(_SIZE_LIMIT + 1)
    if len(content) > _SIZE_LIMIT:
        raise ValueError('it is too large')
    try:
        value: object = json.loads(content)
    except RecursionError as error:
        raise ValueError('it is nested too deep') from error
    if value is None:
        raise ValueError('it is empty')
    return value


def sync_directory(path: str) -> None:
    """Makes a rename or an unlink in a directory survive a power failure."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
