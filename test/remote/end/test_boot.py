"""A revision that is started to be asked: where it listens, and that nothing of it is left, however it ended."""

import os
import unittest
from typing import List

from support import ANY_ANSWER, Json, RemoteEndTest

# Says where it listens and which process it is, then serves what it was given as its last argument.
SERVER = (
    'import http.server, os, socketserver, sys\n'
    'place, status = sys.argv[1], int(sys.argv[2])\n'
    'class Handler(http.server.BaseHTTPRequestHandler):\n'
    '    def do_GET(self):\n'
    '        self.send_response(status); self.end_headers(); self.wfile.write(self.path.encode())\n'
    '    def log_message(self, *_): pass\n'
    '    def address_string(self): return ""\n'
    'class Unix(socketserver.UnixStreamServer): pass\n'
    'server = Unix(place, Handler) if "/" in place else socketserver.TCPServer(("127.0.0.1", int(place)), Handler)\n'
    'print(os.getpid(), place, flush=True)\n'
    'server.serve_forever()\n'
)

# Starts the server in its own group, and does not end it.
PARENT = 'import os, subprocess, sys, time; subprocess.Popen([sys.executable, "-c", *sys.argv[1:]]); time.sleep(600)'


class BootTest(RemoteEndTest):
    def ask_boot(self, *argv: str, listen: str = 'port', timeout_ms: int = 20_000, **changes: object) -> int:
        run = self.spec('@python', '-c', *argv, timeoutMs=timeout_ms, **changes)
        server = '127.0.0.1:{port}' if listen == 'port' else 'localhost'
        probe = {
            'step': 'a-step', 'url': f'http://{server}/up', 'socket': None, 'headers': {}, 'status': [200],
            'contains': '/up', **ANY_ANSWER, 'intervalMs': 20, 'attemptMs': 5000, 'timeoutMs': timeout_ms,
        }
        return self.runner.ask('boot', {'spec': {'run': run, 'probe': probe, 'listen': listen}})

    def said(self, id: int) -> List[str]:
        """What the server printed first: its process and where it listens."""
        self.runner.read_until(lambda: b'\n' in self.runner.output(id, 1))
        return self.runner.output(id, 1).decode().split('\n')[0].split()

    def test_a_program_on_a_free_port_is_asked_and_ended(self) -> None:
        id = self.ask_boot(SERVER, '{port}', '200')
        answer = self.runner.answer(id)
        self.assertEqual((answer['ended']['kind'], answer['ended']['code'], answer['detail']), ('exited', 0, 'as expected'))
        process, port = self.said(id)
        self.assertGreater(int(port), 0)
        self.assertFalse(self.is_running(int(process)))

    def test_a_socket_stands_in_a_directory_that_goes_with_it(self) -> None:
        id = self.ask_boot(SERVER, '{socket}', '200', listen='socket')
        self.assertEqual(self.runner.answer(id)['ended']['code'], 0)
        _, path = self.said(id)
        self.assertFalse(os.path.exists(os.path.dirname(path)))

    def test_the_place_is_told_in_variables_too_but_never_put_into_a_secret(self) -> None:
        code = 'import os; print(os.environ["PORT"].isdigit(), os.environ["TOKEN"][1:])'
        id = self.ask_boot(code, env={'PORT': '{port}', 'TOKEN': 'x{port}'}, secret=[])
        self.runner.answer(id)
        self.assertNotIn(b'{port}', self.runner.output(id, 1))
        id = self.ask_boot(code, env={'PORT': '{port}', 'TOKEN': 'x{port}'}, secret=['TOKEN'])
        self.runner.answer(id)
        self.assertEqual(self.runner.output(id, 1), b'True {port}\n')

    def test_everything_in_its_group_is_ended_with_it(self) -> None:
        id = self.ask_boot(PARENT, SERVER, '{port}', '200')
        self.assertEqual(self.runner.answer(id)['ended']['code'], 0)
        self.assertFalse(self.is_running(int(self.said(id)[0])))

    def test_an_answer_that_is_not_as_expected_until_the_end_fails_it_and_ends_it(self) -> None:
        id = self.ask_boot(SERVER, '{port}', '503', timeout_ms=1500)
        answer = self.runner.answer(id)
        self.assertEqual((answer['ended']['kind'], answer['detail']), ('timed-out', 'status 503 instead of 200'))
        self.assertFalse(self.is_running(int(self.said(id)[0])))

    def test_a_program_that_ends_by_itself_has_failed_whatever_its_status(self) -> None:
        for status in (0, 3):
            answer = self.runner.answer(self.ask_boot(f'raise SystemExit({status})', '{port}'))
            self.assertNotEqual(answer['ended']['code'], 0)
            self.assertEqual(answer['detail'], f'the program ended before it had answered: exit status {status}')

    def test_a_server_that_its_program_leaves_behind_is_no_answer_and_is_ended(self) -> None:
        left = 'import subprocess, sys, time; subprocess.Popen([sys.executable, "-c", *sys.argv[1:]])'
        id = self.ask_boot(left, SERVER, '{port}', '200')
        answer = self.runner.answer(id)
        self.assertEqual(answer['detail'], 'the program ended before it had answered: exit status 0')
        for line in self.runner.output(id, 1).decode().split('\n')[:-1]:
            self.assertFalse(self.is_running(int(line.split()[0])))

    def test_cancel_ends_it(self) -> None:
        id = self.ask_boot(SERVER, '{port}', '503')
        process, _ = self.said(id)
        self.runner.call('cancel', {'request': id})
        self.assertEqual(self.runner.answer(id)['ended']['kind'], 'cancelled')
        self.assertFalse(self.is_running(int(process)))

    def test_the_loss_of_the_runner_ends_it(self) -> None:
        id = self.ask_boot(SERVER, '{port}', '503')
        process, _ = self.said(id)
        self.runner.lose()
        self.wait_for(lambda: not self.is_running(int(process)))

    def test_a_program_that_is_not_there_was_never_started(self) -> None:
        body: Json = {'listen': 'port', 'probe': {
            'step': 'a', 'url': 'http://127.0.0.1:{port}/', 'socket': None, 'headers': {}, 'status': [], 'contains': None, **ANY_ANSWER,
            'intervalMs': 1, 'attemptMs': 1, 'timeoutMs': 1000,
        }}
        answer = self.runner.call('boot', {'spec': {**body, 'run': self.spec('no-such-program', '{port}')}})
        self.assertEqual(answer['ended']['kind'], 'unstarted')
        self.assertEqual(answer['detail'], 'No such file or directory: no-such-program')


if __name__ == '__main__':
    unittest.main()
