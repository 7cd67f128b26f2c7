"""Whatever goes on, input is read: beats are answered, and the end of the runner is noticed at once."""

import os
import time

from support import RemoteEndTest

FLOOD = 'import os, sys\nprint(os.getpid(), flush=True)\nwhile True: sys.stdout.write("x" * 999 + "\\n")'


class LivenessTest(RemoteEndTest):
    def test_beats_are_answered_while_a_step_runs(self) -> None:
        step = self.ask_run(self.python('import time; time.sleep(600)'))
        for _ in range(5):
            self.assertIn('atUs', self.runner.call('beat'))
        self.assertFalse(self.runner.answered(step))

    def test_beats_are_answered_while_a_thread_works(self) -> None:
        fact = {'id': 'slow', 'argv': ['sleep', '600'], 'timeoutMs': 600_000}
        observing = self.runner.ask('observe', {'stages': [], 'check': [], 'shared': [], 'programs': [], 'facts': [fact]})
        for _ in range(5):
            self.assertIn('atUs', self.runner.call('beat'))
        self.assertFalse(self.runner.answered(observing))

    def test_the_end_stops_what_a_thread_waits_for(self) -> None:
        fact = {'id': 'slow', 'argv': ['sh', '-c', 'echo $$ > "$0"; sleep 600', self.path('pid')], 'timeoutMs': 600_000}
        self.runner.ask('observe', {'stages': [], 'check': [], 'shared': [], 'programs': [], 'facts': [fact]})
        self.wait_for(lambda: os.path.exists(self.path('pid')) and self.read('pid').endswith('\n'))
        self.runner.lose()
        self.assertEqual(self.runner.ended(), 0)
        self.assertFalse(self.is_running(int(self.read('pid'))))

    def test_a_runner_that_does_not_read_stops_nothing_but_the_program(self) -> None:
        step = self.ask_run(self.python(FLOOD))
        self.runner.read_until(lambda: b'\n' in self.runner.output(step, 1))
        process = int(self.runner.output(step, 1).split(b'\n')[0])
        self.wait_for(lambda: self._waits_for_room(process))
        # Nothing is read from here on; what is asked is done all the same.
        self.runner.ask('lock', {'name': 'production', 'mode': 'exclusive'})
        self.wait_for(lambda: os.path.exists(self.layout.lock('production')))
        self.assertLess(self._memory_mebibytes(), 100)
        self.runner.lose()
        self.assertEqual(self.runner.ended(), 0)
        self.assertFalse(self.is_running(process))

    def test_a_program_that_waited_goes_on_when_the_runner_reads_again(self) -> None:
        code = 'import sys, os\nfor number in range(9000): print("%01000d" % number)\nprint(os.getpid())'
        step = self.ask_run(self.python(code))
        time.sleep(0.5)
        self.assertEqual(self.runner.answer(step)['code'], 0)
        self.assertEqual(self.runner.output(step, 1).count(b'\n'), 9001)

    def test_silence_ends_it_although_a_program_prints(self) -> None:
        runner = self.connect(heartbeatMs=500)
        step = self.ask_run(self.python(FLOOD), runner=runner)
        runner.read_until(lambda: b'\n' in runner.output(step, 1))
        process = int(runner.output(step, 1).split(b'\n')[0])
        self.assertEqual(runner.ended(), 0)
        self.assertFalse(self.is_running(process))

    def _waits_for_room(self, process: int) -> bool:
        """Does it sleep in a write to its pipe?"""
        with open(f'/proc/{process}/stat') as file:
            before = file.read().rpartition(')')[2].split()
        time.sleep(0.1)
        with open(f'/proc/{process}/stat') as file:
            after = file.read().rpartition(')')[2].split()
        # The third and the fourteenth field of proc(5): the state, and the ticks of processor time.
        return (before[0], before[11]) == ('S', after[11])

    def _memory_mebibytes(self) -> int:
        with open(f'/proc/{self.runner.process.pid}/status') as file:
            line = next(line for line in file if line.startswith('VmRSS:'))
        return int(line.split()[1]) // 1024
