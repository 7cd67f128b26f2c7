"""How a program ended, in the words of the message table."""

import signal
from typing import Literal, Optional

from end.messages import Ended

Kind = Literal['exited', 'signalled', 'timed-out', 'cancelled', 'unstarted']


def of_status(status: int, duration_ms: int) -> Ended:
    """From what wait(2) said, as subprocess gives it: killed by signal N is -N."""
    if status < 0:
        return _ended('signalled', duration_ms, signal_name=signal_name(-status))
    return _ended('exited', duration_ms, code=status)


def timed_out(reason: str, duration_ms: int = 0) -> Ended:
    return _ended('timed-out', duration_ms, reason=reason)


def cancelled(reason: str, duration_ms: int = 0) -> Ended:
    return _ended('cancelled', duration_ms, reason=reason)


def unstarted(reason: str) -> Ended:
    return _ended('unstarted', 0, reason=reason)


def failure_of(ended: Ended) -> Optional[str]:
    """Why this is no success, None where it is one. Only an exit with status 0 is."""
    if ended['kind'] == 'exited':
        return None if ended['code'] == 0 else f'exit status {ended["code"]}'
    if ended['kind'] == 'signalled':
        return f'killed by {ended["signal"]}'
    return ended['reason'] or ended['kind']


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f'signal {number}'


def _ended(
    kind: Kind,
    duration_ms: int,
    code: Optional[int] = None,
    signal_name: Optional[str] = None,
    reason: Optional[str] = None,
) -> Ended:
    return {'kind': kind, 'code': code, 'signal': signal_name, 'reason': reason, 'durationMs': duration_ms}
