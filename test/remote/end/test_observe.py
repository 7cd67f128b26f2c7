import json
import os
import subprocess
import sys
from typing import List

from end.locks import Locks
from end.layout import Layout
from end.messages import FactQuestion, HostReport
from end.journal import Journal
from end.observe import observe
from end.wire import FRAME_LIMIT
from roots import RootTest, as_ordinary_user, never, snapshot
from test_prune import holder


class ObserveTest(RootTest):
    def observe(
        self, *stages: str, check: List[str] = [], programs: List[str] = [], facts: List[FactQuestion] = [], root: str = '',
        shared: List[str] = [],
    ) -> HostReport:
        layout = Layout(root) if root else self.layout
        body = {'stages': list(stages), 'check': check, 'shared': shared, 'programs': programs, 'facts': facts}
        return observe(layout, Journal(layout, self.journal.who), body, dict(os.environ), never)  # type: ignore[arg-type]


class Observing(ObserveTest):
    def test_a_stage_tells_its_link_its_stack_and_its_switches(self) -> None:
        for name in ('shop-1.0', 'shop-1.1'):
            self.seal(name)
            self.switch('production', name, identity=name)
        self.switch('production', 'shop-1.0', 'rollback', identity='back')
        told = self.observe('production', 'staging')['stages']
        production = told['production']
        self.assertEqual(production['link']['revision'], 'shop-1.0')
        self.assertEqual(production['stack'], ['shop-1.0'])
        self.assertEqual([each['revision'] for each in production['wasLive']], ['shop-1.0', 'shop-1.1'])
        self.assertEqual([each['id'] for each in production['switches']], ['back', 'shop-1.1', 'shop-1.0'])
        self.assertEqual(told['staging'], {
            'link': {'kind': 'absent', 'text': None, 'revision': None, 'dangling': False},
            'stack': [], 'wasLive': [], 'switches': [], 'undone': [], 'lock': None, 'frozen': None,
        })

    def test_what_a_rollback_would_go_to_is_looked_at_closely_where_it_is_asked_for(self) -> None:
        for name in ('shop-1.0', 'shop-1.1', 'shop-1.2'):
            self.seal(name)
            self.switch('production', name, identity=name)
        self.assertEqual(self.observe('production', check=['@previous'])['checked'], ['shop-1.1'])
        self.assertEqual(self.observe('production', check=['@previous', 'shop-1.0'])['checked'], ['shop-1.0', 'shop-1.1'])
        self.assertEqual(self.observe('staging', check=['@previous'])['checked'], [])
        self.assertEqual(self.observe('production')['checked'], [])

    def test_a_lock_is_told_only_while_it_is_held_and_even_where_its_text_is_lost(self) -> None:
        locks = Locks(self.layout, holder('run-2'))
        locks.lock('production', 'exclusive')
        self.assertEqual(self.observe('production')['stages']['production']['lock'], holder('run-2'))
        with open(self.layout.lock('production'), 'w'):
            pass
        lock = self.observe('production')['stages']['production']['lock']
        self.assertEqual(lock and lock['by'], 'unknown')
        locks.release()
        self.assertIsNone(self.observe('production')['stages']['production']['lock'])

    def test_what_is_unfinished_is_told_apart_from_what_is_not_ours(self) -> None:
        self.seal('shop-1.0')
        self.begin('shop-1.1')
        self.seal('shop-1.2')
        self.half_remove('shop-1.2')
        self.switch('production', 'shop-1.0')
        for name in ('shop-2.0', 'shared', '.hidden', 'a b'):
            os.mkdir(self.path(name))
        os.symlink('shop-1.0', self.path('shop-2.1'))
        os.symlink('shop-1.0', self.path('staging'))
        report = self.observe('staging')
        self.assertEqual(report['unfinished'], ['shop-1.1', 'shop-1.2'])
        self.assertEqual(report['foreign'], ['shop-2.0', 'shop-2.1'])
        self.assertEqual([each['name'] for each in report['revisions']], ['shop-1.0'])

    def test_programs_are_looked_for_on_the_path(self) -> None:
        programs = self.observe(programs=['sh', 'no-such-program', '/bin/sh', '', '-n'])['programs']
        self.assertEqual(sorted(name for name, path in programs.items() if path is not None), ['/bin/sh', 'sh'])

    def test_facts_are_answered_with_a_clean_environment_in_the_root(self) -> None:
        for name in ('PYTHONPATH', 'SSH_AUTH_SOCK'):
            os.environ[name] = '/tmp'
            self.addCleanup(os.environ.pop, name)
        script = (
            'import os; print(os.environ.get("PYTHONPATH"), "SSH_AUTH_SOCK" in os.environ, '
            'os.getcwd() == os.path.realpath(%r))' % self.layout.root
        )
        facts = self.observe(facts=[
            {'id': 'a', 'argv': ['@python', '-c', script], 'timeoutMs': 10_000},
            {'id': 'b', 'argv': ['sh', '-c', 'echo "$1" >&2; exit 3', '@python', 'x\ny'], 'timeoutMs': 10_000},
            {'id': 'c', 'argv': ['sleep', '60'], 'timeoutMs': 100},
            {'id': 'd', 'argv': [], 'timeoutMs': 100},
            {'id': 'e', 'argv': ['printf', '\\377'], 'timeoutMs': 10_000},
        ])['facts']
        self.assertEqual([(each['id'], each['ended']['kind'], each['out'], each['err'][:3]) for each in facts], [
            ('a', 'exited', 'None False True\n', ''), ('b', 'exited', '', 'x\ny'), ('c', 'timed-out', '', ''),
            ('d', 'unstarted', '', ''), ('e', 'exited', '\ufffd', ''),
        ])
        self.assertEqual(facts[1]['ended']['code'], 3)

    def test_names_that_are_none_are_refused(self) -> None:
        self.refused('invalid', self.observe, '../x')
        self.refused('invalid', lambda: self.observe(check=['../x']))

    def test_it_fits_into_one_frame_and_still_tells_what_counts(self) -> None:
        for number in range(1500):
            self.journal_rejection(f'shop-1.{number}')
        self.seal('shop-0.1')
        for number in range(150):
            self.switch('production', f'shop-1.{number}', identity='x' * 6000 + str(number))
        self.switch('production', 'shop-0.1', identity='first', end=None)
        self.switch('production', 'shop-0.1', identity='second', end=None)
        noise = [sys.executable, '-c', 'print("\\0" * 1000000)']
        report = self.observe('production', check=['shop-1.7'], facts=[{'id': 'a', 'argv': noise, 'timeoutMs': 10_000}])
        self.assertLess(len(json.dumps(report)), FRAME_LIMIT - 1000)
        names = [each['name'] for each in report['revisions']]
        self.assertEqual([name in names for name in ('shop-0.1', 'shop-1.7')], [True, True])
        self.assertEqual([each['id'] for each in report['stages']['production']['switches'][:2]], ['second', 'first'])

    def journal_rejection(self, name: str) -> None:
        with open(self.layout.rejection(name), 'w') as file:
            json.dump({
                'v': 1, 'revision': name, 'name': 'shop', 'version': '1', 'sha256': '0' * 64, 'reason': 'because ' * 100,
                'verification': [], 'run': '', 'by': '', 'origin': '', 'command': '', 'atMs': 1,
            }, file)

    def test_not_one_byte_changes(self) -> None:
        self.seal('shop-1.0')
        self.switch('production', 'shop-1.0')
        self.begin('shop-1.1')
        before = snapshot(self.folder)
        self.observe('production', 'staging', check=['shop-1.0', 'shop-1.2'], programs=['sh'])
        self.observe('production', root=os.path.join(self.folder, 'nothing', 'here'))
        self.assertEqual(snapshot(self.folder), before)


class Root(ObserveTest):
    def root(self, *parts: str) -> object:
        told = self.observe(root=os.path.join(self.folder, *parts))['root']
        self.assertGreater(told['freeBytes'], 0)
        self.assertGreater(told['freeInodes'], 0)
        return told['kind'], told['writable'], told['why'] and told['why'].replace(self.folder, '…'), told['project']

    def test_a_settled_root_tells_whose_it_is(self) -> None:
        told = self.observe()['root']
        self.assertEqual((told['kind'], told['writable'], told['project']), ('directory', True, 'shop'))
        self.assertEqual(len(told['id'] or ''), 32)
        self.assertIsNotNone(told['owner'])

    def test_one_that_is_absent_could_be_made_or_not(self) -> None:
        with open(os.path.join(self.folder, 'file'), 'w'):
            pass
        self.assertEqual(self.root('deep', 'down', 'root'), ('absent', True, None, None))
        self.assertEqual(self.root('file', 'root'), ('absent', False, '…/file is no directory', None))
        self.assertEqual(self.root('file'), ('other', False, '…/file is no directory', None))

    def test_one_with_a_damaged_record_is_not_ours(self) -> None:
        with open(self.layout.root_file, 'w') as file:
            file.write('{')
        told = self.observe()['root']
        self.assertEqual((told['writable'], told['id']), (False, None))
        self.assertIn('root.json is damaged', told['why'] or '')

    def test_one_that_is_closed_to_this_user_says_to_whom_it_belongs(self) -> None:
        def test() -> None:
            os.mkdir(os.path.join(self.folder, 'closed'))
            os.chmod(os.path.join(self.folder, 'closed'), 0o555)
            me = self.observe()['root']['owner']
            why = f'…/closed is not writable for {me}: it belongs to {me}, mode 0555'
            self.assertEqual(self.root('closed'), ('directory', False, why, None))
            self.assertEqual(self.root('closed', 'root'), ('absent', False, why, None))
            os.chmod(self.layout.records, 0o555)
            self.assertIn('.stage is not writable', self.observe()['root']['why'] or '')
            os.chmod(self.layout.records, 0o755)

        as_ordinary_user(self.folder, test)

    def test_one_on_a_read_only_file_system_says_so_even_to_root(self) -> None:
        """In a mount namespace of its own, which an ordinary user may have as well where the kernel allows it."""
        script = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && exec "$2" -c "$3" "$1"'
        ask = (
            'import sys\nfrom end.layout import Layout\nfrom end.root_report import report_root\n'
            'told = report_root(Layout(sys.argv[1]), {})\nprint(told["kind"], told["writable"], told["why"])'
        )
        unshare = ['unshare', '--mount', *([] if os.geteuid() == 0 else ['--map-root-user'])]
        plain = os.path.join(self.folder, 'plain')
        os.mkdir(plain)
        told = subprocess.run(
            [*unshare, 'sh', '-c', script, 'sh', plain, sys.executable, ask],
            stdout=subprocess.PIPE, env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)}, check=True,
        ).stdout.decode()
        self.assertEqual(told, f'directory False {plain} is on a file system that is mounted read-only\n')
