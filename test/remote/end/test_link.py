import os

from end.link import discard_link, make_link, prepared_links, read_link, remove_link, replace_link
from roots import RootTest, as_ordinary_user


class Reading(RootTest):
    def test_a_link_to_a_directory_of_the_root_names_a_revision(self) -> None:
        os.mkdir(self.path('shop-1.0'))
        os.symlink('shop-1.0', self.path('staging'))
        self.assertEqual(read_link(self.layout, 'staging'), {
            'kind': 'link', 'text': 'shop-1.0', 'revision': 'shop-1.0', 'dangling': False,
        })

    def test_a_link_to_a_revision_that_is_gone_names_it_and_dangles(self) -> None:
        os.symlink('shop-1.0', self.path('staging'))
        self.assertEqual(read_link(self.layout, 'staging'), {
            'kind': 'link', 'text': 'shop-1.0', 'revision': 'shop-1.0', 'dangling': True,
        })

    def test_a_link_to_anything_else_has_its_text_and_no_revision(self) -> None:
        os.mkdir(self.path('shop-1.0'))
        os.symlink('shop-1.0', self.path('production'))
        for text in ('/etc', '../x', 'production', self.path('shop-1.0'), 'shop-1.0/', './shop-1.0', '.stage', 'a\nb'):
            with self.subTest(text):
                os.symlink(text, self.path('staging'))
                report = read_link(self.layout, 'staging')
                self.assertEqual((report['kind'], report['text'], report['revision']), ('link', text, None))
                os.unlink(self.path('staging'))

    def test_no_link_a_directory_and_a_file_are_told_apart(self) -> None:
        os.mkdir(self.path('staging'))
        with open(self.path('production'), 'w'):
            pass
        kinds = [read_link(self.layout, stage)['kind'] for stage in ('nothing', 'staging', 'production')]
        self.assertEqual(kinds, ['absent', 'directory', 'other'])


class Switching(RootTest):
    def test_a_prepared_link_is_put_in_place_over_the_old_one(self) -> None:
        os.symlink('shop-1.0', self.path('staging'))
        replace_link(make_link(self.layout, 'shop-1.1', 'fire'), self.layout, 'staging')
        self.assertEqual(os.readlink(self.path('staging')), 'shop-1.1')
        self.assertEqual(os.listdir(self.layout.incoming), [])

    def test_any_text_is_restored_exactly(self) -> None:
        for text in ('/etc/../etc', 'a\nb ', '\udcff', '-n', 'dangling/é'):
            replace_link(make_link(self.layout, text, 'back'), self.layout, 'staging')
            self.assertEqual(read_link(self.layout, 'staging')['text'], text)

    def test_prepared_links_never_share_a_name(self) -> None:
        self.assertNotEqual(make_link(self.layout, 'a', 'fire'), make_link(self.layout, 'a', 'fire'))

    def test_a_directory_in_the_place_of_the_link_is_left_alone(self) -> None:
        os.mkdir(self.path('staging'))
        self.refused('io', replace_link, make_link(self.layout, 'shop-1.1', 'fire'), self.layout, 'staging')
        self.refused('moved', remove_link, self.layout, 'staging')
        self.assertTrue(os.path.isdir(self.path('staging')))

    def test_removing_a_link_leaves_what_it_names(self) -> None:
        os.mkdir(self.path('shop-1.0'))
        os.symlink('shop-1.0', self.path('staging'))
        remove_link(self.layout, 'staging')
        remove_link(self.layout, 'staging')
        self.assertEqual(sorted(os.listdir(self.layout.root)), ['.stage', 'shop-1.0'])

    def test_a_prepared_link_that_is_not_needed_can_be_discarded_twice(self) -> None:
        temporary = make_link(self.layout, 'shop-1.1', 'fire')
        discard_link(temporary)
        discard_link(temporary)
        self.assertEqual(os.listdir(self.layout.incoming), [])

    def test_a_move_that_cannot_be_made_durable_was_done_and_says_so(self) -> None:
        def test() -> None:
            temporary = make_link(self.layout, 'shop-1.1', 'staging')
            # Entries can be changed, and the directory cannot be opened to be synced.
            os.chmod(self.layout.root, 0o300)
            trouble = replace_link(temporary, self.layout, 'staging')
            self.assertTrue((trouble or '').startswith('making the link staging durable: Permission denied'), trouble)
            gone = remove_link(self.layout, 'staging')
            self.assertTrue((gone or '').endswith('it was moved, and may not stay so after a power failure'), gone)
            os.chmod(self.layout.root, 0o755)
            self.assertEqual(read_link(self.layout, 'staging')['kind'], 'absent')

        as_ordinary_user(self.folder, test)

    def test_a_root_that_refuses_a_move_is_named_with_what_is_missing_there(self) -> None:
        def test() -> None:
            temporary = make_link(self.layout, 'shop-1.1', 'staging')
            os.chmod(self.layout.root, 0o555)
            refusal = self.refused('permission', replace_link, temporary, self.layout, 'staging')
            os.chmod(self.layout.root, 0o755)
            self.assertRegex(
                refusal.message,
                r'^switching the link staging: Permission denied: .* is not writable for (.+): '
                r'it belongs to \1, mode 0555; give \1 that permission$')
            self.assertNotIn('.link', refusal.message)

        as_ordinary_user(self.folder, test)

    def test_what_is_durable_says_nothing(self) -> None:
        self.assertIsNone(replace_link(make_link(self.layout, 'shop-1.1', 'staging'), self.layout, 'staging'))
        self.assertIsNone(remove_link(self.layout, 'staging'))
        self.assertIsNone(remove_link(self.layout, 'staging'))

    def test_prepared_links_are_found_by_their_stage(self) -> None:
        mine = sorted(make_link(self.layout, text, 'staging') for text in ('a', 'b'))
        make_link(self.layout, 'a', 'staging-2')
        make_link(self.layout, 'a', 'production')
        self.assertEqual(prepared_links(self.layout, 'staging'), mine)
        os.rename(self.layout.incoming, self.path('aside'))
        self.assertEqual(prepared_links(self.layout, 'staging'), [])
