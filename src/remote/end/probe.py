"""Asks a URL on the host until the answer is as expected. Waits, so it runs in a thread of its own."""

import http.client
import socket
import ssl
import threading
import time
from typing import Optional
from urllib.parse import urlsplit

from end import ended
from end.answer import fault_in
from end.messages import Ended, ProbeAnswer, ProbeSpec

# What is searched for a text; an answer that is longer is not a health check.
_BODY_LIMIT = 1 << 20

# What a socket can wait for at most: poll(2) has an int of milliseconds, and so has every timer of a runner.
_LONGEST_S = ((1 << 31) - 1) / 1000

# An interval of nothing would keep a core busy.
_SHORTEST_INTERVAL_S = 0.01


class Probe:
    """No proxy, no redirection followed, certificates checked: this host is asked, and must answer itself."""

    def __init__(self, spec: ProbeSpec) -> None:
        self._spec = spec
        self._cancelled = threading.Event()
        self._socket: Optional[socket.socket] = None
        self._was_cut = False
        self._since = time.monotonic()
        self._attempts = 0
        # What was heard last, as far as it was not as expected.
        self._last: Optional[str] = None

    def cancel(self) -> None:
        """From any thread. An attempt under way is cut, unless it is still looking up a name."""
        self._cancelled.set()
        self._cut()

    def run(self) -> ProbeAnswer:
        self._since = time.monotonic()
        until = self._since + self.limit_s
        while True:
            self._attempts += 1
            seconds = max(min(_seconds(self._spec['attemptMs']), until - time.monotonic()), _SHORTEST_INTERVAL_S)
            try:
                why_not = self._attempt(seconds)
            except (ValueError, http.client.InvalidURL) as error:
                return {'ended': ended.unstarted(f'the request makes no sense: {error}'), 'attempts': 0, 'detail': ''}
            if why_not is not None and self._last is not None and self._was_cut and time.monotonic() >= until:
                # The limit of all cut this one short: what was heard before says more.
                why_not = self._last
            self._last = why_not
            how = self._ended(why_not, until)
            if how is not None:
                return {'ended': how, 'attempts': self._attempts, 'detail': why_not or 'as expected'}
            self._cancelled.wait(self._interval_s())

    def given_up(self) -> ProbeAnswer:
        """The answer while `run` does not return, though it is over or cancelled: nothing can cut off the look-up of a name."""
        why_not = self._last or 'no answer: the look-up of its name does not end'
        return {'ended': self._over(why_not), 'attempts': self._attempts, 'detail': why_not}

    @property
    def limit_s(self) -> float:
        return _seconds(self._spec['timeoutMs'])

    def _interval_s(self) -> float:
        return max(_seconds(self._spec['intervalMs']), _SHORTEST_INTERVAL_S)

    def _ended(self, why_not: Optional[str], until: float) -> Optional[Ended]:
        """None: ask again."""
        if not self._cancelled.is_set():
            if why_not is None:
                return ended.of_status(0, self._duration_ms())
            if time.monotonic() + self._interval_s() < until:
                return None
        return self._over(why_not)

    def _over(self, why_not: Optional[str]) -> Ended:
        if self._cancelled.is_set():
            return ended.cancelled('cancelled by the runner', self._duration_ms())
        return ended.timed_out(f'not as expected after {self.limit_s:g} s: {why_not}', self._duration_ms())

    def _duration_ms(self) -> int:
        return round((time.monotonic() - self._since) * 1000)

    def _attempt(self, seconds: float) -> Optional[str]:
        """Why the answer is not as expected, None where it is. Raises ValueError for what cannot be asked at all."""
        connection = self._connection(seconds)
        until = time.monotonic() + seconds
        # The time-out of a socket begins anew with every byte; this one does not.
        deadline = threading.Timer(seconds, self._cut)
        deadline.daemon = True
        self._was_cut = False
        try:
            deadline.start()
            connection.connect()
            self._socket = connection.sock
            connection.request('GET', _target(self._spec['url']), headers=self._spec['headers'])
            response = connection.getresponse()
            body = response.read(_BODY_LIMIT)
            left = max(until - time.monotonic(), _SHORTEST_INTERVAL_S)
            return fault_in(self._spec, response.status, response.headers, body, left)
        except http.client.InvalidURL:
            raise
        except socket.timeout:
            self._was_cut = True
            return f'no answer within {seconds:g} s'
        except (OSError, http.client.HTTPException) as error:
            if self._was_cut:
                return f'no answer within {seconds:g} s'
            return f'no answer: {error or type(error).__name__}'
        finally:
            deadline.cancel()
            self._socket = None
            connection.close()

    def _connection(self, seconds: float) -> http.client.HTTPConnection:
        url = urlsplit(self._spec['url'])
        if url.scheme not in ('http', 'https') or not url.hostname:
            raise ValueError(f'{self._spec["url"]} is no http or https URL')
        path = self._spec['socket']
        if path is not None:
            return _UnixConnection(path, url.hostname, seconds, tls=url.scheme == 'https')
        if url.scheme == 'https':
            return http.client.HTTPSConnection(
                url.hostname, url.port, timeout=seconds, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(url.hostname, url.port, timeout=seconds)

    def _cut(self) -> None:
        self._was_cut = True
        connected = self._socket
        try:
            if connected is not None:
                connected.shutdown(socket.SHUT_RDWR)
        except OSError:
            # Closed already, by the other side or by us.
            pass


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket; the URL gives the Host header and the name that a certificate must have."""

    def __init__(self, path: str, host: str, seconds: float, *, tls: bool) -> None:
        super().__init__(host, timeout=seconds)
        self._path = path
        self._seconds = seconds
        self._tls = tls

    def connect(self) -> None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(self._seconds)
        try:
            connection.connect(self._path)
        except OSError:
            connection.close()
            raise
        context = ssl.create_default_context() if self._tls else None
        self.sock = connection if context is None else context.wrap_socket(connection, server_hostname=self.host)


def _seconds(milliseconds: int) -> float:
    return min(milliseconds / 1000, _LONGEST_S)


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or '/') + (f'?{parts.query}' if parts.query else '')
