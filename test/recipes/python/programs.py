"""What the tests of the host programs share: running them as a host does, and environments to run them in."""

import os
import subprocess
import sys
import sysconfig
from typing import Dict, Mapping, NamedTuple, Sequence

RECIPES = os.path.join(os.path.dirname(__file__), '..', '..', '..', 'recipes')
PROGRAMS = os.path.join(RECIPES, 'python')


def text_of(recipe: str, *parts: str) -> str:
    """The text of a program as `host-program.ts` of its recipe puts it together: what opens files goes before it."""
    texts = []
    for path in ['plain-file/plain_file', *(recipe + '/' + part for part in parts)]:
        with open(os.path.join(RECIPES, path + '.py'), encoding='utf-8') as file:
            texts.append(file.read())
    return '\n'.join(texts)


def source_of(name: str) -> str:
    return text_of('python', name)


class Ended(NamedTuple):
    code: int
    out: str
    err: str


def run(name: str, *args: str, python: str = sys.executable, env: Mapping[str, str] = {}, cwd: str = '/') -> Ended:
    """Runs a host program as a step does: its text as an argument, isolated, with a clean environment."""
    done = subprocess.run(
        [python, '-I', '-c', source_of(name), *args],
        cwd=cwd,
        env={'PATH': '/usr/bin:/bin', **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        timeout=120,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def make_environment(path: str) -> str:
    """Makes an environment without pip and returns its interpreter."""
    subprocess.run([sys.executable, '-I', '-m', 'venv', '--without-pip', path], check=True)
    return os.path.join(path, 'bin', 'python')


def site_packages(environment: str) -> str:
    return sysconfig.get_path('purelib', 'posix_prefix', {'base': environment, 'platbase': environment})


def install(environment: str, name: str, files: Dict[str, str], scripts: Sequence[str] = ()) -> None:
    """Puts files and their record where an installer would have: a distribution without a build."""
    place = site_packages(environment)
    info = '%s-1.0.dist-info' % name
    texts = {
        **files,
        info + '/METADATA': 'Metadata-Version: 2.1\nName: %s\nVersion: 1.0\n' % name,
        info + '/entry_points.txt': '[console_scripts]\n' + ''.join(script + '\n' for script in scripts),
    }
    texts[info + '/RECORD'] = ''.join(path + ',,\n' for path in [*texts, info + '/RECORD'])
    for path, text in texts.items():
        target = os.path.join(place, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, 'w', encoding='utf-8') as file:
            file.write(text)
