"""The name of an environment, what an application says of itself there, and how that is compared."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from typing import Dict, NamedTuple

from programs import RECIPES, install, make_environment

PROJECT = os.path.join(RECIPES, '..', 'test', 'e2e', 'support', 'stagetools-project')


class Ended(NamedTuple):
    code: int
    out: str
    err: str


def source_of(name: str) -> str:
    with open(os.path.join(RECIPES, 'stagetools', name + '.py'), encoding='utf-8') as file:
        return file.read()


def framework() -> str:
    with open(os.path.join(PROJECT, 'stagetools', 'utils.py'), encoding='utf-8') as file:
        return file.read()


class Stagetools(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.revision = os.path.realpath(directory.name)

    def run_program(self, name: str, told: Dict[str, object]) -> Ended:
        done = subprocess.run(
            [sys.executable, '-I', '-c', source_of(name), json.dumps(told)],
            cwd=self.revision, env={'PATH': '/usr/bin:/bin'}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, universal_newlines=True, timeout=120, check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def make(self, *names: str, files: Dict[str, str] = {}) -> None:
        environment = os.path.join(self.revision, '.env')
        make_environment(environment)
        install(environment, 'stagetools', {'stagetools/__init__.py': '', 'stagetools/utils.py': framework(), **files})
        self.assertEqual(self.run_program('names', {'environment': '.env', 'names': names}).code, 0)

    def compare(self, name: str, expected: Dict[str, object], system: str = 'stagetools.utils:get_actual_system_from_name',
                **told: object) -> Ended:
        ask = {'program': source_of('ask'), 'told': {'system': system, 'core': told.pop('core', {})}}
        base = os.path.join(self.revision, name)
        return self.run_program('compare', {'name': name, 'base': base, 'environment': '.env', 'ask': ask,
                                            'expected': expected, 'needed': ['name'], **told})

    def test_one_environment_is_several_systems(self) -> None:
        self.make('shop_p', 'shop_i2')
        self.assertEqual(os.readlink(os.path.join(self.revision, 'shop_p')), '.env')
        first = self.compare('shop_p', {'name': 'shop_p', 'stage': 0, 'is_debug': False})
        self.assertEqual((first.code, first.err), (0, ''))
        second = self.compare('shop_i2', {'name': 'shop_i2', 'stage_name': 'i2', 'stage': 2, 'is_debug': True,
                                          'base_dir': self.revision + '/shop_i2'})
        self.assertEqual((second.code, second.err), (0, ''))
        self.assertIn('in 5 attributes: class i', second.out)

    def test_what_differs_is_shown_in_a_table(self) -> None:
        self.make('shop_p')
        ended = self.compare('shop_p', {'name': 'shop_p', 'stage': 1, 'core_repo': 'backend'})
        self.assertEqual(ended.code, 1)
        self.assertEqual(ended.err.splitlines()[:3], [
            'attribute  expected  the application says',
            'stage      1         0',
            'core_repo  backend   shop',
        ])

    def test_no_number_passes_for_a_truth_value(self) -> None:
        self.make('shop_p')
        self.assertIn('is_debug   0         false', self.compare('shop_p', {'name': 'shop_p', 'is_debug': 0}).err)

    def test_only_what_is_needed_has_to_be_there(self) -> None:
        self.make('shop_p')
        self.assertEqual(self.compare('shop_p', {'name': 'shop_p', 'services': 'x'}).code, 0)
        ended = self.compare('shop_p', {'services': 'x'}, needed=['services'])
        self.assertIn('services   x         (nothing)', ended.err)

    def test_the_core_is_passed_on_and_a_system_that_is_there_is_taken_as_it_is(self) -> None:
        self.make('shop_p', files={'setup.py': 'from stagetools.utils import *\nprint("noise")\nSYSTEM = '
                                               'get_actual_system_from_name(core_repo="backend")\n'})
        wanted = {'name': 'shop_p', 'core_repo': 'backend', 'core_app': 'backend'}
        self.assertEqual(self.compare('shop_p', wanted, core={'core_repo': 'backend'}).code, 0)
        self.assertEqual(self.compare('shop_p', wanted, system='setup:SYSTEM').code, 0)

    def test_an_application_that_cannot_say_is_shown_with_its_own_words(self) -> None:
        self.make('shop_x')
        ended = self.compare('shop_x', {'name': 'shop_x'})
        self.assertEqual(ended.code, 1)
        self.assertIn("KeyError: 'x'", ended.err)
        self.assertIn('shop_x: the application could not say which system it is', ended.err)

    def test_a_name_that_is_missing_or_leads_elsewhere_is_said(self) -> None:
        self.make('shop_p')
        self.assertIn('shop_q: this revision was built without that name', self.compare('shop_q', {}).err)
        os.symlink('/usr', os.path.join(self.revision, 'shop_q'))
        self.assertIn('leads to /usr, and not to .env', self.compare('shop_q', {}).err)

    def test_nothing_of_the_project_is_written_over(self) -> None:
        self.make()
        with open(os.path.join(self.revision, 'shop_p'), 'w', encoding='utf-8') as file:
            file.write('mine')
        ended = self.run_program('names', {'environment': '.env', 'names': ['shop_q', 'shop_p']})
        self.assertEqual(ended.code, 1)
        self.assertIn('the sdist itself has shop_p', ended.err)
        self.assertFalse(os.path.lexists(os.path.join(self.revision, 'shop_q')))

    def test_without_an_environment_there_is_nothing_to_name(self) -> None:
        self.assertIn('there is no environment .env',
                      self.run_program('names', {'environment': '.env', 'names': ['shop_p']}).err)

    def test_sys_prefix_is_the_name_by_which_python_was_started(self) -> None:
        self.make('shop_p')
        outside = self.revision + '-production'
        os.symlink(self.revision, outside)
        self.addCleanup(os.unlink, outside)
        for base in [self.revision + '/shop_p', outside + '/shop_p', self.revision + '/.env']:
            said = subprocess.check_output([base + '/bin/python', '-c', 'import sys; print(sys.prefix)'])
            self.assertEqual(said.decode().strip(), base)

    def test_host_programs_run_on_every_python_that_a_host_may_have(self) -> None:
        import ast
        for name in ['account', 'ask', 'compare', 'names']:
            ast.parse(source_of(name), name, feature_version=(3, 8))


if __name__ == '__main__':
    unittest.main()
