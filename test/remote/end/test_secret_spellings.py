"""Both sides know the same spellings of a secret: test/report/spellings.json has them, and test/report follows it too."""

import time
import unittest

from end.lines import LINE_LIMIT, Lines
from end.redact import Redactor
from end.secret_spellings import spellings_of
from secret_cases import secret_cases


class SecretSpellingsTest(unittest.TestCase):
    def test_they_are_those_of_the_cases(self) -> None:
        for case in secret_cases():
            with self.subTest(case['what']):
                self.assertEqual(sorted(spellings_of(case['value'])), sorted(case['spellings']))

    def test_what_programs_make_of_a_value_is_replaced(self) -> None:
        for case in secret_cases():
            redactor = Redactor({'S': case['value']})
            for printed in case['printed']:
                with self.subTest(case['what'], by=printed['by']):
                    self.assertEqual(redactor.clean_text(printed['text']), printed['shown'])

    def test_no_spelling_is_cut(self) -> None:
        for case in secret_cases():
            lines = Lines(Redactor({'S': case['value']}))
            for spelling in case['spellings']:
                if '\n' not in spelling:
                    # The middle of the spelling is where a line that is too long would be split.
                    start = LINE_LIMIT - len(spelling.encode()) // 2
                    output = b'x' * start + spelling.encode() + b'y' * LINE_LIMIT
                    with self.subTest(case['what'], spelling=spelling):
                        joined = (lines.feed(output) + lines.finish()).replace(b'\n', b'')
                        self.assertEqual(joined, b'x' * start + b'[S]' + b'y' * LINE_LIMIT)

    def test_most_secrets_have_one_spelling(self) -> None:
        self.assertEqual(spellings_of('Zm9vYmFyYmF6cXV4'), ['Zm9vYmFyYmF6cXV4'])

    def test_blanks_and_short_parts_have_none_but_a_short_value_stands_for_itself(self) -> None:
        self.assertEqual(spellings_of(' \n\t '), [])
        self.assertEqual(spellings_of('a"b'), ['a"b'])
        self.assertNotIn('}', spellings_of('{\n}\n"abcd"'))

    def test_no_spelling_is_longer_than_seven_times_the_value(self) -> None:
        for number in [*range(1, 0x800), 0x2028, 0x20AC, 0x1F600]:
            value = chr(number) * 4
            longest = Redactor({'S': value}).longest
            self.assertLessEqual(longest, 7 * len(value.encode()), repr(value))

    def test_all_spellings_of_the_longest_secret_need_little_memory(self) -> None:
        for part in ('"\'&<', 'q+/=\n' + 'A' * 60):
            value = part * (120 * 1024 // len(part))
            with self.subTest(part):
                self.assertLess(sum(map(len, spellings_of(value))), 12 << 20)

    def test_no_more_is_held_back_than_the_longest_spelling_and_a_line(self) -> None:
        redactor = Redactor({'S': '"\'&<' * (30 * 1024)})
        lines = Lines(redactor)
        came = sum(len(lines.feed(b'x' * LINE_LIMIT)) for _ in range(64))
        self.assertGreater(came, 63 * LINE_LIMIT - redactor.longest - LINE_LIMIT)

    def test_looking_for_many_secrets_takes_little_time(self) -> None:
        secrets = {f'S{number}': f'aB3/+"{number:02}' * 5 for number in range(20)}
        output = b'Collecting wheel-1.0 (from https://pypi.example.com/simple/wheel) "ok"\n' * 30_000
        began = time.process_time()
        Redactor(secrets).clean(output)
        self.assertLess(time.process_time() - began, 2)


if __name__ == '__main__':
    unittest.main()
