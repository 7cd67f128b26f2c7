"""Which answers are as expected, and what is said of those that are not."""

import time
import unittest
from email.message import Message
from typing import Optional

from end.answer import fault_in
from end.messages import ProbeSpec


def fault(
    body: bytes = b'', *, status: int = 200, content_type: str = 'text/html; charset=utf-8', seconds: float = 20, **expected: object
) -> Optional[str]:
    spec: ProbeSpec = {
        'step': 'health', 'url': 'http://127.0.0.1/', 'socket': None, 'headers': {}, 'status': [200], 'contains': None,
        'matches': [], 'json': {}, 'answerHeaders': {}, 'intervalMs': 10, 'attemptMs': 10, 'timeoutMs': 10,
    }
    spec.update(expected)  # type: ignore[typeddict-item]
    headers = Message()
    headers['Content-Type'] = content_type
    return fault_in(spec, status, headers, body, seconds)


class AnswerTest(unittest.TestCase):
    def test_what_nothing_is_expected_of_is_good(self) -> None:
        self.assertIsNone(fault(b'\xff'))

    def test_the_status_is_looked_at_first(self) -> None:
        self.assertEqual(fault(status=503, contains='ok'), 'status 503 instead of 200')

    def test_a_header_contains_a_text_whatever_the_case_of_its_name(self) -> None:
        self.assertIsNone(fault(answerHeaders={'content-TYPE': 'text/html'}))
        self.assertEqual(
            fault(answerHeaders={'Content-Type': 'json'}),
            "status 200, but the header Content-Type is 'text/html; charset=utf-8', which does not contain 'json'",
        )
        self.assertEqual(fault(answerHeaders={'X-Version': '1'}), 'status 200, but there is no header X-Version')

    def test_a_value_of_json_is_found_by_its_path_and_compared_as_text(self) -> None:
        body = b'{"build": {"version": "1.4.0", "number": 7, "ok": true, "none": null}, "hosts": ["a", "b"]}'
        for path, value in [
            ('build.version', '1.4.0'), ('build.number', '7'), ('build.ok', 'true'), ('build.none', 'null'), ('hosts.1', 'b'),
        ]:
            self.assertIsNone(fault(body, json={path: ['x', value]}), path)
        for path, reason in [
            ('build.version', "build.version is '1.4.0' instead of '1.3.0' or '1.2.0'"),
            ('build.tag', 'the body has no build.tag: there is no tag'),
            ('hosts.2', 'the body has no hosts.2: there is no 2'),
            ('build.version.major', 'the body has no build.version.major: there is no major'),
        ]:
            self.assertEqual(fault(body, json={path: ['1.3.0', '1.2.0']}), f'status 200, but {reason}')

    def test_a_body_that_is_no_json_says_so(self) -> None:
        for body in [b'<html>', b'\xff', b'[' * 100_000]:
            self.assertIn('the body is no JSON', fault(body, json={'a': ['b']}) or '')

    def test_every_pattern_has_to_be_found_anywhere_in_the_body(self) -> None:
        body = 'version 1.4.0 läuft\nok\n'.encode()
        self.assertIsNone(fault(body, matches=[r'version \d+\.\d+', 'läuft', r'ok$']))
        self.assertEqual(fault(body, matches=['ok', '^ok']), 'status 200, but the body does not match /^ok/')

    def test_a_pattern_that_is_none_for_python_says_so(self) -> None:
        self.assertIn('is no regular expression for Python', fault(b'', matches=['(?<name>a)']) or '')

    def test_a_pattern_that_takes_for_ever_is_ended(self) -> None:
        endless = {'body': b'a' * 60, 'matches': ['^(a+)+$b']}
        self.assertIn('takes longer than 0.2 s', fault(seconds=0.2, **endless) or '')  # type: ignore[arg-type]

    def test_a_pattern_that_takes_for_ever_is_ended_though_nobody_waits_for_it(self) -> None:
        since = time.process_time()
        self.assertIn('takes more than 2 s of work', fault(b'a' * 60, seconds=60, matches=['^(a+)+$b']) or '')
        # The work was another process's: nothing of it held this one up.
        self.assertLess(time.process_time() - since, 1)
