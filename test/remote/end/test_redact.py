"""No secret value is left in what a program prints."""

import random
import unittest

from end.redact import Redactor


class RedactorTest(unittest.TestCase):
    def test_a_value_becomes_its_name(self) -> None:
        self.assertEqual(Redactor({'TOKEN': 'hunter2'}).clean(b'a hunter2 b\nhunter2'), b'a [TOKEN] b\n[TOKEN]')

    def test_without_secrets_nothing_changes(self) -> None:
        self.assertEqual(Redactor({}).clean(b'text'), b'text')

    def test_an_empty_value_is_no_secret(self) -> None:
        self.assertEqual(Redactor({'EMPTY': ''}).clean(b'text'), b'text')

    def test_of_values_that_start_alike_the_longer_one_is_replaced(self) -> None:
        self.assertEqual(Redactor({'SHORT': 'abc', 'LONG': 'abcdef'}).clean(b'abcdef abc'), b'[LONG] [SHORT]')

    def test_where_values_overlap_nothing_of_either_is_left(self) -> None:
        self.assertEqual(Redactor({'A': 'abcd', 'B': 'cdef'}).clean(b'-abcdef-'), b'-[A]-')
        self.assertEqual(Redactor({'A': 'aa'}).clean(b'-aaa-'), b'-[A]-')

    def test_what_means_something_in_a_pattern_is_taken_as_it_is(self) -> None:
        self.assertEqual(Redactor({'A': '.*(\\'}).clean(b'x.*(\\x'), b'x[A]x')

    def test_a_value_of_many_lines_is_replaced_line_by_line(self) -> None:
        key = '-----BEGIN KEY-----\r\nMIIEvQ==\n}\n-----END KEY-----\n'
        self.assertEqual(Redactor({'KEY': key}).clean(b'"MIIEvQ==" }'), b'"[KEY]" }')

    def test_only_a_line_break_parts_a_value(self) -> None:
        for character in '\r\v\f\x1c\x85\u2028':
            with self.subTest(character=character):
                value = f'ab{character}cd'
                self.assertEqual(Redactor({'A': value}).clean(f'x{value}x'.encode()), b'x[A]x')

    def test_of_one_line_and_its_end_the_line_is_the_value_however_short(self) -> None:
        self.assertEqual(Redactor({'PIN': '123\n'}).clean(b'pin=123'), b'pin=[PIN]')

    def test_the_password_of_a_url_is_found_by_itself(self) -> None:
        redactor = Redactor({'INDEX': 'https://ana:hunter2@pypi.example.com/simple'})
        self.assertEqual(redactor.clean(b'user ana, password hunter2'), b'user ana, password [INDEX]')
        self.assertEqual(redactor.clean(b'https://ana:hunter2@pypi.example.com/simple'), b'[INDEX]')

    def test_the_password_of_every_url_of_a_list_is_found_by_itself(self) -> None:
        urls = ' '.join(f'https://ana:hunter{number}@h{number}/' for number in range(1, 4))
        self.assertEqual(Redactor({'URLS': urls}).clean(b'hunter1 hunter2 hunter3'), b'[URLS] [URLS] [URLS]')

    def test_a_line_of_a_value_is_found_without_its_indentation(self) -> None:
        self.assertEqual(Redactor({'A': 'first:\n  hunter2\n'}).clean(b'hunter2'), b'[A]')

    def test_a_value_in_no_known_encoding_is_found(self) -> None:
        self.assertEqual(Redactor({'A': '\udcff\udcfe'}).clean(b'x\xff\xfex'), b'x[A]x')

    def test_a_cut_never_goes_through_a_value(self) -> None:
        redactor = Redactor({'A': 'secret', 'B': 'retina'})
        output = b'--secretina--secret'
        for position in range(len(output) + 1):
            cut = redactor.cut_near(output, position)
            with self.subTest(position=position):
                self.assertFalse(2 < cut < 11 or 13 < cut < 19)
                self.assertLessEqual(cut, position)

    def test_a_value_at_the_very_start_is_cut_behind(self) -> None:
        self.assertEqual(Redactor({'A': 'secret'}).cut_near(b'secret--', 3), 6)

    def test_no_occurrence_survives_anywhere(self) -> None:
        chance = random.Random(1)
        for _ in range(2000):
            secrets = {
                f'S{number}': ''.join(chance.choices('ab', k=chance.randint(1, 4))) for number in range(chance.randint(1, 3))
            }
            output = ''.join(chance.choices('abc', k=12))
            cleaned = Redactor(secrets).clean_text(output)
            for value in secrets.values():
                self.assertNotIn(value, cleaned, f'{secrets} in {output}')


if __name__ == '__main__':
    unittest.main()
