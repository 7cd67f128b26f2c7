"""The file in a revision that receives everything the build and the verification printed."""

import os
from typing import Optional

from end.plain_file import open_plain
from end.refusal import from_os_error


class BuildLog:
    """Appends whole lines. That it cannot be written any more (a full disk) stops no build; it is said once."""

    def __init__(self, path: str) -> None:
        try:
            self._descriptor = open_plain(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        except OSError as error:
            raise from_os_error(error, 'opening the build log') from error
        self._broken = False

    def append(self, lines: bytes) -> Optional[str]:
        """Returns the trouble, the first time that there is some."""
        try:
            while lines and not self._broken:
                lines = lines[os.write(self._descriptor, lines):]
        except OSError as error:
            self._broken = True
            return f'the build log is incomplete from here on: {error.strerror}'
        return None

    def close(self) -> None:
        os.close(self._descriptor)
