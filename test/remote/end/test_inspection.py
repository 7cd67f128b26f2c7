import os
import sys
import time
from typing import List, Optional

from end.inspection import inspect
from end.layout import Layout
from end.locks import Locks, attempt
from end.messages import FactQuestion, Inspection, SealedReport
from end.prune import prune
from end.tree import tree_digest
from end.tree_list import read_tree_list
from roots import RootTest, file, never, sdist, snapshot, symlink
from test_prune import holder

MORE = (
    file('shop-1.0/src/a.py', b'a = 1\n'), file('shop-1.0/src/b.py', b'b = 1\n'),
    symlink('shop-1.0/latest', 'src/a.py'),
)


class InspectionTest(RootTest):
    def inspect(self, revision: Optional[str] = None, paths: List[str] = [], facts: List[FactQuestion] = []) -> Inspection:
        return inspect(self.layout, self.journal, {'revision': revision, 'paths': paths, 'facts': facts}, dict(os.environ), never)

    def sealed(self, name: str = 'shop-1.0') -> SealedReport:
        found = self.inspect(name)
        assert found['sealed'] is not None, found['why']
        return found['sealed']

    def seal_more(self) -> None:
        self.seal('shop-1.0', sdist('shop-1.0', *MORE))

    def changes(self) -> List[str]:
        return [f'{each["how"]} {each["path"]}' for each in self.sealed()['tree']['changes']]

    def unlocked(self, *parts: str) -> str:
        """A path inside of the revision, after its directory was made writable."""
        path = self.path('shop-1.0', *parts)
        os.chmod(os.path.dirname(path), 0o755)
        return path

    def write(self, path: str, content: str) -> None:
        if os.path.exists(path):
            os.chmod(path, 0o644)
        with open(path, 'w') as target:
            target.write(content)
        os.chmod(path, 0o444)


class SealedTree(InspectionTest):
    def test_a_revision_as_it_was_sealed_has_the_digest_of_its_manifest_and_no_changes(self) -> None:
        self.seal_more()
        told = self.sealed()
        self.assertEqual(told['tree']['digest'], told['treeDigest'])
        self.assertEqual(told['treeDigest'], tree_digest(self.path('shop-1.0')))
        self.assertEqual(told['sdist'], told['sha256'])
        self.assertEqual([each['host'] for each in told['builders']], ['s1'])
        self.assertEqual(told['tree'], {
            'digest': told['treeDigest'], 'listed': True, 'changes': [], 'changesTotal': 0,
            'writable': [], 'writableTotal': 0, 'strange': [], 'strangeTotal': 0,
        })

    def test_what_was_changed_added_and_removed_is_named(self) -> None:
        self.seal_more()
        self.write(self.unlocked('src', 'a.py'), 'a = 2\n')
        self.write(self.unlocked('src', 'new.py'), '')
        os.unlink(self.unlocked('src', 'b.py'))
        os.chmod(self.unlocked('run.sh'), 0o444)
        os.chmod(self.unlocked('PKG-INFO'), 0o555)
        os.unlink(self.unlocked('latest'))
        os.symlink('src/new.py', self.path('shop-1.0', 'latest'))
        self.assertEqual(self.changes(), [
            'executable PKG-INFO', 'relinked latest', 'not-executable run.sh',
            'changed src/a.py', 'removed src/b.py', 'added src/new.py',
        ])
        relinked = [each['was'] for each in self.sealed()['tree']['changes'] if each['how'] == 'relinked']
        self.assertEqual(relinked, ['src/a.py'])

    def test_of_a_directory_that_came_or_went_only_itself_is_told(self) -> None:
        self.seal_more()
        os.makedirs(os.path.join(self.unlocked('more'), 'deep'))
        for name in ('a.py', 'b.py'):
            os.unlink(self.unlocked('src', name))
        os.rmdir(self.path('shop-1.0', 'src'))
        self.assertEqual(self.changes(), ['added more', 'removed src'])

    def test_what_became_something_else_is_replaced(self) -> None:
        self.seal_more()
        os.unlink(self.unlocked('src', 'a.py'))
        os.mkdir(self.path('shop-1.0', 'src', 'a.py'))
        self.assertEqual(self.changes(), ['replaced src/a.py'])

    def test_without_a_list_what_was_touched_since_the_seal_is_told(self) -> None:
        self.seal_more()
        os.unlink(self.layout.tree('shop-1.0'))
        self.assertEqual(self.changes(), [])
        # The seal and this test may fall into one tick of the file system's clock.
        time.sleep(0.02)
        os.chmod(self.path('shop-1.0', 'src', 'a.py'), 0o644)
        self.write(self.path('shop-1.0', 'src', 'a.py'), 'a = 3\n')
        told = self.sealed()['tree']
        self.assertFalse(told['listed'])
        self.assertEqual([(each['how'], each['path']) for each in told['changes']], [('touched', 'src/a.py')])

    def test_a_list_that_was_tampered_with_is_not_believed(self) -> None:
        self.seal_more()
        with open(self.layout.tree('shop-1.0'), 'r+b') as target:
            target.write(b'nonsense')
        digest = self.sealed()['treeDigest']
        self.assertIsNone(read_tree_list(self.layout, 'shop-1.0', digest))
        self.assertFalse(self.sealed()['tree']['listed'])

    def test_write_bits_are_told_with_the_mode_also_of_the_manifest_and_the_top(self) -> None:
        self.seal_more()
        os.chmod(self.path('shop-1.0'), 0o755)
        os.chmod(self.layout.manifest('shop-1.0'), 0o644)
        os.chmod(self.path('shop-1.0', 'src'), 0o775)
        told = self.sealed()['tree']
        self.assertEqual(told['writable'], [
            {'path': '', 'mode': 0o755}, {'path': '.revision.json', 'mode': 0o644}, {'path': 'src', 'mode': 0o775},
        ])
        self.assertEqual(told['changes'], [])

    def test_fifty_changes_are_named_and_all_are_counted(self) -> None:
        self.seal_more()
        for index in range(60):
            self.write(self.unlocked(f'n{index:02}'), '')
        told = self.sealed()['tree']
        self.assertEqual((len(told['changes']), told['changesTotal']), (50, 60))
        self.assertEqual(told['writableTotal'], 1)

    def test_the_answer_fits_into_one_frame_however_long_the_paths_are(self) -> None:
        self.seal_more()
        place = self.unlocked('d')
        for _ in range(10):
            os.mkdir(place)
            place = os.path.join(place, 'é' * 120)
        for index in range(60):
            self.write(os.path.join(os.path.dirname(place), f'{index:02}' + 'é' * 120), '')
            os.chmod(os.path.join(os.path.dirname(place), f'{index:02}' + 'é' * 120), 0o666)
        told = self.sealed()['tree']
        self.assertGreater(told['writableTotal'], 60)
        self.assertGreater(len(told['writable']), 0)


class Surroundings(InspectionTest):
    def test_nothing_is_changed_by_looking(self) -> None:
        self.seal_more()
        before = snapshot(self.layout.root)
        self.inspect('shop-1.0', ['', '.stage'])
        self.assertEqual(snapshot(self.layout.root), before)

    def test_paths_are_told_with_owner_group_and_mode(self) -> None:
        os.chmod(self.layout.records, 0o2775)
        [root, records, absent] = self.inspect(paths=['', '.stage', 'no/such'])['paths']
        self.assertEqual((root['kind'], root['mode']), ('directory', 0o755))
        self.assertEqual(records['mode'], 0o2775)
        self.assertEqual(absent, {'path': 'no/such', 'kind': 'absent', 'owner': None, 'group': None, 'mode': None})

    def test_a_path_that_leads_out_of_the_root_is_refused(self) -> None:
        for path in ('../etc', '/etc', 'a/../../b'):
            self.refused('invalid', self.inspect, None, [path])

    def test_a_revision_that_cannot_be_compared_has_a_reason(self) -> None:
        self.begin('shop-1.0')
        self.seal('shop-1.1')
        self.half_remove('shop-1.1')
        self.assertEqual([self.inspect(name)['why'] for name in ('shop-1.0', 'shop-1.1', 'shop-9')],
                         ['it has no manifest', 'it has no manifest', 'it is not there'])

    def test_an_interpreter_that_is_gone_is_told(self) -> None:
        digest = self.begin()
        os.mkdir(self.path('shop-1.0', 'bin'))
        os.symlink(sys.executable, self.path('shop-1.0', 'bin', 'python'))
        self.build('shop-1.0', executable='bin/python')
        self.seal_begun('shop-1.0', digest)
        self.assertIsNone(self.sealed()['interpreter'])
        os.unlink(self.unlocked('bin', 'python'))
        self.assertIn('does not run', self.sealed()['interpreter'] or '')

    def test_a_link_into_shared_that_names_nothing_there_is_told(self) -> None:
        digest = self.begin()
        for name in ('media', 'uploads'):
            os.makedirs(self.layout.shared(name))
        self.seal_begun('shop-1.0', digest, shared=['media', 'uploads'])
        os.rmdir(self.layout.shared('uploads'))
        self.assertEqual(self.sealed()['dangling'], [{'path': 'uploads', 'target': 'uploads'}])

    def test_leftovers_are_what_no_revision_and_no_run_owns(self) -> None:
        self.seal('shop-1.0')
        self.begin('shop-1.1')
        for path in (os.path.join(self.layout.incoming, 'x.new'), self.layout.sdist('shop-9'), self.layout.tree('shop-9')):
            with open(path, 'w'):
                pass
        found = self.inspect()
        self.assertEqual([(each['kind'], each['path']) for each in found['leftovers']], [
            ('incoming', '.stage/incoming/x.new'), ('sdist', '.stage/sdists/shop-9.tar.gz'),
            ('tree', '.stage/trees/shop-9'), ('unfinished', 'shop-1.1'),
        ])
        self.assertFalse(found['busy'])

    def test_a_root_in_which_a_lock_is_held_is_busy(self) -> None:
        locks = Locks(self.layout, holder('run-2'))
        locks.lock('production', 'exclusive')
        self.assertTrue(self.inspect()['busy'])
        locks.release()
        self.assertFalse(self.inspect()['busy'])

    def test_a_root_that_is_not_there_has_nothing_left_in_it(self) -> None:
        self.layout = Layout(os.path.join(self.folder, 'none'))
        found = self.inspect(paths=[''])
        self.assertEqual((found['paths'][0]['kind'], found['leftovers']), ('absent', []))

    def test_facts_are_answered(self) -> None:
        [fact] = self.inspect(facts=[{'id': 'a', 'argv': ['echo', 'x'], 'timeoutMs': 10_000}])['facts']
        self.assertEqual((fact['id'], fact['out']), ('a', 'x\n'))


class Removing(InspectionTest):
    def test_the_list_of_what_was_sealed_goes_with_the_revision(self) -> None:
        self.seal('shop-1.0')
        self.assertEqual(os.listdir(self.layout.trees), ['shop-1.0'])
        prune(self.layout, self.journal, {'stage': 'production', 'revisions': ['shop-1.0'], 'atMost': 1}, lambda name: attempt(self.layout, name))
        self.assertEqual(os.listdir(self.layout.trees), [])
