"""Takes secret values out of what a program prints."""

import os
import re
from typing import Dict, Iterator, Mapping, Tuple

# A part of a secret of many lines that is shorter (a brace, `---`) says nothing, but stands in every other output.
_SHORTEST_PART = 4

# The password of a URL (RFC 3986, 3.2.1), of each where there are several: programs print it without the rest, and the
# rest without it.
_PASSWORD = re.compile(r'://[^/?#\s:@]*:([^/?#\s@]+)@')


class Redactor:
    """Replaces each value by `[NAME]`. Where values overlap, all that any of them covers is replaced, by one name.

    A line is the unit: a value with line breaks is replaced line by line, because no more is ever held back.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._names = _names_by_value(secrets)
        values = sorted(self._names, key=len, reverse=True)
        self.longest = len(values[0]) if values else 0
        # Looking ahead finds, at every position, the longest value that starts there, also inside another one.
        self._pattern = re.compile(b'(?=(' + b'|'.join(map(re.escape, values)) + b'))') if values else None

    def clean(self, output: bytes) -> bytes:
        parts = []
        position = 0
        for start, end, name in self._covered(output):
            parts += [output[position:start], name]
            position = end
        return b''.join([*parts, output[position:]])

    def clean_text(self, text: str) -> str:
        return os.fsdecode(self.clean(os.fsencode(text)))

    def cut_near(self, output: bytes, position: int) -> int:
        """The last place up to `position` that is in no value; after it where a value begins at the very start."""
        for start, end, _ in self._covered(output):
            if start < position < end:
                return start or end
        return position

    def _covered(self, output: bytes) -> Iterator[Tuple[int, int, bytes]]:
        """The stretches to replace, in order, without overlaps."""
        if self._pattern is None:
            return
        start, end, name = 0, 0, b''
        for match in self._pattern.finditer(output):
            if match.start() >= end:
                if end:
                    yield start, end, name
                start, name = match.start(), self._names[match.group(1)]
            end = max(end, match.end(1))
        if end:
            yield start, end, name


def _names_by_value(secrets: Mapping[str, str]) -> Dict[bytes, bytes]:
    names: Dict[bytes, bytes] = {}
    for name, value in secrets.items():
        # Where output is cut into lines, and nowhere else: a form feed in a value is one of its characters.
        parts = [part for part in value.split('\n') if part.strip()]
        for password in _PASSWORD.findall(value):
            if len(password) >= _SHORTEST_PART:
                names.setdefault(os.fsencode(password), os.fsencode(f'[{name}]'))
        for part in parts:
            # A program may print it with the line's end that it has elsewhere, or indented anew.
            for text in (part, part.strip()):
                if len(parts) == 1 or len(text) >= _SHORTEST_PART:
                    names.setdefault(os.fsencode(text), os.fsencode(f'[{name}]'))
    return names
