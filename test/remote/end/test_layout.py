import unittest

from end.layout import check_revision_name, check_root, check_stage_name, is_revision_name, is_stage_name
from end.refusal import Refusal


class RevisionNames(unittest.TestCase):
    def test_are_what_a_project_and_a_pep_440_version_make(self) -> None:
        for name in ('shop-1.0', 'My.Shop-1.0.post1', 'shop-1!2.0', 'shop-1.0+local.1', 'a'):
            self.assertEqual(check_revision_name(name), name)

    def test_are_never_a_path_a_hidden_file_an_option_or_two_lines(self) -> None:
        for name in ('', '.', '..', '.stage', '.env', 'a/b', '/a', 'shop-1.0\n', '-n', '+1', 'a b', 'é-1', 'shared', 'a\0', 'a' * 201):
            self.assertFalse(is_revision_name(name), name)
            with self.assertRaises(Refusal):
                check_revision_name(name)


class StageNames(unittest.TestCase):
    def test_are_lower_case_words(self) -> None:
        self.assertEqual(check_stage_name('production_2-a'), 'production_2-a')

    def test_are_never_anything_else(self) -> None:
        for name in ('', 'Production', '2nd', '-n', '_a', 'a.b', 'a/b', 'a\n', 'shared'):
            self.assertFalse(is_stage_name(name), name)
            with self.assertRaises(Refusal):
                check_stage_name(name)


class Roots(unittest.TestCase):
    def test_are_absolute_and_may_have_any_characters(self) -> None:
        self.assertEqual(check_root('/var/webcode/'), '/var/webcode')
        self.assertEqual(check_root('/a b\n$(x)/é'), '/a b\n$(x)/é')

    def test_are_never_relative_the_whole_disk_or_spelt_with_dots(self) -> None:
        for root in ('', '/', '//', 'var/webcode', '//var/webcode', '/var/../etc', '/var/./webcode', '/var//webcode', '/a\0b'):
            with self.assertRaises(Refusal, msg=root):
                check_root(root)
