"""The symlink that decides which revision of a stage is live: read, prepared, put in place, taken away."""

import os
import re
import stat
from typing import List, Literal, Optional

from end.layout import Layout, is_revision_name
from end.messages import LinkReport
from end.records import sync_directory
from end.refusal import Refusal, from_os_error


def read_link(layout: Layout, stage: str) -> LinkReport:
    """What stands at the place of a stage's link now.

    `revision` is set only where the text is the bare name of a directory of the root, or of one that is gone
    (then it is dangling too). A text that cannot be decoded comes back the same when it is written again (PEP 383).
    """
    path = layout.link(stage)
    try:
        mode = os.lstat(path).st_mode
        if not stat.S_ISLNK(mode):
            return _report('directory' if stat.S_ISDIR(mode) else 'other')
        text = os.readlink(path)
    except FileNotFoundError:
        return _report('absent')
    except OSError as error:
        raise from_os_error(error, f'reading the link {stage}') from error
    return {
        'kind': 'link',
        'text': text,
        'revision': text if is_revision_name(text) and not _is_something_else(layout.revision(text)) else None,
        'dangling': not os.path.exists(path),
    }


def make_link(layout: Layout, text: str, label: str) -> str:
    """Makes a symlink with this text under a name of its own in incoming/ and returns its path.

    It is made before it is needed, so that putting it in place is one rename(2), which needs no space.
    """
    temporary = os.path.join(layout.incoming, f'{label}.{os.urandom(8).hex()}.link')
    try:
        if os.lstat(layout.incoming).st_dev != os.lstat(os.path.join(layout.root, '.')).st_dev:
            raise Refusal('io', f'{layout.incoming} is on another file system than {layout.root}: '
                          'a link cannot be renamed from there')
        os.symlink(text, temporary)
        sync_directory(layout.incoming)
    except OSError as error:
        raise from_os_error(error, f'preparing the link {label}') from error
    return temporary


def prepared_links(layout: Layout, stage: str) -> List[str]:
    """What waits in incoming/ for this stage, made by `make_link` with the stage as label: paths."""
    try:
        names = os.listdir(layout.incoming)
    except OSError:
        # Then there is nothing that could be used, or that could be removed.
        return []
    pattern = re.compile(re.escape(stage) + r'\.[0-9a-f]{16}\.link')
    return [os.path.join(layout.incoming, name) for name in sorted(names) if pattern.fullmatch(name)]


def read_text(link: str) -> Optional[str]:
    """The text of a prepared link; None where it is none."""
    try:
        return os.readlink(link)
    except OSError:
        return None


def replace_link(temporary: str, layout: Layout, stage: str) -> Optional[str]:
    """The switch: one rename(2) over the stage's link. Raises Refusal only when the link is still the old one.

    Returns why it may be the old one again after a power failure, None where it will not.
    """
    try:
        os.replace(temporary, layout.link(stage))
    except OSError as error:
        raise from_os_error(error, f'switching the link {stage}') from error
    return _sync_if_possible(layout.root, stage)


def remove_link(layout: Layout, stage: str) -> Optional[str]:
    """Takes a stage's link away, where none was before a switch. What is no symlink is refused; absent is fine.

    Returns why it may be there again after a power failure, None where it will not.
    """
    path = layout.link(stage)
    try:
        if not stat.S_ISLNK(os.lstat(path).st_mode):
            raise Refusal('moved', f'{path} is no link any more: it was left alone')
        os.unlink(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise from_os_error(error, f'removing the link {stage}') from error
    return _sync_if_possible(layout.root, stage)


def discard_link(temporary: str) -> None:
    """Removes a prepared link that is not needed any more; one that was renamed into place is gone already."""
    try:
        os.unlink(temporary)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise from_os_error(error, 'removing a prepared link') from error


def _report(kind: Literal['absent', 'directory', 'other']) -> LinkReport:
    return {'kind': kind, 'text': None, 'revision': None, 'dangling': False}


def _is_something_else(path: str) -> bool:
    """Is there something by this name that is no directory itself: a link to another link, a file."""
    try:
        return not stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _sync_if_possible(path: str, stage: str) -> Optional[str]:
    """After a rename the link *is* the new one: that its directory could not be synced must not read as a failure."""
    try:
        sync_directory(path)
    except OSError as error:
        trouble = from_os_error(error, f'making the link {stage} durable').message
        return f'{trouble}: it was moved, and may not stay so after a power failure'
    return None
