"""One key in `~/.ssh/authorized_keys`: lines as sshd reads them, and a file that keeps everything else."""

import base64
import os
import tempfile
import unittest
from typing import Tuple
from unittest.mock import patch

from end.authorized_keys import add_key, parse_line, remove_key
from end.refusal import Refusal


def key(letter: str) -> str:
    kind = b'ssh-ed25519'
    blob = len(kind).to_bytes(4, 'big') + kind + (32).to_bytes(4, 'big') + letter.encode() * 32
    return base64.b64encode(blob).decode()


def line(letter: str) -> str:
    return f'ssh-ed25519 {key(letter)}'


class LineTest(unittest.TestCase):
    def told(self, text: str) -> Tuple[bool, bool]:
        found = parse_line(text.encode())
        return (found is not None, found is not None and found.authority)

    def test_a_key_is_found_behind_blanks_tabs_and_options(self) -> None:
        for before in ['', '  ', '\t', 'restrict ', 'from="a b",command="x \\" y" ', 'environment="A=# " \t']:
            with self.subTest(before):
                self.assertEqual(self.told(f'{before}{line("a")} ana@laptop'), (True, False))
        self.assertEqual(self.told(f'ssh-ed25519\t{key("a")}\tana and ben'), (True, False))

    def test_an_authority_is_told_from_the_key_itself(self) -> None:
        self.assertEqual(self.told(f'cert-authority,principals="a,b" {line("a")}'), (True, True))
        self.assertEqual(self.told(f'command="cert-authority" {line("a")}'), (True, False))

    def test_everything_else_is_no_key(self) -> None:
        for text in ['', '  ', f'# {line("a")}', 'ssh-ed25519', f'ssh-rsa {key("a")}', 'ssh-ed25519 AAAA', 'ssh-ed25519 ?',
                     f'command="open {line("a")}', f'a b {line("a")}']:
            with self.subTest(text):
                self.assertEqual(self.told(text), (False, False))


class FileTest(unittest.TestCase):
    def setUp(self) -> None:
        home = tempfile.TemporaryDirectory()
        self.addCleanup(home.cleanup)
        self.home = home.name
        patched = patch.dict(os.environ, {'HOME': home.name})
        patched.start()
        self.addCleanup(patched.stop)
        self.path = os.path.join(self.home, '.ssh', 'authorized_keys')

    def write(self, content: bytes) -> None:
        os.mkdir(os.path.dirname(self.path))
        with open(self.path, 'wb') as file:
            file.write(content)

    def read(self) -> bytes:
        with open(self.path, 'rb') as file:
            return file.read()

    def add(self, letter: str, comment: str = '') -> bool:
        return add_key({'type': 'ssh-ed25519', 'blob': key(letter), 'comment': comment})['was']

    def remove(self, letter: str) -> int:
        return remove_key({'type': 'ssh-ed25519', 'blob': key(letter)})['removed']

    def test_bytes_that_are_no_text_stay(self) -> None:
        strange = b'\xff\x00 \r no key\r\n' + line('a').encode()
        self.write(strange)
        self.assertFalse(self.add('b', 'ben'))
        self.assertEqual(self.read(), strange + f'\n{line("b")} ben\n'.encode())
        self.assertEqual(self.remove('b'), 1)
        self.assertEqual(self.read(), strange + b'\n')

    def test_a_key_of_an_authority_is_another_thing(self) -> None:
        self.write(f'cert-authority {line("a")}\n'.encode())
        self.assertFalse(self.add('a'))
        self.assertEqual((self.remove('a'), self.read()), (1, f'cert-authority {line("a")}\n'.encode()))

    def test_a_link_stays_one(self) -> None:
        self.write(b'')
        kept = os.path.join(self.home, 'kept')
        os.replace(self.path, kept)
        os.symlink(kept, self.path)
        self.add('a')
        self.assertEqual((os.readlink(self.path), self.read()), (kept, f'{line("a")}\n'.encode()))

    def test_nothing_is_left_beside_it(self) -> None:
        self.add('a')
        self.add('b')
        self.remove('a')
        self.assertEqual(os.listdir(os.path.dirname(self.path)), ['authorized_keys'])

    def test_what_is_no_file_is_refused(self) -> None:
        os.makedirs(self.path)
        with self.assertRaises(Refusal) as caught:
            self.add('a')
        self.assertEqual(caught.exception.code, 'not-ours')

    def test_the_last_key_is_refused(self) -> None:
        self.write(f'# {line("b")}\n{line("a")}\n'.encode())
        with self.assertRaises(Refusal) as caught:
            self.remove('a')
        self.assertEqual(caught.exception.code, 'conflict')

    def test_a_line_break_in_what_came_is_refused(self) -> None:
        with self.assertRaises(Refusal) as caught:
            self.add('a', f'ana\n{line("b")}')
        self.assertEqual((caught.exception.code, os.path.exists(self.path)), ('invalid', False))

    def test_nothing_to_take_away_makes_nothing(self) -> None:
        self.assertEqual((self.remove('a'), os.listdir(self.home)), (0, []))
