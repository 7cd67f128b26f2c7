import os
import shutil
import subprocess
import sys
from typing import List, Set

from end.processes import revisions_in_use
from roots import RootTest


class InUse(RootTest):
    def in_use_while(self, argv: List[str], cwd: str) -> Set[str]:
        process = subprocess.Popen([*argv], cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            assert process.stdout is not None
            process.stdout.readline()
            return revisions_in_use(self.layout)
        finally:
            process.communicate()

    def setUp(self) -> None:
        super().setUp()
        for name in ('shop-1.0', 'shop-1.1', 'shop-1.2'):
            os.mkdir(self.path(name))

    def test_nothing_runs_in_a_new_root(self) -> None:
        self.assertEqual(revisions_in_use(self.layout), set())

    def test_a_program_a_working_directory_and_arguments_tell(self) -> None:
        program = self.path('shop-1.0', 'program')
        shutil.copy('/bin/sh', program)
        script = 'echo; read x'
        self.assertEqual(
            self.in_use_while([program, '-c', script, '--config=' + self.path('shop-1.1', 'x')], self.path('shop-1.2')),
            {'shop-1.0', 'shop-1.1', 'shop-1.2'},
        )

    def test_a_mapped_file_tells(self) -> None:
        mapped = self.path('shop-1.0', 'extension.so')
        with open(mapped, 'w') as file:
            file.write('x' * 4096)
        script = 'import mmap, time; m = mmap.mmap(0, 0, access=mmap.ACCESS_READ); print(flush=True); time.sleep(60)'
        with open(mapped) as file:
            process = subprocess.Popen([sys.executable, '-c', script], stdin=file, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        in_use = revisions_in_use(self.layout)
        process.kill()
        process.communicate()
        self.assertEqual(in_use, {'shop-1.0'})

    def test_a_root_reached_over_a_link_is_known_by_both_its_names(self) -> None:
        os.symlink(self.layout.root, os.path.join(self.folder, 'way'))
        self.layout.root = os.path.join(self.folder, 'way')
        self.assertEqual(self.in_use_while(['sh', '-c', 'echo; read x'], self.path('shop-1.0')), {'shop-1.0'})
        self.assertEqual(self.in_use_while(['sh', '-c', 'echo; read x', self.path('shop-1.1/x')], '/'), {'shop-1.1'})
