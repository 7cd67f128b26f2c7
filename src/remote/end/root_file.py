"""`root.json`: whose root this is. Its id never changes, its project only while nothing binds it (`root_claim`)."""

import os
from typing import Optional, TypedDict, cast

from end.conform import nonconformity
from end.identity import normal_name
from end.layout import Layout
from end.records import read_record, sync_directory, write_new
from end.refusal import Refusal, from_os_error

VERSION = 1


class RootFile(TypedDict):
    v: int
    # Random: the same one on two hosts means one host under two names, or a shared file system.
    id: str
    project: str


def read_root_file(layout: Layout) -> Optional[RootFile]:
    """Whose root this is, None where nobody has settled yet. Refuses ('not-ours') what cannot be understood."""
    try:
        value = read_record(layout.root_file)
    except NotADirectoryError:
        return None
    except ValueError as error:
        raise Refusal('not-ours', f'{layout.root_file} is damaged: {error}') from error
    except OSError as error:
        raise from_os_error(error, 'reading root.json') from error
    if isinstance(value, dict) and value.get('v') != VERSION:
        raise Refusal('not-ours', f'{layout.root_file} has version {value.get("v")!r}, '
                      'which this stage-deploy does not know')
    problem = None if value is None else nonconformity(value, RootFile, 'it')
    if problem is not None:
        raise Refusal('not-ours', f'{layout.root_file} is damaged: {problem}')
    return cast(Optional[RootFile], value)


def claim_root(layout: Layout, project: str) -> RootFile:
    """Makes this the root of a project, or finds out whose it is: of several at once one wins and all agree.

    link(2) fails where the name is taken and, unlike O_EXCL, never shows a file that is half written.
    """
    mine: RootFile = {'v': VERSION, 'id': os.urandom(16).hex(), 'project': project}
    temporary = os.path.join(layout.incoming, f'root.json.{os.urandom(8).hex()}.new')
    write_new(temporary, mine)
    try:
        os.link(temporary, layout.root_file)
        sync_directory(layout.records)
    except FileExistsError:
        pass
    finally:
        os.unlink(temporary)
    return read_root_file(layout) or mine


def same_project(one: str, other: str) -> bool:
    """Names are compared as PEP 503 normalises them."""
    return normal_name(one) == normal_name(other)
