import ast
import glob
import os
import unittest

from programs import PROGRAMS, source_of


class Syntax(unittest.TestCase):
    def test_host_programs_run_on_every_python_that_a_host_may_have(self) -> None:
        names = sorted(os.path.basename(path)[:-3] for path in glob.glob(PROGRAMS + '/*.py'))
        self.assertEqual(names, ['discover', 'install', 'installed', 'unpack_pip'])
        for name in names:
            ast.parse(source_of(name), name, feature_version=(3, 8))


if __name__ == '__main__':
    unittest.main()
