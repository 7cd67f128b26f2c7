import glob
import hashlib
import json
import os
import shutil
import sys
import tempfile
import unittest
import zipfile
from typing import Dict, List

from programs import Ended, make_environment, run


def bundled_pip() -> str:
    """A pip wheel that this interpreter can run, where ensurepip would take it from."""
    import ensurepip

    places = [os.path.join(os.path.dirname(ensurepip.__file__), '_bundled'), '/usr/share/python-wheels']
    wheels = [wheel for place in places for wheel in glob.glob(os.path.join(place, 'pip-*.whl'))]
    return wheels[0]


def write_wheel(path: str, files: Dict[str, str]) -> str:
    with zipfile.ZipFile(path, 'w') as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


class BuildTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = os.path.realpath(directory.name)

    def path(self, *parts: str) -> str:
        return os.path.join(self.directory, *parts)


class UnpackPip(BuildTest):
    def unpack(self, wheel: str) -> Ended:
        return run('unpack_pip', wheel, self.path('products', '.pip-1'))

    def found(self) -> List[str]:
        top = self.path('products', '.pip-1')
        files = [os.path.join(place, name) for place, _, names in os.walk(top) for name in names]
        return sorted(os.path.relpath(file, top) for file in files)

    def sent(self, files: Dict[str, str], sha256: str = '') -> str:
        """A wheel as it was sent, with the list that the remote end puts beside its directory."""
        os.makedirs(self.path('products', 'pip'))
        wheel = write_wheel(self.path('products', 'pip', 'pip-1-py3-none-any.whl'), files)
        with open(wheel, 'rb') as file:
            digest = sha256 or hashlib.sha256(file.read()).hexdigest()
        with open(self.path('products', 'pip.json'), 'w', encoding='utf-8') as target:
            json.dump([{'file': os.path.basename(wheel), 'bytes': 1, 'sha256': digest}], target)
        return wheel

    def test_holds_what_the_wheel_holds_and_nothing_else(self) -> None:
        wheel = write_wheel(self.path('pip.whl'), {'pip/__init__.py': 'X = 1\n', 'pip/__main__.py': ''})
        self.assertEqual(self.unpack(wheel), Ended(0, '', ''))
        self.assertEqual(self.found(), ['pip/__init__.py', 'pip/__main__.py'])
        self.assertEqual(os.stat(self.path('products', '.pip-1')).st_mode & 0o777, 0o755)

    def test_whatever_stood_there_is_gone(self) -> None:
        """Of a build that died, or what somebody put there: a module, a .pth file, bytecode, another RECORD, a link."""
        wheel = write_wheel(self.path('pip.whl'), {'pip/__init__.py': '', 'pip-1.dist-info/RECORD': 'as it was'})
        elsewhere = self.path('elsewhere')
        os.makedirs(elsewhere)
        for change in (
            lambda top: self.write(top, 'json.py'),
            lambda top: self.write(top, 'evil.pth'),
            lambda top: self.write(top, 'pip', '__pycache__', '__init__.cpython-311.pyc'),
            lambda top: self.write(top, 'pip', '__init__.py'),
            lambda top: self.write(top, 'pip-1.dist-info', 'RECORD'),
            lambda top: os.symlink(elsewhere, os.path.join(top, 'pip', 'more')),
            lambda top: (shutil.rmtree(top), os.symlink(elsewhere, top)),
            lambda top: (shutil.rmtree(top), self.write(self.path('products'), '.pip-1')),
        ):
            self.unpack(wheel)
            change(self.path('products', '.pip-1'))
            self.assertEqual(self.unpack(wheel), Ended(0, '', ''))
            self.assertEqual(self.found(), ['pip-1.dist-info/RECORD', 'pip/__init__.py'])
            with open(self.path('products', '.pip-1', 'pip-1.dist-info', 'RECORD'), encoding='utf-8') as file:
                self.assertEqual(file.read(), 'as it was')
            self.assertEqual(os.listdir(elsewhere), [])

    def write(self, *parts: str) -> None:
        path = os.path.join(*parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write('raise SystemExit("not what was unpacked")\n')

    def test_one_that_was_sent_is_the_one_that_was_announced(self) -> None:
        self.assertEqual(self.unpack(self.sent({'pip/__init__.py': ''})), Ended(0, '', ''))
        self.assertEqual(self.found(), ['pip/__init__.py'])

    def test_one_that_is_not_is_not_unpacked(self) -> None:
        ended = self.unpack(self.sent({'pip/__init__.py': ''}, '0' * 64))
        self.assertEqual((ended.code, self.found()), (1, []))
        self.assertIn('is not the wheel that was sent', ended.err)

    def test_a_broken_wheel_fails(self) -> None:
        with open(self.path('pip.whl'), 'w', encoding='utf-8') as file:
            file.write('not a wheel')
        ended = self.unpack(self.path('pip.whl'))
        self.assertEqual(ended.code, 1)
        self.assertIn('BadZipFile', ended.err)


class Install(BuildTest):
    def setUp(self) -> None:
        super().setUp()
        self.revision = self.path('shop-1.0')
        os.mkdir(self.revision)
        self.python = make_environment(os.path.join(self.revision, '.env'))
        self.wheels = self.path('products', 'wheels')
        os.makedirs(self.wheels)

    def install(self, *more: str) -> Ended:
        unpacked = run('unpack_pip', bundled_pip(), self.path('tools', 'pip'))
        self.assertEqual(unpacked.code, 0, unpacked.err)
        pip = self.path('tools', 'pip', 'pip')
        env = {'DEPLOY_RECORD': self.path('record.json'), 'PIP_CONFIG_FILE': '/dev/null', 'HOME': self.directory}
        return run('install', pip, '.env', self.wheels, *more, python=self.python, env=env, cwd=self.revision)

    def announce(self, names: Dict[str, str]) -> None:
        """Writes the list that the remote end puts beside what was shared: file name to SHA-256."""
        with open(self.wheels + '.json', 'w', encoding='utf-8') as target:
            json.dump([{'file': name, 'bytes': 1, 'sha256': digest} for name, digest in names.items()], target)

    def installed(self) -> List[str]:
        return sorted(os.path.basename(path) for path in glob.glob(self.revision + '/.env/lib/*/site-packages/*.py'))

    def recorded(self) -> Dict[str, str]:
        with open(self.path('record.json'), encoding='utf-8') as file:
            return {wheel['file']: wheel['sha256'] for wheel in json.load(file)['wheels']}

    def wheel(self, name: str, requires: str = '', directory: str = '') -> str:
        """Writes a wheel and returns its SHA-256."""
        info = name + '-1.0.dist-info'
        requirement = 'Requires-Dist: %s\n' % requires if requires else ''
        path = os.path.join(directory or self.wheels, name + '-1.0-py3-none-any.whl')
        write_wheel(path, {
            name + '.py': 'X = 1\n',
            info + '/METADATA': 'Metadata-Version: 2.1\nName: %s\nVersion: 1.0\n%s' % (name, requirement),
            info + '/WHEEL': 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
            info + '/RECORD': '%s.py,,\n%s/METADATA,,\n%s/WHEEL,,\n%s/RECORD,,\n' % (name, info, info, info),
        })
        with open(path, 'rb') as file:
            return hashlib.sha256(file.read()).hexdigest()

    def test_installs_exactly_what_was_built_and_describes_it(self) -> None:
        built = {name + '-1.0-py3-none-any.whl': self.wheel(name, 'not-there') for name in ('shop', 'other')}
        ended = self.install()
        self.assertEqual(ended.code, 0, ended.err)
        self.assertEqual((self.recorded(), self.installed()), (built, ['other.py', 'shop.py']))
        with open(self.path('record.json'), encoding='utf-8') as file:
            record = json.load(file)
        self.assertEqual((record['path'], record['executable']), ('.env', '.env/bin/python'))
        self.assertEqual(record['python'], '%d.%d.%d' % sys.version_info[:3])

    def test_takes_the_wheels_of_all_directories(self) -> None:
        locked = self.path('products', 'locked-wheels')
        os.mkdir(locked)
        self.wheel('shop')
        self.wheel('other', directory=locked)
        self.assertEqual(self.install(locked).code, 0)
        self.assertEqual(self.installed(), ['other.py', 'shop.py'])

    def test_where_there_is_a_list_only_what_it_names_is_installed(self) -> None:
        digest = self.wheel('shop')
        self.wheel('slipped_in')
        self.announce({'shop-1.0-py3-none-any.whl': digest})
        ended = self.install()
        self.assertEqual(ended.code, 0, ended.err)
        self.assertEqual(self.installed(), ['shop.py'])
        self.assertEqual(self.recorded(), {'shop-1.0-py3-none-any.whl': digest})

    def test_a_wheel_that_is_not_the_announced_one_is_not_installed(self) -> None:
        self.wheel('shop')
        self.announce({'shop-1.0-py3-none-any.whl': '0' * 64})
        ended = self.install()
        self.assertNotEqual(ended.code, 0)
        self.assertIn('DO NOT MATCH THE HASHES', ended.err)
        self.assertEqual((self.installed(), os.path.exists(self.path('record.json'))), ([], False))

    def test_pip_does_not_stay_in_the_environment_and_nothing_is_compiled_yet(self) -> None:
        self.wheel('shop')
        self.install()
        self.assertEqual(glob.glob(self.revision + '/.env/lib/*/site-packages/pip'), [])
        self.assertEqual(glob.glob(self.revision + '/.env/lib/**/*.pyc', recursive=True), [])

    def test_nothing_that_was_built_is_a_failure(self) -> None:
        ended = self.install()
        self.assertEqual((ended.code, ended.err), (1, 'no wheel was built\n'))

    def test_a_failure_of_pip_is_a_failure_without_a_description(self) -> None:
        with open(os.path.join(self.wheels, 'shop-1.0-py3-none-any.whl'), 'w', encoding='utf-8') as file:
            file.write('not a wheel')
        self.assertNotEqual(self.install().code, 0)
        self.assertFalse(os.path.exists(self.path('record.json')))


if __name__ == '__main__':
    unittest.main()
