"""Frames survive any cutting, and what is no frame ends the connection."""

import json
import struct
import unittest
from typing import Iterator, List

from end.wire import FRAME_LIMIT, BrokenFrame, Data, Frame, FrameReader, FrameTooLong, Message
from end.wire import data_frame, message_frame, output_frames


def frames_of(reader: FrameReader, piece: bytes) -> Iterator[Frame]:
    room = reader.room()
    taken = min(len(room), len(piece))
    room[:taken] = piece[:taken]
    for frame in reader.filled(taken):
        # The memory that the content stands in is read into again.
        yield Data(frame.request, memoryview(bytes(frame.content))) if isinstance(frame, Data) else frame
    if taken < len(piece):
        yield from frames_of(reader, piece[taken:])


def read_all(stream: bytes, piece_size: int) -> List[Frame]:
    reader = FrameReader()
    return [
        frame
        for start in range(0, len(stream), piece_size)
        for frame in frames_of(reader, stream[start:start + piece_size])
    ]


class FramesTest(unittest.TestCase):
    def test_frames_come_out_as_they_went_in_however_the_stream_is_cut(self) -> None:
        stream = message_frame({'id': 1, 'do': 'beat'}) + data_frame(7, b'\0\n\xff') + data_frame(7, b'')
        for piece_size in range(1, len(stream) + 1):
            self.assertEqual(
                read_all(stream, piece_size),
                [Message({'id': 1, 'do': 'beat'}), Data(7, memoryview(b'\0\n\xff')), Data(7, memoryview(b''))],
            )

    def test_text_of_no_known_encoding_passes_through_a_message(self) -> None:
        name = b'caf\xe9 \xe2\x98\x83'.decode('utf-8', 'surrogateescape')
        self.assertEqual(read_all(message_frame({'name': name}), 5), [Message({'name': name})])

    def test_a_frame_of_exactly_the_limit_is_read(self) -> None:
        frame = data_frame(1, bytes(FRAME_LIMIT - 5))
        self.assertEqual(read_all(frame, 1 << 16), [Data(1, memoryview(bytes(FRAME_LIMIT - 5)))])

    def test_frames_of_every_size_follow_each_other_through_the_same_memory(self) -> None:
        contents = [bytes([n % 251]) * size for n, size in enumerate((0, 1, 65_530, 65_531, 65_532, 200_000, 3, 700_000, 9))]
        frames = [*(data_frame(n, content) for n, content in enumerate(contents)), message_frame({'id': 1})]
        wanted = [*(Data(n, memoryview(content)) for n, content in enumerate(contents)), Message({'id': 1})]
        for piece_size in (4_093, 65_536, 1 << 20, 1 << 22):
            with self.subTest(piece_size=piece_size):
                self.assertEqual(read_all(b''.join(frames), piece_size), wanted)

    def test_a_longer_frame_is_broken_before_its_bytes_arrive(self) -> None:
        with self.assertRaises(BrokenFrame):
            read_all(struct.pack('>IB', FRAME_LIMIT + 1, ord('D')), 5)

    def test_what_is_no_frame_is_broken(self) -> None:
        for kind, payload in [
            (b'X', b'{}'), (b'O', b'\0\0\0\1\1line\n'), (b'J', b'{'), (b'J', b'[]'), (b'J', b'\xff'), (b'D', b'\0\0'),
            (b'J', b'[' * 100_000),
        ]:
            with self.subTest(kind=kind, payload=payload[:9]), self.assertRaises(BrokenFrame):
                read_all(struct.pack('>I', 1 + len(payload)) + kind + payload, 4096)

    def test_a_frame_without_a_kind_is_broken(self) -> None:
        with self.assertRaises(BrokenFrame):
            read_all(struct.pack('>IB', 0, 0), 5)

    def test_frames_before_a_broken_one_are_read(self) -> None:
        frames = frames_of(FrameReader(), message_frame({'id': 1}) + b'\xff\xff\xff\xff\xff')
        self.assertEqual(next(frames), Message({'id': 1}))
        with self.assertRaises(BrokenFrame):
            next(frames)

    def test_a_message_that_does_not_fit_is_not_sent(self) -> None:
        with self.assertRaises(FrameTooLong):
            message_frame({'text': 'x' * 1000}, 1000)

    def test_output_is_cut_into_frames_only_between_lines(self) -> None:
        lines = [b'x' * size + b'\n' for size in (0, 100_000, 200_000, 300_000, 1, 262_143, 262_144)]
        frames = list(output_frames(3, 2, b''.join(lines)))
        self.assertEqual(b''.join(frame[10:] for frame in frames), b''.join(lines))
        for frame in frames:
            self.assertEqual(frame[4:10], b'O\0\0\0\3\2')
            self.assertTrue(frame.endswith(b'\n'))
            self.assertLessEqual(len(frame), FRAME_LIMIT)

    def test_no_output_is_no_frame(self) -> None:
        self.assertEqual(list(output_frames(3, 1, b'')), [])

    def test_a_message_is_compact_json(self) -> None:
        frame = message_frame({'id': 1, 'ok': {'text': 'é'}})
        self.assertEqual(frame, struct.pack('>I', len(frame) - 4) + b'J{"id":1,"ok":{"text":"\\u00e9"}}')
        self.assertEqual(json.loads(frame[5:]), {'id': 1, 'ok': {'text': 'é'}})


if __name__ == '__main__':
    unittest.main()
