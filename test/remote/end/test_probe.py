"""Is it serving? Asked on the host itself, until it is."""

import os
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import List
from unittest import mock

from end.loop import Loop
from end.messages import ProbeAnswer, ProbeSpec
from end.steps import start_probe
from support import ANY_ANSWER, Json, RemoteEndTest


class Server:
    """Answers with the statuses in turn, the last one for ever; each answer's body tells the request's path."""

    def __init__(self, *statuses: int) -> None:
        seen: List[str] = []
        left = list(statuses)

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                seen.append(f'{self.path} {self.headers["Host"]} {self.headers["X-Key"]}')
                self.send_response(left.pop(0) if len(left) > 1 else left[0])
                self.send_header('Location', 'http://elsewhere.invalid/')
                self.end_headers()
                self.wfile.write(f'this is {self.path}'.encode())

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.seen = seen
        self._server = HTTPServer(('127.0.0.1', 0), Handler)
        # A probe may hang up in the middle of an answer.
        setattr(self._server, 'handle_error', lambda *arguments: None)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class ProbeTest(RemoteEndTest):
    def serve(self, *statuses: int) -> Server:
        server = Server(*statuses)
        self.addCleanup(server.close)
        return server

    def listen(self) -> socket.socket:
        """Somebody who takes connections and never answers."""
        listening = socket.socket()
        self.addCleanup(listening.close)
        listening.bind(('127.0.0.1', 0))
        listening.listen(1)
        return listening

    def ask_probe(self, url: str, **changes: object) -> int:
        spec: Json = {
            'step': 'health', 'url': url, 'socket': None, 'headers': {}, 'status': [], 'contains': None, **ANY_ANSWER,
            'intervalMs': 10, 'attemptMs': 5000, 'timeoutMs': 10_000,
        }
        return self.runner.ask('probe', {'spec': {**spec, **changes}, 'undoOf': None})

    def probe(self, url: str, **changes: object) -> Json:
        return self.runner.answer(self.ask_probe(url, **changes))

    def test_an_answer_as_expected_is_success(self) -> None:
        server = self.serve(200)
        answer = self.probe(f'http://127.0.0.1:{server.port}/up?a=b', headers={'X-Key': 'k'}, contains='is /up')
        self.assertEqual((answer['ended']['kind'], answer['ended']['code'], answer['attempts']), ('exited', 0, 1))
        self.assertEqual(server.seen, [f'/up?a=b 127.0.0.1:{server.port} k'])

    def test_it_asks_until_the_answer_is_as_expected(self) -> None:
        answer = self.probe(f'http://127.0.0.1:{self.serve(503, 503, 204).port}', status=[204])
        self.assertEqual((answer['ended']['code'], answer['attempts']), (0, 3))

    def test_no_status_named_means_any_of_success_or_redirection_which_is_not_followed(self) -> None:
        self.assertEqual(self.probe(f'http://127.0.0.1:{self.serve(302).port}')['attempts'], 1)

    def test_what_is_not_as_expected_until_the_end_says_what_it_was(self) -> None:
        server = self.serve(500)
        for changes, why in [
            ({'status': [200, 204]}, 'status 500 instead of 200, 204'),
            ({}, 'status 500 instead of 2xx or 3xx'),
            ({'status': [500], 'contains': 'ready'}, "status 500, but the body does not contain 'ready'"),
        ]:
            answer = self.probe(f'http://127.0.0.1:{server.port}', timeoutMs=100, **changes)
            self.assertEqual(answer['ended']['kind'], 'timed-out')
            self.assertEqual(answer['detail'], why)
            self.assertEqual(answer['ended']['reason'], f'not as expected after 0.1 s: {why}')

    def test_a_refused_connection_is_asked_again(self) -> None:
        listening = self.listen()
        port = listening.getsockname()[1]
        listening.close()
        answer = self.probe(f'http://127.0.0.1:{port}', timeoutMs=200)
        self.assertGreater(answer['attempts'], 1)
        self.assertEqual(answer['detail'], 'no answer: [Errno 111] Connection refused')

    def test_limits_beyond_what_a_system_can_wait_for_are_as_good_as_none(self) -> None:
        for_ever = (1 << 53) - 1
        server = self.serve(200)
        answer = self.probe(f'http://127.0.0.1:{server.port}/', timeoutMs=for_ever, attemptMs=for_ever, intervalMs=for_ever)
        self.assertEqual((answer['ended']['code'], answer['attempts']), (0, 1))

    def test_an_attempt_has_a_limit_whatever_trickles_in(self) -> None:
        listening = self.listen()
        trickling = threading.Event()
        self.addCleanup(trickling.set)

        def trickle() -> None:
            connection, _ = listening.accept()
            with connection:
                while not trickling.wait(0.02):
                    try:
                        connection.send(b'H')
                    except OSError:
                        return

        threading.Thread(target=trickle, daemon=True).start()
        answer = self.probe(f'http://127.0.0.1:{listening.getsockname()[1]}', attemptMs=200, timeoutMs=200)
        self.assertEqual((answer['ended']['kind'], answer['attempts']), ('timed-out', 1))

    def test_cancel_stops_an_attempt(self) -> None:
        id = self.ask_probe(f'http://127.0.0.1:{self.listen().getsockname()[1]}', attemptMs=60_000, timeoutMs=60_000)
        time.sleep(0.3)
        self.runner.call('cancel', {'request': id})
        self.assertEqual(self.runner.answer(id)['ended']['kind'], 'cancelled')

    def hanging(self, timeout_ms: int, cancel: bool) -> ProbeAnswer:
        """Asks where the look-up of a name does not end."""
        spec: ProbeSpec = {
            'step': 'health', 'url': 'http://shop.example/', 'socket': None, 'headers': {}, 'status': [], 'contains': None,
            'matches': [], 'json': {}, 'answerHeaders': {}, 'intervalMs': 10, 'attemptMs': 10, 'timeoutMs': timeout_ms,
        }
        loop, over = Loop(), threading.Event()
        answers: List[ProbeAnswer] = []
        self.addCleanup(loop.close)
        asking = threading.active_count()

        def look_up(*arguments: object, **more: object) -> object:
            over.wait()
            raise OSError('no such name')

        with mock.patch('socket.getaddrinfo', look_up):
            stop = start_probe(loop, spec, answers.append)
            if cancel:
                stop()
            self.assertTrue(loop.run(lambda: bool(answers), 10))
            over.set()
            self.wait_for(lambda: threading.active_count() <= asking)
        loop.run(lambda: False, 0.01)
        [answer] = answers
        return answer

    def test_a_look_up_of_a_name_that_hangs_is_not_waited_for(self) -> None:
        answer = self.hanging(50, cancel=False)
        self.assertEqual((answer['ended']['kind'], answer['attempts']), ('timed-out', 1))
        why = 'no answer: the look-up of its name does not end'
        self.assertEqual(answer['ended']['reason'], f'not as expected after 0.05 s: {why}')

    def test_cancel_does_not_wait_for_a_look_up_either(self) -> None:
        self.assertEqual(self.hanging(60_000, cancel=True)['ended']['kind'], 'cancelled')

    def test_a_unix_socket_can_be_asked(self) -> None:
        path = os.path.join(self.folder, 'socket')
        listening = socket.socket(socket.AF_UNIX)
        self.addCleanup(listening.close)
        listening.bind(path)
        listening.listen(1)
        asked: List[bytes] = []

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                asked.append(connection.recv(1000))
                connection.sendall(b'HTTP/1.0 200 OK\r\n\r\nready')

        threading.Thread(target=serve, daemon=True).start()
        answer = self.probe('http://shop.example/up', socket=path, contains='ready')
        self.assertEqual(answer['ended']['code'], 0)
        self.assertIn(b'Host: shop.example\r\n', asked[0])

    def test_a_request_that_makes_no_sense_is_never_sent(self) -> None:
        for url, headers in [
            ('ftp://localhost/', {}), ('localhost', {}), ('http://localhost:x/', {}), ('http://localhost/a b', {}),
            ('http://localhost/é', {}), ('http://127.0.0.1:1/', {'X': 'a\r\nY: b'}),
        ]:
            with self.subTest(url):
                server = self.serve(200)
                url = url.replace('localhost/', f'127.0.0.1:{server.port}/').replace(':1/', f':{server.port}/')
                answer = self.probe(url, headers=headers)
                self.assertEqual((answer['ended']['kind'], answer['attempts']), ('unstarted', 0), answer)
                self.assertEqual(server.seen, [])
