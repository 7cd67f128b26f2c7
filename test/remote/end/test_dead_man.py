"""What a host does by itself when it loses its runner before the switch is kept (DESIGN 6)."""

import os
import signal
import struct
import subprocess
import unittest

import end.switch_lines
from support import ANY_ANSWER, Json
from switches import SwitchTest

WAIT = 'import os, time; print(os.getpid(), flush=True); time.sleep(600)'
STUBBORN = 'import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); ' + WAIT
FLOOD = 'import os, sys\nprint(os.getpid(), flush=True)\nwhile True: sys.stdout.write("x" * 999 + "\\n")'


class LossTest(SwitchTest):
    def fire_and_start(self, *steps: str, **changes: object) -> None:
        """Arms with an undo for each of the steps, fires, and starts them."""
        self.arm(undo=[self.undo(step) for step in steps], **changes)
        self.fire()
        for step in steps:
            self.start_step(step)

    def lose(self) -> None:
        self.runner.lose()
        self.assertEqual(self.runner.ended(), 0)
        self.assertEqual(self.runner.errors(), '')

    def start_waiting(self, code: str, **changes: object) -> int:
        id = self.ask_run(self.python(code, **changes))
        self.runner.read_until(lambda: b'\n' in self.runner.output(id, 1))
        return int(self.runner.output(id, 1).split(b'\n')[0])

    def result(self, of: str) -> Json:
        return {'of': of, 'ok': True, 'reason': None}


class PutBackTest(LossTest):
    def test_every_way_to_lose_the_runner_puts_the_link_back(self) -> None:
        def stop(number: int) -> None:
            self.runner.process.send_signal(number)

        for name, lose in [
            ('end of input', lambda: self.runner.lose()),
            ('SIGTERM', lambda: stop(signal.SIGTERM)),
            ('SIGHUP', lambda: stop(signal.SIGHUP)),
            ('SIGINT', lambda: stop(signal.SIGINT)),
            ('a broken frame', lambda: self.runner.send(struct.pack('>IB', 0, 0))),
            ('close', lambda: self.runner.call('close') and None),
            ('silence', lambda: None),
        ]:
            with self.subTest(name):
                self.runner.lose()
                self.runner.ended()
                self.runner = self.connect(heartbeatMs=600 if name == 'silence' else 60_000)
                self.hold()
                self.arm()
                self.fire()
                self.assertEqual(self.link_text(), 'shop-2.0')
                lose()
                self.assertEqual(self.runner.ended(), 0)
                self.assertEqual(self.link_text(), 'shop-1.0')
                self.assertEqual(self.told()[-1], self.put_back_line())
                self.assertEqual(os.listdir(self.layout.incoming), [])

    def test_what_was_only_armed_is_disarmed(self) -> None:
        self.arm()
        self.lose()
        self.assertEqual(self.link_text(), 'shop-1.0')
        self.assertEqual(self.told()[1:], [self.put_back_line(moved=False)])
        self.assertEqual(os.listdir(self.layout.incoming), [])

    def test_a_loss_during_the_delay_disarms(self) -> None:
        self.arm()
        self.runner.ask('fire', {'id': 's1', 'atUs': 2**53 - 1, 'delayUs': 300_000})
        self.lose()
        self.assertEqual(self.link_text(), 'shop-1.0')
        self.assertEqual(self.told()[1:], [self.put_back_line(moved=False)])

    def test_where_no_link_was_none_is_left(self) -> None:
        os.unlink(self.path('production'))
        self.arm(**{'from': None})
        self.fire()
        self.lose()
        self.assertIsNone(self.link_text())

    def test_what_is_kept_stays(self) -> None:
        self.fire_and_start('reload')
        self.keep()
        self.lose()
        self.assertEqual(self.link_text(), 'shop-2.0')
        self.assertEqual(self.undone(), [])
        self.assertEqual(self.told()[-1]['what'], 'kept')

    def test_a_link_that_somebody_else_moved_is_left_alone(self) -> None:
        self.fire_and_start('reload')
        os.unlink(self.path('production'))
        os.symlink('elsewhere', self.path('production'))
        self.lose()
        self.assertEqual(self.link_text(), 'elsewhere')
        self.assertEqual(self.told()[-1], self.put_back_line(self.result('reload'), by_others=True))

    def test_the_link_goes_back_while_nobody_reads_what_a_program_prints(self) -> None:
        self.arm()
        self.fire()
        process = self.start_waiting(FLOOD)
        with self.assertRaises(subprocess.TimeoutExpired):
            self.runner.process.wait(0.5)
        self.lose()
        self.assertEqual(self.link_text(), 'shop-1.0')
        self.assertFalse(self.is_running(process))

    def test_the_link_goes_back_before_anything_is_waited_for(self) -> None:
        self.arm(undo=[self.undo('reload')])
        self.fire()
        process = self.start_waiting(STUBBORN, step='reload')
        self.runner.lose()
        self.wait_for(lambda: self.link_text() == 'shop-1.0' and self.told()[-1] == self.put_back_line(*self.not_yet('reload')))
        self.assertTrue(self.is_running(process))
        self.assertEqual(self.runner.ended(), 0)
        self.assertFalse(self.is_running(process))
        self.assertEqual(self.undone(), ['reload'])

    def test_a_second_signal_does_not_cut_it_short(self) -> None:
        slow = self.undo('reload', argv=['sh', '-c', 'echo begun > begun; sleep 1; echo reload > undone'])
        self.arm(undo=[slow])
        self.fire()
        self.start_step('reload')
        self.runner.process.send_signal(signal.SIGTERM)
        self.wait_for(lambda: os.path.exists(self.path('begun')))
        self.runner.process.send_signal(signal.SIGHUP)
        self.assertEqual(self.runner.ended(), 0)
        self.assertEqual(self.undone(), ['reload'])


class BugTest(LossTest):
    def test_a_bug_of_ours_is_a_loss_as_any_other(self) -> None:
        self.runner.lose()
        self.runner.ended()
        broken = 'class Lines:\n    def __init__(self, redactor): pass\n    def feed(self, piece): raise KeyError("a bug")\n'
        self.runner = self.start(instead={'lines.py': broken})
        self.runner.open(self.layout.root)
        self.hold()
        self.arm(undo=[self.undo('reload')])
        self.fire()
        self.ask_run(self.spec('echo', 'what nobody can read', step='reload'))
        self.assertEqual(self.runner.ended(), 1)
        self.assertIn("KeyError: 'a bug'", self.runner.errors())
        self.assertIn('end/program.py', self.runner.errors())
        self.assertEqual(self.link_text(), 'shop-1.0')
        self.assertEqual(self.undone(), ['reload'])
        self.assertEqual(self.told()[-1]['what'], 'put-back')

    def start_broken(self, how: str) -> None:
        """Another connection, with a bug in one of its journal lines."""
        self.runner.lose()
        self.runner.ended()
        with open(end.switch_lines.__file__, encoding='ascii') as file:
            broken = file.read() + f'\n\ndef bug(self): raise KeyError("a bug")\n\n\n{how}\n'
        self.runner = self.start(instead={'switch_lines.py': broken})
        self.runner.open(self.layout.root)
        self.hold()

    def test_a_bug_right_after_the_rename_does_not_make_a_host_forget_that_it_fired(self) -> None:
        self.start_broken('SwitchLines.fired = bug')
        self.arm()
        self.runner.ask('fire', {'id': 's1', 'atUs': None, 'delayUs': 0})
        self.assertEqual(self.runner.ended(), 1)
        self.assertIn("KeyError: 'a bug'", self.runner.errors())
        self.assertEqual(self.link_text(), 'shop-1.0')
        self.assertEqual(self.told()[1:], [self.put_back_line()])

    def test_a_bug_while_it_is_kept_does_not_make_a_host_undo_what_is_kept(self) -> None:
        self.start_broken('SwitchLines.kept = bug')
        self.fire_and_start('reload')
        self.assertEqual(self.runner.refusal('keep', {'id': 's1'}), 'internal')
        self.runner.lose()
        self.runner.ended()
        self.assertEqual((self.link_text(), self.undone()), ('shop-2.0', []))


class UndoTest(LossTest):
    def test_what_was_started_is_undone_latest_first_and_recorded(self) -> None:
        self.arm(undo=[self.undo(step) for step in ('a', 'b', 'c', 'never started')])
        self.fire()
        for step in ('b', 'a', 'c'):
            self.start_step(step)
        self.lose()
        self.assertEqual(self.undone(), ['c', 'a', 'b'])
        self.assertEqual(self.told()[2:], [
            self.put_back_line(*self.not_yet('c', 'a', 'b')),
            self.put_back_line(self.result('c'), self.result('a'), self.result('b')),
        ])

    def test_what_a_kill_leaves_undone_is_on_the_record(self) -> None:
        slow = self.undo('b', argv=['sh', '-c', 'echo $$ > pid; mv pid begun; exec sleep 600'])
        self.arm(undo=[self.undo('a'), slow])
        self.fire()
        for step in ('a', 'b'):
            self.start_step(step)
        self.runner.lose()
        self.wait_for(lambda: os.path.exists(self.path('begun')))
        self.addCleanup(os.kill, int(self.read('begun')), signal.SIGKILL)
        self.runner.process.kill()
        self.runner.ended()
        self.runner = self.connect()
        [switch] = self.reported()['switches']
        self.assertEqual((self.link_text(), switch['state']), ('shop-1.0', 'put-back'))
        self.assertEqual(switch['undo'], self.not_yet('b', 'a'))

    def test_a_step_before_the_switch_is_undone_too_even_if_nothing_was_fired(self) -> None:
        self.start_step('migrate')
        self.arm(undo=[self.undo('migrate')])
        self.lose()
        self.assertEqual(self.undone(), ['migrate'])

    def load(self, *steps: str) -> None:
        body = {'id': 's1', 'stage': 'production', 'undo': [self.undo(step) for step in steps]}
        self.assertEqual(self.runner.call('load-undo', body), {})

    def undone_line(self, *results: Json) -> Json:
        return {'what': 'undone', 'id': 's1', 'stage': 'production', 'undo': list(results)}

    def reported(self) -> Json:
        told = self.runner.call('observe', {'stages': ['production'], 'check': [], 'shared': [], 'programs': [], 'facts': []})
        stage: Json = told['stages']['production']
        return stage

    def test_before_anything_is_armed_what_was_started_is_undone_and_recorded(self) -> None:
        self.load('a', 'b', 'never started')
        for step in ('a', 'b'):
            self.start_step(step)
        self.lose()
        self.assertEqual(self.undone(), ['b', 'a'])
        self.assertEqual(self.told(), [self.undone_line(self.result('b'), self.result('a'))])
        self.runner = self.connect()
        self.assertEqual(self.reported()['undone'], [self.result('b'), self.result('a')])
        self.hold()
        self.arm()
        self.assertEqual(self.reported()['undone'], [])

    def test_what_the_runner_undid_before_anything_was_armed_is_not_undone_again_and_recorded(self) -> None:
        self.load('a', 'b')
        for step in ('a', 'b'):
            self.start_step(step)
        self.run_step(self.undo('b')['run'], undo_of='b')
        self.run_step(self.spec('false'), undo_of='a')
        self.runner.call('close')
        self.runner.ended()
        self.assertEqual(self.undone(), ['b'])
        failed = {'of': 'a', 'ok': False, 'reason': 'exit status 1'}
        self.assertEqual(self.told(), [self.undone_line(self.result('b'), failed)])

    def test_what_is_armed_and_put_back_is_recorded_once(self) -> None:
        self.load('migrate')
        self.start_step('migrate')
        self.arm(undo=[self.undo('migrate')])
        self.lose()
        self.assertEqual(self.undone(), ['migrate'])
        self.assertEqual(self.told()[1:], [
            self.put_back_line(*self.not_yet('migrate'), moved=False),
            self.put_back_line(self.result('migrate'), moved=False),
        ])

    def test_what_cannot_be_armed_is_undone_as_if_it_had_never_been_tried(self) -> None:
        self.load('migrate')
        self.start_step('migrate')
        self.assertEqual(self.runner.refusal('arm', self.intent(**{'from': 'elsewhere'})), 'moved')
        self.lose()
        self.assertEqual(self.told(), [self.undone_line(self.result('migrate'))])

    def test_an_arm_that_failed_behind_its_intent_does_not_forget_what_is_to_be_undone(self) -> None:
        self.load('migrate')
        self.start_step('migrate')
        os.rename(self.layout.incoming, self.path('aside'))
        self.assertEqual(self.runner.refusal('arm', self.intent(undo=[self.undo('migrate')])), 'io')
        os.rename(self.path('aside'), self.layout.incoming)
        self.assertEqual([entry['what'] for entry in self.told()], ['intent', 'put-back'])
        self.assertEqual(self.runner.refusal('put-back', {'id': 's1'}), 'not-armed')
        self.lose()
        self.assertEqual(self.undone(), ['migrate'])
        self.assertEqual(self.told()[2:], [self.undone_line(self.result('migrate'))])

    def test_what_is_kept_is_not_undone_though_it_was_loaded_early(self) -> None:
        self.load('migrate')
        self.start_step('migrate')
        self.arm(undo=[self.undo('migrate')])
        self.fire()
        self.keep()
        self.lose()
        self.assertEqual((self.undone(), self.told()[-1]['what']), ([], 'kept'))

    def test_undo_is_loaded_only_with_the_lock_and_while_nothing_is_armed(self) -> None:
        body = {'id': 's1', 'stage': 'production', 'undo': []}
        self.assertEqual(self.connect().refusal('load-undo', body), 'lock-lost')
        useless = {'of': 'a', 'run': self.spec(), 'probe': None}
        self.assertEqual(self.runner.refusal('load-undo', {**body, 'undo': [useless]}), 'invalid')
        self.arm()
        self.assertEqual(self.runner.refusal('load-undo', body), 'conflict')

    def test_the_step_under_way_is_killed_before_it_is_undone(self) -> None:
        self.arm(undo=[self.undo('reload')])
        self.fire()
        process = self.start_waiting(WAIT, step='reload')
        self.lose()
        self.assertFalse(self.is_running(process))
        self.assertEqual(self.undone(), ['reload'])

    def test_an_undo_that_fails_does_not_stop_the_others(self) -> None:
        failing = self.undo('b', argv=['sh', '-c', 'echo hunter2 is wrong; exit 3'], env={'T': 'hunter2'}, secret=['T'])
        missing = self.undo('c', argv=['no-such-program'])
        self.arm(undo=[self.undo('a'), failing, missing])
        self.fire()
        for step in ('a', 'b', 'c'):
            self.start_step(step)
        self.lose()
        self.assertEqual(self.undone(), ['a'])
        self.assertEqual(self.told()[-1]['undo'], [
            {'of': 'c', 'ok': False, 'reason': 'No such file or directory: no-such-program'},
            {'of': 'b', 'ok': False, 'reason': 'exit status 3: [T] is wrong'},
            self.result('a'),
        ])

    def test_what_the_runner_undid_before_it_was_lost_is_not_undone_again(self) -> None:
        self.fire_and_start('a', 'b')
        self.put_back()
        self.run_step(self.undo('b')['run'], undo_of='b')
        self.lose()
        self.assertEqual(self.undone(), ['b', 'a'])
        self.assertEqual(self.told()[-1], self.put_back_line(self.result('b'), self.result('a')))

    def test_an_undo_that_failed_is_left_for_a_person(self) -> None:
        self.fire_and_start('a')
        self.put_back()
        self.run_step(self.spec('false'), undo_of='a')
        self.lose()
        self.assertEqual(self.undone(), [])
        self.assertEqual(self.told()[-1]['undo'], [{'of': 'a', 'ok': False, 'reason': 'exit status 1'}])

    def test_an_undo_that_was_cut_off_is_run_again(self) -> None:
        self.fire_and_start('a')
        self.put_back()
        id = self.ask_run(self.python(WAIT), undo_of='a')
        self.runner.read_until(lambda: b'\n' in self.runner.output(id, 1))
        self.lose()
        self.assertEqual(self.undone(), ['a'])

    def test_a_put_back_that_the_runner_closed_is_done(self) -> None:
        self.fire_and_start('a')
        self.put_back()
        self.runner.call('put-back-done', {'id': 's1', 'undo': []})
        self.lose()
        self.assertEqual(self.undone(), [])

    def test_the_lock_is_held_until_the_undo_is_done(self) -> None:
        gate = self.path('gate')
        os.mkfifo(gate)
        waiting = self.undo('a', argv=['sh', '-c', 'echo begun > begun; cat "$0" > /dev/null', gate])
        self.arm(undo=[waiting])
        self.fire()
        self.start_step('a')
        self.runner.lose()
        self.wait_for(lambda: os.path.exists(self.path('begun')))
        other = self.connect()
        self.assertFalse(self.lock('production', runner=other)['granted'])
        with open(gate, 'w'):
            pass
        self.assertEqual(self.runner.ended(), 0)
        self.assertTrue(self.lock('production', runner=other)['granted'])

    def test_an_undo_may_be_a_probe(self) -> None:
        probe = {
            'step': 'undo of a', 'url': 'http://localhost/', 'socket': '/no/such/socket', 'headers': {}, 'status': [],
            'contains': None, **ANY_ANSWER, 'intervalMs': 10, 'attemptMs': 10, 'timeoutMs': 50,
        }
        self.arm(undo=[{'of': 'a', 'run': None, 'probe': probe}])
        self.start_step('a')
        self.lose()
        [result] = self.told()[-1]['undo']
        self.assertFalse(result['ok'])
        self.assertIn('No such file or directory', result['reason'])


if __name__ == '__main__':
    unittest.main()
