"""What was in a revision when it was sealed, kept beside it so that what has changed since can be named.

It is what `treeDigest` is the sha256 of, compressed: a list that was tampered with is not the one that the manifest
names, and is not believed. A revision that was sealed before there were lists is checked by its digest alone.
"""

import hashlib
import os
import zlib
from secrets import token_hex
from typing import Iterator, List, Optional

from end.layout import Layout
from end.plain_file import open_plain
from end.records import sync_directory
from end.tree import TreeEntry, told

# A tree of a million entries with paths of 150 bytes takes less.
_SIZE_LIMIT = 256 << 20


def write_tree_list(layout: Layout, name: str, entries: List[TreeEntry]) -> None:
    """Keeps the list of a revision that is about to be sealed; the caller syncs it with the tree. Raises OSError."""
    os.makedirs(layout.trees, 0o755, exist_ok=True)
    temporary = os.path.join(layout.incoming, f'{name}.{token_hex(8)}.tree')
    with open(temporary, 'xb') as file:
        file.write(zlib.compress(b''.join(told(entries))))
    try:
        os.replace(temporary, layout.tree(name))
    except OSError:
        os.unlink(temporary)
        raise
    sync_directory(layout.trees)


def read_tree_list(layout: Layout, name: str, digest: str) -> Optional[List[TreeEntry]]:
    """What was sealed, None where there is no list or not the one with this digest."""
    try:
        descriptor = open_plain(layout.tree(name))
        with os.fdopen(descriptor, 'rb') as file:
            inflate = zlib.decompressobj()
            content = inflate.decompress(file.read(_SIZE_LIMIT), _SIZE_LIMIT)
    except (OSError, zlib.error):
        return None
    if hashlib.sha256(content).hexdigest() != digest:
        return None
    return list(_entries(content))


def _entries(content: bytes) -> Iterator[TreeEntry]:
    """Reads what `told` writes; the digest has shown that it is that."""
    at = 0
    while at < len(content):
        kind = content[at:at + 1]
        colon = content.index(b':', at + 1)
        end = colon + 1 + int(content[at + 1:colon])
        path = content[colon + 1:end]
        colon = content.index(b':', end)
        at = colon + 1 + int(content[end:colon])
        yield TreeEntry(path, kind, content[colon + 1:at])
