"""Why the system lets this account not into a place: the place that refuses is mostly not the one that an error names."""

import errno
import os
import pwd
import stat
from typing import Iterator, Optional

_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)


def why_closed(directory: str) -> Optional[str]:
    """Why this user cannot create entries in a directory: access(2) is asked, and the mount's flags."""
    if _is_read_only(directory):
        return f'{directory} is on a file system that is mounted read-only'
    if os.access(directory, os.R_OK | os.W_OK | os.X_OK):
        return None
    return f'{directory} is not writable for {account()}: {_whose(directory)}'


def who_refused(error: OSError) -> Optional[str]:
    """The directory or file that an error is due to, with what is missing there and what to do; None where it cannot be told.

    rename(2) is refused by a directory, and its error names the link that was to be moved.
    """
    if error.errno not in _CLOSED:
        return None
    for path in _named(error):
        try:
            found = _why_file_closed(path) or why_closed(os.path.dirname(path) or '.')
        except OSError:
            continue
        if found is not None:
            return f'{found}; {"mount it writable" if error.errno == errno.EROFS else f"give {account()} that permission"}'
    return None


def owner_of(path: str) -> str:
    return name_of(os.stat(path).st_uid)


def account() -> str:
    return name_of(os.geteuid())


def _named(error: OSError) -> Iterator[str]:
    """Where something was to come to be, before where it came from."""
    for path in (error.filename2, error.filename):
        if isinstance(path, str):
            yield path


def _why_file_closed(path: str) -> Optional[str]:
    if os.path.islink(path) or not os.path.isfile(path) or _is_read_only(path):
        return None
    if os.access(path, os.R_OK | os.W_OK):
        return None
    missing = 'writable' if os.access(path, os.R_OK) else 'readable'
    return f'{path} is not {missing} for {account()}: {_whose(path)}'


def _is_read_only(path: str) -> bool:
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _whose(path: str) -> str:
    return f'it belongs to {owner_of(path)}, mode {stat.S_IMODE(os.stat(path).st_mode):04o}'


def name_of(uid: int) -> str:
    """The name of a user, or the number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
