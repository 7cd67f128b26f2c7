"""Makes whole, clean lines out of what a program prints, however it was cut into reads."""

from typing import Iterator

from end.redact import Redactor

# A longer line is split, so that a program that prints no newline needs no more memory than this.
LINE_LIMIT = 64 << 10


class Lines:
    """One output stream of one program. Part of a line is held back until its end: a secret may go on in it."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = b''

    def feed(self, piece: bytes) -> bytes:
        """The lines that are complete now, each ended by a newline."""
        self._held += piece
        end = self._held.rfind(b'\n') + 1
        whole, self._held = self._held[:end], self._held[end:]
        lines = _split_long(self._redactor.clean(whole))
        while len(self._held) > LINE_LIMIT + self._redactor.longest:
            lines += self._take_part()
        return lines

    def finish(self) -> bytes:
        """What is left when the program has ended, as a line of its own."""
        rest, self._held = self._held, b''
        return _split_long(self._redactor.clean(rest) + b'\n') if rest else b''

    def _take_part(self) -> bytes:
        """The first part of a line that is too long, cut where neither a secret nor a character is cut."""
        cut = self._redactor.cut_near(self._held, _character_start(self._held, LINE_LIMIT))
        part, self._held = self._held[:cut], self._held[cut:]
        return _split_long(self._redactor.clean(part) + b'\n')


def _split_long(lines: bytes) -> bytes:
    """The same lines, none longer than the limit."""
    if len(lines) <= LINE_LIMIT:
        return lines
    return b''.join(part + b'\n' for line in lines[:-1].split(b'\n') for part in _parts(line))


def _parts(line: bytes) -> Iterator[bytes]:
    while len(line) > LINE_LIMIT:
        cut = _character_start(line, LINE_LIMIT)
        yield line[:cut]
        line = line[cut:]
    yield line


def _character_start(text: bytes, position: int) -> int:
    """The start of the UTF-8 character that the byte at `position` belongs to (at most three continuation bytes)."""
    for back in range(4):
        if text[position - back] & 0xC0 != 0x80:
            return position - back
    return position
