"""A program's output leaves the host in whole, clean lines."""

import unittest
from typing import List

from end.lines import LINE_LIMIT, Lines
from end.redact import Redactor


def lines_of(output: bytes, piece_size: int, **secrets: str) -> List[bytes]:
    lines = Lines(Redactor(secrets))
    pieces = [output[start:start + piece_size] for start in range(0, len(output), piece_size)]
    whole = b''.join([lines.feed(piece) for piece in pieces]) + lines.finish()
    assert whole == b'' or whole.endswith(b'\n')
    return whole.split(b'\n')[:-1]


class LinesTest(unittest.TestCase):
    def test_a_line_is_held_back_until_its_end(self) -> None:
        lines = Lines(Redactor({}))
        self.assertEqual(lines.feed(b'one\ntw'), b'one\n')
        self.assertEqual(lines.feed(b'o\nthree'), b'two\n')
        self.assertEqual(lines.finish(), b'three\n')
        self.assertEqual(lines.finish(), b'')

    def test_lines_are_the_same_however_the_output_was_cut(self) -> None:
        output = 'a\n\n  žluťoučký kůň\r\nsecret\nse\ncret\n☃'.encode()
        for piece_size in range(1, len(output) + 1):
            self.assertEqual(
                lines_of(output, piece_size, TOKEN='secret'),
                [b'a', b'', '  žluťoučký kůň\r'.encode(), b'[TOKEN]', b'se', b'cret', '☃'.encode()],
            )

    def test_a_secret_of_many_lines_is_found_however_the_output_was_cut(self) -> None:
        key = '-----BEGIN KEY-----\nMIIEvQ==\nAAAA\n-----END KEY-----\n'
        output = f'key: {key}done\n'.encode()
        for piece_size in range(1, len(output) + 1):
            self.assertEqual(
                lines_of(output, piece_size, KEY=key), [b'key: [KEY]', b'[KEY]', b'[KEY]', b'[KEY]', b'done']
            )

    def test_a_line_that_does_not_end_is_split(self) -> None:
        for piece_size in (1000, LINE_LIMIT, 10 * LINE_LIMIT):
            with self.subTest(piece_size):
                lines = lines_of(b'x' * (3 * LINE_LIMIT + 5), piece_size)
                self.assertEqual([len(line) for line in lines], [LINE_LIMIT, LINE_LIMIT, LINE_LIMIT, 5])

    def test_a_long_line_is_not_split_inside_a_character(self) -> None:
        text = 'x' + '☃' * LINE_LIMIT
        lines = lines_of(text.encode(), 5000)
        self.assertEqual(''.join(line.decode() for line in lines), text)

    def test_a_carriage_return_ends_no_line(self) -> None:
        lines = lines_of(b'50%\r' * LINE_LIMIT + b'\n', LINE_LIMIT)
        self.assertEqual(max(map(len, lines)), LINE_LIMIT)

    def test_a_secret_is_found_wherever_a_long_line_is_split(self) -> None:
        secret = 'hunter2hunter2'
        for start in range(LINE_LIMIT - 20, LINE_LIMIT + 3):
            with self.subTest(start=start):
                output = b'x' * start + secret.encode() + b'y' * LINE_LIMIT
                joined = b''.join(lines_of(output, 4096, TOKEN=secret))
                self.assertEqual(joined, b'x' * start + b'[TOKEN]' + b'y' * LINE_LIMIT)

    def test_a_secret_longer_than_a_line_may_be_is_found(self) -> None:
        secret = ''.join(map(str, range(2 * LINE_LIMIT)))
        self.assertEqual(lines_of(b'x' + secret.encode() + b'y', 4096, TOKEN=secret), [b'x[TOKEN]y'])

    def test_lines_that_grow_by_redaction_are_split_as_well(self) -> None:
        lines = lines_of(b'ab' * 30_000, 4096, A_RATHER_LONG_NAME='a')
        self.assertLessEqual(max(map(len, lines)), LINE_LIMIT)
        self.assertEqual(b''.join(lines), b'[A_RATHER_LONG_NAME]b' * 30_000)


if __name__ == '__main__':
    unittest.main()
