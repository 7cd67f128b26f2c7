import os
import time
import unittest.mock
from typing import Callable, Dict, List

from end.incoming import Incoming
from end.link import make_link, prepared_links
from end.link_pair import STRAYS_AT_ONCE, discard_strays, find_pair
from end.locks import Locks, attempt, remove_unused
from end.messages import Holder, PruneBody, PrunedReport
from end.prune import prune
from end.revision_locks import take
from end.sweep import LOCK_FILES_AT_ONCE, SWEPT_AT_ONCE, sweep
from roots import RootTest, sha256
from roots import sdist as sdist_of

DAY = 24 * 60 * 60
MANY = 1000
SOME = 50


def holder(run: str) -> Holder:
    return {'run': run, 'by': 'ana', 'from': 'laptop', 'pid': 1, 'command': 'deploy', 'sinceMs': 1}


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
        """What is left in incoming/ and sdists/, while a process runs in a build. Only the clock can make a ctime old, so it is put forward."""
        now = time.time() + days_later * 24 * 60 * 60
        sweep(self.layout, self.journal, now, lambda: ('shop-1.1',), lambda name: attempt(self.layout, name))
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
        sweep(self.layout, self.journal, now, lambda: in_use, lambda name: attempt(self.layout, name))
        return sorted(name for name in os.listdir(self.layout.root) if name.startswith('shop-'))

    def test_what_processes_run_is_not_looked_up_where_nothing_could_go(self) -> None:
        def in_use() -> List[str]:
            raise AssertionError('asked although every build is young')

        self.begin('shop-1.0')
        sweep(self.layout, self.journal, time.time(), in_use, lambda name: attempt(self.layout, name))
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

    def test_keeps_none_back_for_those_that_can_never_go(self) -> None:
        stuck = [f'shop-0.{number}' for number in range(2 * SWEPT_AT_ONCE)]
        for name in [*stuck, 'shop-1.0']:
            self.begin(name)
        for _ in range(200):
            if self.sweep(*stuck) == sorted(stuck):
                return
        self.fail('shop-1.0 was never tried')


class SweepingLockFiles(RootTest):
    def sweep(self, days_later: int = 2) -> List[str]:
        now = time.time() + days_later * DAY
        sweep(self.layout, self.journal, now, lambda: (), lambda name: attempt(self.layout, name))
        return sorted(os.listdir(self.layout.locks))

    def test_removes_those_of_revisions_that_are_gone_and_keeps_those_of_stages_and_of_what_is_there(self) -> None:
        self.seal('shop-1.0')
        self.begin('shop-1.1')
        self.switch('production', 'shop-1.0')
        # What is being built is no leftover while somebody is at it.
        os.utime(self.layout.revision('shop-1.1'))
        locks = Locks(self.layout, holder('run-1'))
        for name in ('@root', 'production', 'shop-1.0', 'shop-1.1', 'shop-0.9'):
            take(locks, name, 'exclusive')
        locks.release()
        before = os.listdir(self.layout.locks)
        self.assertEqual(self.sweep(days_later=0), sorted(before))
        # By then the build is swept too; its lock files go with the next run.
        gone = [name for name in before if '0.9' in name]
        self.assertEqual(len(gone), 2)
        self.assertEqual(self.sweep(), sorted(name for name in before if name not in gone))

    def test_never_one_that_somebody_holds_whatever_its_age(self) -> None:
        locks = Locks(self.layout, holder('run-2'))
        self.addCleanup(locks.release)
        for mode in ('exclusive', 'shared'):
            locks.lock('shop-0.9', mode)  # type: ignore[arg-type]
            self.assertFalse(remove_unused(self.layout, 'shop-0.9', time.time() + 2 * DAY))
            locks.check('shop-0.9', mode)  # type: ignore[arg-type]
            locks.unlock('shop-0.9')
        self.assertTrue(remove_unused(self.layout, 'shop-0.9', time.time() + 2 * DAY))

    def test_who_opened_it_before_it_was_removed_has_the_new_one_in_the_end(self) -> None:
        opened = os.open(self.layout.lock('shop-0.9'), os.O_RDWR | os.O_CREAT)

        def removed_in_between(path: str, *flags: object) -> int:
            remove_unused(self.layout, 'shop-0.9', time.time() + 2 * DAY)
            return opened

        locks = Locks(self.layout, holder('run-2'))
        self.addCleanup(locks.release)
        from end import locks as module
        genuine = module.open_plain
        with unittest.mock.patch.object(module, 'open_plain') as opening:
            # The first is that of `lock`; the next one is that of the removal.
            opening.side_effect = _first_then(removed_in_between, genuine)
            self.assertTrue(locks.lock('shop-0.9', 'exclusive')['granted'])
        locks.check('shop-0.9', 'exclusive')
        with attempt(self.layout, 'shop-0.9') as free:
            self.assertFalse(free)

    def test_a_conversion_that_let_go_for_a_moment_is_no_lock_on_a_file_that_is_gone(self) -> None:
        locks = Locks(self.layout, holder('run-2'))
        self.addCleanup(locks.release)
        locks.lock('shop-0.9', 'shared')
        from end import locks as module
        genuine = module._try

        def let_go_and_removed(descriptor: int, mode: module.Mode) -> bool:
            os.unlink(self.layout.lock('shop-0.9'))
            return genuine(descriptor, mode)

        with unittest.mock.patch.object(module, '_try', let_go_and_removed):
            self.refused('lock-lost', locks.lock, 'shop-0.9', 'exclusive')


def _first_then(first: Callable[..., int], then: Callable[..., int]) -> Callable[..., int]:
    calls: List[None] = []

    def called(*arguments: object) -> int:
        calls.append(None)
        return first(*arguments) if len(calls) == 1 else then(*arguments)

    return called


class Bounded(RootTest):
    """A root with many of everything that is swept: no request removes more than a few of each."""

    def fill(self, many: int) -> None:
        for number in range(many):
            name = f'shop-0.{number}'
            self.touch(self.layout.incoming, f'{name}.{number:016x}.sdist')
            os.mkdir(os.path.join(self.layout.incoming, f'{name}.products'))
            self.touch(self.layout.incoming, f'{name}.products', 'wheel')
            os.symlink(name, os.path.join(self.layout.incoming, f'staging.{number:016x}.link'))
            self.touch(self.layout.sdists, f'{name}.tar.gz')
            self.touch(self.layout.trees, name)
            self.touch(self.layout.locks, name)
            self.touch(self.layout.locks, f'=={number}')
        lines = []
        for number in range(many):
            name = f'left-{number}'
            os.mkdir(self.path(name))
            lines.append(f'{{"v":1,"what":"build","revision":"{name}","sha256":""}}\n')
        with open(self.layout.journal, 'a') as journal:
            journal.writelines(lines)

    def touch(self, *path: str) -> None:
        with open(os.path.join(*path), 'w'):
            pass

    def there(self) -> Dict[str, int]:
        kinds = {'incoming': self.layout.incoming, 'sdists': self.layout.sdists, 'trees': self.layout.trees,
                 'locks': self.layout.locks, 'builds': self.layout.root}
        return {kind: len(os.listdir(place)) for kind, place in kinds.items()}

    def prune_later(self) -> PrunedReport:
        body: PruneBody = {'stage': 'production', 'revisions': [], 'atMost': 0}
        with unittest.mock.patch('end.prune.time.time', return_value=time.time() + 2 * DAY):
            return prune(self.layout, self.journal, body, lambda name: attempt(self.layout, name))

    def test_a_request_removes_a_few_of_each_kind_and_counts_the_rest(self) -> None:
        self.live()
        self.fill(MANY)
        before = self.there()
        swept = self.prune_later()['swept']
        after = self.there()
        removed = {kind: before[kind] - after[kind] for kind in before}
        # Each build that goes has a lock file by then.
        self.assertEqual(removed, {'incoming': SWEPT_AT_ONCE, 'sdists': SWEPT_AT_ONCE, 'trees': SWEPT_AT_ONCE,
                                   'locks': LOCK_FILES_AT_ONCE - SWEPT_AT_ONCE, 'builds': SWEPT_AT_ONCE})
        self.assertEqual(swept, {'removed': 4 * SWEPT_AT_ONCE + LOCK_FILES_AT_ONCE, 'kept': [],
                                 'left': 8 * MANY - 4 * SWEPT_AT_ONCE - LOCK_FILES_AT_ONCE})

    def test_the_next_requests_come_to_an_end_of_all_and_touch_nothing_that_lives(self) -> None:
        self.live()
        clean = self.there()
        self.fill(SOME)
        for _ in range(3 * SOME // SWEPT_AT_ONCE + 1):
            swept = self.prune_later()['swept']
            if swept['left'] == 0:
                break
        self.assertEqual((swept['left'], self.there()), (0, clean))
        self.assertTrue(os.path.exists(self.layout.manifest('live-1.0')))
        self.assertTrue(os.path.exists(self.layout.sdist('live-1.0')))
        self.assertTrue(os.path.exists(self.layout.tree('live-1.0')))
        self.assertEqual(os.readlink(self.path('production')), 'live-1.0')

    def live(self) -> None:
        """A stage that is live, with its locks and what it shares; this run is connected."""
        self.seal('live-1.0')
        self.switch('production', 'live-1.0')
        locks = Locks(self.layout, holder('run-1'))
        self.addCleanup(locks.release)
        locks.lock('production', 'exclusive')
        with attempt(self.layout, 'live-1.0'):
            pass
        os.makedirs(self.layout.shared('uploads'))

    def test_what_cannot_be_removed_is_told_and_holds_nothing_back(self) -> None:
        from end import sweep as module
        self.fill(SOME)
        stuck = [f'shop-0.{number}.products' for number in range(3)]

        def remove(path: str) -> None:
            if os.path.basename(path) in stuck:
                raise PermissionError(13, 'Permission denied', path)
            genuine(path)

        genuine = module.remove_tree
        with unittest.mock.patch.object(module, 'remove_tree', remove):
            for _ in range(3 * SOME // SWEPT_AT_ONCE + 10):
                report = self.prune_later()
                if report['swept']['left'] == len(stuck):
                    break
        self.assertEqual(sorted(os.listdir(self.layout.incoming)), stuck)
        kept = {os.path.basename(each['name']): each['why'] for each in report['swept']['kept']}
        self.assertEqual(sorted(kept), stuck)
        self.assertIn('Permission denied', kept[stuck[0]])

    def test_a_switch_and_an_upload_pass_over_most_of_what_dead_runs_left_of_theirs(self) -> None:
        for _ in range(MANY):
            make_link(self.layout, 'shop-0.9', 'production')
        self.assertEqual(discard_strays(self.layout, 'production'), [])
        self.assertEqual(len(prepared_links(self.layout, 'production')), MANY - STRAYS_AT_ONCE)
        pair = find_pair(self.layout, 'production', 'shop-0.9', None, lambda trouble: None)
        self.assertEqual(pair.discard(), [])
        self.assertEqual(len(prepared_links(self.layout, 'production')), MANY - 2 * STRAYS_AT_ONCE - 1)
        for number in range(MANY):
            self.touch(self.layout.incoming, f'shop-1.0.{number:016x}.sdist')
        before = self.there()['incoming']
        content = sdist_of('shop-1.0')
        incoming = Incoming(self.layout, 'shop-1.0', sha256(content), len(content))
        # Ten went, and the new one came.
        self.assertEqual(self.there()['incoming'], before - 10 + 1)
        incoming.discard()
