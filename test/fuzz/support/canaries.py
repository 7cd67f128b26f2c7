"""What must not be touched around a root, and how to see that it was not."""

import errno
import os
from typing import Dict, Tuple

Snapshot = Dict[bytes, Tuple[int, int]]


def plant(directory: str) -> None:
    """Canaries by the names that hostile archives use."""
    with open(os.path.join(directory, 'canary'), 'w') as file:
        file.write('untouched')
    os.symlink('canary', os.path.join(directory, 'canary-link'))
    os.mkdir(os.path.join(directory, 'canary-directory'))


def snapshot(top: str) -> Snapshot:
    """Everything below a directory: mode, and of what is no directory the time at which it was last changed in any way."""
    found: Snapshot = {}
    waiting = [os.fsencode(top)]
    while waiting:
        with os.scandir(waiting.pop()) as listing:
            for entry in listing:
                status = entry.stat(follow_symlinks=False)
                is_directory = entry.is_dir(follow_symlinks=False)
                found[entry.path] = (status.st_mode, 0 if is_directory else status.st_ctime_ns)
                waiting += [entry.path] if is_directory else []
    return found


def check_inside(top: str, path: bytes) -> None:
    """Wherever a link leads, it must not be out of the tree. In a circle it leads nowhere."""
    full = os.path.join(os.fsencode(top), path)
    try:
        os.stat(full)
    except OSError as error:
        if error.errno == errno.ELOOP:
            # realpath(3) of Python takes a part of such a link for an absolute path.
            return
    inside = os.path.realpath(os.fsencode(top))
    real = os.path.realpath(full)
    if real != inside and not real.startswith(inside + b'/'):
        raise AssertionError(f'{path!r} leads to {real!r}')
