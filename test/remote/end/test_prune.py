import os
import subprocess
import time
from contextlib import contextmanager
from typing import Dict, Iterator, List

from end.locks import Locks, attempt
from end.messages import Holder
from end.prune import prune
from end.sweep import sweep, sweep_builds
from roots import RootTest, as_ordinary_user


def holder(run: str) -> Holder:
    return {'run': run, 'by': 'ana', 'from': 'laptop', 'pid': 1, 'command': 'deploy', 'sinceMs': 1}


class PruneTest(RootTest):
    def prune(self, *names: str) -> Dict[str, str]:
        """Asks for these to be pruned; returns why each that was kept was kept."""
        report = prune(
            self.layout, self.journal, {'stage': 'production', 'revisions': list(names)},
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
        report = prune(self.layout, self.journal, {'stage': 'production', 'revisions': ['shop-1.0']}, switched_meanwhile)
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


class Sweeping(RootTest):
    OLD = time.time() - 2 * 24 * 60 * 60

    def leave(self, *path: str) -> str:
        """A leftover two days old."""
        found = os.path.join(*path)
        with open(found, 'w'):
            pass
        os.utime(found, (self.OLD, self.OLD))
        return found

    def sweep(self, days_later: int = 0) -> List[str]:
        """What is left in incoming/ and sdists/. Only the clock can make a ctime old, so it is put forward."""
        sweep(self.layout, self.journal, time.time() + days_later * 24 * 60 * 60)
        return sorted(os.listdir(self.layout.incoming) + os.listdir(self.layout.sdists))

    def test_removes_leftovers_of_dead_runs_when_they_are_a_day_old(self) -> None:
        self.leave(self.layout.incoming, 'shop-1.0.abc.sdist')
        os.symlink('shop-1.0', os.path.join(self.layout.incoming, 'production.abc.link'))
        os.makedirs(os.path.join(self.layout.incoming, 'build', 'deep'))
        self.leave(self.layout.sdists, 'shop-0.9.tar.gz')
        # Whatever was touched in any way less than a day ago may be wanted still.
        self.assertEqual(len(self.sweep()), 4)
        self.assertEqual(self.sweep(days_later=2), [])

    def test_keeps_the_sdists_of_revisions_that_are_there_or_were_begun(self) -> None:
        self.seal('shop-1.0')
        self.begin('shop-1.1')
        self.assertEqual(self.sweep(days_later=2), ['shop-1.0.tar.gz', 'shop-1.1.tar.gz'])

    def test_removes_nothing_while_another_run_is_connected(self) -> None:
        self.leave(self.layout.incoming, 'shop-1.0.abc.sdist')
        locks = Locks(self.layout, holder('run-2'))
        locks.lock('staging', 'exclusive')
        self.assertEqual(self.sweep(days_later=2), ['shop-1.0.abc.sdist'])
        locks.release()
        self.assertEqual(self.sweep(days_later=2), [])

    def test_is_not_kept_from_it_by_the_locks_of_its_own_run(self) -> None:
        self.leave(self.layout.incoming, 'shop-1.0.abc.sdist')
        locks = Locks(self.layout, holder('run-1'))
        self.addCleanup(locks.release)
        locks.lock('production', 'exclusive')
        self.assertEqual(self.sweep(days_later=2), [])

    def test_never_reaches_through_a_link(self) -> None:
        outside = os.path.join(self.folder, 'outside')
        os.mkdir(outside)
        self.leave(outside, 'x')
        os.symlink(outside, os.path.join(self.layout.incoming, 'out'))
        self.assertEqual((self.sweep(days_later=2), os.listdir(outside)), ([], ['x']))


class SweepingBuilds(RootTest):
    def sweep(self, *in_use: str, days_later: int = 2) -> List[str]:
        """Which revisions are still there. Only the clock can make a ctime old, so it is put forward."""
        now = time.time() + days_later * 24 * 60 * 60
        sweep_builds(self.layout, self.journal, now, lambda: in_use, lambda name: attempt(self.layout, name))
        return sorted(name for name in os.listdir(self.layout.root) if name.startswith('shop-'))

    def test_what_processes_run_is_not_looked_up_where_nothing_could_go(self) -> None:
        def in_use() -> List[str]:
            raise AssertionError('asked although every build is young')

        self.begin('shop-1.0')
        sweep_builds(self.layout, self.journal, time.time(), in_use, lambda name: attempt(self.layout, name))
        self.assertTrue(os.path.isdir(self.layout.revision('shop-1.0')))

    def test_removes_a_build_to_which_nobody_came_back_for_a_day_with_all_that_belongs_to_it(self) -> None:
        self.begin('shop-1.0')
        self.assertEqual(self.sweep(days_later=0), ['shop-1.0'])
        self.assertEqual(self.sweep(), [])
        self.assertFalse(os.path.lexists(self.layout.sdist('shop-1.0')))
        self.assertEqual(self.journal.latest(10_000)[-1]['what'], 'abandoned')

    def test_keeps_what_has_a_verdict_and_what_was_not_begun_here(self) -> None:
        self.seal('shop-1.0')
        os.mkdir(self.path('shop-2.0'))
        self.assertEqual(self.sweep(), ['shop-1.0', 'shop-2.0'])

    def test_keeps_one_at_which_another_run_is_or_in_which_a_process_runs(self) -> None:
        self.begin('shop-1.0')
        self.begin('shop-1.1')
        locks = Locks(self.layout, holder('run-2'))
        locks.lock('shop-1.1', 'exclusive')
        self.assertEqual(self.sweep('shop-1.0'), ['shop-1.0', 'shop-1.1'])
        locks.release()
        self.assertEqual(self.sweep('shop-1.0'), ['shop-1.0'])

    def test_keeps_one_that_a_link_names_and_goes_on_to_the_next(self) -> None:
        self.begin('shop-1.0')
        self.begin('shop-1.1')
        os.symlink('shop-1.0', self.path('by-hand'))
        self.assertEqual(self.sweep(), ['shop-1.0'])
