"""Frames: how messages, data and output lines travel over one byte stream. Pure: bytes in, bytes out."""

import json
import struct
from typing import Dict, Iterator, NamedTuple, Union

# Of everything after the length: a peer that announces more is broken, and is not given the memory.
FRAME_LIMIT = 1 << 20

# What the runner accepts: an observation carries the output of facts, each as much as `end.capture` keeps.
ANSWER_LIMIT = 16 << 20

# Room in one frame for whole output lines; a single line is never longer than `end.lines` allows, far below this.
_OUTPUT_LIMIT = 256 << 10

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
    # Empty: the end of the data.
    content: bytes


Frame = Union[Message, Data]


class FrameReader:
    """Cuts a stream into frames, however it was cut into reads."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, piece: bytes) -> Iterator[Frame]:
        """The frames that are complete now, in order. Raises BrokenFrame where the stream makes no sense any more."""
        self._waiting += piece
        while len(self._waiting) >= _HEAD.size:
            length, kind = _HEAD.unpack_from(self._waiting)
            if not 1 <= length <= FRAME_LIMIT:
                raise BrokenFrame(f'a frame of {length} bytes; at most {FRAME_LIMIT} are allowed')
            end = _LENGTH.size + length
            if len(self._waiting) < end:
                return
            payload = bytes(memoryview(self._waiting)[_HEAD.size:end])
            del self._waiting[:end]
            yield _parsed(kind, payload)


def message_frame(content: Dict[str, object]) -> bytes:
    """ASCII only, so that what a host spells in no known encoding (PEP 383) passes through JSON unharmed."""
    payload = json.dumps(content, separators=(',', ':')).encode('ascii')
    if 1 + len(payload) > ANSWER_LIMIT:
        raise FrameTooLong(f'a message of {len(payload)} bytes; at most {ANSWER_LIMIT} fit into a frame')
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


def _parsed(kind: int, payload: bytes) -> Frame:
    if kind == _DATA:
        if len(payload) < _REQUEST.size:
            raise BrokenFrame('a data frame without the id of its request')
        return Data(_REQUEST.unpack_from(payload)[0], payload[_REQUEST.size:])
    if kind == _MESSAGE:
        try:
            content: object = json.loads(payload.decode('utf-8'))
        except (ValueError, RecursionError) as error:
            raise BrokenFrame('a message that is no JSON') from error
        if not isinstance(content, dict):
            raise BrokenFrame('a message that is no JSON object')
        return Message(content)
    raise BrokenFrame(f'a frame of the unknown kind {kind}')
