"""The start of the remote end on a host: serves its modules to `import` from memory, then runs `end.main`.

This is no module of the package. It is the tail of the bundle, which the bootstrap executes as `__main__`:

    SOURCES = {"__init__.py": "…", "main.py": "…", …}     the files of this directory, as one JSON literal
    <the text of this file>

JSON's strings, as JSON.stringify writes them, mean the same in Python.

The bootstrap has read exactly the bytes of the bundle: everything after them in standard input is frames.
"""

import sys
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import CodeType
from typing import Dict, Optional, Sequence

SOURCES: Dict[str, str]

PACKAGE = 'end'


class Bundle(MetaPathFinder, InspectLoader):
    """Finds the modules of the package `end` in a table of sources; `get_source` lets tracebacks show them."""

    def __init__(self, sources: Dict[str, str]) -> None:
        self._sources = sources

    def find_spec(
        self, fullname: str, path: Optional[Sequence[object]], target: object = None
    ) -> Optional[ModuleSpec]:
        if _file_of(fullname) not in self._sources:
            return None
        return spec_from_loader(fullname, self, origin=f'{PACKAGE}/{_file_of(fullname)}')

    def is_package(self, fullname: str) -> bool:
        return fullname == PACKAGE

    def get_source(self, fullname: str) -> str:
        return self._sources[_file_of(fullname)]

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_source(fullname), f'{PACKAGE}/{_file_of(fullname)}')


def _file_of(fullname: str) -> str:
    """`end.loop` is `loop.py`. A name outside the package becomes one that no source has."""
    package, _, name = fullname.partition('.')
    if package != PACKAGE:
        return ''
    return f'{name}.py' if name else '__init__.py'


if __name__ == '__main__':
    sys.meta_path.insert(0, Bundle(SOURCES))
    from end.main import main

    main(nonce=sys.argv[2])
