import os
import sys
import tempfile
import unittest

from programs import Ended, run


class MakeEnvironmentTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.revision = os.path.realpath(directory.name)

    def path(self, *parts: str) -> str:
        return os.path.join(self.revision, *parts)

    def make(self, environment: str = '.env') -> Ended:
        arguments = ['--without-pip', '--prompt', 'shop-1.0', self.path(environment)]
        return run('make_environment', environment, *arguments, cwd=self.revision)

    def test_makes_an_environment_with_the_name_of_the_revision(self) -> None:
        for environment in ('.env', 'a/b'):
            self.assertEqual(self.make(environment), Ended(0, '', ''))
            self.assertTrue(os.access(self.path(environment, 'bin', 'python'), os.X_OK))
            with open(self.path(environment, 'pyvenv.cfg'), encoding='utf-8') as settings:
                self.assertIn('shop-1.0', settings.read())

    def test_what_is_there_already_is_left_and_refused(self) -> None:
        os.mkdir(self.path('shop'))
        ways = {
            'file': lambda path: open(path, 'w').close(),
            'directory': os.mkdir,
            'link': lambda path: os.symlink('shop', path),
            'dangling': lambda path: os.symlink('nowhere', path),
        }
        for name, put in ways.items():
            put(self.path(name))
            made = self.make(name)
            self.assertEqual((made.code, made.out), (1, ''))
            self.assertIn('%s is there already: leave it out of the sdist' % name, made.err)
        self.assertEqual(os.listdir(self.path('directory')) + os.listdir(self.path('shop')), [])

    def test_nothing_is_made_through_a_link_or_a_file(self) -> None:
        os.mkdir(self.path('shop'))
        os.symlink('shop', self.path('link'))
        open(self.path('file'), 'w').close()
        for name in ('link', 'file'):
            made = self.make(name + '/b')
            self.assertEqual(made.code, 1)
            self.assertIn(name + ' is there already', made.err)
        self.assertEqual(os.listdir(self.path('shop')), [])

    def test_no_pth_of_an_sdist_ever_runs(self) -> None:
        canary = self.path('canary')
        packages = self.path('.env', 'lib', 'python%d.%d' % sys.version_info[:2], 'site-packages')
        os.makedirs(packages)
        with open(os.path.join(packages, 'x.pth'), 'w', encoding='utf-8') as hook:
            hook.write('import os; open(%r, "w").close()\n' % canary)
        self.assertEqual(self.make().code, 1)
        self.assertFalse(os.path.exists(canary))
        self.assertFalse(os.path.exists(self.path('.env', 'bin')))


if __name__ == '__main__':
    unittest.main()
