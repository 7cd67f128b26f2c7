import ast
import contextlib
import glob
import hashlib
import importlib.util
import json
import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
import unittest
from typing import Callable, Dict, List, Optional

from programs import text_of

RECIPE = os.path.join(os.path.dirname(__file__), '..', '..', '..', 'recipes', 'django')


def source(name: str) -> str:
    with open(os.path.join(RECIPE, name + '.py'), encoding='utf-8') as file:
        return file.read()


def program(name: str) -> str:
    return text_of('django', 'stage_env', name)


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

    def test_what_has_no_name_of_a_variable_is_none(self) -> None:
        self.assertEqual(self.read('export A=1\n2=3\n=4\nB=5\n'), {'B': '5'})

    def test_line_ends_of_windows_are_no_part_of_a_value(self) -> None:
        self.assertEqual(self.read('A=1 \r\nB="2 "\r\n'), {'A': '1', 'B': '2 '})


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

    def test_also_where_it_is_no_utf_8_and_has_line_ends_of_windows(self) -> None:
        before = b'NAME=M\xfcller\r\nA=1\r\n'
        self.put('')
        with open(self.file, 'wb') as file:
            file.write(before)
        self.assertEqual(self.keep('abc-1').returncode, 0)
        with open(self.file, 'rb') as file:
            self.assertEqual(file.read(), before + b'SECRET_KEY=abc-1\n')
        told = json.loads(self.run_it('keys', {'variable': 'NAME'}).stdout)
        self.assertEqual(told, {'production': hashlib.sha256(b'M\xfcller').hexdigest()})

    def test_any_key_is_read_as_it_was_written(self) -> None:
        for key in ['#$a"b\\c ', "it's", 'a b', '`a`']:
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
        self.assertIn('has another SECRET_KEY than the first host that has one', other.stderr)

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


SETTINGS = """
import os
SECRET_KEY = "k"
INSTALLED_APPS = ["shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE"]}}
"""

MIGRATION = """
from django.db import migrations
class Migration(migrations.Migration):
    dependencies = [%s]
    operations = [migrations.RunSQL(%r, migrations.RunSQL.noop)]
"""


@unittest.skipUnless(importlib.util.find_spec('django'), 'there is no Django here')
class Migrations(unittest.TestCase):
    """An undo undoes what its own run has applied, and nothing that was there before."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = directory.name
        self.mark = os.path.join(self.root, 'shared', '.production.migrated')
        self.put('settings.py', SETTINGS)
        self.put('shop/__init__.py', '')
        self.put('shop/migrations/__init__.py', '')
        self.migration('0001', 'CREATE TABLE IF NOT EXISTS first (id)')

    def put(self, name: str, text: str) -> None:
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)

    def migration(self, number: str, statement: str) -> None:
        before = int(number) - 1
        needs = '("shop", "%04d")' % before if before else ''
        self.put('shop/migrations/%s.py' % number, MIGRATION % (needs, statement))

    def step(self, migrations: Optional[str], *argv: str, revision: str = 'shop-1.0') -> 'subprocess.CompletedProcess[str]':
        text = 'import sys\nsys.path.insert(0, %r)\n' % self.root
        text += text_of('django', 'stage_env', 'migrations', 'manage')
        told = {'stage': True, 'throwAway': None, 'staticRoot': None, 'advice': None, 'argv': argv}
        env = {
            **{'PATH': '/usr/bin:/bin', 'DJANGO_SETTINGS_MODULE': 'settings', 'DATABASE': self.root + '/db'},
            **{'DEPLOY_SHARED': self.root + '/shared', 'DEPLOY_STAGE': 'production', 'DEPLOY_REVISION': revision},
        }
        return subprocess.run(
            [sys.executable, '-I', '-B', '-c', text, json.dumps({**told, 'migrations': migrations})], env=env,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True, timeout=60, check=False,
        )

    def migrate(self, revision: str = 'shop-1.0') -> int:
        return self.step('apply', 'migrate', '--noinput', revision=revision).returncode

    def undo(self, to: str, revision: str = 'shop-1.0') -> str:
        done = self.step('undo', 'migrate', 'shop', to, revision=revision)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def applied(self) -> List[str]:
        with contextlib.closing(sqlite3.connect(self.root + '/db')) as database:
            return [name for (name,) in database.execute('SELECT name FROM django_migrations ORDER BY name')]

    def test_that_were_applied_are_undone_once(self) -> None:
        self.assertEqual(self.migrate(), 0)
        self.assertEqual(stat.S_IMODE(os.stat(self.mark).st_mode), 0o600)
        self.undo('zero')
        self.assertEqual(self.applied(), [])
        self.assertEqual(self.migrate('shop-2.0'), 0)
        self.assertIn('nothing is undone', self.undo('zero'))
        self.assertEqual(self.applied(), ['0001'])

    def test_that_were_there_before_are_not_undone(self) -> None:
        self.assertEqual(self.migrate(), 0)
        self.assertEqual(self.migrate(), 0)
        self.assertIn('nothing is undone', self.undo('zero'))
        self.assertEqual(self.applied(), ['0001'])

    def test_of_a_run_that_failed_half_way_stay(self) -> None:
        self.assertEqual(self.migrate(), 0)
        self.migration('0002', 'CREATE TABLE second (id)')
        self.migration('0003', 'SELECT * FROM nowhere')
        self.assertEqual(self.migrate(), 1)
        self.assertIn('nothing is undone', self.undo('0001'))
        self.assertEqual(self.applied(), ['0001', '0002'])

    def test_are_not_applied_where_it_cannot_be_remembered(self) -> None:
        self.put('shared', '')
        self.assertEqual(self.migrate(), 1)
        self.assertFalse(os.path.exists(self.root + '/db'))

    def test_are_marked_no_more_by_a_run_whose_settings_do_not_load(self) -> None:
        self.assertEqual(self.migrate(), 0)
        self.put('settings.py', 'raise ValueError')
        self.assertEqual(self.migrate(), 1)
        self.put('settings.py', SETTINGS)
        self.assertIn('nothing is undone', self.undo('zero'))


class Syntax(unittest.TestCase):
    def test_is_that_of_python_3_8(self) -> None:
        paths = glob.glob(os.path.join(RECIPE, '*.py'))
        self.assertEqual(len(paths), 6)
        for path in paths:
            with open(path, encoding='utf-8') as file:
                ast.parse(file.read(), path, feature_version=(3, 8))


if __name__ == '__main__':
    unittest.main()
