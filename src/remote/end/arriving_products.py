"""What a shared step of a build made on another host, on its way in: checked file by file, in place when it is whole."""

import hashlib
import os
from secrets import token_hex
from typing import Mapping

from end.incoming import WRITE_SIZE
from end.layout import Layout, check_revision_name
from end.messages import ReceiveProductsBody
from end.products import OPEN_DIRECTORY, check_announced, check_share, fresh_home, list_path
from end.records import write_record
from end.refusal import Refusal, from_os_error
from end.removal import remove_tree

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class ArrivingProducts:
    """Takes the bytes of announced files; ends with `finish` or `discard`. Raises Refusal, after which it is discarded.

    They arrive in a directory beside, so that what stands in DEPLOY_PRODUCTS/{share} is whole.
    """

    def __init__(self, layout: Layout, body: ReceiveProductsBody) -> None:
        self._share = check_share(body['share'])
        self._revision = check_revision_name(body['revision'])
        self._products = body['products']
        self._layout = layout
        check_announced(self._products)
        self._next = 0
        self._left = 0
        self._file = -1
        self._digest = hashlib.sha256()
        try:
            self._home = fresh_home(layout, self._revision, self._share)
            self._temporary = os.path.join(self._home, f'.{self._share}.{token_hex(8)}')
            os.mkdir(self._temporary, 0o755)
            self._directory = os.open(self._temporary, OPEN_DIRECTORY)
        except OSError as error:
            raise self._failed(error) from error

    def write(self, chunk: memoryview) -> None:
        rest = chunk
        try:
            while rest:
                if self._file < 0 and not self._open_next():
                    raise Refusal('digest', f'more bytes arrived for {self._share} than were announced')
                taken = os.write(self._file, rest[:min(self._left, WRITE_SIZE)])
                self._digest.update(rest[:taken])
                self._left -= taken
                rest = rest[taken:]
                if self._left == 0:
                    self._close_file()
        except OSError as error:
            self.discard()
            raise self._failed(error) from error
        except Refusal:
            self.discard()
            raise

    def finish(self) -> Mapping[str, object]:
        """Puts the files in their place and on record; answers the request."""
        try:
            if self._file >= 0 or self._open_next():
                raise Refusal('digest', f'{self._products[self._next - 1]["file"]} did not arrive whole')
            os.close(self._directory)
            self._directory = -1
            os.rename(self._temporary, os.path.join(self._home, self._share))
            write_record(list_path(self._layout, self._revision, self._share), self._products, self._layout.incoming)
        except OSError as error:
            self.discard()
            raise self._failed(error) from error
        except Refusal:
            self.discard()
            raise
        return {}

    def discard(self) -> None:
        """Removes what has arrived. Idempotent; does nothing after `finish`."""
        for descriptor in (self._file, self._directory):
            if descriptor >= 0:
                os.close(descriptor)
        self._file = self._directory = -1
        try:
            remove_tree(self._temporary)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise from_os_error(error, f'removing the received part of {self._share}') from error

    def _open_next(self) -> bool:
        """Opens the next file that has a content; False: there is none. Empty ones are made on the way."""
        while self._next < len(self._products):
            product = self._products[self._next]
            self._next += 1
            self._file = os.open(product['file'], _NEW_FILE, 0o644, dir_fd=self._directory)
            self._left = product['bytes']
            self._digest = hashlib.sha256()
            if self._left > 0:
                return True
            self._close_file()
        return False

    def _close_file(self) -> None:
        file, self._file = self._file, -1
        os.close(file)
        product = self._products[self._next - 1]
        found = self._digest.hexdigest()
        if found != product['sha256']:
            raise Refusal('digest', f'{product["file"]} did not arrive as it was announced: its sha256 is {found}')

    def _failed(self, error: OSError) -> Refusal:
        return from_os_error(error, f'receiving {self._share} of {self._revision}')
