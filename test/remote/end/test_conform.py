"""A body is what the message table says, or the answer names the first place where it is not."""

import unittest
from typing import Dict

from end.conform import nonconformity
from end.messages import BODIES

ARM: Dict[str, object] = {
    'id': '1', 'kind': 'deploy', 'stage': 'production', 'from': None, 'to': 'shop-1.0', 'recovers': None,
    'hosts': ['web1'], 'except': [], 'exception': None, 'atMs': 1, 'undo': [],
}

SPEC: Dict[str, object] = {
    'step': '1', 'argv': ['true'], 'env': {'A': 'b'}, 'secret': [], 'cwd': '/', 'timeoutMs': 1, 'sudo': False, 'input': None,
    'build': None,
}


class ConformTest(unittest.TestCase):
    def test_what_fits_has_no_problem(self) -> None:
        undo = [{'of': '1', 'run': SPEC, 'probe': None}]
        for value in (ARM, {**ARM, 'from': 'shop-0.9'}, {**ARM, 'from': '\udcff'}, {**ARM, 'undo': undo}):
            self.assertIsNone(nonconformity(value, BODIES['arm']))
        self.assertIsNone(nonconformity({}, BODIES['beat']))

    def test_the_first_problem_is_named_with_its_place(self) -> None:
        run = {'spec': SPEC, 'undoOf': None}
        without_to = {key: value for key, value in ARM.items() if key != 'to'}
        cases = [
            ('arm', [], 'the body must be an object'),
            ('arm', without_to, "the body needs the key 'to'"),
            ('arm', {**ARM, 'too': 1}, "the body has no key 'too'"),
            ('arm', {**ARM, 'kind': 'publish'}, 'the body.kind must be one of deploy, promote, rollback, recover'),
            ('arm', {**ARM, 'kind': ['deploy']}, 'the body.kind must be one of deploy, promote, rollback, recover'),
            ('arm', {**ARM, 'hosts': 'web1'}, 'the body.hosts must be a list'),
            ('arm', {**ARM, 'hosts': ['web1', 2]}, 'the body.hosts[1] must be a text'),
            ('arm', {**ARM, 'from': 1}, 'the body.from must be a text'),
            ('arm', {**ARM, 'atMs': -1}, 'the body.atMs must be a whole number, 0 or more'),
            ('arm', {**ARM, 'atMs': True}, 'the body.atMs must be a whole number, 0 or more'),
            ('arm', {**ARM, 'atMs': 1 << 53}, 'the body.atMs must be a whole number, 0 or more'),
            ('arm', {**ARM, 'atMs': 1.5}, 'the body.atMs must be a whole number, 0 or more'),
            ('arm', {**ARM, 'to': 'a\0b'}, 'the body.to has a NUL character'),
            ('arm', {**ARM, 'to': '\ud800'}, 'the body.to is no Unicode text'),
            ('arm', {**ARM, 'undo': [{'of': '1', 'run': None}]}, "the body.undo[0] needs the key 'probe'"),
            ('run', {**run, 'spec': {**SPEC, 'env': {'A': 1}}}, "the body.spec.env['A'] must be a text"),
            ('run', {**run, 'spec': {**SPEC, 'env': {'\0': ''}}}, 'a key of the body.spec.env has a NUL character'),
            ('run', {**run, 'spec': {**SPEC, 'env': []}}, 'the body.spec.env must be an object'),
        ]
        for name, value, problem in cases:
            with self.subTest(problem):
                self.assertEqual(nonconformity(value, BODIES[name]), problem)

    def test_every_request_of_the_table_can_be_checked(self) -> None:
        for name, shape in BODIES.items():
            with self.subTest(name):
                self.assertEqual(nonconformity(None, shape), 'the body must be an object')


if __name__ == '__main__':
    unittest.main()
