"""The stored sdist of a standing revision, for hosts that do not have it yet."""

import os
import stat
from typing import NamedTuple

from end.layout import Layout, check_revision_name
from end.refusal import Refusal, from_os_error
from end.revisions import standing


class StoredSdist(NamedTuple):
    path: str
    # Bytes.
    size: int


def stored_sdist(layout: Layout, revision: str) -> StoredSdist:
    """Where the sdist is. Refused ('not-standing') where the revision does not stand or its sdist is gone.

    Whether these are the bytes that the revision was made of is found out by whoever receives them: they are not read twice.
    """
    name = check_revision_name(revision)
    standing(layout, name)
    try:
        found = os.lstat(layout.sdist(name))
    except FileNotFoundError as error:
        raise Refusal('not-standing', f'{name} stands here, but its sdist is gone') from error
    except OSError as error:
        raise from_os_error(error, f'reading the sdist of {name}') from error
    if not stat.S_ISREG(found.st_mode):
        raise Refusal('not-standing', f'the sdist of {name} is no file')
    return StoredSdist(layout.sdist(name), found.st_size)
