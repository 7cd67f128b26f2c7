"""Output to a runner that reads when it likes."""

import os
import unittest
from typing import List

from end.loop import Loop
from end.outlet import ROOM, Outlet


class OutletTest(unittest.TestCase):
    def setUp(self) -> None:
        self.loop = Loop()
        self.addCleanup(self.loop.close)
        self.read, self.write = os.pipe()
        self.addCleanup(self.close)
        self.lost: List[str] = []
        self.pressure: List[bool] = []
        self.outlet = Outlet(self.loop, self.write, self.lost.append)
        self.outlet.on_pressure(self.pressure.append)

    def close(self) -> None:
        for descriptor in (self.read, self.write):
            if descriptor >= 0:
                os.close(descriptor)

    def read_all(self) -> bytes:
        os.set_blocking(self.read, False)
        found = b''
        while not self.outlet.empty():
            found += os.read(self.read, 1 << 16)
            self.loop.run(lambda: False, 0.001)
        return found + os.read(self.read, 1 << 20)

    def test_frames_arrive_whole_and_in_order_when_the_runner_reads(self) -> None:
        frames = [bytes([number]) * 50_000 for number in range(20)]
        for frame in frames:
            self.outlet.send(frame)
        self.assertEqual(self.read_all(), b''.join(frames))

    def test_pressure_is_told_when_there_is_no_more_room_and_again_when_half_is_free(self) -> None:
        for _ in range(ROOM // 100_000 + 2):
            self.outlet.send(bytes(100_000))
        self.assertEqual((self.pressure, self.outlet.full), ([True], True))
        self.read_all()
        self.assertEqual((self.pressure, self.outlet.full), ([True, False], False))

    def test_an_answer_is_taken_although_there_is_no_room(self) -> None:
        self.outlet.send(bytes(ROOM + (1 << 20)))
        self.outlet.send(b'answer')
        self.assertTrue(self.read_all().endswith(b'answer'))

    def test_nobody_there_to_read_is_told_once_and_frees_the_memory(self) -> None:
        self.outlet.send(bytes(ROOM + (1 << 20)))
        os.close(self.read)
        self.read = -1
        self.loop.run(lambda: bool(self.lost), 5)
        self.outlet.send(b'more')
        self.assertEqual(self.lost, ['standard output is closed: Broken pipe'])
        self.assertTrue(self.outlet.empty())
        self.assertEqual(self.pressure, [True, False])

    def test_after_it_is_shut_nothing_is_written(self) -> None:
        self.outlet.shut()
        self.outlet.send(b'late')
        os.set_blocking(self.read, False)
        with self.assertRaises(BlockingIOError):
            os.read(self.read, 1)


if __name__ == '__main__':
    unittest.main()
