"""Takes secret values out of what a program prints."""

import os
import re
from typing import Dict, Iterator, List, Mapping, Tuple

from end.secret_spellings import spellings_of

# As long as every part of a value that is looked for: a few places of an output begin like one, and are looked at.
_HEAD = 4

# A spelling, and what stands in its place.
_Known = Tuple[bytes, bytes]


class Redactor:
    """Replaces each spelling of each value by `[NAME]`. Where they overlap, all that any of them covers is replaced, by
    one name.

    A line is the unit: a value with line breaks is replaced line by line, because no more is ever held back.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        names = _names_by_spelling(secrets)
        self.longest = max(map(len, names), default=0)
        self._head = min([_HEAD, *map(len, names)])
        self._known: Dict[bytes, List[_Known]] = {}
        for spelling in sorted(names, key=len, reverse=True):
            self._known.setdefault(spelling[:self._head], []).append((spelling, names[spelling]))
        self._heads = _any_head(self._known, self._head) if names else None

    def clean(self, output: bytes) -> bytes:
        parts = []
        position = 0
        for start, end, name in self._covered(output, len(output)):
            parts += [output[position:start], name]
            position = end
        return b''.join([*parts, output[position:]])

    def clean_text(self, text: str) -> str:
        return os.fsdecode(self.clean(os.fsencode(text)))

    def cut_near(self, output: bytes, position: int) -> int:
        """The last place up to `position` that is in no value; after it where a value begins at the very start."""
        for start, end, _ in self._covered(output, position):
            if start < position < end:
                # What begins behind `position` may make the first stretch longer.
                return start or next(self._covered(output, len(output)))[1]
        return position

    def _covered(self, output: bytes, until: int) -> Iterator[Tuple[int, int, bytes]]:
        """The stretches to replace, in order, without overlaps, made of all that begins before `until`."""
        start, end, name = 0, 0, b''
        for at, spelling, its_name in self._found(output, until):
            if at >= end:
                if end:
                    yield start, end, name
                start, name = at, its_name
            end = max(end, at + len(spelling))
        if end:
            yield start, end, name

    def _found(self, output: bytes, until: int) -> Iterator[Tuple[int, bytes, bytes]]:
        """At every place the longest spelling that starts there, also inside another one."""
        if self._heads is None:
            return
        for match in self._heads.finditer(output, 0, until + self._head - 1):
            at = match.start()
            for spelling, name in self._known.get(output[at:at + self._head], ()):
                if output.startswith(spelling, at):
                    yield at, spelling, name
                    break


def _any_head(heads: Mapping[bytes, object], length: int) -> 're.Pattern[bytes]':
    """Finds all that may be one of these: each byte is the byte in its place of any. It takes one byte and looks ahead to
    the others, so that nothing is passed over.

    One pattern for all spellings would be as long as all of them together, and be tried from its start at every place.
    """
    first, *others = (
        b'[' + b''.join(re.escape(bytes([byte])) for byte in sorted({head[at] for head in heads})) + b']'
        for at in range(length)
    )
    return re.compile(first + b'(?=' + b''.join(others) + b')', re.DOTALL)


def _names_by_spelling(secrets: Mapping[str, str]) -> Dict[bytes, bytes]:
    names: Dict[bytes, bytes] = {}
    for name, value in secrets.items():
        for spelling in spellings_of(value):
            # Output is cut into lines, and nowhere else.
            if '\n' not in spelling:
                names.setdefault(os.fsencode(spelling), os.fsencode(f'[{name}]'))
    return names
