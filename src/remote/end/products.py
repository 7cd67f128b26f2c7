"""What a shared step of a build leaves for other hosts, on the host that makes it (docs/decisions/0006)."""

import hashlib
import os
import re
import stat
from typing import Callable, Generator, List, Set, cast

from end.conform import nonconformity
from end.layout import Layout, check_revision_name
from end.messages import BeginProductsBody, FetchProductsBody, ListProductsBody, Product
from end.plain_file import open_plain
from end.records import read_record, write_record
from end.refusal import Refusal, from_os_error
from end.removal import remove_tree

# Becomes a directory beside the lists of the others, `{share}.json`.
_SHARE_NAME = re.compile('[a-z][a-z0-9-]{0,63}')

# A name that no program takes for an option, a hidden file or a path; wheels have such names (PEP 427).
_FILE_NAME = re.compile('[A-Za-z0-9_][A-Za-z0-9._+!-]{0,199}')
_SHA256 = re.compile('[0-9a-f]{64}')

# As much as the runner takes (src/artifact/product.ts): the list has to fit into one frame, the files onto its disk.
_FILES_LIMIT = 2000
_BYTES_LIMIT = 16 << 30

_CHUNK = 256 << 10
OPEN_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def begin_products(layout: Layout, body: BeginProductsBody) -> None:
    """Makes the directory that the step fills, in place of what was there. The caller holds the revision's lock."""
    share = check_share(body['share'])
    revision = check_revision_name(body['revision'])
    try:
        os.mkdir(os.path.join(fresh_home(layout, revision, share), share), 0o755)
    except OSError as error:
        raise from_os_error(error, f'making room for what {share} of {revision} makes') from error


def list_products(layout: Layout, body: ListProductsBody, cancelled: Callable[[], bool]) -> List[Product]:
    """What the step left, by name, and puts that on record beside it for the steps that follow.

    Refused ('invalid') is whatever could not be given to another host as it is: a directory, a link, an odd name.
    """
    share = check_share(body['share'])
    revision = check_revision_name(body['revision'])
    try:
        directory = _open_directory(layout, revision, share)
        try:
            products = [_read_product(directory, name, share, cancelled) for name in sorted(os.listdir(directory))]
        finally:
            os.close(directory)
        if not products:
            raise Refusal('invalid', f'the step left nothing in DEPLOY_PRODUCTS/{share}')
        _check_amount(products)
        write_record(list_path(layout, revision, share), products, layout.incoming)
    except OSError as error:
        raise from_os_error(error, f'reading what {share} of {revision} made') from error
    return products


def sent_products(layout: Layout, body: FetchProductsBody) -> Generator[bytes, None, None]:
    """The bytes of what was listed last, one file after the other. Refuses ('io') what is not as it was listed."""
    share = check_share(body['share'])
    revision = check_revision_name(body['revision'])
    try:
        products = _listed(layout, revision, share)
        directory = _open_directory(layout, revision, share)
        try:
            for product in products:
                yield from _content_of(directory, product)
        finally:
            os.close(directory)
    except OSError as error:
        raise from_os_error(error, f'sending what {share} of {revision} made') from error


def remove_products(layout: Layout, revision: str) -> bool:
    """Removes what shared steps left for a revision; tells whether there was anything. Raises OSError."""
    home = layout.products(revision)
    try:
        is_directory = stat.S_ISDIR(os.lstat(home).st_mode)
    except FileNotFoundError:
        return False
    if is_directory:
        remove_tree(home)
    else:
        os.unlink(home)
    return True


def fresh_home(layout: Layout, revision: str, share: str) -> str:
    """The directory of all products of a revision, with nothing in it of this share."""
    home = layout.products(revision)
    try:
        os.mkdir(home, 0o755)
    except FileExistsError:
        # Not through a link: what the steps of a build leave is theirs.
        os.close(os.open(home, OPEN_DIRECTORY))
    try:
        remove_tree(os.path.join(home, share))
    except FileNotFoundError:
        pass
    try:
        os.unlink(list_path(layout, revision, share))
    except FileNotFoundError:
        pass
    return home


def list_path(layout: Layout, revision: str, share: str) -> str:
    """Where the list of a share stands: it names the files that following steps may use, with their sha256."""
    return os.path.join(layout.products(revision), share + '.json')


def _open_directory(layout: Layout, revision: str, share: str) -> int:
    home = os.open(layout.products(revision), OPEN_DIRECTORY)
    try:
        return os.open(share, OPEN_DIRECTORY, dir_fd=home)
    finally:
        os.close(home)


def _read_product(directory: int, name: str, share: str, cancelled: Callable[[], bool]) -> Product:
    if _FILE_NAME.fullmatch(name) is None:
        raise Refusal('invalid', f'the step left {name!r} in DEPLOY_PRODUCTS/{share}: no plain name of a file')
    found = os.stat(name, dir_fd=directory, follow_symlinks=False)
    if not stat.S_ISREG(found.st_mode):
        raise Refusal('invalid', f'the step left {name} in DEPLOY_PRODUCTS/{share}, which is no plain file')
    digest = hashlib.sha256()
    size = 0
    with os.fdopen(open_plain(name, dir_fd=directory), 'rb', buffering=0) as file:
        for chunk in iter(lambda: file.read(_CHUNK), b''):
            if cancelled():
                raise Refusal('cancelled', 'cancelled by the runner')
            digest.update(chunk)
            size += len(chunk)
    return {'file': name, 'bytes': size, 'sha256': digest.hexdigest()}


def _content_of(directory: int, product: Product) -> Generator[bytes, None, None]:
    left = product['bytes']
    with os.fdopen(open_plain(product['file'], dir_fd=directory), 'rb', buffering=0) as file:
        for chunk in iter(lambda: file.read(_CHUNK), b''):
            left -= len(chunk)
            if left >= 0:
                yield chunk
    if left != 0:
        raise Refusal('io', f'{product["file"]} changed while it was sent')


def _listed(layout: Layout, revision: str, share: str) -> List[Product]:
    try:
        value = read_record(list_path(layout, revision, share))
    except ValueError as error:
        raise Refusal('io', f'the list of what {share} made is damaged: {error}') from error
    if nonconformity(value, List[Product]) is not None:
        raise Refusal('io', f'there is no list of what {share} of {revision} made')
    return cast(List[Product], value)


def check_announced(products: List[Product]) -> None:
    """Refuses names that are no plain file names, that come twice, and more than can be kept."""
    seen: Set[str] = set()
    for product in products:
        name = product['file']
        if _FILE_NAME.fullmatch(name) is None or name in seen or _SHA256.fullmatch(product['sha256']) is None:
            raise Refusal('invalid', f'{name[:200]!r} is no file that can be received')
        seen.add(name)
    _check_amount(products)


def _check_amount(products: List[Product]) -> None:
    size = sum(product['bytes'] for product in products)
    if len(products) > _FILES_LIMIT or size > _BYTES_LIMIT:
        raise Refusal('invalid', f'{len(products)} files of {size} bytes are more than can be shared between hosts')


def check_share(text: str) -> str:
    """The name itself, or a refusal: it becomes a directory."""
    if _SHARE_NAME.fullmatch(text) is None:
        raise Refusal('invalid', f'{text!r} is no name of what a step shares')
    return text
