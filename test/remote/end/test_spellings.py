"""One revision in several spellings: what was decided about one of them holds for all, whatever the runner says."""

import os

from end.messages import RejectBody
from end.revision_locks import lock_names
from end.revisions import standing
from end.verdict import discard, reject
from roots import RootTest, sdist, sha256
from support import HOLDER, RemoteEndTest

# Of b_legacy 1.0.0.
SPELLINGS = ('B-Legacy-1.0.0', 'b.legacy-1', 'B_LEGACY-1.0', 'b_legacy-1.0.0.0')
OTHERS = ('b_legacy-1.0.1', 'b_legacy-1.0.post1', 'blegacy-1.0.0', 'b_legacy-1.0.0+ci', 'b_legacy-1!1.0.0')


class SpellingTest(RootTest):
    def reject(self, name: str, content: bytes) -> None:
        body: RejectBody = {
            'revision': name, 'sha256': self.begin(name, content), 'reason': 'its tests failed', 'verification': [],
            'keepTree': False,
        }
        reject(self.layout, self.journal, body)


class Receiving(SpellingTest):
    def test_what_stands_is_not_made_again_whatever_its_bytes(self) -> None:
        content = sdist('b_legacy-1.0.0')
        self.seal('b_legacy-1.0.0', content)
        for name in SPELLINGS:
            with self.subTest(name):
                refusal = self.refused('conflict', self.receive, name, content)
                self.assertIn('as b_legacy-1.0.0, made from the same bytes', refusal.message)
                refusal = self.refused('conflict', self.receive, name, b'other')
                self.assertIn('as b_legacy-1.0.0, made from other bytes', refusal.message)
        self.assertEqual(os.listdir(self.layout.incoming), [])

    def test_what_was_rejected_is_not_taken_before_it_is_discarded(self) -> None:
        self.reject('b_legacy-1.0.0', sdist('b_legacy-1.0.0'))
        for name in SPELLINGS:
            with self.subTest(name):
                refusal = self.refused('rejected', self.receive, name, sdist(name))
                self.assertIn('was rejected, as b_legacy-1.0.0: its tests failed', refusal.message)
        discard(self.layout, self.journal, 'b_legacy-1.0.0')
        self.seal('B-Legacy-1.0.0')

    def test_other_revisions_stand_in_nobodys_way(self) -> None:
        self.seal('b_legacy-1.0.0')
        for name in OTHERS:
            with self.subTest(name):
                self.seal(name)

    def test_what_got_a_verdict_since_it_was_received_is_not_sealed(self) -> None:
        digest = self.begin('B-Legacy-1.0.0')
        # As an earlier version of the tool, which has no lock of both, can bring it about.
        os.rename(self.layout.revision('B-Legacy-1.0.0'), self.path('aside'))
        self.journal.append('abandoned', revision='B-Legacy-1.0.0')
        self.seal('b_legacy-1.0.0')
        self.journal.append('build', revision='B-Legacy-1.0.0', sha256=digest)
        os.rename(self.path('aside'), self.layout.revision('B-Legacy-1.0.0'))
        self.refused('conflict', self.seal_begun, 'B-Legacy-1.0.0', digest)

    def test_the_revision_may_be_spelt_otherwise_than_its_sdist(self) -> None:
        for number, spelt in enumerate(['B-Legacy-1.{}.0', 'b.legacy-1.{}', 'b_legacy-1.{}.0.0']):
            name = spelt.format(number)
            with self.subTest(name):
                self.seal(name, sdist(f'b_legacy-1.{number}.0'))

    def test_another_name_or_another_version_inside_is_refused(self) -> None:
        for name in OTHERS:
            with self.subTest(name):
                self.refused('archive', self.begin, name, sdist('b_legacy-1.0.0'))


class Left(SpellingTest):
    """What an earlier version made in two spellings goes on, each by its own name."""

    def setUp(self) -> None:
        super().setUp()
        self.seal('b_legacy-1.0.0')
        # An earlier version did not look at other spellings.
        os.rename(self.layout.revision('b_legacy-1.0.0'), self.path('aside'))
        self.seal('B-Legacy-1.0.0')
        os.rename(self.path('aside'), self.layout.revision('b_legacy-1.0.0'))

    def test_each_stands(self) -> None:
        for name in ('b_legacy-1.0.0', 'B-Legacy-1.0.0'):
            self.assertEqual(standing(self.layout, name)['revision'], name)

    def test_a_third_one_is_refused(self) -> None:
        self.refused('conflict', self.receive, 'b.legacy-1.0', sdist('b.legacy-1.0'))

    def test_what_is_not_here_is_named_as_it_is_here(self) -> None:
        refusal = self.refused('not-standing', standing, self.layout, 'b.legacy-1.0')
        self.assertEqual(refusal.message, 'b.legacy-1.0 is not here; it is here as B-Legacy-1.0.0, b_legacy-1.0.0')
        refusal = self.refused('conflict', discard, self.layout, self.journal, 'b.legacy-1.0')
        self.assertIn('is not rejected here; it is here as B-Legacy-1.0.0, b_legacy-1.0.0', refusal.message)


class Locking(RemoteEndTest):
    def holding(self, granted: bool) -> object:
        return {'granted': granted, 'holder': None if granted else {**HOLDER, 'run': 'run-2'}}

    def test_two_spellings_are_never_made_side_by_side(self) -> None:
        other = self.connect(holder={**HOLDER, 'run': 'run-2'})
        for name in SPELLINGS:
            with self.subTest(name):
                self.assertEqual(self.lock('b_legacy-1.0.0', runner=other), self.holding(True))
                self.assertEqual(self.lock(name), self.holding(False))
                self.assertEqual(self.lock(name, 'shared'), self.holding(False))
                other.call('unlock', {'name': 'b_legacy-1.0.0'})
                self.assertEqual(self.lock(name), self.holding(True))
                self.assertFalse(self.lock('b_legacy-1.0.0', runner=other)['granted'])
                self.runner.call('unlock', {'name': name})

    def test_two_that_stand_are_switched_to_side_by_side(self) -> None:
        other = self.connect(holder={**HOLDER, 'run': 'run-2'})
        self.assertTrue(self.lock('b_legacy-1.0.0', 'shared', other)['granted'])
        self.assertTrue(self.lock('B-Legacy-1.0.0', 'shared')['granted'])
        # Refused, and none of the two locks is left in another mode than it was.
        self.assertFalse(self.lock('B-Legacy-1.0.0', 'exclusive')['granted'])
        self.assertTrue(self.lock('B-Legacy-1.0.0', 'shared', other)['granted'])

    def test_an_earlier_version_is_kept_away_by_the_name_alone(self) -> None:
        self.assertEqual(list(lock_names('b_legacy-1.0.0')), ['b_legacy-1.0.0', 'b-legacy==1'])
        self.assertEqual(list(lock_names('production')), ['production'])
        self.assertTrue(self.lock('b_legacy-1.0.0')['granted'])
        self.assertEqual(
            sorted(os.listdir(self.layout.locks)), ['@root', 'b-legacy==1', 'b_legacy-1.0.0'])

    def test_an_orphan_of_a_build_keeps_all_spellings_locked(self) -> None:
        name = 'b_legacy-1.0.0'
        self.assertTrue(self.lock(name)['granted'])
        content = sdist(name)
        id = self.runner.ask('receive', {'revision': name, 'sha256': sha256(content), 'bytes': len(content)})
        self.runner.send_data(id, content)
        self.runner.send_data(id, b'')
        self.runner.answer(id)
        self.runner.call('unpack', {'revision': name, 'sha256': sha256(content), 'keepFailed': True})
        # A daemon: it left the group of its step, with what it inherited.
        daemon = (
            'import os,time\nif os.fork() == 0:\n os.setsid()\n for each in (0, 1, 2): os.close(each)\n'
            ' open("pid", "w").write(str(os.getpid()))\n time.sleep(60)'
        )
        spec = self.python(daemon, build=name, cwd=self.layout.revision(name))
        self.assertEqual(self.run_step(spec)['code'], 0)
        self.wait_for(lambda: os.path.exists(self.path(name, 'pid')) and self.read(name, 'pid') != '')
        pid = int(self.read(name, 'pid'))
        try:
            self.runner.lose()
            self.runner.ended()
            other = self.connect(holder={**HOLDER, 'run': 'run-2'})
            for spelling in (name, *SPELLINGS):
                self.assertFalse(self.lock(spelling, runner=other)['granted'], spelling)
        finally:
            os.kill(pid, 9)
