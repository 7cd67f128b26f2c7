"""What outlives revisions is linked into them, and never touched through those links."""

import os
import stat
import unittest

from end.locks import attempt
from end.manifest import read_manifest
from end.messages import PruneBody
from end.prune import prune
from end.removal import unseal_and_remove
from end.shared import link_shared, make_shared, report_shared
from end.tree import tree_digest
from roots import RootTest, as_ordinary_user, file, sdist, snapshot, special, symlink


class SharedTest(RootTest):
    def share(self, path: str, content: str = 'kept') -> str:
        """A file in `{root}/shared`; returns where it is."""
        where = self.layout.shared(path)
        os.makedirs(os.path.dirname(where), exist_ok=True)
        with open(where, 'w') as target:
            target.write(content)
        return where


class Linking(SharedTest):
    def test_links_are_relative_and_lead_into_shared(self) -> None:
        make_shared(self.layout, ['media', 'var/log'])
        self.share('config/local.ini')
        self.seal_begun('shop-1.0', self.begin(), ['var/log', 'media', 'config/local.ini'])
        told = {path: os.readlink(self.path('shop-1.0', path)) for path in ('media', 'var/log', 'config/local.ini')}
        self.assertEqual(told, {
            'media': '../shared/media', 'var/log': '../../shared/var/log',
            'config/local.ini': '../../shared/config/local.ini',
        })
        for path in told:
            self.assertTrue(os.path.samefile(self.path('shop-1.0', path), self.layout.shared(path)))
        manifest = read_manifest(self.layout, 'shop-1.0')
        self.assertEqual(manifest and [link['path'] for link in manifest['shared']], ['config/local.ini', 'media', 'var/log'])

    def test_a_revision_keeps_its_shared_things_when_the_whole_root_is_moved(self) -> None:
        self.share('media/a')
        self.seal_begun('shop-1.0', self.begin(), ['media'])
        os.rename(self.layout.root, self.layout.root + '.moved')
        with open(os.path.join(self.layout.root + '.moved', 'shop-1.0', 'media', 'a')) as source:
            self.assertEqual(source.read(), 'kept')

    def test_what_the_sdist_has_in_that_place_is_never_replaced(self) -> None:
        self.share('data')
        for name, member in (
            ('shop-1.0', file('shop-1.0/data', b'x')),
            ('shop-1.1', file('shop-1.1/data/x', b'x')),
            ('shop-1.2', symlink('shop-1.2/data', 'run.sh')),
        ):
            with self.subTest(name=name):
                digest = self.begin(name, sdist(name, member))
                before = snapshot(self.path(name))
                self.refused('conflict', self.seal_begun, name, digest, ['data'])
                self.assertEqual(snapshot(self.path(name)), before)

    def test_an_empty_directory_of_the_sdist_gives_way(self) -> None:
        make_shared(self.layout, ['media'])
        content = sdist('shop-1.0', special('shop-1.0/media', b'5'))
        self.seal_begun('shop-1.0', self.begin('shop-1.0', content), ['media'])
        self.assertEqual(os.readlink(self.path('shop-1.0', 'media')), '../shared/media')

    def test_the_link_itself_may_be_there_already(self) -> None:
        make_shared(self.layout, ['media'])
        self.begin()
        for _ in range(2):
            link_shared(self.layout, 'shop-1.0', ['media'], None)
        self.assertEqual(os.readlink(self.path('shop-1.0', 'media')), '../shared/media')

    def test_a_link_is_never_made_through_another_one(self) -> None:
        outside = os.path.join(self.folder, 'outside')
        os.mkdir(outside)
        self.share('var/log')
        self.begin()
        os.symlink(outside, self.path('shop-1.0', 'var'))
        self.refused('not-ours', link_shared, self.layout, 'shop-1.0', ['var/log'], None)
        self.assertEqual(os.listdir(outside), [])

    def test_what_is_missing_is_not_linked(self) -> None:
        self.begin()
        self.refused('not-standing', link_shared, self.layout, 'shop-1.0', ['local.ini'], None)
        self.assertFalse(os.path.lexists(self.path('shop-1.0', 'local.ini')))

    def test_nothing_shared_stands_in_the_environment(self) -> None:
        self.share('venv/lib')
        self.begin()
        for path in ('venv', 'venv/lib'):
            self.refused('conflict', link_shared, self.layout, 'shop-1.0', [path], 'venv')

    def test_tricks_with_paths_are_refused(self) -> None:
        self.begin()
        for path in ('', '/etc', '..', 'a/../b', './a', 'a//b', 'a/', '.revision.json', '.build.log', 'a\0b'):
            with self.subTest(path=path):
                self.refused('invalid', link_shared, self.layout, 'shop-1.0', [path], None)
                self.refused('invalid', make_shared, self.layout, [path])
                self.refused('invalid', report_shared, self.layout, [path])


class BehindLinks(SharedTest):
    def setUp(self) -> None:
        super().setUp()
        self.shared = self.share('media/deep/a')
        os.chmod(self.shared, 0o640)
        self.seal_begun('shop-1.0', self.begin(), ['media'])

    def test_sealing_changes_no_mode_there(self) -> None:
        self.assertEqual(stat.S_IMODE(os.stat(self.shared).st_mode), 0o640)
        self.assertTrue(os.stat(os.path.dirname(self.shared)).st_mode & stat.S_IWUSR)

    def test_the_digest_of_a_tree_tells_the_link_and_not_what_is_behind_it(self) -> None:
        before = tree_digest(self.path('shop-1.0'))
        self.share('media/b')
        self.assertEqual(tree_digest(self.path('shop-1.0')), before)
        os.chmod(self.path('shop-1.0'), 0o755)
        os.unlink(self.path('shop-1.0', 'media'))
        os.symlink('../shared/other', self.path('shop-1.0', 'media'))
        self.assertNotEqual(tree_digest(self.path('shop-1.0')), before)

    def test_a_removed_revision_leaves_it(self) -> None:
        before = snapshot(self.layout.shared(''))
        self.assertTrue(unseal_and_remove(self.layout, 'shop-1.0', ['shop-1.0']))
        self.assertEqual(snapshot(self.layout.shared('')), before)

    def test_a_pruned_revision_leaves_it(self) -> None:
        before = snapshot(self.layout.shared(''))
        body: PruneBody = {'stage': 'production', 'revisions': ['shop-1.0'], 'atMost': 1}
        answer = prune(self.layout, self.journal, body, lambda name: attempt(self.layout, name))
        self.assertEqual(answer['removed'], ['shop-1.0'])
        self.assertEqual(snapshot(self.layout.shared('')), before)


class Making(SharedTest):
    def test_what_is_missing_is_made_and_what_is_there_stays(self) -> None:
        kept = self.share('media/a')
        os.chmod(os.path.dirname(kept), 0o700)
        make_shared(self.layout, ['media', 'var/log'])
        self.assertEqual(stat.S_IMODE(os.stat(os.path.dirname(kept)).st_mode), 0o700)
        self.assertEqual(stat.S_IMODE(os.stat(self.layout.shared('var/log')).st_mode), 0o755)

    def test_a_link_to_a_directory_elsewhere_is_as_good_as_one(self) -> None:
        os.mkdir(os.path.join(self.folder, 'disk'))
        os.makedirs(self.layout.shared(''))
        os.symlink(os.path.join(self.folder, 'disk'), self.layout.shared('media'))
        make_shared(self.layout, ['media'])
        self.assertEqual(report_shared(self.layout, ['media'])['media']['kind'], 'directory')

    def test_nothing_is_made_through_a_link(self) -> None:
        os.mkdir(os.path.join(self.folder, 'disk'))
        os.makedirs(self.layout.shared(''))
        os.symlink(os.path.join(self.folder, 'disk'), self.layout.shared('media'))
        self.refused('not-ours', make_shared, self.layout, ['media/uploads'])
        self.assertEqual(os.listdir(os.path.join(self.folder, 'disk')), [])
        self.assertEqual(
            report_shared(self.layout, ['media/uploads'])['media/uploads']['why'],
            f'{self.layout.shared("media")} is a link: what is below it is made by hand',
        )


class Reporting(SharedTest):
    def test_kind_and_mode_are_told_and_nothing_is_made(self) -> None:
        os.chmod(self.share('production.env'), 0o600)
        os.mkdir(self.layout.shared('media'))
        os.mkfifo(self.layout.shared('pipe'))
        os.symlink('nowhere', self.layout.shared('dangling'))
        before = snapshot(self.layout.root)
        told = report_shared(self.layout, ['production.env', 'media', 'pipe', 'dangling', 'a/b', 'production.env/x'])
        self.assertEqual({path: one['kind'] for path, one in told.items()}, {
            'production.env': 'file', 'media': 'directory', 'pipe': 'other', 'dangling': 'other', 'a/b': 'absent',
            'production.env/x': 'absent',
        })
        self.assertEqual(told['production.env']['mode'], 0o600)
        self.assertIsNone(told['a/b']['why'])
        self.assertEqual(told['production.env/x']['why'], f'{self.layout.shared("production.env")} is no directory')
        self.assertEqual(snapshot(self.layout.root), before)

    def test_a_place_where_nothing_can_be_made_is_told(self) -> None:
        def closed() -> None:
            os.makedirs(self.layout.shared(''))
            os.chmod(self.layout.shared(''), 0o555)
            why = report_shared(self.layout, ['media'])['media']['why'] or ''
            self.assertIn('is not writable for', why)
            self.refused('permission', make_shared, self.layout, ['media'])

        as_ordinary_user(self.folder, closed)


if __name__ == '__main__':
    unittest.main()
