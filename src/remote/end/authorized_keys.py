"""`~/.ssh/authorized_keys` of this account: one key comes or goes, everything else stays byte for byte (sshd(8))."""

import base64
import binascii
import fcntl
import os
import re
import stat
import time
from contextlib import contextmanager
from secrets import token_hex
from typing import Iterator, NamedTuple, Optional

from end.messages import AddKeyAnswer, AddKeyBody, RemoveKeyAnswer, RemoveKeyBody
from end.records import sync_directory
from end.refusal import Refusal, from_os_error

# A file that is longer is not one that sshd would read line by line at every login.
_SIZE_LIMIT = 16 << 20

# Another run of ours is done in milliseconds.
_LOCK_TRIES = 100
_BETWEEN_TRIES_S = 0.1


class _Entry(NamedTuple):
    blob: bytes
    # Of a certificate authority: this is not the key that may log in, but one that signs such keys.
    authority: bool


def add_key(body: AddKeyBody) -> AddKeyAnswer:
    """Appends the key, unless a line has it already, with whatever options. Sets the modes that sshd wants."""
    line = ' '.join(filter(None, [body['type'], body['blob'], body['comment']])).encode()
    wanted = parse_line(line)
    if wanted is None or wanted.authority or b'\n' in line or b'\r' in line:
        raise Refusal('invalid', 'this is no line of a public key')
    with _at_work('adding the key') as path:
        content = _read(path)
        was = any(parse_line(one) == wanted for one in content.split(b'\n'))
        if not was:
            gap = b'' if content.endswith(b'\n') or not content else b'\n'
            _write(path, content + gap + line + b'\n')
        _make_private(path, 0o600)
    return {'was': was, 'file': path}


def remove_key(body: RemoveKeyBody) -> RemoveKeyAnswer:
    """Takes away every line with the key. Refuses ('conflict') where no other key would be left."""
    unwanted = parse_line(f'{body["type"]} {body["blob"]}'.encode())
    if unwanted is None:
        raise Refusal('invalid', 'this is no public key')
    if not os.path.isdir(_directory()):
        return {'removed': 0, 'file': os.path.join(_directory(), 'authorized_keys')}
    with _at_work('taking the key away') as path:
        # Not splitlines(), for which a carriage return ends a line too.
        lines = re.findall(rb'[^\n]*\n|[^\n]+', _read(path))
        kept = [line for line in lines if parse_line(line) != unwanted]
        removed = len(lines) - len(kept)
        if removed and not any(parse_line(line) for line in kept):
            raise Refusal('conflict', f'it is the last key in {path}: without it nobody could log in with a key')
        if removed:
            _write(path, b''.join(kept))
    return {'removed': removed, 'file': path}


def parse_line(line: bytes) -> Optional[_Entry]:
    """The key of a line, None where it has none, as sshd reads it (auth2-pubkeyfile.c)."""
    text = line.strip(b' \t\r\n')
    if not text or text.startswith(b'#'):
        return None
    blob = _key_at(text)
    if blob is not None:
        return _Entry(blob, False)
    options = _OPTIONS.match(text)
    if options is None:
        return None
    blob = _key_at(text[options.end():].lstrip(b' \t'))
    names = [name.lower() for name in _OPTION.findall(options.group())]
    return None if blob is None else _Entry(blob, b'cert-authority' in names)


# Options end at the first blank that stands in no quotes; between quotes \" is no end.
_OPTIONS = re.compile(rb'(?:"(?:\\"|[^"])*"|[^ \t"])+')
_KEY = re.compile(rb'([^ \t]+)[ \t]+([^ \t]+)')
_OPTION = re.compile(rb'(?:"(?:\\"|[^"])*"|[^,"])+')


def _key_at(text: bytes) -> Optional[bytes]:
    fields = _KEY.match(text)
    if fields is None:
        return None
    kind, encoded = fields.groups()
    try:
        blob = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    # RFC 4253, 6.6: the type stands in the key too.
    length = int.from_bytes(blob[:4], 'big')
    return blob if blob[4:4 + length] == kind else None


def _directory() -> str:
    return os.path.expanduser('~/.ssh')


@contextmanager
def _at_work(doing: str) -> Iterator[str]:
    """Makes the directory where it is missing, keeps other runs of ours away, and tells the path of the file itself."""
    directory = _directory()
    try:
        try:
            os.mkdir(directory, 0o700)
        except FileExistsError:
            pass
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            # First: whoever else can open it could hold the lock.
            _make_private(directory, 0o700)
            _lock(descriptor)
            yield os.path.realpath(os.path.join(directory, 'authorized_keys'))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise from_os_error(error, doing) from error


def _lock(descriptor: int) -> None:
    for _ in range(_LOCK_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            time.sleep(_BETWEEN_TRIES_S)
    raise Refusal('locked', 'somebody else is at ~/.ssh/authorized_keys for long')


def _read(path: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return b''
    try:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            raise Refusal('not-ours', f'{path} is no file')
        if state.st_uid != os.geteuid():
            raise Refusal('not-ours', f'{path} belongs to another user, who keeps it')
        with os.fdopen(descriptor, 'rb', closefd=False) as file:
            content = file.read(_SIZE_LIMIT + 1)
    finally:
        os.close(descriptor)
    if len(content) > _SIZE_LIMIT:
        raise Refusal('not-ours', f'{path} is too large to be a list of keys')
    return content


def _write(path: str, content: bytes) -> None:
    """Beside it, then in its place: nobody who logs in meanwhile reads half of it."""
    directory = os.path.dirname(path)
    temporary = os.path.join(directory, f'.authorized_keys.{token_hex(8)}.new')
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, 'wb') as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
    sync_directory(directory)


def _make_private(path: str, mode: int) -> None:
    """sshd passes over what others may write (StrictModes); nobody else has to read it either."""
    if stat.S_IMODE(os.stat(path).st_mode) & ~mode:
        os.chmod(path, mode)
