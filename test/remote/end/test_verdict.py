import os

from end.manifest import read_rejection
from end.messages import RejectBody
from end.verdict import abandon, discard, reject
from roots import RootTest, as_ordinary_user


class VerdictTest(RootTest):
    def body(self, digest: str, keep_tree: bool = False, reason: str = 'tests failed') -> RejectBody:
        return {
            'revision': 'shop-1.0', 'sha256': digest, 'reason': reason, 'keepTree': keep_tree,
            'verification': [{'step': 'verify/1', 'title': 'tests', 'result': 'exit status 1', 'durationMs': 5}],
        }

    def reject(self, keep_tree: bool = False) -> str:
        digest = self.begin()
        self.build('shop-1.0')
        reject(self.layout, self.journal, self.body(digest, keep_tree))
        return digest

    def left(self) -> object:
        """What there is of the revision: its tree, its sdist, its record of an environment, its rejection."""
        paths = {
            'tree': self.path('shop-1.0'), 'sdist': self.layout.sdist('shop-1.0'),
            'record': self.layout.record('shop-1.0'), 'rejection': self.layout.rejection('shop-1.0'),
        }
        return sorted(name for name, path in paths.items() if os.path.lexists(path))


class Rejecting(VerdictTest):
    def test_leaves_the_verdict_and_its_reason_and_nothing_else(self) -> None:
        digest = self.reject()
        self.assertEqual(self.left(), ['rejection'])
        rejection = read_rejection(self.layout, 'shop-1.0')
        assert rejection is not None
        self.assertEqual(
            (rejection['name'], rejection['version'], rejection['sha256'], rejection['reason'], rejection['by']),
            ('shop', '1.0', digest, 'tests failed', 'ana'),
        )
        self.assertEqual(self.whats(), ['build', 'rejected'])

    def test_keeps_the_tree_where_that_is_asked_for(self) -> None:
        self.reject(keep_tree=True)
        self.assertEqual(self.left(), ['record', 'rejection', 'sdist', 'tree'])

    def test_the_same_bytes_are_refused_from_then_on(self) -> None:
        self.reject()
        refusal = self.refused('rejected', self.begin)
        self.assertEqual(refusal.message, 'shop-1.0 was rejected: tests failed. Ship a new version, or discard it')

    def test_a_verdict_is_written_once(self) -> None:
        digest = self.reject(keep_tree=True)
        reject(self.layout, self.journal, self.body(digest, reason='other'))
        rejection = read_rejection(self.layout, 'shop-1.0')
        self.assertEqual(rejection and rejection['reason'], 'tests failed')
        self.assertEqual((self.left(), self.whats()), (['rejection'], ['build', 'rejected']))
        self.refused('rejected', reject, self.layout, self.journal, self.body('0' * 64))

    def test_a_verified_revision_cannot_be_rejected(self) -> None:
        self.seal()
        self.refused('conflict', reject, self.layout, self.journal, self.body('0' * 64))
        self.assertEqual(self.left(), ['sdist', 'tree'])

    def test_a_directory_that_was_not_made_here_is_left_alone(self) -> None:
        os.mkdir(self.path('shop-1.0'))
        reject(self.layout, self.journal, self.body('0' * 64))
        self.assertEqual(self.left(), ['rejection', 'tree'])

    def test_a_damaged_rejection_still_rejects(self) -> None:
        with open(self.layout.rejection('shop-1.0'), 'w') as file:
            file.write('{')
        self.refused('rejected', self.begin)


class Abandoning(VerdictTest):
    def test_removes_what_was_begun_and_says_so(self) -> None:
        def test() -> None:
            self.begin()
            self.build('shop-1.0')
            self.assertTrue(abandon(self.layout, self.journal, 'shop-1.0'))
            self.assertEqual((self.left(), self.whats()), ([], ['build', 'abandoned']))
            self.assertFalse(abandon(self.layout, self.journal, 'shop-1.0'))

        as_ordinary_user(self.folder, test)

    def test_removes_an_sdist_that_was_only_received(self) -> None:
        self.receive('shop-1.0', b'x')
        self.assertTrue(abandon(self.layout, self.journal, 'shop-1.0'))
        self.assertEqual((self.left(), self.whats()), ([], []))

    def test_removes_what_a_removal_left_half_done(self) -> None:
        self.seal()
        self.half_remove('shop-1.0')
        self.assertTrue(abandon(self.layout, self.journal, 'shop-1.0'))
        self.assertEqual(self.left(), [])

    def test_never_removes_a_revision_with_a_verdict_or_what_was_not_made_here(self) -> None:
        os.mkdir(self.path('shop-0.9'))
        self.assertFalse(abandon(self.layout, self.journal, 'shop-0.9'))
        self.assertTrue(os.path.isdir(self.path('shop-0.9')))
        self.seal()
        self.refused('conflict', abandon, self.layout, self.journal, 'shop-1.0')
        self.assertEqual(self.left(), ['sdist', 'tree'])

    def test_what_it_has_removed_can_be_begun_again(self) -> None:
        self.begin()
        abandon(self.layout, self.journal, 'shop-1.0')
        self.begin()
        self.assertEqual(self.whats(), ['build', 'abandoned', 'build'])


class Discarding(VerdictTest):
    def test_forgets_the_rejection_on_the_record_with_the_tree_that_was_kept(self) -> None:
        self.reject(keep_tree=True)
        discard(self.layout, self.journal, 'shop-1.0')
        self.assertEqual((self.left(), self.whats()), ([], ['build', 'rejected', 'discarded']))
        self.begin()

    def test_what_is_not_rejected_is_refused(self) -> None:
        self.refused('conflict', discard, self.layout, self.journal, 'shop-1.0')
        self.seal()
        self.refused('conflict', discard, self.layout, self.journal, 'shop-1.0')
        self.assertEqual(self.left(), ['sdist', 'tree'])

    def test_without_a_journal_nothing_is_forgotten(self) -> None:
        self.reject()
        os.unlink(self.layout.journal)
        os.symlink('/dev/full', self.layout.journal)
        self.refused('io', discard, self.layout, self.journal, 'shop-1.0')
        self.assertEqual(self.left(), ['rejection'])
