"""The one exception by which the remote end says no: a code that is tested, a message that is read."""

import errno
from typing import Dict

from end.closed import who_refused
from end.messages import RefusalCode

_CODES_OF_ERRNO: Dict[int, RefusalCode] = {
    errno.ENOSPC: 'no-space',
    errno.EDQUOT: 'no-space',
    errno.EACCES: 'permission',
    errno.EPERM: 'permission',
    errno.EROFS: 'read-only',
}


class Refusal(Exception):
    """A request that was refused or that failed. `detail` is JSON: what a program needs to know beyond the code."""

    def __init__(self, code: RefusalCode, message: str, **detail: object) -> None:
        super().__init__(message)
        self.code: RefusalCode = code
        self.message = message
        self.detail: Dict[str, object] = detail


def from_os_error(error: OSError, doing: str) -> Refusal:
    """What the system refused while `doing` (a verb phrase: 'sealing shop-1.0'), with the code a plan can act on."""
    code = _CODES_OF_ERRNO.get(error.errno or 0, 'io')
    reason = error.strerror or str(error)
    refused = who_refused(error)
    named = '' if error.filename is None else f' ({_printable(error.filename)})'
    where = named if refused is None else f': {_printable(refused)}'
    detail: Dict[str, object] = {'errno': errno.errorcode.get(error.errno or 0, 'unknown')}
    if error.filename is not None:
        detail['path'] = _printable(error.filename)
    return Refusal(code, f'{doing}: {reason}{where}', **detail)


def _printable(path: object) -> str:
    """A path as text that fits into a message whatever its bytes are."""
    text = path.decode('utf-8', 'surrogateescape') if isinstance(path, bytes) else str(path)
    return ''.join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
