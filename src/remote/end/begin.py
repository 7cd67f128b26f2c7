"""Begins a revision: on the record first, then its directory, then the sdist's tree in it."""

import hashlib
import os
import re
from typing import Callable

from end.archive import unpack
from end.identity import identity, identity_of
from end.incoming import check_wanted
from end.journal import Journal
from end.layout import Layout, check_revision_name
from end.messages import UnpackAnswer, UnpackBody
from end.plain_file import open_plain
from end.products import remove_products
from end.records import sync_directory
from end.refusal import Refusal, from_os_error

# The core metadata specification (PyPA), "Name".
_NAME = re.compile('[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?')

# As much as the runner reads: the long description, which is a README, may stand among the headers.
_PKG_INFO_SIZE = 4 << 20


def begin(layout: Layout, journal: Journal, body: UnpackBody, cancelled: Callable[[], bool]) -> UnpackAnswer:
    """Unpacks the received sdist into the new directory of a revision. The caller holds the revision's lock.

    The journal knows of the directory before it exists, so whatever a crash leaves can be told from what
    was not made here. After a refusal from the unpacking the directory is left for `abandon`.
    """
    name = check_revision_name(body['revision'])
    check_wanted(layout, name, body['sha256'])
    path = layout.revision(name)
    if os.path.lexists(path):
        if name in journal.history().made:
            raise Refusal('conflict', f'{path} is left of a build that did not end: it must be abandoned first')
        raise Refusal('not-ours', f'{path} was not made by stage-deploy: it is left alone')
    try:
        _check_sdist(layout, name, body['sha256'])
        journal.append('build', revision=name, sha256=body['sha256'])
        # Of a build that a crash ended before the journal knew of it.
        remove_products(layout, name)
        os.mkdir(path, 0o755)
        sync_directory(layout.root)
    except OSError as error:
        raise from_os_error(error, f'beginning {name}') from error
    unpacked = unpack(layout.sdist(name), path, cancelled)
    if unpacked.sha256 != body['sha256']:
        raise Refusal('digest', f'the stored sdist of {name} was changed while it was unpacked', sha256=unpacked.sha256)
    _check_name(path, name)
    return {'sourceDigest': unpacked.source_digest, 'files': unpacked.files, 'bytes': unpacked.bytes}


def _check_sdist(layout: Layout, name: str, sha256: str) -> None:
    digest = hashlib.sha256()
    try:
        with os.fdopen(open_plain(layout.sdist(name)), 'rb') as file:
            for chunk in iter(lambda: file.read(1 << 20), b''):
                digest.update(chunk)
    except FileNotFoundError as error:
        raise Refusal('digest', f'no sdist of {name} was received') from error
    if digest.hexdigest() != sha256:
        raise Refusal('digest', f'the stored sdist of {name} is another one: send it again', sha256=digest.hexdigest())


def _check_name(path: str, revision: str) -> None:
    """The runner named the revision; that it is the one inside, however it is spelt there, is looked at again where it
    counts.
    """
    # Here, because it takes longer to load than all of the remote end, and most connections build nothing.
    from email.parser import HeaderParser

    with os.fdopen(open_plain(os.path.join(path, 'PKG-INFO')), 'rb') as file:
        text = file.read(_PKG_INFO_SIZE).decode('utf-8', 'replace')
    headers = HeaderParser().parsestr(text.lstrip('\ufeff'))
    names = [name.strip() for name in headers.get_all('Name', [])]
    versions = [version.strip() for version in headers.get_all('Version', [])]
    if len(names) != 1 or _NAME.fullmatch(names[0]) is None:
        raise Refusal('archive', 'the sdist is refused: its PKG-INFO gives no valid Name')
    if len(versions) != 1:
        raise Refusal('archive', 'the sdist is refused: its PKG-INFO gives no Version')
    if identity(names[0], versions[0]) != identity_of(revision):
        raise Refusal('archive', f'the sdist is refused: it is {names[0]} {versions[0]!r}, not {revision}')
