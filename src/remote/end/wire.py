"""Frames: how messages, data and output lines travel over one byte stream. Pure: bytes in, bytes out."""

import json
import struct
from typing import Dict, Iterator, NamedTuple, Union

# Of everything after the length: a peer that announces more is broken, and is not given the memory.
FRAME_LIMIT = 1 << 20

# Room in one frame for whole output lines; a single line is never longer than `end.lines` allows, far below this.
_OUTPUT_LIMIT = 256 << 10

# More than a connection that uploads nothing reads at once; more would be memory that is cleared for nothing.
_FIRST_ROOM = 64 << 10

_LENGTH = struct.Struct('>I')
_HEAD = struct.Struct('>IB')
_REQUEST = struct.Struct('>I')

_MESSAGE = ord('J')
_DATA = ord('D')
_OUTPUT = ord('O')


class BrokenFrame(Exception):
    """What arrived is not this protocol. There is no way to find the next frame: the connection is over."""


class FrameTooLong(Exception):
    """A message of our own that does not fit into a frame."""


class Message(NamedTuple):
    content: Dict[str, object]


class Data(NamedTuple):
    request: int
    # Empty: the end of the data. To be used before the next read.
    content: memoryview


Frame = Union[Message, Data]


class FrameReader:
    """Cuts a stream into frames, however it was cut into reads. It owns the memory that is read into, and hands out
    what stands there: not one byte of an upload is copied on its way from the descriptor to the file."""

    def __init__(self) -> None:
        self._memory = memoryview(bytearray(_FIRST_ROOM))
        # What was read and is not yet cut.
        self._start = self._end = 0

    def room(self) -> memoryview:
        """Where to read into next; never empty."""
        if self._start == self._end:
            self._start = self._end = 0
        elif self._start + self._wanted() > len(self._memory):
            self._make_room()
        return self._memory[self._end:]

    def filled(self, count: int) -> Iterator[Frame]:
        """So many bytes were read into `room`: the frames that are complete now, in order; the content of data stands
        there until `room` is asked for again. Raises BrokenFrame where the stream makes no sense any more."""
        self._end += count
        while self._end - self._start >= self._wanted():
            length, kind = _HEAD.unpack_from(self._memory, self._start)
            if not 1 <= length <= FRAME_LIMIT:
                raise BrokenFrame(f'a frame of {length} bytes; at most {FRAME_LIMIT} are allowed')
            end = self._start + _LENGTH.size + length
            payload = self._memory[self._start + _HEAD.size:end]
            self._start = end
            yield _parsed(kind, payload)

    def _wanted(self) -> int:
        """Bytes of the frame that comes next, as far as is known: its head, or all of it."""
        if self._end - self._start < _HEAD.size:
            return _HEAD.size
        length: int = _LENGTH.unpack_from(self._memory, self._start)[0]
        return max(_HEAD.size, _LENGTH.size + length) if length <= FRAME_LIMIT else _HEAD.size

    def _make_room(self) -> None:
        """Most connections never see a frame that the first memory cannot hold; for who does, any will fit."""
        waiting = self._memory[self._start:self._end]
        if self._wanted() > len(self._memory):
            self._memory = memoryview(bytearray(_LENGTH.size + FRAME_LIMIT))
        self._memory[:len(waiting)] = waiting
        self._start, self._end = 0, len(waiting)


def message_frame(content: Dict[str, object], limit: int = FRAME_LIMIT - 1) -> bytes:
    """ASCII only, so that what a host spells in no known encoding (PEP 383) passes through JSON unharmed. Keys stay in
    their order: a runner reads the id of an answer before it takes the rest."""
    payload = json.dumps(content, separators=(',', ':')).encode('ascii')
    if len(payload) > limit:
        raise FrameTooLong(f'a message of {len(payload)} bytes; at most {limit} are taken')
    return _frame(_MESSAGE, payload)


def data_frame(request: int, content: bytes) -> bytes:
    return _frame(_DATA, _REQUEST.pack(request) + content)


def output_frames(request: int, stream: int, lines: bytes) -> Iterator[bytes]:
    """Whole lines, each ended by a newline, in as many frames as they need; a line is never cut."""
    head = _REQUEST.pack(request) + bytes([stream])
    start = 0
    while start < len(lines):
        end = len(lines)
        if end - start > _OUTPUT_LIMIT:
            end = lines.rfind(b'\n', start, start + _OUTPUT_LIMIT) + 1 or lines.index(b'\n', start) + 1
        yield _frame(_OUTPUT, head + lines[start:end])
        start = end


def _frame(kind: int, payload: bytes) -> bytes:
    return _HEAD.pack(1 + len(payload), kind) + payload


def _parsed(kind: int, payload: memoryview) -> Frame:
    if kind == _DATA:
        if len(payload) < _REQUEST.size:
            raise BrokenFrame('a data frame without the id of its request')
        return Data(_REQUEST.unpack_from(payload)[0], payload[_REQUEST.size:])
    if kind == _MESSAGE:
        try:
            content: object = json.loads(bytes(payload).decode('utf-8'))
        except (ValueError, RecursionError) as error:
            raise BrokenFrame('a message that is no JSON') from error
        if not isinstance(content, dict):
            raise BrokenFrame('a message that is no JSON object')
        return Message(content)
    raise BrokenFrame(f'a frame of the unknown kind {kind}')
