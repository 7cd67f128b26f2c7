"""Both sides know the same spellings of a secret: test/report/spellings.json has them, and test/report follows it too."""

import json
import os
import time
import tracemalloc
import unittest
from typing import Any, Dict, List

from end.lines import LINE_LIMIT, Lines
from end.redact import Redactor
from end.secret_spellings import spellings_of

_CASES = os.path.join(os.path.dirname(__file__), '..', '..', 'report', 'spellings.json')


def cases() -> List[Dict[str, Any]]:
    with open(_CASES, encoding='utf-8') as file:
        read: List[Dict[str, Any]] = json.load(file)
    return read


class SecretSpellingsTest(unittest.TestCase):
    def test_they_are_those_of_the_cases(self) -> None:
        for case in cases():
            with self.subTest(case['what']):
                self.assertEqual(sorted(spellings_of(case['value'])), sorted(case['spellings']))

    def test_what_programs_make_of_a_value_is_replaced(self) -> None:
        for case in cases():
            redactor = Redactor({'S': case['value']})
            for printed in case['printed']:
                with self.subTest(case['what'], by=printed['by']):
                    self.assertEqual(redactor.clean_text(printed['text']), printed['shown'])

    def test_no_spelling_is_cut(self) -> None:
        for case in cases():
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

    def test_the_longest_secret_needs_a_few_dozen_times_its_length(self) -> None:
        for part in ('"\'&<', 'q+/=\n' + 'A' * 60):
            value = part * (120 * 1024 // len(part))
            with self.subTest(part):
                tracemalloc.start()
                try:
                    lines = Lines(Redactor({'S': value}))
                    lines.feed(b'x' * (4 << 20))
                    self.assertLess(tracemalloc.get_traced_memory()[1], 64 << 20)
                finally:
                    tracemalloc.stop()

    def test_looking_for_many_secrets_takes_little_time(self) -> None:
        secrets = {f'S{number}': f'aB3/+"{number:02}' * 5 for number in range(20)}
        output = b'Collecting wheel-1.0 (from https://pypi.example.com/simple/wheel) "ok"\n' * 30_000
        began = time.process_time()
        Redactor(secrets).clean(output)
        self.assertLess(time.process_time() - began, 2)


if __name__ == '__main__':
    unittest.main()
