"""What is started for a step: its program, as it is or through sudo."""

import sys
from importlib.util import find_spec
from typing import Dict, List, Mapping

from end.messages import RunSpec

# Stands for the interpreter of the remote end itself.
OWN_PYTHON = '@python'

# Stands for the program that makes a file of its input.
WRITE_FILE = '@write-file'

# Of a login: whoever sudo changes to has others, and where he has none he is better off without.
_PERSONAL = frozenset([
    'PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS',
])


def command_of(spec: RunSpec, given: Mapping[str, str], env: Mapping[str, str]) -> List[str]:
    """The arguments of execve(2). `env` is all that it will have, `given` what its step gives it."""
    program, *arguments = spec['argv']
    argv = [*_started(program), *arguments]
    return [*_by_sudo(given, env), *argv] if spec['sudo'] else argv


def as_root(*argv: str) -> List[str]:
    """What a program of the remote end's own is started with, to act on what runs as root."""
    return ['sudo', '-n', '--', *argv]


def _by_sudo(given: Mapping[str, str], env: Mapping[str, str]) -> List[str]:
    """sudo(8) begins with a clean environment (`env_reset`). It is told names to let through; values are in no argument."""
    names = sorted(name for name in env if name in given or name not in _PERSONAL)
    return ['sudo', '-n', f'--preserve-env={",".join(names)}', '--']


def _started(program: str) -> List[str]:
    if program == OWN_PYTHON:
        return [sys.executable]
    if program == WRITE_FILE:
        return [sys.executable, '-I', '-S', '-B', '-c', _source('end.write_file')]
    return [program]


_sources: Dict[str, str] = {}


def _source(module: str) -> str:
    """Of a module that can also be run by itself."""
    if module not in _sources:
        spec = find_spec(module)
        text = None if spec is None or spec.loader is None else getattr(spec.loader, 'get_source')(module)
        if text is None:
            raise ValueError(f'{module} is missing from the remote end')
        _sources[module] = text
    return _sources[module]
