"""Opens what has to be a plain file: nothing else is waited for, read without an end, or followed to another place."""

import errno
import os
import stat
from typing import Optional

_KINDS = {
    stat.S_IFIFO: 'a FIFO', stat.S_IFDIR: 'a directory', stat.S_IFSOCK: 'a socket', stat.S_IFLNK: 'a symbolic link',
    stat.S_IFCHR: 'a device', stat.S_IFBLK: 'a device',
}


def open_plain(path: str, flags: int = os.O_RDONLY, mode: int = 0o600, *, dir_fd: Optional[int] = None) -> int:
    """A descriptor; with O_CREAT in `flags` of a new file, if there is none. Raises OSError, which names the path and what it is.

    With O_NONBLOCK a FIFO or a device is opened at once, or not at all (open(2)); then it is looked at, so that nobody can put
    another thing there in between. On a plain file the flag means nothing.
    """
    try:
        descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, mode, dir_fd=dir_fd)
    except OSError as error:
        # ELOOP: a link. ENXIO: a socket, or a FIFO that is opened to be written. EISDIR: a directory, likewise.
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR):
            raise _not_plain(path, dir_fd) from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _not_plain(path, dir_fd)
    return descriptor


def _not_plain(path: str, dir_fd: Optional[int]) -> OSError:
    try:
        kind = _KINDS.get(stat.S_IFMT(os.stat(path, dir_fd=dir_fd, follow_symlinks=False).st_mode), 'something else')
    except OSError:
        kind = 'something else'
    return OSError(errno.EINVAL, f'it is {kind}, no plain file', path)
