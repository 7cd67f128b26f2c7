"""What a remote end answers fits into the message table, whatever its records hold."""

import json
import os
import re
import unittest
from typing import Any, Dict, List, Tuple

from end.conform import nonconformity
from end.fit_answer import Unfit, fit_answer
from end.messages import ANSWER_BYTES, ANSWERS, BODIES, RULES, Rule
from support import RemoteEndTest

SWITCH: Dict[str, Any] = {
    'id': '20260801T100000000Z-a1b2c3', 'kind': 'deploy', 'stage': 'production', 'from': None, 'to': 'shop-1.0',
    'recovers': None, 'hosts': ['web1'], 'except': [], 'exception': None, 'atMs': 1, 'by': 'ana', 'firedNs': '1',
    'state': 'kept', 'putBackFailed': None, 'undo': [],
}
STAGE: Dict[str, Any] = {
    'link': {'kind': 'absent', 'text': None, 'revision': None, 'dangling': False},
    'stack': ['shop-1.0'], 'wasLive': [{'revision': 'shop-1.0', 'sha256': 'a' * 64, 'takenBack': False}],
    'switches': [SWITCH], 'undone': [], 'lock': None, 'frozen': None,
}
OBSERVED: Dict[str, Any] = {
    'root': {
        'kind': 'directory', 'writable': True, 'why': None, 'owner': 'deploy', 'id': 'f00', 'project': 'shop',
        'boundBy': None, 'freeBytes': 1, 'freeInodes': 1,
    },
    'stages': {'production': STAGE}, 'revisions': [], 'checked': [], 'unfinished': [], 'shared': {}, 'foreign': [],
    'programs': {}, 'facts': [], 'timeNs': '1',
}


def fitted(**changes: object) -> Any:
    return fit_answer({**OBSERVED, **changes}, ANSWERS['observe'])


def fitted_stage(**changes: object) -> Any:
    return fitted(stages={'production': {**STAGE, **changes}})['stages']['production']


class FitAnswerTest(unittest.TestCase):
    def test_what_fits_is_left_as_it_is(self) -> None:
        self.assertEqual(fitted(), OBSERVED)

    def test_every_request_has_the_shape_and_the_length_of_its_answer(self) -> None:
        self.assertEqual(sorted(ANSWERS), sorted(BODIES))
        self.assertEqual(sorted(ANSWER_BYTES), sorted(BODIES))

    def test_a_text_that_does_not_fit_is_null_where_there_may_be_none(self) -> None:
        link = {'kind': 'link', 'text': '../x', 'revision': '../x', 'dangling': True}
        self.assertEqual(fitted_stage(link=link)['link'], {**link, 'revision': None})
        told = [{'revision': 'shop-1.0', 'sha256': 'A' * 64, 'takenBack': False}]
        self.assertEqual(fitted_stage(wasLive=told)['wasLive'][0]['sha256'], None)

    def test_otherwise_the_entry_of_its_list_is_left_out(self) -> None:
        for key, value in [('id', '\x1b[2J'), ('stage', 'Production'), ('atMs', -1), ('atMs', 1 << 60), ('id', 'x' * 101)]:
            with self.subTest(key):
                self.assertEqual(fitted_stage(switches=[{**SWITCH, key: value}, SWITCH])['switches'], [SWITCH])
        self.assertEqual(fitted_stage(switches=[{**SWITCH, 'hosts': ['web1', 'a b', '']}])['switches'], [SWITCH])
        self.assertEqual(fitted_stage(stack=['shop-1.0', '/srv/old', 'shop-1.0\n'])['stack'], ['shop-1.0'])
        self.assertEqual(list(fitted(stages={'Stage': STAGE, 'production': STAGE})['stages']), ['production'])

    def test_long_texts_are_cut_and_long_lists_shortened(self) -> None:
        self.assertEqual(len(fitted_stage(switches=[{**SWITCH, 'by': 'x' * 100_000}])['switches'][0]['by']), 16384)
        self.assertEqual(len(fitted_stage(stack=['shop-1.0'] * 100)['stack']), 50)

    def test_what_cannot_be_left_out_is_a_bug_that_is_named(self) -> None:
        for changes, where in [({'timeNs': 'now'}, 'the answer.timeNs'), ({'root': None}, 'the answer.root'), ({'more': 1}, 'the answer')]:
            with self.subTest(where), self.assertRaisesRegex(Unfit, re.escape(where) + ' '):
                fitted(**changes)

    def test_whatever_stands_in_one_place_of_an_observation_it_fits_afterwards(self) -> None:
        for path in places_of(OBSERVED):
            for odd in ['', '\0', '\x1b]0;', '\udcff', 'x' * 70_000, -1, 1 << 70, None, [], {}]:
                answer = replaced(OBSERVED, path, odd)
                try:
                    fit = fit_answer(answer, ANSWERS['observe'])
                except Unfit:
                    continue
                self.assertEqual(misfits(fit, ANSWERS['observe']), [], (path, odd))

    def test_patterns_are_looked_at_in_bodies_too(self) -> None:
        product = {'file': '../x', 'bytes': 1, 'sha256': 'a' * 64}
        body = {'revision': 'shop-1.0', 'share': 'wheels', 'products': [product]}
        self.assertRegex(nonconformity(body, BODIES['receive-products']) or '', r'products\[0\]\.file is not of the form')


class DamagedRootTest(RemoteEndTest):
    LINES: List[Dict[str, object]] = [
        {'id': '\x1b[2J', 'what': 'intent'},
        {'id': 'x' * 5000, 'what': 'intent'},
        {'id': 's1', 'what': 'intent', 'hosts': ['\x1b[2J', 'web1'], 'by': 'y' * 70_000, 'to': '../../etc'},
        {'id': 's1', 'what': 'fired', 'firedNs': 'yesterday'},
        {'id': 's1', 'what': 'kept'},
        {'id': 's2', 'what': 'intent', 'recovers': 'a b', 'sha256': 'no digest', 'exception': {'channel': 'rc', 'reason': 'z' * 70_000}},
        {'id': 's2', 'what': 'kept'},
    ]

    def test_a_host_with_a_damaged_journal_is_read_all_the_same(self) -> None:
        with open(self.layout.journal, 'a', encoding='ascii') as journal:
            for line in self.LINES:
                base = {'v': 1, 'kind': 'deploy', 'stage': 'production', 'to': 'shop-1.0', 'atMs': 1}
                journal.write(json.dumps({**base, **line}) + '\n')
        body = {'stages': ['production'], 'check': [], 'shared': [], 'programs': [], 'facts': []}
        told: Any = self.runner.call('observe', body)
        switches = told['stages']['production']['switches']
        self.assertEqual([switch['id'] for switch in switches], ['s2', 's1'])
        self.assertEqual(switches[1]['hosts'], ['web1'])
        self.assertEqual(switches[1]['firedNs'], None)
        self.assertEqual(switches[0]['recovers'], None)
        self.assertEqual(told['stages']['production']['stack'], ['shop-1.0'])
        self.assertEqual(misfits(told, ANSWERS['observe']), [])

    def test_a_revision_with_a_bent_record_is_told_by_its_name(self) -> None:
        self.seal('shop-1.0')
        path = self.layout.manifest('shop-1.0')
        with open(path, encoding='ascii') as file:
            manifest = json.load(file)
        os.chmod(os.path.dirname(path), 0o755)
        os.unlink(path)
        with open(path, 'w', encoding='ascii') as file:
            json.dump({**manifest, 'name': '\x1b[2J', 'version': '1 0', 'sha256': 'no digest'}, file)
        body = {'stages': [], 'check': ['shop-1.0'], 'shared': [], 'programs': [], 'facts': []}
        [told] = self.runner.call('observe', body)['revisions']  # type: ignore[misc]
        self.assertEqual((told['name'], told['project'], told['version'], told['sha256']), ('shop-1.0', 'shop', '1.0', None))
        self.assertFalse(told['stands'])
        looked: Any = self.runner.call('inspect', {'revision': 'shop-1.0', 'paths': [], 'facts': []})
        self.assertEqual(looked['sealed'], None)
        self.assertRegex(looked['why'], 'digest')


class BigHostTest(RemoteEndTest):
    """A host with a long life is read: its answers are shortened, and stay within what a runner takes."""

    REVISIONS = 2_000
    STAGES = 100
    FACTS = 100

    def setUp(self) -> None:
        super().setUp()
        self.seal('shop-1.0')
        with open(self.layout.manifest('shop-1.0'), encoding='ascii') as file:
            manifest = json.load(file)
        for number in range(self.REVISIONS):
            name = f'shop-2.{number}'
            os.mkdir(self.layout.revision(name))
            with open(self.layout.manifest(name), 'w', encoding='ascii') as file:
                json.dump({**manifest, 'revision': name, 'version': f'2.{number}', 'atMs': number}, file)
        lines = []
        for stage in range(self.STAGES):
            for number in range(60):
                common = {'v': 1, 'stage': f's{stage}', 'id': f'r{stage}-{number}'}
                undo = [{'of': f'activate/{step}', 'ok': False, 'reason': 'it failed ' * 20} for step in range(20)]
                hosts = [f'web{host}' for host in range(50)]
                lines.append({**common, 'what': 'intent', 'kind': 'deploy', 'to': f'shop-2.{number}', 'atMs': number,
                              'by': 'ana', 'hosts': hosts, 'except': [], 'sha256': 'a' * 64})
                lines.append({**common, 'what': 'kept'} if number % 2 else {**common, 'what': 'put-back', 'undo': undo})
        with open(self.layout.journal, 'a', encoding='ascii') as journal:
            journal.write(''.join(json.dumps(line) + '\n' for line in lines))

    def test_what_it_tells_fits(self) -> None:
        facts = [
            {'id': f'f{number}', 'argv': ['@python', '-c', 'print("x" * 10000)'], 'timeoutMs': 60_000}
            for number in range(self.FACTS)
        ]
        stages = [f's{number}' for number in range(self.STAGES)]
        body = {'stages': stages, 'check': ['@previous'], 'shared': [], 'programs': ['python3'], 'facts': facts}
        told: Any = self.runner.call('observe', body)
        self.assertLessEqual(len(json.dumps({'id': 2, 'ok': told})), ANSWER_BYTES['observe'])
        self.assertEqual(misfits(told, ANSWERS['observe']), [])
        self.assertEqual(sorted(told['stages']), sorted(stages))
        self.assertEqual(len(told['facts']), self.FACTS)
        self.assertIn(f'shop-2.{self.REVISIONS - 1}', [each['name'] for each in told['revisions']])


Path = Tuple[object, ...]


def places_of(value: object, path: Path = ()) -> List[Path]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places_of(item, (*path, key)))] if path else [
        place for key, item in inner for place in places_of(item, (key,))]


def replaced(value: Any, path: Path, odd: object) -> Any:
    if not path:
        return odd
    key, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {**value, key: replaced(value[key], rest, odd)}
    return [replaced(item, rest, odd) if index == key else item for index, item in enumerate(value)]


def misfits(value: object, shape: Any) -> List[str]:
    """What a runner would refuse: the rules of the table, looked at in another way than by `fit_answer`."""
    problem = nonconformity(json.loads(json.dumps(value).replace('\\u0000', '?')), shape)
    return ([] if problem is None else [problem]) + list(too_long(value, shape))


def too_long(value: Any, shape: Any) -> List[str]:
    found: List[str] = []
    if isinstance(value, dict) and hasattr(shape, '__total__'):
        from end.conform import hints_of
        for key, hint in hints_of(shape).items():
            rule = RULES.get(shape.__name__, {}).get(key, Rule())
            item = value[key]
            if rule.longest is not None and isinstance(item, str) and len(item) > rule.longest:
                found.append(f'{key} is too long')
            if rule.most is not None and isinstance(item, list) and len(item) > rule.most:
                found.append(f'{key} has too many entries')
            found += too_long(item, hint)
    return found


if __name__ == '__main__':
    unittest.main()
