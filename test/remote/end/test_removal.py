import os

from end.manifest import has_verdict
from end.removal import names_by_link, unseal_and_remove
from end.tree import DEPTH_LIMIT
from roots import RootTest, as_ordinary_user, file, sdist


class Removal(RootTest):
    def test_a_sealed_tree_is_removed_by_its_own_user(self) -> None:
        def test() -> None:
            self.seal('shop-1.0', sdist('shop-1.0', file('shop-1.0/src/deep/a')))
            self.assertTrue(unseal_and_remove(self.layout, 'shop-1.0', {'shop-1.0'}))
            self.assertFalse(os.path.lexists(self.path('shop-1.0')))

        as_ordinary_user(self.folder, test)

    def test_directories_that_a_build_closed_even_for_itself_are_removed_too(self) -> None:
        def test() -> None:
            self.begin('shop-1.0', sdist('shop-1.0', file('shop-1.0/src/deep/a')))
            for name in ('src/deep', 'src', ''):
                os.chmod(self.path('shop-1.0', name), 0)
            self.assertTrue(unseal_and_remove(self.layout, 'shop-1.0', {'shop-1.0'}))

        as_ordinary_user(self.folder, test)

    def test_it_never_reaches_through_a_link(self) -> None:
        outside = os.path.join(self.folder, 'outside')
        os.mkdir(outside)
        with open(os.path.join(outside, 'file'), 'w'):
            pass
        os.chmod(outside, 0o555)
        digest = self.begin()
        os.symlink(outside, self.path('shop-1.0', 'directory'))
        self.seal_begun('shop-1.0', digest)
        unseal_and_remove(self.layout, 'shop-1.0', {'shop-1.0'})
        self.assertEqual((os.listdir(outside), os.lstat(outside).st_mode & 0o777), (['file'], 0o555))

    def test_its_manifest_goes_first_so_a_removal_that_stops_half_way_leaves_no_revision(self) -> None:
        digest = self.begin()
        self.seal_begun('shop-1.0', digest)
        os.chmod(self.path('shop-1.0'), 0o755)
        for name in 'abcdef':
            os.mkdir(self.path('shop-1.0', name))
            self.make_deep(self.path('shop-1.0', name), DEPTH_LIMIT + 2)
        self.refused('io', unseal_and_remove, self.layout, 'shop-1.0', {'shop-1.0'})
        self.assertFalse(has_verdict(self.layout, 'shop-1.0'))

    def test_what_was_not_made_here_is_left_alone(self) -> None:
        os.mkdir(self.path('data-1.0'))
        os.mkdir(self.path('data-1.1'))
        os.symlink('data-1.1', self.path('shop-1.0'))
        with open(self.path('shop-1.1'), 'w'):
            pass
        self.refused('not-ours', unseal_and_remove, self.layout, 'data-1.0', {'shop-1.0'})
        self.refused('not-ours', unseal_and_remove, self.layout, 'shop-1.0', {'shop-1.0'})
        self.refused('not-ours', unseal_and_remove, self.layout, 'shop-1.1', {'shop-1.1'})
        self.assertEqual(sorted(os.listdir(self.layout.root)), ['.stage', 'data-1.0', 'data-1.1', 'shop-1.0', 'shop-1.1'])

    def test_what_a_link_names_is_left_alone(self) -> None:
        self.seal()
        os.symlink('shop-1.0', self.path('byhand'))
        refusal = self.refused('conflict', unseal_and_remove, self.layout, 'shop-1.0', {'shop-1.0'})
        self.assertEqual(refusal.detail['links'], ['byhand'])
        self.assertTrue(os.path.exists(self.layout.manifest('shop-1.0')))

    def test_what_is_not_there_was_not_removed(self) -> None:
        self.assertFalse(unseal_and_remove(self.layout, 'shop-1.0', set()))


class NamesByLink(RootTest):
    def test_follows_any_spelling_of_a_way_to_an_entry_of_the_root(self) -> None:
        os.mkdir(self.path('shop-1.0'))
        os.mkdir(self.path('shop-1.1'))
        os.symlink(self.layout.root, os.path.join(self.folder, 'way'))
        for name, text in {
            'plain': 'shop-1.0', 'dotted': './shop-1.0/.', 'inside': 'shop-1.0/src/x', 'absolute': self.path('shop-1.0'),
            'around': os.path.join(self.folder, 'way', 'shop-1.1'), 'chained': 'around', 'dangling': 'shop-1.2',
            'outside': '/etc', 'up': '..', 'circle': 'circle',
        }.items():
            os.symlink(text, self.path(name))
        self.assertEqual(names_by_link(self.layout), {
            'shop-1.0': ['absolute', 'dotted', 'inside', 'plain'], 'shop-1.1': ['around', 'chained'],
            'around': ['chained'], 'shop-1.2': ['dangling'], 'circle': ['circle'],
        })
