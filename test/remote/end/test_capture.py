import os
import signal
import sys
import time
import unittest
from typing import Callable, List
from unittest import mock

from end.capture import OUTPUT_LIMIT, Captured, capture
from roots import never


def run(*argv: str, limit_s: float = 10, cancelled: Callable[[], bool] = never) -> Captured:
    return capture(list(argv), cwd='/', environment=dict(os.environ), limit_s=limit_s, cancelled=cancelled)


def ends(pid: int) -> bool:
    """Does a process end within five seconds? A signal that was sent has not arrived yet."""
    for _ in range(500):
        try:
            with open(f'/proc/{pid}/stat') as file:
                if file.read().rsplit(')', 1)[1].split()[0] == 'Z':
                    return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.01)
    return False


class Capture(unittest.TestCase):
    def test_both_streams_and_the_status_are_kept_apart(self) -> None:
        told = run('sh', '-c', 'echo out; echo err >&2; exit 3')
        self.assertEqual((told.out, told.err, told.ended['kind'], told.ended['code']), (b'out\n', b'err\n', 'exited', 3))

    def test_arguments_arrive_unchanged(self) -> None:
        arguments = ['-n', '', 'a b', "'", '"', '$(touch /tmp/x)', 'a\nb', 'é', '\udcff']
        told = run(sys.executable, '-c', 'import sys, os; os.write(1, b"|".join(map(os.fsencode, sys.argv[1:])))', *arguments)
        self.assertEqual(told.out, b'|'.join(map(os.fsencode, arguments)))

    def test_a_signal_is_no_success(self) -> None:
        told = run('sh', '-c', 'kill -9 $$')
        self.assertEqual((told.ended['kind'], told.ended['signal']), ('signalled', 'SIGKILL'))

    def test_what_cannot_be_started_is_unstarted(self) -> None:
        starts: List[List[str]] = [['/no/such/program'], ['/etc/passwd'], [], ['a\0b'], ['']]
        self.assertEqual([run(*argv).ended['kind'] for argv in starts], ['unstarted'] * 5)

    def test_output_beyond_the_limit_goes_nowhere_and_blocks_nothing(self) -> None:
        told = run(sys.executable, '-c', f'import os; [os.write(1, b"x" * 65536) for _ in range({2 * OUTPUT_LIMIT} // 65536)]')
        self.assertEqual((told.ended['code'], len(told.out)), (0, OUTPUT_LIMIT))

    def test_its_group_is_killed_when_it_takes_too_long(self) -> None:
        told = run('sh', '-c', 'sleep 60 & echo $!; trap "" TERM; while :; do sleep 60; done', limit_s=0.3)
        self.assertEqual((told.ended['kind'], told.ended['reason']), ('timed-out', 'it took longer than 0.3 s'))
        self.assertTrue(ends(int(told.out)))

    def test_its_group_is_killed_when_nobody_wants_the_answer_any_more(self) -> None:
        since = time.monotonic()
        told = run('sh', '-c', 'echo $$; exec sleep 60', cancelled=lambda: time.monotonic() > since + 0.2)
        self.assertEqual(told.ended['kind'], 'cancelled')
        self.assertTrue(ends(int(told.out)))

    def test_what_may_not_be_killed_is_left_alone_and_said(self) -> None:
        # What a process of another user answers, such as that of sudo.
        not_ours = PermissionError(1, 'Operation not permitted')
        for stop, reason in [('time', 'it took longer than 0.2 s'), ('cancel', 'it was cancelled')]:
            with self.subTest(stop), mock.patch('os.killpg', side_effect=not_ours), mock.patch('os.kill', side_effect=not_ours):
                since = time.monotonic()
                told = run(
                    'sh', '-c', 'echo $$; exec sleep 60', limit_s=0.2 if stop == 'time' else 10,
                    cancelled=lambda: stop == 'cancel' and time.monotonic() > since + 0.2,
                )
            os.kill(int(told.out), signal.SIGKILL)
            self.assertEqual(told.ended['reason'], f'{reason}; it cannot be killed and is left running')

    def test_a_process_left_behind_in_the_pipes_is_not_waited_for(self) -> None:
        told = run('sh', '-c', 'sleep 5 & echo $!')
        self.assertEqual(told.ended['code'], 0)
        os.kill(int(told.out), 9)

    def test_a_program_that_closes_its_pipes_is_waited_for(self) -> None:
        told = run('sh', '-c', 'exec >&- 2>&-; sleep 0.2; exit 4')
        self.assertEqual(told.ended['code'], 4)

    def test_nothing_can_be_read_from_standard_input(self) -> None:
        self.assertEqual(run('cat').out, b'')
