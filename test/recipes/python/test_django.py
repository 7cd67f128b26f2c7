import ast
import glob
import json
import os
import stat
import subprocess
import sys
import tempfile
import unittest
from typing import Callable, Dict

RECIPE = os.path.join(os.path.dirname(__file__), '..', '..', '..', 'recipes', 'django')


def source(name: str) -> str:
    with open(os.path.join(RECIPE, name + '.py'), encoding='utf-8') as file:
        return file.read()


def program(name: str) -> str:
    return source('stage_env') + '\n' + source(name)


class Variables(unittest.TestCase):
    """A stage's file of variables is read as systemd reads it."""

    def read(self, text: str) -> object:
        names: Dict[str, Callable[[str], object]] = {}
        exec(compile(source('stage_env'), 'stage_env', 'exec'), names)  # pylint: disable=exec-used
        return names['variables'](text)

    def test_one_on_a_line_without_comments(self) -> None:
        self.assertEqual(self.read('# A=1\n;B=2\n\nC=3=4\n D = 5 \nno value\n'), {'C': '3=4', 'D': '5'})

    def test_the_last_of_a_name_counts(self) -> None:
        self.assertEqual(self.read('A=1\nA=2'), {'A': '2'})

    def test_quotes_are_taken_off_and_nothing_is_expanded(self) -> None:
        text = 'A=" a \\"b\\" \\$c\\\\ "\nB=\'"$HOME"\'\nC="\nD=$HOME#x\n'
        self.assertEqual(self.read(text), {'A': ' a "b" $c\\ ', 'B': '"$HOME"', 'C': '"', 'D': '$HOME#x'})


class Keys(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = os.path.realpath(directory.name)
        self.file = os.path.join(self.root, 'shared', 'production.env')

    def run_it(self, name: str, told: object, **env: str) -> 'subprocess.CompletedProcess[str]':
        given = {'PATH': '/usr/bin:/bin', 'DEPLOY_SHARED': os.path.dirname(self.file), 'DEPLOY_STAGE': 'production'}
        return subprocess.run(
            [sys.executable, '-I', '-B', '-c', program(name), json.dumps(told)], cwd=self.root, env={**given, **env},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True, timeout=60, check=False,
        )

    def keep(self, key: str) -> 'subprocess.CompletedProcess[str]':
        return self.run_it('keep_key', {'variable': 'SECRET_KEY'}, SECRET_KEY=key)

    def printed(self) -> str:
        return self.run_it('print_key', {'variable': 'SECRET_KEY', 'stage': 'production'}).stdout

    def text(self) -> str:
        with open(self.file, encoding='utf-8') as file:
            return file.read()

    def put(self, text: str) -> None:
        os.makedirs(os.path.dirname(self.file), exist_ok=True)
        with open(self.file, 'w', encoding='utf-8') as file:
            file.write(text)

    def test_a_key_is_kept_in_a_file_that_nobody_else_may_read(self) -> None:
        done = self.keep('abc-1')
        self.assertEqual((done.returncode, self.text()), (0, 'SECRET_KEY=abc-1\n'))
        self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o600)
        self.assertNotIn('abc-1', done.stdout)

    def test_what_else_stands_there_stays(self) -> None:
        self.put('# ours\nSECRET_KEY=\nA=1')
        self.keep('abc-1')
        self.assertEqual(self.text(), '# ours\nSECRET_KEY=\nA=1\nSECRET_KEY=abc-1\n')

    def test_any_key_is_read_as_it_was_written(self) -> None:
        for key in ['#$a"b\\c ', "it's", 'a b']:
            self.put('')
            self.keep(key)
            self.assertEqual(self.printed(), key + '\n')

    def test_the_same_key_is_not_written_again_and_another_one_is_refused(self) -> None:
        self.keep('abc-1')
        before = os.stat(self.file).st_ino
        self.assertEqual(self.keep('abc-1').returncode, 0)
        self.assertEqual(os.stat(self.file).st_ino, before)
        other = self.keep('abc-2')
        self.assertEqual((other.returncode, self.text()), (1, 'SECRET_KEY=abc-1\n'))
        self.assertNotIn('abc-', other.stderr)

    def test_a_key_that_is_gone_is_none(self) -> None:
        self.put('A=1\n')
        done = self.run_it('print_key', {'variable': 'SECRET_KEY', 'stage': 'production'})
        self.assertEqual((done.returncode, done.stdout), (1, ''))

    def test_stages_are_told_by_digests_that_can_be_compared(self) -> None:
        self.put('SECRET_KEY=abc-1\n')
        told = {'variable': 'SECRET_KEY'}
        one = json.loads(self.run_it('keys', told).stdout)
        self.put('SECRET_KEY="abc-1"\nA=1\n')
        self.assertEqual(json.loads(self.run_it('keys', told).stdout), one)
        self.put('SECRET_KEY=abc-2\n')
        self.assertNotEqual(json.loads(self.run_it('keys', told).stdout), one)
        self.assertEqual(list(one), ['production'])
        self.assertNotIn('abc', json.dumps(one))

    def test_without_a_key_or_a_root_there_is_none(self) -> None:
        told = {'variable': 'SECRET_KEY'}
        self.assertEqual(self.run_it('keys', told).stdout, '{}\n')
        self.put('A=1\n')
        self.assertEqual(self.run_it('keys', told).stdout, '{}\n')
        self.assertEqual(self.run_it('keys', {'variable': None}).stdout, '{}\n')


class Syntax(unittest.TestCase):
    def test_is_that_of_python_3_8(self) -> None:
        paths = glob.glob(os.path.join(RECIPE, '*.py'))
        self.assertEqual(len(paths), 5)
        for path in paths:
            with open(path, encoding='utf-8') as file:
                ast.parse(file.read(), path, feature_version=(3, 8))


if __name__ == '__main__':
    unittest.main()
