"""What outlives revisions: the directories and files in `{root}/shared`, and the links of a revision to them (DESIGN 3)."""

import os
import stat
from typing import Dict, List, Optional

from end.layout import Layout, check_shared_path
from end.manifest import SharedLink
from end.messages import SharedReport
from end.records import sync_directory
from end.refusal import Refusal, from_os_error
from end.root_report import owner_of, why_closed

_OPEN_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def report_shared(layout: Layout, paths: List[str]) -> Dict[str, SharedReport]:
    """What stands at these paths of `{root}/shared`, as whoever opens it finds it: through links. Nothing is opened."""
    return {path: _report(layout, path) for path in paths}


def make_shared(layout: Layout, paths: List[str]) -> None:
    """Makes the directories that are missing in `{root}/shared`, mode 0755, never through a link. Two at once agree."""
    for path in paths:
        if not os.path.isdir(layout.shared(check_shared_path(path))):
            try:
                os.close(_open_below(layout.root, ['shared', *path.split('/')]))
            except OSError as error:
                raise from_os_error(error, f'making {layout.shared(path)}') from error


def link_shared(layout: Layout, name: str, paths: List[str], environment: Optional[str]) -> List[SharedLink]:
    """Links what is shared into a revision that is not sealed yet, relative, and returns the links by path.

    Nothing gives way to a link but an empty directory: what was verified is what runs ('conflict'). So does not what is
    in `environment`, the directory of the revision's own environment. Refused too: a link to nothing ('not-standing').
    """
    for path in paths:
        check_shared_path(path)
        if environment is not None and f'{path}/'.startswith(f'{os.path.normpath(environment)}/'):
            raise Refusal('conflict', f'{path} is in the environment of {name}: nothing shared can stand there')
        if not os.path.exists(layout.shared(path)):
            raise Refusal('not-standing', f'{layout.shared(path)} is not there: {name} would have a link to nothing')
        try:
            _link(layout.revision(name), path)
        except OSError as error:
            raise from_os_error(error, f'linking {path} into {name}') from error
    return [{'path': path, 'target': path} for path in sorted(paths)]


def _link(revision: str, path: str) -> None:
    *above, last = path.split('/')
    text = '../' * (len(above) + 1) + 'shared/' + path
    directory = _open_below(revision, above)
    try:
        try:
            mode = os.lstat(last, dir_fd=directory).st_mode
        except FileNotFoundError:
            os.symlink(text, last, dir_fd=directory)
            return
        if stat.S_ISLNK(mode) and os.readlink(last, dir_fd=directory) == text:
            return
        if not stat.S_ISDIR(mode) or os.listdir(f'{revision}/{path}'):
            raise Refusal('conflict', f'{revision}/{path} is there already, from the sdist or from a step: '
                          'what was verified is never replaced by a link')
        os.rmdir(last, dir_fd=directory)
        os.symlink(text, last, dir_fd=directory)
    finally:
        os.close(directory)


def _open_below(top: str, parts: List[str]) -> int:
    """Opens a directory, made where it is missing, and never through a link below `top`. Raises OSError, Refusal."""
    descriptor = os.open(top, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    path = top
    for part in parts:
        inner = f'{path}/{part}'
        try:
            _make_directory(descriptor, path, part)
            found = os.open(part, _OPEN_DIRECTORY, dir_fd=descriptor)
        except OSError as error:
            if os.path.lexists(inner) and (os.path.islink(inner) or not os.path.isdir(inner)):
                raise Refusal('not-ours', f'{inner} is no directory of its own: it is left alone') from error
            raise
        finally:
            os.close(descriptor)
        descriptor, path = found, inner
    return descriptor


def _make_directory(directory: int, path: str, name: str) -> None:
    try:
        os.mkdir(name, 0o755, dir_fd=directory)
    except FileExistsError:
        return
    sync_directory(path)


def _report(layout: Layout, path: str) -> SharedReport:
    where = layout.shared(check_shared_path(path))
    try:
        found = os.stat(where)
    except (FileNotFoundError, NotADirectoryError):
        if os.path.islink(where):
            return {'kind': 'other', 'mode': None, 'owner': None, 'why': 'it is a link that leads nowhere'}
        return {'kind': 'absent', 'mode': None, 'owner': None, 'why': _why_not_made(layout, path)}
    except OSError as error:
        return {'kind': 'other', 'mode': None, 'owner': None, 'why': error.strerror or str(error)}
    mode = stat.S_IMODE(found.st_mode)
    if stat.S_ISDIR(found.st_mode):
        return {'kind': 'directory', 'mode': mode, 'owner': owner_of(found.st_uid), 'why': None}
    if stat.S_ISREG(found.st_mode):
        return {'kind': 'file', 'mode': mode, 'owner': owner_of(found.st_uid), 'why': None}
    return {'kind': 'other', 'mode': mode, 'owner': owner_of(found.st_uid), 'why': 'it is neither a directory nor a file'}


def _why_not_made(layout: Layout, path: str) -> Optional[str]:
    """Why a directory that is missing cannot be made; None where it can, or where the root itself has to come first."""
    where = layout.root
    if not os.path.isdir(where):
        return None
    for part in ['shared', *path.split('/')]:
        inner = f'{where}/{part}'
        if os.path.islink(inner):
            return f'{inner} is a link: what is below it is made by hand'
        if not os.path.isdir(inner):
            return f'{inner} is no directory' if os.path.lexists(inner) else why_closed(where)
        where = inner
    return None
