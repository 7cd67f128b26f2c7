"""One thread that waits for descriptors, timers and other threads."""

import os
import threading
import time
import unittest
from typing import List

from end.loop import READ, Loop


class LoopTest(unittest.TestCase):
    def setUp(self) -> None:
        self.loop = Loop()
        self.addCleanup(self.loop.close)
        self.done: List[str] = []

    def note(self, what: str) -> None:
        self.done.append(what)

    def run_until(self, count: int) -> None:
        self.assertTrue(self.loop.run(lambda: len(self.done) >= count, 5))

    def test_timers_run_in_the_order_in_which_they_are_due(self) -> None:
        for name, seconds in (('c', 0.03), ('a', 0.01), ('b', 0.02)):
            self.loop.after(seconds, lambda name=name: self.note(name))  # type: ignore[misc]
        self.run_until(3)
        self.assertEqual(self.done, ['a', 'b', 'c'])

    def test_a_timer_is_never_early(self) -> None:
        since = time.monotonic()
        self.loop.after(0.05, lambda: self.note('due'))
        self.run_until(1)
        self.assertGreaterEqual(time.monotonic() - since, 0.05)

    def test_a_cancelled_timer_does_not_run(self) -> None:
        self.loop.after(0.01, lambda: self.note('cancelled')).cancel()
        self.loop.after(0.02, lambda: self.note('other'))
        self.run_until(1)
        self.assertEqual(self.done, ['other'])

    def test_what_another_thread_posts_ends_the_wait(self) -> None:
        thread = threading.Timer(0.05, lambda: self.loop.post(lambda: self.note('posted')))
        thread.start()
        self.addCleanup(thread.join)
        self.run_until(1)

    def test_posts_are_handled_in_order_and_more_than_a_pipe_can_count(self) -> None:
        for number in range(100_000):
            self.loop.post(lambda number=number: self.done.append(number))  # type: ignore[misc]
        self.run_until(100_000)
        self.assertEqual(self.done, list(range(100_000)))

    def test_what_can_be_read_comes_before_a_timer_that_is_due(self) -> None:
        read, write = self.pipe()
        self.loop.after(0, lambda: self.note('timer'))
        self.loop.watch(read, READ, lambda: (self.note('input'), os.read(read, 9)) and None)
        os.write(write, b'x')
        self.run_until(2)
        self.assertEqual(self.done, ['input', 'timer'])

    def test_nothing_is_begun_once_it_is_done(self) -> None:
        for name in ('a', 'b'):
            self.loop.post(lambda name=name: self.note(name))  # type: ignore[misc]
        self.run_until(1)
        self.assertEqual(self.done, ['a'])
        self.run_until(2)

    def test_what_is_no_longer_watched_is_not_called_even_if_it_was_ready(self) -> None:
        first, second = self.pipe(), self.pipe()
        for read, other in ((first[0], second[0]), (second[0], first[0])):
            def take(read: int = read, other: int = other) -> None:
                self.loop.unwatch(read)
                self.loop.unwatch(other)
                self.note('taken')

            self.loop.watch(read, READ, take)
        for _, write in (first, second):
            os.write(write, b'x')
        self.assertFalse(self.loop.run(lambda: len(self.done) > 1, 0.1))
        self.assertEqual(self.done, ['taken'])

    def test_a_limit_ends_it_and_tells(self) -> None:
        self.assertFalse(self.loop.run(lambda: False, 0.01))

    def pipe(self) -> 'tuple[int, int]':
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        self.addCleanup(os.close, write)
        return read, write


if __name__ == '__main__':
    unittest.main()
