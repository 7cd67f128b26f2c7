import ast
import glob
import json
import os
import socket
import subprocess
import sys
import tempfile
import unittest
from typing import Callable, Dict, List, NamedTuple, Optional, Tuple

from programs import RECIPES, make_environment, install, site_packages, text_of

# What opens a file by its path, by the last part of its name.
OPENERS = {
    'open', 'read_text', 'read_bytes', 'write_text', 'write_bytes', 'copy', 'copy2', 'copyfile', 'copytree', 'move', 'ZipFile',
    'compile_file', 'compile_dir', 'run_path', 'NamedTemporaryFile', 'mkstemp',
}

# Calls that open a file without that look, and why nothing is waited for there.
LOOKED_AT_OTHERWISE = {
    'plain-file/plain_file.py: os.open(path, flags | os.O_NONBLOCK, 438)': 'it is the look',
    'python/unpack_pip.py: zipfile.ZipFile(file)': 'the wheel is open, and was looked at',
    'python/installed.py: compileall.compile_file(path, quiet=1)': 'the path and what is compiled of it were just looked at',
    'python/guarded_pip.py: tempfile.NamedTemporaryFile()': 'it is a new file, by a name that nobody knew (O_EXCL)',
    'service/manager.py: tempfile.mkstemp': 'the same',
    'django/stage_env.py: tempfile.mkstemp': 'the same',
}


def calls_that_open(path: str) -> List[str]:
    with open(path, encoding='utf-8') as file:
        tree = ast.parse(file.read())
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            guarded = any(each.arg == 'opener' and ast.unparse(each.value) == 'plain_file' for each in node.keywords)
            if name.split('.')[-1] in OPENERS and not (name == 'open' and guarded):
                found.append('%s: %s' % (os.path.relpath(path, RECIPES), ast.unparse(node)))
    return found


class Rule(unittest.TestCase):
    def test_every_program_looks_at_what_it_opens(self) -> None:
        paths = glob.glob(os.path.join(RECIPES, '**', '*.py'), recursive=True)
        self.assertGreater(len(paths), 20)
        found = [call for path in paths for call in calls_that_open(path)]
        self.assertEqual([call for call in found if not call.startswith(tuple(LOOKED_AT_OTHERWISE))], [])
        unused = [call for call in LOOKED_AT_OTHERWISE if not any(each.startswith(call) for each in found)]
        self.assertEqual(unused, [])

    def test_what_opens_goes_before_every_program_that_opens(self) -> None:
        for path in glob.glob(os.path.join(RECIPES, '**', '*.py'), recursive=True):
            with open(path, encoding='utf-8') as file:
                opens = 'opener=plain_file' in file.read()
            recipe = os.path.basename(os.path.dirname(path))
            if opens and recipe != 'plain-file':
                with open(os.path.join(RECIPES, recipe, 'host-program.ts'), encoding='utf-8') as file:
                    self.assertIn('plainFile()', file.read(), recipe)


def a_socket(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(path)


KINDS: Dict[str, Callable[[str], None]] = {
    'a FIFO': os.mkfifo, 'a directory': os.mkdir, 'a socket': a_socket, 'a device': lambda path: os.symlink('/dev/zero', path),
}


class Case(NamedTuple):
    """A program, what it is told, and the file that it opens; both below the directory in which it runs."""

    text: str
    arguments: List[str]
    file: str
    # What is there besides, by path.
    beside: Dict[str, str] = {}


UNIT = {
    'manager': 'supervisor', 'unit': 'shop', 'config': 'c', 'startMs': 1000, 'file': 'shop.conf', 'text': 'x', 'link': 'production',
    'header': 'Written by us', 'variables': 'shared/production.env', 'reader': None, 'withinMs': 1000, 'steadyMs': 0, 'reload': '',
    'ask': 'definition', 'name': 'shop', 'directory': '.', 'sudo': True,
}
OURS = '# Written by us\n'


def service(name: str, file: str, beside: Dict[str, str] = {}) -> Case:
    text = text_of('service', 'manager', 'evidence', 'left_alone', name)
    return Case(text, [json.dumps(UNIT)], file, beside)


def django(told: object, file: str, *parts: str) -> Case:
    return Case(text_of('django', 'stage_env', *parts), [json.dumps(told)], file)


def python(name: str, file: str, *arguments: str, **beside: str) -> Case:
    return Case(text_of('python', name), list(arguments), file, {path.replace('__', '/'): text for path, text in beside.items()})


MANAGE = {'migrations': None, 'stage': True, 'throwAway': None, 'staticRoot': None, 'advice': None, 'argv': []}
LISTED = json.dumps([{'file': 'shop.whl', 'sha256': '0' * 64}])

# The programs that are to say what is wrong, by what they open.
REFUSING: Dict[str, Case] = {
    'a definition that is looked at': service('look', 'shop.conf'),
    'the definition that is to come': service('activate', 'shop.conf.next', {'shop.conf': OURS}),
    'the one before, of an activation': service('activate', 'shop.conf.before', {'shop.conf': OURS, 'shop.conf.next': OURS}),
    'the one before, of a put back': service('put_back', 'shop.conf.before', {'shop.conf': OURS}),
    'a definition that is replaced': service('activate', 'shop.conf', {'shop.conf.next': OURS}),
    'the variables that a key is added to': django({'variable': 'SECRET_KEY'}, 'shared/production.env', 'keep_key'),
    'the variables that a key is printed of':
        django({'variable': 'SECRET_KEY', 'stage': 'production'}, 'shared/production.env', 'print_key'),
    'the variables of a command': django(MANAGE, 'shared/production.env', 'migrations', 'manage'),
    'the mark of migrations':
        django({**MANAGE, 'stage': False, 'migrations': 'undo'}, 'shared/.production.migrated', 'migrations', 'manage'),
    'the wheel of pip': python('unpack_pip', 'pip.whl', 'pip.whl', 'made/pip'),
    'the list of the wheel of pip': python('unpack_pip', 'sent.json', 'sent/pip.whl', 'made/pip', sent__pip_whl=''),
    'the list of wheels': python('install', 'wheels.json', 'pip', '.env', 'wheels'),
    'a wheel that was announced': python('install', 'wheels/shop.whl', 'pip', '.env', 'wheels', **{'wheels.json': LISTED}),
    'a wheel that was built': python('install', 'wheels/shop.whl', 'pip', '.env', 'wheels'),
    'the record of an environment': python('install', 'record', 'pip.py', '.env', '{here}/wheels', **{
        'wheels/shop.whl': '', 'pip.py': ''}),
}

# Those that answer for other things besides: what is no file counts for nothing there.
PASSING: Dict[str, Case] = {
    'definitions of services': service('facts', 'shop-a.conf'),
    'the keys of stages': django({'variable': 'SECRET_KEY'}, 'shared/production.env', 'keys'),
    "the definition of somebody else's service, of a put back": service('put_back', 'shop.conf'),
}


class Programs(unittest.TestCase):
    def ended(self, case: Case, kind: Optional[str]) -> Tuple[int, str]:
        with tempfile.TemporaryDirectory() as directory:
            for path, text in case.beside.items():
                self.put(os.path.join(directory, path.replace('pip_whl', 'pip.whl')), text)
            path = os.path.join(directory, case.file)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if kind is not None:
                KINDS[kind](path)
            bin = os.path.join(directory, 'bin')
            self.put(os.path.join(bin, 'supervisorctl'), '#!/bin/sh\n')
            os.chmod(os.path.join(bin, 'supervisorctl'), 0o755)
            env = {
                'PATH': bin + ':/usr/bin:/bin', 'DEPLOY_RECORD': 'record', 'DEPLOY_SHARED': 'shared', 'DEPLOY_STAGE': 'production',
                'DEPLOY_REVISION': 'shop-1.0', 'SECRET_KEY': 'x', 'HOME': directory,
            }
            # What waits for a pipe waits until this limit.
            done = subprocess.run(
                [sys.executable, '-I', '-B', '-c', case.text, *(each.replace('{here}', directory) for each in case.arguments)],
                cwd=directory, env=env, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True, timeout=60, check=False,
            )
            return done.returncode, done.stdout

    def put(self, path: str, text: str) -> None:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)

    def test_what_is_no_file_is_said_at_once(self) -> None:
        for what, case in REFUSING.items():
            for kind in KINDS:
                # Nobody's service is touched: that it is not ours is said of it.
                if what == 'a definition that is replaced':
                    said = 'was not written for production: it is left alone'
                else:
                    # A link is followed before a key is added to what it leads to.
                    where = '/dev/zero' if what.endswith('is added to') and kind == 'a device' else case.file
                    said = '%s is %s, no plain file: move it away' % (where, kind)
                with self.subTest(what=what, kind=kind):
                    code, out = self.ended(case, kind)
                    self.assertEqual(code, 1, out)
                    self.assertIn(said, out)
                    self.assertNotIn('Traceback', out)

    def test_where_it_counts_for_nothing_the_program_comes_to_its_end(self) -> None:
        for what, case in PASSING.items():
            for kind in KINDS:
                with self.subTest(what=what, kind=kind):
                    code, out = self.ended(case, kind)
                    self.assertEqual(code, 0, out)

    def test_a_file_through_a_link_is_read(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            self.put(os.path.join(directory, 'there'), 'text')
            os.symlink('there', os.path.join(directory, 'link'))
            names: Dict[str, Callable[..., object]] = {}
            exec(text_of('service', 'manager'), names)  # pylint: disable=exec-used
            self.assertEqual(names['read'](os.path.join(directory, 'link')), 'text')


class Compiled(unittest.TestCase):
    def test_neither_a_source_nor_what_was_compiled_of_it_is_waited_for(self) -> None:
        with tempfile.TemporaryDirectory() as environment:
            interpreter = make_environment(environment)
            install(environment, 'shop', {'shop.py': ''})
            place = site_packages(environment)
            cache = os.path.join(place, '__pycache__', 'other.%s.pyc' % sys.implementation.cache_tag)
            os.makedirs(os.path.dirname(cache), exist_ok=True)
            with open(os.path.join(place, 'other.py'), 'w', encoding='utf-8'):
                pass
            for path in (cache, os.path.join(place, 'odd.py')):
                os.mkfifo(path)
                done = subprocess.run(
                    [interpreter, '-I', '-c', text_of('python', 'installed'), 'compile', 'shop'], stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True, timeout=60, check=False,
                )
                self.assertEqual((done.returncode, done.stdout), (1, path + ' is a FIFO, no plain file: move it away\n'))
                os.unlink(path)


if __name__ == '__main__':
    unittest.main()
