"""Steps: their output, their end, and what is left of them."""

import json
import os
import signal
import unittest
from typing import List

from end.build_log import BuildLog
from end.secret_spellings import SHORTEST_PART
from secret_cases import secret_cases
from support import Json, RemoteEndTest

# Prints its own id and waits; ignores what it is asked to ignore.
WAIT = 'import os, time; print(os.getpid(), flush=True); time.sleep(600)'
STUBBORN = 'import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); ' + WAIT


class ProgramTest(RemoteEndTest):
    def first_line(self, id: int) -> str:
        self.runner.read_until(lambda: b'\n' in self.runner.output(id, 1))
        return self.runner.output(id, 1).split(b'\n')[0].decode()

    def start_waiting(self, code: str = WAIT, **changes: object) -> List[int]:
        """The id of the request and of the process."""
        id = self.ask_run(self.python(code, **changes))
        return [id, int(self.first_line(id))]


class EndedTest(ProgramTest):
    def test_an_exit_status_is_told(self) -> None:
        for status in (0, 1, 127, 255):
            ended = self.run_step(self.python(f'raise SystemExit({status})'))
            self.assertGreaterEqual(ended.pop('durationMs'), 0)
            self.assertEqual(ended, {'kind': 'exited', 'code': status, 'signal': None, 'reason': None})

    def test_killed_by_a_signal_is_no_exit(self) -> None:
        ended = self.run_step(self.python('import os; os.kill(os.getpid(), 9)'))
        self.assertEqual((ended['kind'], ended['code'], ended['signal']), ('signalled', None, 'SIGKILL'))

    def test_a_program_that_is_not_there_was_never_started(self) -> None:
        for argv, reason in [
            (['no-such-program'], 'No such file or directory: no-such-program'),
            ([self.path()], f'Permission denied: {self.path()}'),
        ]:
            ended = self.run_step(self.spec(*argv))
            self.assertEqual((ended['kind'], ended['code'], ended['reason']), ('unstarted', None, reason))

    def test_a_working_directory_that_is_not_there_is_named(self) -> None:
        ended = self.run_step(self.spec('true', cwd='/no/such/folder'))
        self.assertEqual((ended['kind'], ended['reason']), ('unstarted', 'No such file or directory: /no/such/folder'))

    def test_an_environment_that_cannot_be_is_said_to_be_the_reason(self) -> None:
        self.assertEqual(self.run_step(self.spec('true', env={'A=B': ''}))['kind'], 'unstarted')

    def test_a_spec_that_makes_no_sense_is_refused(self) -> None:
        for spec in (self.spec(), self.spec('true', cwd='here'), self.spec('true', secret=['TOKEN'])):
            self.assertEqual(self.runner.refusal('run', {'spec': spec, 'undoOf': None}), 'invalid')

    def test_a_time_limit_kills_the_whole_group(self) -> None:
        child = f'import subprocess, sys; subprocess.Popen([sys.executable, "-c", {WAIT!r}]).wait()'
        id = self.ask_run(self.python(child, timeoutMs=1500))
        grandchild = int(self.first_line(id))
        ended = self.runner.answer(id)
        self.assertEqual((ended['kind'], ended['reason']), ('timed-out', 'not done after 1.5 s'))
        self.assertGreaterEqual(ended['durationMs'], 1500)
        self.assertFalse(self.is_running(grandchild))

    def test_cancel_stops_a_step_and_its_answer_says_so(self) -> None:
        id, process = self.start_waiting()
        self.assertEqual(self.runner.call('cancel', {'request': id}), {})
        ended = self.runner.answer(id)
        self.assertEqual((ended['kind'], ended['reason']), ('cancelled', 'cancelled by the runner'))
        self.assertFalse(self.is_running(process))

    def test_what_does_not_end_when_told_is_killed(self) -> None:
        id, process = self.start_waiting(STUBBORN)
        self.runner.call('cancel', {'request': id})
        ended = self.runner.answer(id)
        self.assertEqual(ended['kind'], 'cancelled')
        self.assertGreaterEqual(ended['durationMs'], 5000)
        self.assertFalse(self.is_running(process))

    def test_what_is_stopped_is_ended_too(self) -> None:
        id, process = self.start_waiting()
        os.kill(process, signal.SIGSTOP)
        self.runner.call('cancel', {'request': id})
        self.assertLess(self.runner.answer(id)['durationMs'], 5000)
        self.assertFalse(self.is_running(process))

    def test_a_member_of_the_group_that_outlives_its_leader_is_killed_with_it(self) -> None:
        code = f'import subprocess, sys, time; subprocess.Popen([sys.executable, "-c", {STUBBORN!r}]); time.sleep(600)'
        id, process = self.start_waiting(code)
        self.runner.call('cancel', {'request': id})
        self.assertEqual(self.runner.answer(id)['kind'], 'cancelled')
        self.assertFalse(self.is_running(process))

    def test_cancelling_what_has_ended_or_never_was_changes_nothing(self) -> None:
        id = self.ask_run(self.spec('true'))
        self.runner.answer(id)
        for request in (id, 9999):
            self.assertEqual(self.runner.call('cancel', {'request': request}), {})

    def test_a_daemon_in_the_group_holds_up_a_step_two_seconds_and_lives_on(self) -> None:
        code = f'import subprocess, sys; subprocess.Popen([sys.executable, "-c", {WAIT!r}]); print("done")'
        id = self.ask_run(self.python(code))
        ended = self.runner.answer(id)
        self.assertEqual((ended['kind'], ended['code']), ('exited', 0))
        self.assertGreaterEqual(ended['durationMs'], 2000)
        lines = self.runner.output(id, 1).decode().split()
        self.assertIn('done', lines)
        daemon = int(next(line for line in lines if line.isdigit()))
        self.addCleanup(os.kill, daemon, signal.SIGKILL)
        self.assertTrue(self.is_running(daemon))

    def test_a_daemon_that_closed_its_output_holds_up_nothing(self) -> None:
        code = (
            'import os, time\n'
            'if os.fork() == 0:\n'
            '    os.setsid(); os.closerange(0, 3); time.sleep(5); os._exit(0)\n'
        )
        self.assertLess(self.run_step(self.python(code))['durationMs'], 2000)

    def test_several_steps_run_at_once_and_answer_when_they_are_ready(self) -> None:
        slow = self.ask_run(self.python('import time; time.sleep(0.5)'))
        quick = self.ask_run(self.spec('true'))
        self.runner.answer(slow)
        self.assertLess(self.runner.order.index(('answer', quick)), self.runner.order.index(('answer', slow)))


class SurroundingsTest(ProgramTest):
    def surroundings(self, **changes: object) -> Json:
        code = (
            'import json, os, sys; print(json.dumps({"env": dict(os.environ), "argv": sys.argv[1:], "cwd": os.getcwd(),'
            ' "stdin": os.readlink("/proc/self/fd/0"), "fds": sorted(os.listdir("/proc/self/fd")), "umask": os.umask(0),'
            ' "leads": os.getpgrp() == os.getsid(0) == os.getpid()}))'
        )
        spec = self.python(code, **changes)
        id = self.ask_run(spec, runner=self.runner)
        self.assertEqual(self.runner.answer(id)['code'], 0, self.runner.output(id, 2))
        answer: Json = json.loads(self.runner.output(id, 1))
        return answer

    def test_a_program_gets_a_clean_environment(self) -> None:
        kept = {'PATH': os.environ['PATH'], 'HOME': '/home/ana', 'XDG_RUNTIME_DIR': '/run/user/1', 'no_proxy': 'a',
                'HTTPS_PROXY': 'b'}
        dropped = {'PYTHONPATH': '/x', 'PIP_INDEX_URL': 'x', 'LD_PRELOAD': '', 'LC_ALL': 'C', 'VIRTUAL_ENV': '/x'}
        self.runner = self.connect({**kept, **dropped, 'LANG': 'C'})
        env = self.surroundings(env={'DEPLOY_STAGE': 'production', 'HOME': '/home/bob'})['env']
        # Python itself sets it where the locale is C (PEP 538).
        env.pop('LC_CTYPE', None)
        self.assertEqual(env, {
            **kept, 'HOME': '/home/bob', 'DEPLOY_STAGE': 'production', 'LANG': 'C.UTF-8', 'PYTHONNOUSERSITE': '1',
            'PYTHONDONTWRITEBYTECODE': '1', 'PYTHONSAFEPATH': '1',
        })

    def test_a_program_finds_the_agent_of_the_login_only_where_it_is_to_be_forwarded(self) -> None:
        login = {'PATH': os.environ['PATH'], 'SSH_AUTH_SOCK': '/run/agent'}
        for environ, asked, found in [
            (login, True, '/run/agent'), (login, False, None), ({'PATH': os.environ['PATH']}, True, None),
        ]:
            with self.subTest(asked=asked, found=found):
                self.runner = self.connect(environ, forwardAgent=asked)
                self.assertEqual(self.surroundings()['env'].get('SSH_AUTH_SOCK'), found)
        self.runner = self.connect(login, forwardAgent=True)
        own = self.surroundings(env={'SSH_AUTH_SOCK': '/its/own'})['env']
        self.assertEqual(own['SSH_AUTH_SOCK'], '/its/own')

    def test_a_login_without_path_and_home_gets_them(self) -> None:
        self.runner = self.connect({})
        env = self.surroundings()['env']
        self.assertEqual(env['PATH'], '/usr/local/bin:/usr/bin:/bin')
        self.assertTrue(env['HOME'].startswith('/'))

    def test_a_program_inherits_nothing_else(self) -> None:
        self.lock('production')
        found = self.surroundings()
        self.assertEqual(found['cwd'], self.layout.root)
        self.assertEqual(found['stdin'], '/dev/null')
        self.assertEqual(found['umask'], 0o022)
        self.assertTrue(found['leads'])
        # 0 to 2, and the one by which the directory is listed.
        self.assertEqual(found['fds'], ['0', '1', '2', '3'])

    def test_hostile_values_arrive_unchanged(self) -> None:
        values = ['', ' ', '-n', "a'b\"c", '$(touch x)', '`id`', 'line\nbreak', 'žluťoučký ☃', '\udcff', '*', '\\', '!x', '%s']
        spec = self.python('import os, sys; os.write(1, os.fsencode("\\0".join(sys.argv[1:] + [os.environ["V"]])))')
        for value in values:
            id = self.ask_run({**spec, 'argv': spec['argv'] + [value, 'x'], 'env': {'V': value}})
            self.runner.answer(id)
            self.assertEqual(os.fsdecode(self.runner.output(id, 1)), f'{value}\0x\0{value}\n')
        self.assertEqual(os.listdir(self.layout.root), ['.stage'])


class OutputTest(ProgramTest):
    def test_lines_of_both_streams_come_before_the_answer(self) -> None:
        id = self.ask_run(self.python('import sys; print("out"); print("err", file=sys.stderr)'))
        self.runner.answer(id)
        self.assertEqual((self.runner.output(id, 1), self.runner.output(id, 2)), (b'out\n', b'err\n'))

    def test_lines_come_while_the_program_runs(self) -> None:
        id, _ = self.start_waiting()
        self.assertFalse(self.runner.answered(id))

    def test_a_last_line_without_an_end_is_sent_when_the_program_ends(self) -> None:
        id = self.ask_run(self.python('print("a", end="")'))
        self.runner.answer(id)
        self.assertEqual(self.runner.output(id, 1), b'a\n')

    def test_a_character_that_falls_across_two_writes_is_whole(self) -> None:
        snowman = '☃'.encode()
        code = f'import os, time; os.write(1, {snowman[:1]!r}); time.sleep(0.1); os.write(1, {snowman[1:]!r})'
        id = self.ask_run(self.python(code))
        self.runner.answer(id)
        self.assertEqual(self.runner.output(id, 1), snowman + b'\n')

    def test_ten_megabytes_arrive_whole(self) -> None:
        code = 'for number in range(200_000): print("%050d" % number)'
        id = self.ask_run(self.python(code))
        self.runner.answer(id)
        lines = self.runner.output(id, 1).split(b'\n')
        self.assertEqual(len(lines), 200_001)
        self.assertEqual(lines[199_999], b'%050d' % 199_999)

    def test_secrets_are_in_no_output(self) -> None:
        code = (
            'import os, sys, time\n'
            'secret = os.environ["TOKEN"]\n'
            'print("token:", secret, file=sys.stderr)\n'
            'for part in ("<", secret[:3], secret[3:], ">\\n"):\n'
            '    print(part, end="", flush=True); time.sleep(0.05)\n'
            'print("plain", os.environ["PLAIN"])\n'
        )
        env = {'TOKEN': 'hunter2!', 'PLAIN': 'seen'}
        id = self.ask_run(self.python(code, env=env, secret=['TOKEN']))
        self.runner.answer(id)
        self.assertEqual(self.runner.output(id, 1), b'<[TOKEN]>\nplain seen\n')
        self.assertEqual(self.runner.output(id, 2), b'token: [TOKEN]\n')

    def test_a_secret_in_the_reason_is_replaced(self) -> None:
        ended = self.run_step(self.spec('/bin/hunter2', env={'TOKEN': 'hunter2'}, secret=['TOKEN']))
        self.assertEqual(ended['reason'], 'No such file or directory: /bin/[TOKEN]')


class BuildTest(ProgramTest):
    def setUp(self) -> None:
        super().setUp()
        self.lock('shop-1.0')
        os.mkdir(self.path('shop-1.0'))

    def test_a_build_step_is_logged_in_its_revision(self) -> None:
        for word in ('one', 'two'):
            self.run_step(self.python(
                f'import os, sys; print("{word}", os.environ["T"]); print("e", file=sys.stderr)',
                build='shop-1.0', env={'T': 'hunter2'}, secret=['T'],
            ))
        self.assertEqual(sorted(self.read('shop-1.0', '.build.log').split('\n')), ['', 'e', 'e', 'one [T]', 'two [T]'])

    def test_no_secret_is_in_any_file_in_any_of_its_spellings(self) -> None:
        values = {f'S{number}': case['value'] for number, case in enumerate(secret_cases())}
        texts = [text for case in secret_cases() for text in [*case['spellings'], *(one['text'] for one in case['printed'])]]
        # The program prints what it is given on its input: what it prints stands in no file of its own.
        spec = self.spec(
            'cat', build='shop-1.0', input='\n'.join(texts) + '\n' + ' '.join(texts), env=values, secret=list(values),
        )
        self.assertEqual(self.run_step(spec)['code'], 0)
        undo = self.spec('/bin/' + values['S0'], env=values, secret=list(values))
        self.assertNotIn(values['S0'], self.run_step(undo)['reason'])
        lines = {line for text in texts for line in text.split('\n') if len(line.strip()) >= SHORTEST_PART}
        searched = 0
        for directory, _, names in os.walk(self.layout.root):
            for name in names:
                with open(os.path.join(directory, name), 'rb') as file:
                    content = file.read()
                searched += 1
                found = [line for line in lines if line.encode() in content]
                self.assertEqual(found, [], os.path.join(directory, name))
        self.assertIn('[S0]', self.read('shop-1.0', '.build.log'))
        self.assertGreater(searched, 2)

    def test_a_build_step_is_told_where_to_write_what_it_made(self) -> None:
        id = self.ask_run(self.python('import os; print(os.environ["DEPLOY_RECORD"])', build='shop-1.0'))
        self.runner.answer(id)
        self.assertEqual(self.runner.output(id, 1).decode(), self.layout.record('shop-1.0') + '\n')

    def test_a_build_needs_the_lock_of_its_revision(self) -> None:
        spec = self.spec('true', build='shop-2.0')
        self.assertEqual(self.runner.refusal('run', {'spec': spec, 'undoOf': None}), 'lock-lost')

    def test_an_orphan_of_a_build_keeps_the_revision_locked(self) -> None:
        code = (
            'import os, time\n'
            'if os.fork() == 0:\n'
            '    os.setsid(); print(os.getpid(), flush=True); os.closerange(0, 3); time.sleep(600)\n'
        )
        id = self.ask_run(self.python(code, build='shop-1.0'))
        orphan = int(self.first_line(id))
        self.addCleanup(os.kill, orphan, signal.SIGKILL)
        self.runner.call('unlock', {'name': 'shop-1.0'})
        other = self.connect()
        self.assertFalse(self.lock('shop-1.0', runner=other)['granted'])

    def test_a_step_of_a_later_phase_does_not_inherit_the_lock(self) -> None:
        id = self.ask_run(self.python(
            'import os, time\nif os.fork() == 0: os.setsid(); print(os.getpid(), flush=True); time.sleep(600)'
        ))
        self.addCleanup(os.kill, int(self.first_line(id)), signal.SIGKILL)
        self.runner.call('unlock', {'name': 'shop-1.0'})
        self.assertTrue(self.lock('shop-1.0', runner=self.connect())['granted'])

    def test_a_log_that_is_a_link_is_not_followed(self) -> None:
        os.symlink('/dev/null', self.path('shop-1.0', '.build.log'))
        self.assertEqual(self.runner.refusal('run', {'spec': self.spec('true', build='shop-1.0'), 'undoOf': None}), 'io')

    def test_a_log_that_takes_no_more_is_said_once(self) -> None:
        log = BuildLog(self.path('shop-1.0', '.build.log'))
        self.addCleanup(log.close)
        full = os.open('/dev/full', os.O_WRONLY)
        os.dup2(full, log._descriptor)
        os.close(full)
        self.assertEqual(log.append(b'one\n'), 'the build log is incomplete from here on: No space left on device')
        self.assertIsNone(log.append(b'two\n'))


if __name__ == '__main__':
    unittest.main()
