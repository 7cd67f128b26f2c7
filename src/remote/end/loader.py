"""The start of the remote end on a host: serves its modules to `import` from memory, then runs `end.main`.

This is no module of the package. It is the tail of the bundle, which the bootstrap executes as `__main__`:

    SOURCES = {"__init__.py": "…", "main.py": "…", …}     the files of this directory, as one JSON literal
    <the text of this file>

JSON's strings, as JSON.stringify writes them, mean the same in Python.

The bootstrap has read exactly the bytes of the bundle: everything after them in standard input is frames.
"""

import gc
import sys
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Dict, Optional, Sequence

if TYPE_CHECKING:
    from importlib.abc import Loader
else:
    Loader = object

SOURCES: Dict[str, str]

PACKAGE = 'end'


class Bundle(Loader):
    """Finds the modules of the package `end` in a table of sources; `get_source` lets tracebacks show them.

    A finder and a loader as `import` calls them, not derived from those of importlib.abc: that would load pathlib, tempfile
    and urllib, a tenth of all that the remote end needs to start.
    """

    def __init__(self, sources: Dict[str, str]) -> None:
        self._sources = sources

    def find_spec(
        self, fullname: str, path: Optional[Sequence[object]], target: object = None
    ) -> Optional[ModuleSpec]:
        if _file_of(fullname) not in self._sources:
            return None
        origin = f'{PACKAGE}/{_file_of(fullname)}'
        return ModuleSpec(fullname, self, origin=origin, is_package=fullname == PACKAGE)

    def create_module(self, spec: ModuleSpec) -> Optional[ModuleType]:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.get_code(module.__name__), module.__dict__)

    def get_source(self, fullname: str) -> str:
        return self._sources[_file_of(fullname)]

    def get_code(self, fullname: str) -> CodeType:
        file = f'{PACKAGE}/{_file_of(fullname)}'
        code: CodeType = compile(self.get_source(fullname), file, 'exec', dont_inherit=True)
        return code


def _file_of(fullname: str) -> str:
    """`end.loop` is `loop.py`. A name outside the package becomes one that no source has."""
    package, _, name = fullname.partition('.')
    if package != PACKAGE:
        return ''
    return f'{name}.py' if name else '__init__.py'


if __name__ == '__main__':
    sys.meta_path.insert(0, Bundle(SOURCES))
    # What is loaded stays: to look for garbage in it, again and again while it grows, would find none.
    gc.disable()
    from end.main import main

    gc.enable()

    main(nonce=sys.argv[2])
