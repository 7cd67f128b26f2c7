"""Takes a few of many things away, so that nobody who deploys waits for the removal of thousands; counts the rest."""

import random
from typing import Callable, List, Optional, Sequence

from end.messages import SweptReport, SweptReportKeptItem
from end.refusal import Refusal, from_os_error

# Of those that stay, so many are told with the reason.
_TOLD = 10


class Few:
    """What one request takes away, of one kind of things after the other. The rest is left to the next one."""

    def __init__(self) -> None:
        self._removed = 0
        self._left = 0
        self._kept: List[SweptReportKeptItem] = []

    def take(self, names: Sequence[str], most: int, remove: Callable[[str], Optional[str]]) -> None:
        """Removes at most so many of them. `remove` says why one stays; an OSError or a Refusal says it too.

        As many may fail: a tree that cannot go may cost as much as one that can. So that those do not hold back the
        others for ever, they are taken in another order each time.
        """
        removed = failed = 0
        for name in random.sample(names, len(names)):
            if removed == most or failed == most:
                break
            why = _tried(name, remove)
            if why is None:
                removed += 1
                continue
            failed += 1
            if len(self._kept) < _TOLD:
                self._kept.append({'name': name, 'why': why})
        self._removed += removed
        self._left += len(names) - removed

    def report(self) -> SweptReport:
        return {'removed': self._removed, 'left': self._left, 'kept': self._kept}


def _tried(name: str, remove: Callable[[str], Optional[str]]) -> Optional[str]:
    try:
        return remove(name)
    except FileNotFoundError:
        return None
    except OSError as error:
        return from_os_error(error, f'removing {name}').message
    except Refusal as refusal:
        return refusal.message
