import json
import os
import sys
import tempfile
import unittest
from typing import Dict, List

from programs import run


class Discover(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = os.path.realpath(directory.name)

    def script(self, path: str, text: str) -> str:
        target = os.path.join(self.directory, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, 'w', encoding='utf-8') as file:
            file.write('#!/bin/sh\n' + text + '\n')
        os.chmod(target, 0o755)
        return target

    def link(self, path: str, target: str = sys.executable) -> str:
        place = os.path.join(self.directory, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        os.symlink(target, place)
        return place

    def discover(self, *args: str, path: str = '') -> List[Dict[str, object]]:
        ended = run('discover', *args, env={'PATH': path or os.path.join(self.directory, 'bin')})
        self.assertEqual((ended.code, ended.err), (0, ''))
        found = json.loads(ended.out)
        self.assertIsInstance(found, list)
        return found

    def paths(self, *args: str, path: str = '') -> List[object]:
        return [found['path'] for found in self.discover(*args, path=path)]

    def test_an_interpreter_tells_about_itself(self) -> None:
        self.link('bin/python3')
        [found] = self.discover()
        self.assertEqual(found['version'], '%d.%d.%d' % sys.version_info[:3])
        self.assertEqual((found['implementation'], found['venv']), (sys.implementation.name, True))
        self.assertIsInstance(found['platform'], str)
        self.assertEqual(set(found), {
            'path', 'version', 'final', 'implementation', 'freeThreaded', 'venv', 'pipWheel', 'platform', 'abi'
        })

    def test_one_file_under_several_names_is_one_interpreter_by_its_fullest_name(self) -> None:
        for name in ('python3', 'python3.9', 'python3.11'):
            self.link('bin/' + name)
        self.assertEqual(len(self.paths()), 1)
        self.assertNotEqual(self.paths(), [os.path.join(self.directory, 'bin/python3')])

    def test_the_path_that_was_asked_for_is_told_as_it_was_asked_for(self) -> None:
        self.link('bin/python3')
        asked = self.link('opt/my-python')
        self.assertEqual(self.paths(asked), [asked])

    def test_what_merely_looks_like_an_interpreter_is_passed_over(self) -> None:
        self.script('bin/python3.7', 'exit 1')
        self.script('bin/python3.8', 'echo hello')
        self.script('bin/python3.9', 'echo 7')
        self.script('bin/python3.10', 'kill -KILL $$')
        self.script('bin/python3-config', 'echo {}')
        os.mkdir(os.path.join(self.directory, 'bin/python3.12'))
        self.link('bin/python3.13', '/nowhere')
        self.assertEqual(self.paths(), [])

    def test_behind_a_script_the_interpreter_that_it_starts_is_named(self) -> None:
        self.script('bin/python3', 'exec %s "$@"' % sys.executable)
        [path] = self.paths()
        self.assertEqual(os.path.realpath(str(path)), os.path.realpath(sys.executable))

    def test_two_scripts_in_front_of_one_interpreter_are_one(self) -> None:
        for name in ('python3', 'python3.11'):
            self.script('bin/' + name, 'exec %s "$@"' % sys.executable)
        self.assertEqual(len(self.paths()), 1)

    def test_directories_that_are_relative_or_not_there_are_passed_over(self) -> None:
        self.link('bin/python3')
        path = os.pathsep.join(['bin', '', '/nowhere', os.path.join(self.directory, 'bin')])
        self.assertEqual(len(self.paths(path=path)), 1)

    def test_a_relative_path_is_not_looked_at(self) -> None:
        self.assertEqual(self.paths('python3', path='/nowhere'), [])

    def test_an_interpreter_waits_for_nothing_on_its_input(self) -> None:
        self.script('bin/python3', 'cat; exit 1')
        self.assertEqual(self.paths(), [])


if __name__ == '__main__':
    unittest.main()
