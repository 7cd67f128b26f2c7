"""Makes a directory the root of a project, where it is not yet; everything else needs that first."""

import os
import stat

from end.layout import Layout
from end.messages import SettleAnswer
from end.refusal import Refusal, from_os_error
from end.root_file import claim_root, read_root_file, same_project

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def settle(layout: Layout, project: str) -> SettleAnswer:
    """Creates what is missing of the root (mode 0755) and its records (0700). Two at once agree; whose root it is by
    now is `hold_root`'s to judge.

    The records are nobody's business but the account's: whoever can open a lock file can hold it. Those of a root that
    was made when they were open to others are closed here.

    Refused: a root that is no directory or whose records are not directories of this user ('not-ours', 'permission').
    """
    try:
        _make_root(layout.root)
        for directory in (layout.records, layout.locks, layout.rejected, layout.frozen, layout.sdists,
                          layout.trees, layout.tools, layout.incoming):
            _make_private_directory(directory)
        found = read_root_file(layout) or claim_root(layout, project)
    except OSError as error:
        raise from_os_error(error, f'settling in {layout.root}') from error
    if same_project(found['project'], project):
        _close(layout.records)
    return {'id': found['id'], 'project': found['project']}


def _make_root(root: str) -> None:
    try:
        os.makedirs(root, 0o755, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise Refusal('not-ours', f'{error.filename} is no directory: it is left alone') from error


def _make_private_directory(path: str) -> None:
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode):
        raise Refusal('not-ours', f'{path} is no directory of its own: it is left alone')
    if found.st_uid != os.geteuid() and os.geteuid() != 0:
        raise Refusal('permission', f'{path} belongs to another user (uid {found.st_uid}): '
                      'a root has one deploy account')


def _close(records: str) -> None:
    """What stands in it is closed by that as well."""
    try:
        if stat.S_IMODE(os.lstat(records).st_mode) & _OTHERS:
            os.chmod(records, 0o700)
    except OSError as error:
        raise from_os_error(error, f'closing {records} to other users') from error
