"""In which revisions processes still run, as far as this user can see."""

import os
import re
from typing import Iterator, Set

from end.layout import Layout

# What tells: the program, where it is, how it was called (a console script is an argument of its interpreter), and
# what it has mapped (compiled extensions). The last two are readable only for processes of the same user.
_LINKS = ('exe', 'cwd')
_FILES = ('cmdline', 'maps')

# The maps of a large process; more than this is not read.
_SIZE_LIMIT = 8 << 20


def revisions_in_use(layout: Layout) -> Set[str]:
    """Names of entries of the root that any process names; none where there is no /proc.

    A process that was started through a stage's link and has loaded no extension is not recognised: that is what
    `keepRevisions` is for.
    """
    roots = {os.fsencode(layout.root), os.fsencode(os.path.realpath(layout.root))}
    named = re.compile(b'(?:' + b'|'.join(map(re.escape, sorted(roots))) + rb')/([A-Za-z0-9][A-Za-z0-9._+!-]*)')
    found: Set[str] = set()
    for process in _processes():
        for text in _texts(process):
            found.update(name.decode('ascii') for name in named.findall(text))
    return found


def _processes() -> Iterator[str]:
    try:
        names = os.listdir('/proc')
    except OSError:
        return
    for name in names:
        # What this process runs are steps of its own run, which hold the locks that matter.
        if name.isdigit() and int(name) != os.getpid():
            yield os.path.join('/proc', name)


def _texts(process: str) -> Iterator[bytes]:
    for link in _LINKS:
        try:
            yield os.fsencode(os.readlink(os.path.join(process, link)))
        except OSError:
            # Another user's, or gone.
            pass
    for name in _FILES:
        try:
            with open(os.path.join(process, name), 'rb') as file:
                # maps shows a line break in a path by its octal number (proc(5)).
                yield file.read(_SIZE_LIMIT).replace(b'\\012', b'\n')
        except OSError:
            pass
