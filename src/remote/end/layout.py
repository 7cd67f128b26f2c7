"""Where everything stands in a root (DESIGN 3), and which names may stand there."""

import os
import re

from end.refusal import Refusal

# A revision is `{Name}-{version}`: what PyPI allows in a name, plus `+` and `!` of PEP 440 (local version, epoch).
_REVISION_NAME = re.compile(r'[A-Za-z0-9][A-Za-z0-9._+!-]*')
_STAGE_NAME = re.compile(r'[a-z][a-z0-9_-]*')

# A name grows into `{name}.record.json.{token}.new` in incoming/, and NAME_MAX is 255 bytes (limits.h(0P)).
_NAME_LIMIT = 200

# Directories of the root that are neither a revision nor a link of a stage.
_RESERVED = frozenset(['shared'])

# Entries of a revision that are written by the remote end itself.
_RECORDS = frozenset(['.revision.json', '.build.log'])


class Layout:
    """Every path of one root. Only names: nothing here looks at the disk."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.records = os.path.join(root, '.stage')
        self.locks = os.path.join(self.records, 'locks')
        self.journal = os.path.join(self.records, 'journal.jsonl')
        self.rejected = os.path.join(self.records, 'rejected')
        self.frozen = os.path.join(self.records, 'frozen')
        self.sdists = os.path.join(self.records, 'sdists')
        self.trees = os.path.join(self.records, 'trees')
        self.tools = os.path.join(self.records, 'tools')
        self.incoming = os.path.join(self.records, 'incoming')
        self.checkpoint = os.path.join(self.records, 'checkpoint.json')
        self.root_file = os.path.join(self.records, 'root.json')

    def revision(self, name: str) -> str:
        return os.path.join(self.root, name)

    def link(self, stage: str) -> str:
        return os.path.join(self.root, stage)

    def lock(self, name: str) -> str:
        return os.path.join(self.locks, name)

    def manifest(self, name: str) -> str:
        return os.path.join(self.root, name, '.revision.json')

    def build_log(self, name: str) -> str:
        return os.path.join(self.root, name, '.build.log')

    def sdist(self, name: str) -> str:
        return os.path.join(self.sdists, name + '.tar.gz')

    def tree(self, name: str) -> str:
        """What was in a revision when it was sealed."""
        return os.path.join(self.trees, name)

    def rejection(self, name: str) -> str:
        return os.path.join(self.rejected, name + '.json')

    def freeze(self, stage: str) -> str:
        return os.path.join(self.frozen, stage + '.json')

    def shared(self, path: str) -> str:
        return os.path.join(self.root, 'shared', path)

    def record(self, name: str) -> str:
        """DEPLOY_RECORD: where a build step writes what it made."""
        return os.path.join(self.incoming, name + '.record.json')

    def products(self, name: str) -> str:
        """DEPLOY_PRODUCTS: what shared steps of a build leave for other hosts, or bring from one."""
        return os.path.join(self.incoming, name + '.products')


def is_revision_name(text: str) -> bool:
    return len(text) <= _NAME_LIMIT and text not in _RESERVED and _REVISION_NAME.fullmatch(text) is not None


def is_stage_name(text: str) -> bool:
    return len(text) <= _NAME_LIMIT and text not in _RESERVED and _STAGE_NAME.fullmatch(text) is not None


def check_revision_name(text: str) -> str:
    """The name itself, or a refusal: a revision name becomes a directory of the root, so it must be nothing else."""
    if not is_revision_name(text):
        raise Refusal('invalid', f'{text!r} is no name of a revision')
    return text


def check_stage_name(text: str) -> str:
    """The name itself, or a refusal: a stage name becomes a link of the root."""
    if not is_stage_name(text):
        raise Refusal('invalid', f'{text!r} is no name of a stage')
    return text


def check_shared_path(text: str) -> str:
    """The path itself, or a refusal: it stands below `{root}/shared` and, as a link, below a revision."""
    parts = text.split('/')
    if '\0' in text or not set(parts).isdisjoint(['', '.', '..']) or parts[0] in _RECORDS:
        raise Refusal('invalid', f'{text!r} is no path of what revisions share')
    return text


def check_root(text: str) -> str:
    """The root itself, or a refusal. A root is absolute, not `/`, and spelt without `.` and `..`."""
    path = text.rstrip('/')
    if not path.startswith('/') or path.startswith('//') or '\0' in path or os.path.normpath(path) != path:
        raise Refusal('invalid', f'{text!r} is no root: an absolute path without . and .. is needed')
    return path
