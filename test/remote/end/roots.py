"""Roots in temporary folders with hostile names, sdists made on the spot, and a user for whom a seal is one."""

import gzip
import hashlib
import io
import json
import os
import pwd
import subprocess
import sys
import tarfile
import tempfile
import traceback
import unittest
from typing import Callable, Dict, List, Optional, Sequence, Tuple

from end.begin import begin
from end.incoming import Incoming
from end.journal import Journal
from end.layout import Layout
from end.messages import EnvironmentRecord
from end.refusal import Refusal
from end.removal import remove_tree
from end.seal import seal
from end.settle import settle
from end.who import Who

ANA = Who(run='run-1', by='ana', origin='laptop', command='deploy production')

# A folder that breaks every program that builds shell commands, paths or patterns by pasting.
HOSTILE = "a b'\"$(touch x);\n-n *é"

# One member of an sdist: a header, and the content of a file.
Member = Tuple[tarfile.TarInfo, bytes]


def never() -> bool:
    return False


def file(name: str, content: bytes = b'', mode: int = 0o644) -> Member:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    info.mode = mode
    info.mtime = 1_500_000_000
    return info, content


def special(name: str, kind: bytes, linkname: str = '', mode: int = 0o755) -> Member:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = linkname
    info.mode = mode
    return info, b''


def symlink(name: str, text: str) -> Member:
    return special(name, tarfile.SYMTYPE, text)


def tarball(*members: Member) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode='w', format=tarfile.PAX_FORMAT) as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content) if info.isreg() else None)
    # The same bytes whenever it is made: gzip writes the time into its header otherwise.
    return gzip.compress(buffer.getvalue(), mtime=0)


def sdist(name: str = 'shop-1.0', *more: Member) -> bytes:
    project, _, version = name.rpartition('-')
    info = f'Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n\nText'.encode()
    return tarball(file(f'{name}/PKG-INFO', info), file(f'{name}/run.sh', b'#!/bin/sh\n', 0o755), *more)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class RootTest(unittest.TestCase):
    """A test with a settled root below a folder with a hostile name."""

    def setUp(self) -> None:
        self.folder = os.path.realpath(tempfile.mkdtemp())
        self.addCleanup(self._remove_folder)
        # As main sets it; a test runner may have another one.
        self.addCleanup(os.umask, os.umask(0o022))
        self.layout = Layout(os.path.join(self.folder, HOSTILE, 'root'))
        settle(self.layout, 'shop')
        self.journal = Journal(self.layout, ANA)

    def _remove_folder(self) -> None:
        try:
            remove_tree(self.folder)
        except Refusal:
            # A test made it deeper than that.
            subprocess.run(['rm', '-rf', self.folder], check=True)

    def refused(self, code: str, function: Callable[..., object], *arguments: object) -> Refusal:
        """Calls something that must refuse with this code."""
        with self.assertRaises(Refusal) as caught:
            function(*arguments)
        self.assertEqual(caught.exception.code, code, caught.exception.message)
        return caught.exception

    def receive(self, name: str, content: bytes) -> None:
        incoming = Incoming(self.layout, name, sha256(content), len(content))
        incoming.write(content)
        incoming.finish()

    def begin(self, name: str = 'shop-1.0', content: Optional[bytes] = None) -> str:
        """Begins a revision and returns the sha256 of its sdist."""
        content = sdist(name) if content is None else content
        self.receive(name, content)
        begin(self.layout, self.journal, {'revision': name, 'sha256': sha256(content), 'keepFailed': False}, never)
        return sha256(content)

    def build(self, name: str, python: str = '%d.%d.0' % sys.version_info[:2], executable: str = sys.executable) -> None:
        """Writes what the build of an environment would write."""
        record: EnvironmentRecord = {
            'path': '.env', 'executable': executable, 'python': python, 'platform': 'linux',
            'wheels': [{'file': 'shop-1.0-py3-none-any.whl', 'sha256': '0' * 64}],
        }
        with open(self.layout.record(name), 'w') as target:
            json.dump(record, target)

    def seal(self, name: str = 'shop-1.0', content: Optional[bytes] = None) -> str:
        """Begins and seals a revision; returns its tree digest."""
        return self.seal_begun(name, self.begin(name, content))

    def seal_begun(self, name: str, digest: str, shared: Sequence[str] = ()) -> str:
        return seal(self.layout, self.journal, {
            'revision': name,
            'project': name.rpartition('-')[0],
            'version': name.rpartition('-')[2],
            'sha256': digest,
            'sourceDigest': '1' * 64,
            'shared': list(shared),
            'verification': [{'step': 'verify/1', 'title': 'pip check', 'result': 'ok', 'durationMs': 12}],
            'builders': [{'share': 'wheels', 'host': 's1', 'stage': 'staging', 'run': 'run-0', 'atMs': 7}],
            'tool': 'stage-deploy 0.1.0',
        })

    def half_remove(self, name: str) -> None:
        """Leaves a sealed revision as a removal does that was cut off early."""
        os.chmod(self.path(name), 0o755)
        os.unlink(self.layout.manifest(name))

    def switch(self, stage: str, to: str, kind: str = 'deploy', identity: str = '', end: Optional[str] = 'kept') -> None:
        """Journals a switch as it is journaled when it is armed, fired and ended; the link is set too."""
        identity = identity or f'{stage}-{to}-{kind}-{len(self.journal.latest(10_000))}'
        link = self.layout.link(stage)
        before = os.readlink(link) if os.path.lexists(link) else None
        self.journal.append('intent', **{
            'id': identity, 'kind': kind, 'stage': stage, 'from': before, 'to': to,
            'hosts': ['web1'], 'except': [], 'atMs': 1, 'sha256': '2' * 64,
        })
        if before is not None:
            os.unlink(link)
        os.symlink(to, link)
        if end is not None:
            self.journal.append(end, id=identity, stage=stage)

    def make_deep(self, path: str, depth: int) -> None:
        """Makes directories so deep that no path reaches the last one."""
        directory = os.open(path, os.O_RDONLY)
        for _ in range(depth):
            os.mkdir('d', dir_fd=directory)
            deeper = os.open('d', os.O_RDONLY, dir_fd=directory)
            os.close(directory)
            directory = deeper
        os.close(directory)

    def whats(self) -> List[object]:
        return [entry['what'] for entry in self.journal.latest(10_000)]

    def path(self, *parts: str) -> str:
        return os.path.join(self.layout.root, *parts)


def snapshot(top: str) -> Dict[str, Tuple[int, int, int, bytes]]:
    """Everything below a folder, with modes, times and contents: to see that not one byte changed."""
    found: Dict[str, Tuple[int, int, int, bytes]] = {}
    for directory, names, files in os.walk(top):
        for name in [*names, *files, '.']:
            path = os.path.join(directory, name)
            status = os.lstat(path)
            content = b''
            if os.path.islink(path):
                content = os.fsencode(os.readlink(path))
            elif os.path.isfile(path):
                with open(path, 'rb') as source:
                    content = source.read()
            found[path] = (status.st_mode, status.st_mtime_ns, status.st_ino, content)
    return found


def as_ordinary_user(folder: str, test: Callable[[], None], *, own: bool = True) -> None:
    """Runs a test in a child process that is not root, for whom modes mean something; `folder` becomes its own, where it is to be."""
    if os.geteuid() != 0:
        test()
        return
    nobody = pwd.getpwnam('nobody')
    for directory, names, files in os.walk(folder) if own else ():
        for name in [*names, *files, '.']:
            os.lchown(os.path.join(directory, name), nobody.pw_uid, nobody.pw_gid)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            test()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    _, code = os.waitpid(child, 0)
    if code != 0:
        raise AssertionError('the test failed as an ordinary user, see above')
