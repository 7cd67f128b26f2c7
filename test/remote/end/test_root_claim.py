"""Whose root it is: its project's while something binds it or a run of it is at work, and otherwise whoever asks first."""

import json
import os
import threading
from typing import Callable, Dict, List, Optional

from end.binding import binding
from end.journal import Journal
from end.layout import Layout
from end.locks import Locks
from end.messages import Holder
from end.removal import remove_tree
from end.root_claim import ROOT, hold_root, let_root_go
from end.root_file import read_root_file
from end.settle import settle
from end.verdict import abandon, reject
from roots import ANA, RootTest, snapshot
from support import HOLDER, Json, RemoteEndTest, Runner


def holder(run: str) -> Holder:
    return {'run': run, 'by': 'ana', 'from': 'laptop', 'pid': 1, 'command': 'deploy', 'sinceMs': 1}


class ClaimTest(RootTest):
    def claim(self, project: str, run: str = 'run-1') -> Optional[str]:
        """Claims the root and lets it go at once; returns the run that contests it."""
        locks = Locks(self.layout, holder(run))
        contested = hold_root(self.layout, self.journal, locks, project)
        locks.release()
        return None if contested is None else 'unknown' if contested.holder is None else contested.holder['run']

    def begin_anew(self) -> None:
        self.layout = Layout(os.path.join(self.folder, f'root-{len(os.listdir(self.folder))}'))
        settle(self.layout, 'shop')
        self.journal = Journal(self.layout, ANA)

    @property
    def project(self) -> str:
        found = read_root_file(self.layout)
        assert found is not None
        return found['project']

    def reject_one(self, keep_tree: bool = False) -> None:
        reject(self.layout, self.journal, {
            'revision': 'shop-1.0', 'sha256': self.begin(), 'reason': 'its tests failed', 'verification': [],
            'keepTree': keep_tree,
        })


class Free(ClaimTest):
    def test_what_a_failed_first_deploy_can_leave_binds_nobody(self) -> None:
        def nothing() -> None:
            pass

        def abandoned() -> None:
            self.begin()
            abandon(self.layout, self.journal, 'shop-1.0')

        def put_back() -> None:
            self.switch('production', 'shop-1.0', end='put-back')
            os.unlink(self.layout.link('production'))

        def shared() -> None:
            os.makedirs(self.path('shared', 'media'))
            os.symlink('shared/media', self.path('media'))
            os.symlink('/elsewhere', self.path('elsewhere'))

        left: List[Callable[[], object]] = [
            nothing, abandoned, self.begin, self.reject_one, lambda: self.reject_one(keep_tree=True), put_back, shared,
        ]
        for leave in left:
            self.begin_anew()
            leave()
            with self.subTest(getattr(leave, '__name__', '')):
                before = read_root_file(self.layout)
                self.assertIsNone(self.claim('blog'))
                self.assertEqual(read_root_file(self.layout), {**(before or {}), 'project': 'blog'})
                entry = self.journal.latest(1)[-1]
                self.assertEqual((entry['what'], entry['project'], entry['was']), ('claimed', 'blog', 'shop'))

    def test_what_was_rejected_stays_so_for_its_project(self) -> None:
        self.reject_one()
        self.assertIsNone(self.claim('blog'))
        self.assertIsNone(self.claim('shop'))
        self.refused('rejected', self.begin)

    def test_a_project_keeps_its_own_root_however_it_is_spelt(self) -> None:
        self.seal()
        before = self.whats()
        for spelt in ('shop', 'Shop', 'SHOP'):
            self.assertIsNone(self.claim(spelt))
        self.assertEqual((self.project, self.whats()), ('shop', before))


class Bound(ClaimTest):
    def test_a_root_is_refused_unchanged_with_what_binds_it(self) -> None:
        def standing() -> None:
            self.seal()

        def two() -> None:
            self.seal()
            self.seal('shop-1.1')

        def damaged() -> None:
            self.seal()
            os.chmod(self.layout.manifest('shop-1.0'), 0o644)
            with open(self.layout.manifest('shop-1.0'), 'w') as file:
                file.write('{')

        def linked() -> None:
            self.begin()
            os.symlink('shop-1.0', self.path('by-hand'))

        def dangling() -> None:
            os.symlink('shop-1.0', self.layout.link('production'))

        def opened() -> None:
            self.switch('production', 'shop-1.0', end=None)
            os.unlink(self.layout.link('production'))

        def lived() -> None:
            self.switch('production', 'shop-1.0')
            os.unlink(self.layout.link('production'))

        cases: Dict[str, Callable[[], None]] = {
            'shop-1.0 stands in it': standing,
            'shop-1.0 and 1 more stand in it': two,
            'shop-1.0 stands in it,': damaged,
            'the link by-hand leads to shop-1.0 in it': linked,
            'the link production leads to shop-1.0 in it': dangling,
            'a switch of production is open in it': opened,
            'its journal says that production was live on shop-1.0': lived,
        }
        for why, bind in cases.items():
            self.begin_anew()
            bind()
            with self.subTest(why):
                before = snapshot(self.layout.root)
                refusal = self.refused('other-project', self.claim, 'blog')
                self.assertIn(f'is the root of shop, not of blog: {why}', refusal.message)
                self.assertEqual(refusal.detail, {'project': 'shop'})
                self.assertEqual(snapshot(self.layout.root), before)
                told = binding(self.layout, self.journal.history().stages)
                self.assertTrue(why.startswith(str(told)), told)

    def test_a_root_that_was_emptied_by_hand_with_its_records_is_anybodys(self) -> None:
        self.seal()
        for name in os.listdir(self.layout.root):
            remove_tree(self.path(name))
        settle(self.layout, 'blog')
        self.assertIsNone(self.claim('blog'))


class Contested(ClaimTest):
    def test_a_run_that_is_at_work_keeps_the_others_out_until_it_lets_go(self) -> None:
        for last in ('unlock', 'release'):
            locks = Locks(self.layout, holder('run-1'))
            self.assertIsNone(hold_root(self.layout, self.journal, locks, self.project))
            # Whoever has only just begun has not said who it is.
            self.assertEqual(self.claim('other', 'run-2'), 'unknown')
            locks.lock('production', 'exclusive')
            self.assertEqual(self.claim('other', 'run-2'), 'run-1')
            # Nobody takes itself for the holder, though it was the last to share the lock.
            self.assertIsNone(self.claim(self.project, 'run-2'))
            self.assertEqual(self.claim('other', 'run-2'), 'run-1')
            self.assertIsNone(self.claim(self.project, 'run-3'))
            if last == 'release':
                locks.release()
            else:
                let_root_go(locks)
                self.assertIsNotNone(locks.mode(ROOT))
                locks.unlock('production')
                let_root_go(locks)
            self.assertIsNone(self.claim('other', 'run-2'))
            self.assertIsNone(self.claim('shop', 'run-2'))

    def test_a_run_of_an_earlier_version_which_does_not_lock_the_root_keeps_them_out_as_well(self) -> None:
        locks = Locks(self.layout, holder('old'))
        for name in ('production', 'shop-1.0'):
            locks.lock(name, 'exclusive')
            self.assertEqual(self.claim('blog', 'run-2'), 'old')
            locks.unlock(name)
        self.assertEqual(self.project, 'shop')

    def test_of_many_that_claim_it_at_once_one_has_it_at_any_time(self) -> None:
        having: List[str] = []
        wrong: List[object] = []
        start = threading.Barrier(6)

        def run(project: str) -> None:
            layout = Layout(self.layout.root)
            start.wait()
            for number in range(20):
                locks = Locks(layout, holder(f'{project}-{number}'))
                if hold_root(layout, Journal(layout, ANA), locks, project) is None:
                    having.append(project)
                    now = set(having)
                    found = read_root_file(layout)
                    if now != {project} or found is None or found['project'] != project:
                        wrong.append((project, now, found))
                    having.remove(project)
                locks.release()

        projects = ['a', 'a', 'b', 'b', 'c', 'c']
        threads = [threading.Thread(target=run, args=(project,)) for project in projects]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertEqual(os.listdir(self.layout.incoming), [])


class OverConnections(RemoteEndTest):
    def other(self) -> Runner:
        runner = self.connect(project='blog', holder={**HOLDER, 'run': 'run-2'})
        runner.call('settle')
        return runner

    def test_what_is_claimed_is_told_as_a_lock_that_somebody_has(self) -> None:
        self.runner.call('settle')
        other = self.other()
        asked: Json = {'name': 'staging', 'mode': 'exclusive'}
        self.assertEqual(other.call('lock', asked), {'granted': False, 'holder': None})
        self.assertFalse(os.path.exists(self.layout.lock('staging')))
        self.assertTrue(self.lock('production')['granted'])
        self.assertEqual(other.call('lock', asked), {'granted': False, 'holder': HOLDER})
        # Whoever gives way lets go of what it has locked.
        self.runner.call('unlock', {'name': 'production'})
        self.assertTrue(other.call('lock', asked)['granted'])
        self.assertEqual(self.lock('production'), {'granted': False, 'holder': {**HOLDER, 'run': 'run-2'}})

    def test_a_run_that_is_gone_holds_nothing(self) -> None:
        self.runner.call('settle')
        self.lock('production')
        self.runner.process.kill()
        self.runner.process.wait()
        self.assertTrue(self.lock('staging', runner=self.other())['granted'])
        with open(self.layout.root_file) as file:
            self.assertEqual(json.load(file)['project'], 'blog')

    def test_what_binds_it_is_told_before_anything_is_asked_for(self) -> None:
        question: Json = {'stages': [], 'check': [], 'shared': [], 'programs': [], 'facts': []}
        self.assertIsNone(self.runner.call('observe', question)['root']['boundBy'])
        self.seal()
        self.assertEqual(self.runner.call('observe', question)['root']['boundBy'], 'shop-1.0 stands in it')
