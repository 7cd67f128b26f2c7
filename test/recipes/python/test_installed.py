import glob
import os
import shutil
import tempfile
import unittest
from typing import Dict, Sequence

from programs import Ended, install, make_environment, run, site_packages


class InstalledTest(unittest.TestCase):
    """One environment for all; every test empties it."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.environment = tempfile.mkdtemp()
        cls.python = make_environment(cls.environment)

    @classmethod
    def tearDownClass(cls) -> None:
        shutil.rmtree(cls.environment)

    def tearDown(self) -> None:
        place = site_packages(self.environment)
        shutil.rmtree(place)
        os.mkdir(place)

    def install(self, name: str, files: Dict[str, str], scripts: Sequence[str] = ()) -> None:
        install(self.environment, name, files, scripts)

    def look(self, what: str, project: str = 'shop') -> Ended:
        return run('installed', what, project, python=self.python)


class Compile(InstalledTest):
    def test_compiles_everything_that_is_installed(self) -> None:
        self.install('shop', {'shop/__init__.py': 'X = 1\n'})
        self.install('other', {'other.py': ''})
        self.assertEqual(self.look('compile').code, 0)
        compiled = glob.glob(site_packages(self.environment) + '/**/*.pyc', recursive=True)
        self.assertEqual(sorted(os.path.basename(path).split('.')[0] for path in compiled), ['__init__', 'other'])

    def test_a_file_of_the_project_that_does_not_compile_rejects(self) -> None:
        self.install('shop', {'shop/__init__.py': '', 'shop/broken.py': 'def'})
        ended = self.look('compile')
        self.assertEqual(ended.code, 1)
        self.assertRegex(ended.err, r'failed: \S+/shop/broken\.py does not compile')

    def test_a_file_of_a_dependency_is_a_warning(self) -> None:
        self.install('shop', {'shop/__init__.py': ''})
        self.install('other', {'other/template.py': '{{ name }} = '})
        ended = self.look('compile')
        self.assertEqual(ended.code, 0)
        self.assertRegex(ended.err, r'warning: \S+/other/template\.py does not compile')

    def test_what_could_be_compiled_is_compiled_all_the_same(self) -> None:
        self.install('shop', {'shop/a.py': 'def', 'shop/b.py': ''})
        self.look('compile')
        self.assertEqual(len(glob.glob(site_packages(self.environment) + '/shop/__pycache__/b.*.pyc')), 1)


class Imports(InstalledTest):
    def test_imports_packages_and_modules(self) -> None:
        mark = 'print("imported " + __name__)\n'
        self.install('shop', {'shop/__init__.py': mark, 'shop/inner/__init__.py': mark, 'shop_cli.py': mark})
        ended = self.look('imports')
        self.assertEqual((ended.code, ended.out.split('\n')[:-1]), (0, ['imported shop', 'imported shop_cli']))

    def test_finds_packages_inside_of_namespace_packages(self) -> None:
        self.install('shop', {'acme/shop/__init__.py': 'print(__name__)', 'acme/shop/x/__init__.py': ''})
        self.assertEqual(self.look('imports').out, 'acme.shop\n')

    def test_passes_over_what_is_no_module(self) -> None:
        self.install('shop', {'shop/__init__.py': '', '../../../bin/shop': '', 'not-a-module.py': '1/0', 'data.txt': ''})
        self.assertEqual(self.look('imports').code, 0)

    def test_an_import_that_fails_rejects_and_hides_no_other(self) -> None:
        self.install('shop', {'a.py': 'import missing', 'b.py': 'raise SystemExit(0)', 'c.py': 'print("c")'})
        ended = self.look('imports')
        self.assertEqual((ended.code, ended.out), (1, 'c\n'))
        failed = [line for line in ended.err.split('\n') if line.startswith('failed: ')]
        self.assertEqual(failed, ['failed: import a', 'failed: import b'])
        self.assertIn('ModuleNotFoundError', ended.err)

    def test_loads_console_scripts(self) -> None:
        self.install('shop', {'shop.py': 'def main(): pass\n'}, ['good = shop:main', 'bad = shop:gone'])
        ended = self.look('imports')
        self.assertEqual(ended.code, 1)
        self.assertIn('failed: script bad = shop:gone', ended.err)
        self.assertNotIn('good', ended.err)

    def test_passes_over_scripts_of_extras(self) -> None:
        self.install('shop', {'shop.py': ''}, ['web = shop.web:main [web]'])
        self.assertEqual(self.look('imports').code, 0)

    def test_is_about_the_project_and_not_about_what_it_needs(self) -> None:
        self.install('shop', {'shop.py': ''})
        self.install('other', {'other.py': '1/0'})
        self.assertEqual(self.look('imports').code, 0)


class Names(InstalledTest):
    def test_a_project_is_found_by_any_spelling_of_its_name(self) -> None:
        self.install('My.Shop', {'my_shop.py': 'print("found")'})
        for spelling in ('My.Shop', 'my-shop', 'MY_SHOP', 'my.-shop'):
            self.assertEqual(self.look('imports', spelling).out, 'found\n', spelling)

    def test_a_project_that_is_not_installed_is_said(self) -> None:
        ended = self.look('imports')
        self.assertEqual(ended.code, 1)
        self.assertIn('shop is not installed in', ended.err)


if __name__ == '__main__':
    unittest.main()
