"""The host's readers for a fuzzer: one question a line, one answer a line, both JSON. What is asked stands in host.ts.

    host.py SRC FOLDER MEGABYTES

SRC is the directory that holds the package `end`; FOLDER is empty and ours; more memory than MEGABYTES is not to be had.

The root stands deep in FOLDER, between canaries: files, links and directories beside and above it. Whatever is done, they
must stay as they are, and so must the root when a revision was abandoned again.
"""

import base64
import fcntl
import json
import os
import resource
import sys
import time
import traceback
from typing import Any, Callable, Dict, List, Optional

sys.path[:0] = [sys.argv[1], os.path.dirname(__file__)]

from email.parser import HeaderParser  # noqa: E402

from canaries import check_inside, plant, snapshot  # noqa: E402

from end import begin as begin_module  # noqa: E402
from end.adopted import find_left  # noqa: E402
from end.begin import begin  # noqa: E402
from end.fit_answer import fit_answer  # noqa: E402
from end.freeze import check_not_frozen  # noqa: E402
from end.jobs import JOBS  # noqa: E402
from end.journal import Journal  # noqa: E402
from end.layout import Layout  # noqa: E402
from end.messages import ANSWERS, ObserveBody  # noqa: E402
from end.observe import observe  # noqa: E402
from end.prune import why_needed  # noqa: E402
from end.refusal import Refusal  # noqa: E402
from end.revisions import standing  # noqa: E402
from end.seal import environment_record  # noqa: E402
from end.settle import settle  # noqa: E402
from end.tree import digest_of, read_tree  # noqa: E402
from end.verdict import abandon  # noqa: E402
from end.who import Who  # noqa: E402

Json = Dict[str, Any]

ROOT = 'a/b/c/d/e/root'
REVISION = 'shop-1.0'
WHO = Who(run='run-1', by='ana', origin='laptop', command='deploy staging')

# Where wheels of the system's own pip lie (Debian: python3-pip-whl); it brings the reference for versions along.
WHEELS = '/usr/share/python-wheels'

# Waiting for a disk would be all that is measured.
os.fsync = lambda descriptor: None


class Host:
    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.layout = Layout(os.path.join(folder, ROOT))
        settle(self.layout, 'shop')
        above = folder
        for part in ['', *ROOT.split('/')]:
            above = os.path.join(above, part)
            if above != self.layout.root:
                plant(above)
        self.clean = snapshot(folder)

    def begin(self, question: Json) -> Json:
        """Unpacks an sdist as a revision, tells what is there then, and takes it away again."""
        name, sha256 = question['revision'], question['sha256']
        os.link(question['file'], self.layout.sdist(name))
        since = time.monotonic()
        try:
            answer = told(lambda: self.unpacked(name, sha256))
            seconds = time.monotonic() - since
        finally:
            # What one case leaves behind must not look like a fault of the next.
            abandon(self.layout, self.journal, name)
            remove(self.layout.sdist(name))
            remove(self.layout.journal)
        return {**answer, 'changed': self.changed(), 'seconds': seconds}

    def unpacked(self, name: str, sha256: str) -> Json:
        answer = begin(self.layout, self.journal, {'revision': name, 'sha256': sha256}, lambda: False)
        top = self.layout.revision(name)
        entries = read_tree(top, lambda directory, name, descriptor: None)
        if digest_of(entries) != answer['sourceDigest']:
            raise AssertionError('the digest is not that of the tree')
        for entry in entries:
            check_inside(top, entry.path)
        return {
            'files': answer['files'],
            'bytes': answer['bytes'],
            'tree': [[text(each.path), text(each.kind), text(each.content)] for each in entries],
        }

    def changed(self) -> List[str]:
        """What is not as it was before, but for the times of directories: they are written to on purpose."""
        now = snapshot(self.folder)
        paths = sorted(path for path in {*self.clean, *now} if self.clean.get(path) != now.get(path))
        return [text(path) for path in paths[:10]]

    def headers(self, question: Json) -> Json:
        """PKG-INFO as Python's own parser reads it, and whether the host takes it for the revision's."""
        content = base64.b64decode(question['content'])
        path = os.path.join(self.folder, 'PKG-INFO')
        with open(path, 'wb') as file:
            file.write(content)
        accepts = told(lambda: begin_module._check_name(self.folder, question['revision']))
        os.unlink(path)
        parsed = HeaderParser().parsestr(content.decode('utf-8', 'replace').lstrip('\ufeff'), headersonly=True)
        return {**accepts, 'headers': {name: parsed.get_all(name) or [] for name in question['names']}}

    def versions(self, question: Json) -> Json:
        """Each as packaging spells it, None for what is none, and the order of the ones that are."""
        from pip._vendor.packaging.version import InvalidVersion, Version

        found: List[Optional[Version]] = []
        for each in question['versions']:
            try:
                found.append(Version(each))
            except InvalidVersion:
                found.append(None)
        orders = [
            [0 if one is None or other is None else (one > other) - (one < other) for other in found] for one in found
        ]
        return {'ok': {'normal': [None if each is None else str(each) for each in found], 'orders': orders}}

    @property
    def journal(self) -> Journal:
        """That of a connection which has read nothing yet: the file is another one for each question."""
        return Journal(self.layout, WHO)

    def journalled(self, question: Json) -> Json:
        """What the host tells with this journal, and who else reads it."""
        write(self.layout.journal, base64.b64decode(question['content']))
        try:
            return told(lambda: {
                **self.look(question),
                'journal': JOBS['journal'](self.session(), {'limit': question['limit']}, lambda: False),
                'left': [find_left(self.journal, id) is not None for id in question['ids']],
                'needed': why_needed(self.layout, self.journal.history()),
            })
        finally:
            os.unlink(self.layout.journal)

    def recorded(self, question: Json) -> Json:
        """What the host tells with this content in the place of one record, and what it would do because of it."""
        path = os.path.join(self.layout.root, question['path'])
        directory = os.path.dirname(path)
        is_new = not os.path.isdir(directory)
        if is_new:
            os.mkdir(directory)
        before = read(path)
        write(path, base64.b64decode(question['content']))
        # The text of a lock is believed only while somebody holds it.
        with open(path, 'rb') as held:
            if directory == self.layout.locks:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            answer = told(lambda: self.look(question))
            acts = [told(act) for act in (
                lambda: standing(self.layout, REVISION)['revision'],
                lambda: settle(self.layout, 'shop')['project'],
                lambda: environment_record(self.layout, REVISION),
                lambda: check_not_frozen(self.layout, 'staging'),
            )]
        os.unlink(path)
        if before is not None:
            write(path, before)
        if is_new:
            os.rmdir(directory)
        return {**answer, 'acts': acts}

    def look(self, question: Json) -> Json:
        body: ObserveBody = {'stages': ['staging'], 'check': [], 'shared': [], 'programs': [], 'facts': []}
        return {'observe': fit_answer(observe(self.layout, self.journal, body, os.environ, lambda: False), ANSWERS['observe'])}

    def session(self) -> Any:
        class Session:
            journal = self.journal
        return Session


def told(ask: Callable[[], object]) -> Json:
    """An answer, a refusal as it would be sent, or a bug."""
    try:
        return {'ok': ask()}
    except Refusal as refusal:
        return {'refused': {'code': refusal.code, 'message': refusal.message, 'detail': refusal.detail}}


def read(path: str) -> Optional[bytes]:
    try:
        with open(path, 'rb') as file:
            return file.read()
    except FileNotFoundError:
        return None


def remove(path: str) -> None:
    if os.path.lexists(path):
        os.unlink(path)


def write(path: str, content: bytes) -> None:
    with open(path, 'wb') as file:
        file.write(content)


def text(content: bytes) -> str:
    """Bytes as characters of the same number."""
    return content.decode('latin-1')


def main() -> None:
    limit = int(sys.argv[3]) << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    sys.path += [os.path.join(WHEELS, name) for name in os.listdir(WHEELS)] if os.path.isdir(WHEELS) else []
    os.umask(0o022)
    host = Host(sys.argv[2])
    asked = {
        'begin': host.begin, 'headers': host.headers, 'versions': host.versions,
        'journalled': host.journalled, 'recorded': host.recorded,
    }
    for line in sys.stdin:
        question = json.loads(line)
        try:
            answer = asked[question['ask']](question)
        except Exception:
            answer = {'bug': traceback.format_exc()}
        print(json.dumps(answer), flush=True)


main()
