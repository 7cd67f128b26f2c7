"""How a connection begins, what it takes for a request, and how it ends."""

import json
import os
import signal
import struct
import subprocess
import sys
import unittest

from end.wire import FRAME_LIMIT, message_frame
from support import NONCE, RemoteEndTest, Refused


class BeginTest(RemoteEndTest):
    def test_the_first_line_is_the_marker_that_the_runner_waits_for(self) -> None:
        self.assertEqual(self.runner.greeting, f'stage-deploy {NONCE} ready'.encode())

    def test_open_tells_who_and_where_it_is(self) -> None:
        runner = self.start()
        answer = runner.open(self.layout.root)
        self.assertEqual(answer['uid'], os.getuid())
        self.assertEqual(answer['pid'], runner.process.pid)
        self.assertEqual(answer['hostname'], os.uname().nodename)
        self.assertEqual(answer['python'], '%d.%d.%d' % sys.version_info[:3])
        self.assertTrue(os.access(answer['executable'], os.X_OK))
        self.assertEqual(answer['home'], os.path.expanduser('~'))

    def test_nothing_is_served_before_open_but_a_sign_of_life(self) -> None:
        runner = self.start()
        self.assertEqual(runner.refusal('read-back', {'stages': []}), 'not-open')
        self.assertIn('atUs', runner.call('beat'))

    def test_it_is_opened_once(self) -> None:
        with self.assertRaises(Refused) as caught:
            self.runner.open(self.layout.root)
        self.assertEqual(caught.exception.code, 'invalid')

    def test_another_protocol_is_refused(self) -> None:
        for changes in ({'protocol': 2}, {'root': 'relative'}, {'heartbeatMs': 0}):
            with self.subTest(changes), self.assertRaises(Refused) as caught:
                self.start().open(**{'root': self.layout.root, **changes})
            self.assertEqual(caught.exception.code, 'invalid')


class RequestTest(RemoteEndTest):
    def test_the_largest_number_a_runner_can_say_is_a_time_like_any_other(self) -> None:
        largest = 2 ** 53 - 1
        runner = self.connect(heartbeatMs=largest)
        self.assertEqual(runner.call('run', {'spec': self.spec('true', timeoutMs=largest), 'undoOf': None})['code'], 0)

    def test_an_unknown_request_is_refused_and_the_connection_goes_on(self) -> None:
        self.assertEqual(self.runner.refusal('publish', {}), 'invalid')
        self.assertIn('atUs', self.runner.call('beat'))

    def test_a_lock_asked_for_behind_a_refused_settle_is_refused_with_it_and_makes_nothing(self) -> None:
        with open(self.layout.root_file, 'w') as file:
            json.dump({'v': 1, 'id': 'x', 'project': 'bakery'}, file)
        self.seal('bakery-1.0')
        asked = [self.runner.ask('settle', {}), self.runner.ask('lock', {'name': 'production', 'mode': 'exclusive'})]
        for id in asked:
            with self.assertRaises(Refused) as caught:
                self.runner.answer(id)
            self.assertEqual(caught.exception.code, 'other-project')
        self.assertFalse(os.path.exists(self.layout.lock('production')))

    def test_a_body_that_does_not_fit_is_refused_with_the_place(self) -> None:
        with self.assertRaises(Refused) as caught:
            self.runner.call('lock', {'name': 'production', 'mode': 'mine'})
        self.assertEqual(caught.exception.code, 'invalid')
        self.assertEqual(caught.exception.message, 'lock: the body.mode must be one of exclusive, shared')

    def test_a_request_without_a_body_is_refused(self) -> None:
        self.runner.send(message_frame({'id': 2, 'do': 'beat'}))
        with self.assertRaises(Refused) as caught:
            self.runner.answer(2)
        self.assertEqual(caught.exception.code, 'invalid')

    def test_a_bug_in_a_request_is_answered_and_the_connection_goes_on(self) -> None:
        others = ('discard_link', 'make_link', 'prepared_links', 'read_text', 'remove_link', 'replace_link')
        broken = 'def read_link(*arguments): raise KeyError("a bug")\n' + ''.join(f'{name} = None\n' for name in others)
        runner = self.start(instead={'link.py': broken})
        runner.open(self.layout.root)
        for name, body in [
            ('read-back', {'stages': ['production']}),
            ('observe', {'stages': ['production'], 'check': [], 'shared': [], 'programs': [], 'facts': []}),
        ]:
            with self.assertRaises(Refused) as caught:
                runner.call(name, body)
            self.assertEqual((caught.exception.code, caught.exception.message), ('internal', "KeyError: 'a bug'"))
            self.assertIn('in read_link', caught.exception.detail['traceback'])

    def test_a_revision_at_which_a_job_is_at_work_is_left_alone_till_it_is_over(self) -> None:
        slow = (
            'import os, time\n\n\ndef seal(layout, journal, body):\n'
            '    while not os.path.exists(layout.root + "/go"): time.sleep(0.01)\n    return "0" * 64\n'
        )
        runner = self.start(instead={'seal.py': slow})
        runner.open(self.layout.root)
        for name in ('shop-1.0', 'shop-2.0'):
            self.lock(name, runner=runner)
        sealing = runner.ask('seal', {
            'revision': 'shop-1.0', 'project': 'shop', 'version': '1.0', 'sha256': '0' * 64, 'sourceDigest': '0' * 64,
            'shared': [], 'verification': [], 'builders': [], 'tool': 'test',
        })
        for request, body in [
            ('abandon', {'revision': 'shop-1.0'}), ('unlock', {'name': 'shop-1.0'}),
            ('lock', {'name': 'shop-1.0', 'mode': 'shared'}),
            ('receive', {'revision': 'shop-1.0', 'sha256': '0' * 64, 'bytes': 1}),
        ]:
            self.assertEqual(runner.refusal(request, body), 'conflict')
        self.assertEqual(runner.call('abandon', {'revision': 'shop-2.0'}), {'removed': False})
        os.mkdir(self.path('go'))
        runner.answer(sealing)
        self.assertEqual(runner.call('abandon', {'revision': 'shop-1.0'}), {'removed': False})

    def test_read_back_tells_the_links_as_they_are(self) -> None:
        os.symlink('shop-1.0', self.path('production'))
        os.mkdir(self.path('staging'))
        links = self.runner.call('read-back', {'stages': ['production', 'staging', 'canary']})['links']
        self.assertEqual(links['production'], {
            'kind': 'link', 'text': 'shop-1.0', 'revision': 'shop-1.0', 'dangling': True,
        })
        self.assertEqual(links['staging']['kind'], 'directory')
        self.assertEqual(links['canary']['kind'], 'absent')

    def test_the_journal_answers_with_the_latest_entries_that_fit_into_a_frame(self) -> None:
        for number in range(30):
            self.journal.append('build', revision=f'shop-{number}', sha256='é' * 10_000)
        entries = self.runner.call('journal', {'limit': 1000})['entries']
        self.assertEqual(entries[-1]['revision'], 'shop-29')
        self.assertGreater(len(json.dumps(entries)), FRAME_LIMIT * 9 // 10)
        self.assertLess(len(entries), 30)
        self.assertEqual(len(self.runner.call('journal', {'limit': 2})['entries']), 2)


class BrokenTest(RemoteEndTest):
    def assert_ends(self, sent: bytes) -> None:
        self.runner.send(sent)
        self.assertEqual(self.runner.ended(), 0)
        self.assertEqual(self.runner.read_to_end(), b'')
        self.assertEqual(self.runner.errors(), '')

    def test_a_frame_that_is_too_long_ends_the_connection(self) -> None:
        self.assert_ends(struct.pack('>IB', FRAME_LIMIT + 1, ord('J')))

    def test_an_unknown_kind_of_frame_ends_the_connection(self) -> None:
        self.assert_ends(struct.pack('>IB', 3, ord('Z')) + b'ab')

    def test_a_message_that_is_no_request_ends_the_connection(self) -> None:
        self.assert_ends(message_frame({'do': 'beat', 'with': {}}))

    def test_an_id_that_does_not_follow_ends_the_connection(self) -> None:
        self.assert_ends(message_frame({'id': 1, 'do': 'beat', 'with': {}}))

    def test_data_of_a_request_that_was_never_made_ends_the_connection(self) -> None:
        self.assert_ends(struct.pack('>IBI', 6, ord('D'), 99) + b'x')


class EndTest(RemoteEndTest):
    def test_end_of_input_ends_it(self) -> None:
        self.runner.lose()
        self.assertEqual(self.runner.ended(), 0)

    def test_close_is_answered_last_when_all_is_released(self) -> None:
        self.lock('production')
        self.assertEqual(self.runner.call('close'), {})
        self.assertTrue(self.lock('production', runner=self.connect())['granted'])
        self.assertEqual(self.runner.read_to_end(), b'')
        self.assertEqual(self.runner.ended(), 0)

    def test_after_close_nothing_else_is_answered(self) -> None:
        step = self.ask_run(self.python('import time; time.sleep(60)'))
        closing = self.runner.ask('close')
        self.runner.ask('beat')
        self.runner.answer(closing)
        self.assertEqual(self.runner.read_to_end(), b'')
        self.assertFalse(self.runner.answered(step))

    def test_signals_end_it_in_order(self) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            with self.subTest(number.name):
                runner = self.connect()
                self.lock('production', runner=runner)
                runner.process.send_signal(number)
                self.assertEqual(runner.ended(), 0)
                self.assertEqual(runner.errors(), '')
                self.assertEqual(self.read('.stage', 'locks', 'production'), '')

    def test_silence_ends_it(self) -> None:
        runner = self.connect(heartbeatMs=300)
        self.assertEqual(runner.ended(), 0)

    def test_any_byte_is_a_sign_of_life(self) -> None:
        runner = self.connect(heartbeatMs=1500)
        frame = message_frame({'id': 2, 'do': 'beat', 'with': {}})
        for start in range(0, len(frame), 3):
            runner.send(frame[start:start + 3])
            with self.assertRaises(subprocess.TimeoutExpired):
                runner.process.wait(0.2)
        self.assertIn('atUs', runner.answer(2))

    def test_what_arrived_while_it_was_stopped_is_read_before_silence_is_judged(self) -> None:
        runner = self.connect(heartbeatMs=700)
        runner.process.send_signal(signal.SIGSTOP)
        id = runner.ask('beat')
        with self.assertRaises(subprocess.TimeoutExpired):
            runner.process.wait(1.2)
        runner.process.send_signal(signal.SIGCONT)
        self.assertIn('atUs', runner.answer(id))

    def test_a_broken_standard_output_ends_it(self) -> None:
        assert self.runner.process.stdout is not None
        self.runner.process.stdout.close()
        self.runner.ask('beat')
        self.assertEqual(self.runner.ended(), 0)
        self.assertEqual(self.runner.errors(), '')


if __name__ == '__main__':
    unittest.main()
