"""What differs between a tree as it was sealed and as it is: the outermost of what came and went."""

import os
from typing import Iterable, List, Literal, Optional, Set

from end.messages import TreeChange
from end.survey import Seen
from end.tree import TreeEntry

_How = Literal[
    'changed', 'added', 'removed', 'replaced', 'relinked', 'executable', 'not-executable', 'unread', 'touched',
]

_FILES = (b'f', b'x')


def changes_since(sealed: Iterable[TreeEntry], seen: Iterable[Seen]) -> List[TreeChange]:
    """By path. Of a directory that was added or removed with all in it, only the directory is told."""
    before = {entry.path: entry for entry in sealed}
    now = {each.entry.path: each for each in seen}
    # Below these a difference is a matter of course.
    told: Set[bytes] = set()
    found: List[TreeChange] = []
    # A directory comes before what is in it.
    for path in sorted({*before, *now}):
        change = None if _within(path, told) else _change(before.get(path), now.get(path))
        if change is not None:
            found.append(change)
            if change['how'] in ('added', 'removed', 'replaced', 'unread'):
                told.add(path)
    return found


def touched_since(sealed_ns: int, seen: Iterable[Seen]) -> List[TreeChange]:
    """What was changed in any way after the seal, where nobody knows what was there: a guess by times that cannot be set."""
    return [_told(each.entry.path, 'touched') for each in seen if each.changed_ns > sealed_ns or not each.read]


def _change(before: Optional[TreeEntry], now: Optional[Seen]) -> Optional[TreeChange]:
    if now is None:
        return None if before is None else _told(before.path, 'removed')
    entry = now.entry
    if before is None:
        return _told(entry.path, 'added')
    if not now.read:
        return _told(entry.path, 'unread')
    if before == entry:
        return None
    if before.kind == entry.kind == b'l':
        return _told(entry.path, 'relinked', os.fsdecode(before.content))
    if before.kind not in _FILES or entry.kind not in _FILES:
        return _told(entry.path, 'replaced')
    if before.content != entry.content:
        return _told(entry.path, 'changed')
    return _told(entry.path, 'executable' if entry.kind == b'x' else 'not-executable')


def _within(path: bytes, places: Set[bytes]) -> bool:
    parent = os.path.dirname(path)
    while parent != b'':
        if parent in places:
            return True
        parent = os.path.dirname(parent)
    return False


def _told(path: bytes, how: _How, was: Optional[str] = None) -> TreeChange:
    return {'path': os.fsdecode(path), 'how': how, 'was': was}
