import os
import subprocess
from contextlib import contextmanager
from typing import Dict, Iterator

from end.locks import Locks, attempt
from end.messages import Holder, PruneBody
from end.prune import prune
from roots import RootTest, as_ordinary_user


def holder(run: str) -> Holder:
    return {'run': run, 'by': 'ana', 'from': 'laptop', 'pid': 1, 'command': 'deploy', 'sinceMs': 1}


class PruneTest(RootTest):
    def prune(self, *names: str) -> Dict[str, str]:
        """Asks for these to be pruned; returns why each that was kept was kept."""
        report = prune(
            self.layout, self.journal, {'stage': 'production', 'revisions': list(names), 'atMost': len(names)},
            lambda name: attempt(self.layout, name),
        )
        kept = {each['name']: each['why'] for each in report['kept']}
        self.assertEqual(sorted([*report['removed'], *kept]), sorted(names))
        for name in report['removed']:
            self.assertFalse(os.path.lexists(self.path(name)))
            self.assertFalse(os.path.lexists(self.layout.sdist(name)))
        return kept

    def seal_all(self, *names: str) -> None:
        for name in names:
            self.seal(name)


class Pruning(PruneTest):
    def test_removes_a_sealed_revision_and_its_sdist_on_the_record(self) -> None:
        def test() -> None:
            self.seal_all('shop-1.0', 'shop-1.1')
            self.assertEqual(self.prune('shop-1.0'), {})
            self.assertEqual(self.whats()[-1], 'pruned')
            self.assertTrue(os.path.exists(self.layout.manifest('shop-1.1')))

        as_ordinary_user(self.folder, test)

    def test_keeps_what_is_live_in_any_stage_and_what_any_stage_would_be_rolled_back_to(self) -> None:
        self.seal_all('shop-1.0', 'shop-1.1', 'shop-1.2', 'shop-1.3', 'shop-1.4')
        for name in ('shop-1.0', 'shop-1.1', 'shop-1.2'):
            self.switch('production', name)
        for name in ('shop-1.3', 'shop-1.4'):
            self.switch('staging', name)
        self.assertEqual(self.prune('shop-1.0', 'shop-1.1', 'shop-1.2', 'shop-1.3', 'shop-1.4'), {
            'shop-1.1': 'production would be rolled back to it', 'shop-1.2': 'production is a link to it',
            'shop-1.3': 'staging would be rolled back to it', 'shop-1.4': 'staging is a link to it',
        })

    def test_after_a_rollback_keeps_the_one_further_back(self) -> None:
        self.seal_all('shop-1.0', 'shop-1.1', 'shop-1.2')
        for name in ('shop-1.0', 'shop-1.1', 'shop-1.2'):
            self.switch('production', name)
        self.switch('production', 'shop-1.1', 'rollback')
        self.assertEqual(sorted(self.prune('shop-1.0', 'shop-1.1', 'shop-1.2')), ['shop-1.0', 'shop-1.1'])

    def test_keeps_the_last_two_that_were_live_where_the_link_was_moved_by_hand_or_taken_away(self) -> None:
        self.seal_all('shop-1.0', 'shop-1.1', 'shop-1.2')
        for name in ('shop-1.0', 'shop-1.1', 'shop-1.2'):
            self.switch('production', name)
        os.unlink(self.path('production'))
        self.assertEqual(sorted(self.prune('shop-1.0', 'shop-1.1', 'shop-1.2')), ['shop-1.1', 'shop-1.2'])

    def test_keeps_what_any_link_of_the_root_names_whoever_made_it(self) -> None:
        self.seal_all('shop-1.0', 'shop-1.1')
        os.symlink(self.path('shop-1.0', 'src'), self.path('by-hand'))
        self.assertEqual(self.prune('shop-1.0', 'shop-1.1'), {'shop-1.0': 'by-hand is a link to it'})

    def test_keeps_both_ends_of_an_open_switch(self) -> None:
        self.seal_all('shop-1.0', 'shop-1.1', 'shop-1.2')
        self.switch('production', 'shop-1.0')
        self.switch('production', 'shop-1.1', end=None)
        os.unlink(self.path('production'))
        why = 'a switch of production is open'
        self.assertEqual(self.prune('shop-1.0', 'shop-1.1', 'shop-1.2'), {'shop-1.0': why, 'shop-1.1': why})

    def test_keeps_what_another_run_is_at(self) -> None:
        self.seal_all('shop-1.0', 'shop-1.1', 'shop-1.2')
        locks = Locks(self.layout, holder('run-2'))
        self.addCleanup(locks.release)
        locks.lock('shop-1.0', 'shared')
        locks.lock('shop-1.1', 'exclusive')
        why = 'another run is at it'
        self.assertEqual(self.prune('shop-1.0', 'shop-1.1', 'shop-1.2'), {'shop-1.0': why, 'shop-1.1': why})

    def test_looks_at_the_links_only_when_it_has_the_lock(self) -> None:
        @contextmanager
        def switched_meanwhile(name: str) -> Iterator[bool]:
            os.symlink(name, self.path('production'))
            yield True

        self.seal_all('shop-1.0')
        body: PruneBody = {'stage': 'production', 'revisions': ['shop-1.0'], 'atMost': 1}
        report = prune(self.layout, self.journal, body, switched_meanwhile)
        self.assertEqual(report['kept'], [{'name': 'shop-1.0', 'why': 'production is a link to it'}])

    def test_keeps_one_in_which_a_process_still_runs(self) -> None:
        self.seal_all('shop-1.0', 'shop-1.1')
        process = subprocess.Popen(['sleep', '60'], cwd=self.path('shop-1.0'))
        self.assertEqual(self.prune('shop-1.0', 'shop-1.1'), {'shop-1.0': 'a process still runs in it'})
        process.kill()
        process.wait()

    def test_never_touches_what_was_not_sealed_here_or_is_no_revision(self) -> None:
        os.mkdir(self.path('data-1.0'))
        os.symlink('data-1.0', self.path('linked-1.0'))
        self.begin('shop-1.0')
        names = ['data-1.0', 'linked-1.0', 'shop-1.0', 'shop-9.9', '.stage', 'shared', '..', '../root', '', 'a\n', '/']
        self.assertEqual(sorted(self.prune(*names)), sorted(names))
        self.assertEqual(sorted(os.listdir(self.layout.root)), ['.stage', 'data-1.0', 'linked-1.0', 'shop-1.0'])

    def test_a_failure_with_one_is_the_reason_for_it_and_the_others_go(self) -> None:
        def test() -> None:
            self.seal_all('shop-1.0', 'shop-1.1')
            os.mkdir(self.layout.lock('shop-1.0'))
            self.assertEqual(list(self.prune('shop-1.0', 'shop-1.1')), ['shop-1.0'])

        as_ordinary_user(self.folder, test)

    def test_those_that_cannot_go_do_not_hold_back_the_ones_after_them(self) -> None:
        names = [f'shop-1.{number}' for number in range(7)]
        self.seal_all(*names)
        for name in names[:3]:
            os.symlink(name, self.path('by-hand-' + name))
        body: PruneBody = {'stage': 'production', 'revisions': names, 'atMost': 3}
        report = prune(self.layout, self.journal, body, lambda name: attempt(self.layout, name))
        self.assertEqual(report['removed'], names[3:6])
        self.assertEqual([each['name'] for each in report['kept']], names[:3])
        self.assertTrue(os.path.exists(self.layout.manifest(names[6])))
