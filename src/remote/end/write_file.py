"""Makes a file of what it reads: a program of its own, because it may be run by sudo, as another user.

    python3 -c <this text> PATH MODE SIZE < CONTENT

The file is there whole or not at all: written beside its place, synced, renamed. One that is so already is left alone.
What does not arrive whole, SIZE bytes, is not written. Its owner stays who it was, where root writes it. It imports nothing of the remote end.
"""

import os
import stat
import sys
import tempfile
from typing import Optional


def write_file(path: str, mode: int, content: bytes) -> bool:
    """Was there anything to write? Raises OSError."""
    before = _state(path)
    if before is not None and stat.S_IMODE(before.st_mode) == mode and _content(path) == content:
        return False
    descriptor, beside = tempfile.mkstemp(prefix='.' + os.path.basename(path)[:100] + '.', dir=os.path.dirname(path))
    try:
        with os.fdopen(descriptor, 'wb') as file:
            file.write(content)
            if before is not None and os.geteuid() == 0:
                os.fchown(descriptor, before.st_uid, before.st_gid)
            os.fchmod(descriptor, mode)
            file.flush()
            os.fsync(descriptor)
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise
    _sync_directory(os.path.dirname(path))
    return True


def _state(path: str) -> Optional[os.stat_result]:
    """Of a plain file; anything else is replaced like a file that is not there."""
    try:
        state = os.lstat(path)
    except FileNotFoundError:
        return None
    return state if stat.S_ISREG(state.st_mode) else None


def _content(path: str) -> Optional[bytes]:
    """What cannot be read can still be replaced, and so can what has become something else meanwhile: nobody waits for it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, 'rb') as file:
        return file.read() if stat.S_ISREG(os.fstat(descriptor).st_mode) else None


def _sync_directory(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def main(path: str, mode: str, size: str) -> None:
    content = sys.stdin.buffer.read()
    # Whoever was writing has died: the end of its pipe is no end of the text.
    if len(content) != int(size):
        sys.exit(f'{path}: not written: {len(content)} of {size} bytes of its text have arrived')
    try:
        written = write_file(path, int(mode, 8), content)
    except OSError as error:
        sys.exit(f'{path}: {error.strerror or error}')
    print(f'{path}: {"written" if written else "unchanged"}')


if __name__ == '__main__':
    main(*sys.argv[1:])
