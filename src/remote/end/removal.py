"""Taking trees away: never through a link, never what was not made here, never what a link names."""

import os
import stat
from typing import Collection, Dict, List, Optional

from end.layout import Layout
from end.records import sync_directory
from end.refusal import Refusal, from_os_error
from end.tree import DEPTH_LIMIT

_OPEN_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def unseal_and_remove(layout: Layout, name: str, made: Collection[str]) -> bool:
    """Removes a revision's directory and tells whether there was one.

    Its manifest goes first: from then on it is no revision, whatever happens. `made` are the revisions that the
    journal says were begun here; anything else by that name is refused, and so is one that a link of the root names.
    """
    path = layout.revision(name)
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return False
    if name not in made or not stat.S_ISDIR(mode):
        raise Refusal('not-ours', f'{path} was not made by stage-deploy: it is left alone')
    links = names_by_link(layout).get(name)
    if links is not None:
        raise Refusal('conflict', f'{path} is named by the link {links[0]}: it is left alone', links=links)
    try:
        _remove_manifest(layout, name)
        remove_tree(path)
        sync_directory(layout.root)
    except OSError as error:
        raise from_os_error(error, f'removing {name}') from error
    return True


def names_by_link(layout: Layout) -> Dict[str, List[str]]:
    """Which entries of the root its symlinks lead to, whoever made them: entry → the links' names.

    A link may name a revision from outside in (`/var/webcode/shop-1.0`), or something inside of one.
    """
    found: Dict[str, List[str]] = {}
    real_root = os.path.realpath(layout.root)
    with os.scandir(layout.root) as listing:
        links = sorted(entry.name for entry in listing if entry.is_symlink())
    for link in links:
        path = os.path.join(layout.root, link)
        text = os.path.normpath(os.path.join(layout.root, os.readlink(path)))
        for target, top in ((text, layout.root), (os.path.realpath(path), real_root)):
            if target.startswith(top + '/'):
                names = found.setdefault(target[len(top) + 1:].split('/')[0], [])
                if link not in names:
                    names.append(link)
    return found


def remove_tree(path: str) -> None:
    """Removes a directory and all in it, sealed or not. Raises OSError; then a part of it may be left."""
    parent = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _remove_directory(parent, os.path.basename(path), 0)
    finally:
        os.close(parent)


def _remove_manifest(layout: Layout, name: str) -> None:
    descriptor = _open_writable(os.path.dirname(layout.manifest(name)), None)
    try:
        os.unlink('.revision.json', dir_fd=descriptor)
        os.fsync(descriptor)
    except FileNotFoundError:
        pass
    finally:
        os.close(descriptor)


def _remove_directory(parent: int, name: str, depth: int) -> None:
    if depth > DEPTH_LIMIT:
        raise Refusal('io', f'the tree is more than {DEPTH_LIMIT} directories deep: remove it by hand')
    descriptor = _open_writable(name, parent)
    try:
        with os.scandir(descriptor) as listing:
            found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in listing]
        for child, is_directory in found:
            if is_directory:
                _remove_directory(descriptor, child, depth + 1)
            else:
                os.unlink(child, dir_fd=descriptor)
    finally:
        os.close(descriptor)
    os.rmdir(name, dir_fd=parent)


def _open_writable(name: str, parent: Optional[int]) -> int:
    """Opens a directory, never a link to one, and gives its owner the bits that removing its entries needs."""
    try:
        descriptor = os.open(name, _OPEN_DIRECTORY, dir_fd=parent)
    except PermissionError:
        # It cannot even be read. chmod(2) follows links, so look first; only its owner could replace it meanwhile.
        if not stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
            raise
        os.chmod(name, stat.S_IRWXU, dir_fd=parent)
        descriptor = os.open(name, _OPEN_DIRECTORY, dir_fd=parent)
    try:
        mode = os.fstat(descriptor).st_mode
        if mode & stat.S_IRWXU != stat.S_IRWXU:
            os.fchmod(descriptor, stat.S_IMODE(mode) | stat.S_IRWXU)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
