import json
import os
import threading
import unittest
from typing import Callable, List

from end.layout import Layout
from end.locks import attempt
from end.messages import SettleAnswer
from end.settle import settle
from roots import RootTest, as_ordinary_user, snapshot


class Settling(RootTest):
    def new_root(self, *parts: str) -> Layout:
        return Layout(os.path.join(self.folder, *parts))

    def test_makes_the_root_with_all_above_it_open_to_readers(self) -> None:
        layout = self.new_root('deep', 'down', 'root')
        settle(layout, 'shop')
        paths = (os.path.join(self.folder, 'deep'), layout.root)
        self.assertEqual({oct(os.lstat(path).st_mode) for path in paths}, {'0o40755'})
        self.assertEqual({oct(os.lstat(path).st_mode) for path in (layout.records, layout.incoming)}, {'0o40700'})
        self.assertEqual(sorted(os.listdir(layout.records)), [
            'frozen', 'incoming', 'locks', 'rejected', 'root.json', 'sdists', 'tools', 'trees',
        ])
        self.assertEqual(os.listdir(layout.incoming), [])

    def test_the_identity_is_random_written_once_and_told_again(self) -> None:
        layout = self.new_root('root')
        first = settle(layout, 'My.Shop')
        before = snapshot(layout.root)
        self.assertEqual(settle(layout, 'my-shop'), first)
        self.assertEqual(snapshot(layout.root), before)
        with open(layout.root_file) as file:
            self.assertEqual(json.load(file), {'v': 1, 'id': first['id'], 'project': 'My.Shop'})
        self.assertNotEqual(settle(self.new_root('other'), 'My.Shop')['id'], first['id'])

    def test_records_that_were_open_to_others_are_closed(self) -> None:
        for mode in (0o755, 0o777, 0o750, 0o701):
            os.chmod(self.layout.records, mode)
            settle(self.layout, 'shop')
            self.assertEqual(oct(os.lstat(self.layout.records).st_mode), '0o40700')

    def test_those_of_another_project_are_left_as_they_are(self) -> None:
        os.chmod(self.layout.records, 0o755)
        settle(self.layout, 'blog')
        self.assertEqual(oct(os.lstat(self.layout.records).st_mode), '0o40755')

    @unittest.skipIf(os.geteuid() != 0, 'nobody else to be, without root')
    def test_nobody_else_can_open_list_make_or_lock_anything_of_the_records(self) -> None:
        self.seal_begun('shop-1.0', self.begin('shop-1.0'))
        with attempt(self.layout, 'production'):
            pass
        os.chmod(self.folder, 0o755)
        os.chmod(os.path.dirname(self.layout.root), 0o755)
        paths = [os.path.join(above, name) for above, directories, files in os.walk(self.layout.records) for name in directories + files]
        self.assertIn(self.layout.lock('production'), paths)

        def test() -> None:
            for path in [self.layout.records, *paths]:
                works: List[Callable[[str], object]] = [
                    os.listdir, lambda path: os.open(path, os.O_RDONLY), lambda path: os.mkdir(os.path.join(path, 'x')), os.unlink,
                ]
                for work in works:
                    self.assertRaises(PermissionError, work, path)

        as_ordinary_user(self.layout.root, test, own=False)

    def test_several_at_once_agree(self) -> None:
        for number in range(20):
            layout = self.new_root(f'root-{number}')
            answers: List[SettleAnswer] = []
            start = threading.Barrier(4)

            def run() -> None:
                start.wait()
                answers.append(settle(layout, 'shop'))

            threads = [threading.Thread(target=run) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(len(answers), 4)
            self.assertEqual(len({answer['id'] for answer in answers}), 1)
            self.assertEqual(os.listdir(layout.incoming), [])

    def test_what_a_settling_that_was_cut_off_left_is_completed(self) -> None:
        layout = self.new_root('root')
        os.makedirs(layout.incoming)
        with open(os.path.join(layout.incoming, 'root.json.0.new'), 'w'):
            pass
        self.assertEqual(settle(layout, 'shop')['project'], 'shop')

    def test_the_root_of_another_project_is_left_as_it_is(self) -> None:
        before = snapshot(self.layout.root)
        self.assertEqual(settle(self.layout, 'blog')['project'], 'shop')
        self.assertEqual(snapshot(self.layout.root), before)

    def test_a_file_or_a_damaged_record_in_the_way_is_refused_and_left(self) -> None:
        path = os.path.join(self.folder, 'file')
        with open(path, 'w'):
            pass
        self.refused('not-ours', settle, Layout(path), 'shop')
        self.refused('not-ours', settle, Layout(os.path.join(path, 'root')), 'shop')
        for text in ('', '{}', '{"v":2}', '{"v":1,"id":"x","project":1}'):
            with open(self.layout.root_file, 'w') as file:
                file.write(text)
            self.refused('not-ours', settle, self.layout, 'shop')

    def test_records_that_are_links_are_refused(self) -> None:
        outside = os.path.join(self.folder, 'outside')
        os.mkdir(outside)
        layout = self.new_root('root')
        os.mkdir(layout.root)
        os.symlink(outside, layout.records)
        self.refused('not-ours', settle, layout, 'shop')
        os.rmdir(self.layout.locks)
        os.symlink(outside, self.layout.locks)
        self.refused('not-ours', settle, self.layout, 'shop')
        self.assertEqual(os.listdir(outside), [])

    def test_a_root_that_is_itself_a_link_to_a_directory_is_fine(self) -> None:
        os.mkdir(os.path.join(self.folder, 'disk'))
        os.symlink('disk', os.path.join(self.folder, 'way'))
        settle(self.new_root('way'), 'shop')
        self.assertEqual(os.listdir(os.path.join(self.folder, 'disk')), ['.stage'])

    def test_a_directory_that_this_user_cannot_write_is_refused(self) -> None:
        def test() -> None:
            os.chmod(self.folder, 0o555)
            self.refused('permission', settle, self.new_root('root'), 'shop')
            os.chmod(self.folder, 0o755)

        as_ordinary_user(self.folder, test)
