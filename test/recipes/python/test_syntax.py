import ast
import glob
import os
import unittest

from programs import PROGRAMS, RECIPES, source_of


class Syntax(unittest.TestCase):
    def test_host_programs_run_on_every_python_that_a_host_may_have(self) -> None:
        names = sorted(os.path.basename(path)[:-3] for path in glob.glob(PROGRAMS + '/*.py'))
        self.assertEqual(names, ['discover', 'guarded_pip', 'install', 'installed', 'make_environment', 'unpack_pip'])
        for name in names:
            ast.parse(source_of(name), name, feature_version=(3, 8))

    def test_so_do_those_of_the_service(self) -> None:
        paths = glob.glob(os.path.join(RECIPES, 'service', '*.py'))
        self.assertEqual(len(paths), 8)
        for path in paths:
            with open(path, encoding='utf-8') as file:
                ast.parse(file.read(), path, feature_version=(3, 8))


if __name__ == '__main__':
    unittest.main()
