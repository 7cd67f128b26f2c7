"""A runner for tests: starts the real remote end as a process of its own and speaks with it over pipes."""

import json
import os
import select
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from typing import Any, Callable, Dict, List, Mapping, Optional

import end
from end.wire import data_frame, message_frame
from roots import RootTest, sdist, sha256

Json = Dict[str, Any]

NONCE = '0123456789abcdef0123456789abcdef'

# Nothing here takes nearly as long: a test that would hang fails instead.
PATIENCE_S = 30.0

# Reads exactly as many bytes as it is told, as the contract demands.
_BOOTSTRAP = (
    'import os,sys,zlib;n=int(sys.argv[1]);b=bytearray();'
    'list(map(b.extend,iter(lambda:os.read(0,n-len(b)),bytes())));exec(zlib.decompress(b))'
)

HOLDER: Json = {
    'run': 'run-1', 'by': 'ana', 'from': 'laptop', 'pid': 4711, 'command': 'deploy production', 'sinceMs': 1_700_000_000_000,
}

# Of a probe that looks at nothing but the status and, maybe, for a text.
ANY_ANSWER: Json = {'matches': [], 'json': {}, 'answerHeaders': {}}


class Refused(Exception):
    def __init__(self, error: Json) -> None:
        super().__init__(f'{error["code"]}: {error["message"]}')
        self.code: str = error['code']
        self.message: str = error['message']
        self.detail: Json = error['detail']


class Runner:
    """One connection. Nothing is read from it but while something is waited for."""

    def __init__(
        self, environ: Optional[Mapping[str, str]] = None, instead: Optional[Mapping[str, str]] = None
    ) -> None:
        """`instead`: modules whose source is another one, to see what a bug in them does."""
        program = _bundle(instead or {})
        self._errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [sys.executable, '-I', '-S', '-B', '-X', 'utf8', '-c', _BOOTSTRAP, str(len(program)), NONCE],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, bufsize=0,
            env=None if environ is None else dict(environ),
        )
        self._latest = 0
        self._unread = b''
        self._answers: Dict[int, Json] = {}
        self._data: Dict[int, bytes] = {}
        self._output: Dict[int, Dict[int, bytes]] = {}
        # Every frame but data, in order: ('answer', id) or ('output', id).
        self.order: List[object] = []
        self.send(program)
        self.greeting = self._read_greeting()

    def open(self, root: str, **changes: object) -> Json:
        """The first request, with a heartbeat that no test waits for."""
        body: Json = {
            'protocol': 1, 'root': root, 'project': 'shop', 'host': 'web1', 'heartbeatMs': 60_000,
            'forwardAgent': False, 'holder': HOLDER,
        }
        return self.call('open', {**body, **changes})

    def ask(self, name: str, body: Optional[object] = None) -> int:
        """Sends a request and returns its id."""
        self._latest += 1
        self.send(message_frame({'id': self._latest, 'do': name, 'with': {} if body is None else body}))
        return self._latest

    def call(self, name: str, body: Optional[object] = None) -> Json:
        return self.answer(self.ask(name, body))

    def refusal(self, name: str, body: Optional[object] = None) -> str:
        """The code with which a request is refused."""
        try:
            answer = self.call(name, body)
        except Refused as refused:
            return refused.code
        raise AssertionError(f'{name} was not refused but answered {answer}')

    def answer(self, id: int) -> Json:
        self.read_until(lambda: id in self._answers)
        answer = self._answers[id]
        if 'error' in answer:
            raise Refused(answer['error'])
        ok: Json = answer['ok']
        return ok

    def answered(self, id: int) -> bool:
        return id in self._answers

    def output(self, id: int, stream: int) -> bytes:
        """What has arrived of a program's output."""
        return self._output.get(id, {}).get(stream, b'')

    def data(self, id: int) -> bytes:
        return self._data.get(id, b'')

    def send(self, content: bytes) -> None:
        assert self.process.stdin is not None
        rest = memoryview(content)
        while rest:
            rest = rest[self.process.stdin.write(rest) or 0:]

    def send_data(self, id: int, content: bytes) -> None:
        for start in range(0, len(content), 100_000):
            self.send(data_frame(id, content[start:start + 100_000]))
        self.send(data_frame(id, b''))

    def lose(self) -> None:
        """What the death of the runner looks like on the host."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def ended(self) -> int:
        """Waits for the end of the process without reading; its exit status."""
        return self.process.wait(PATIENCE_S)

    def errors(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode()

    def stop(self) -> None:
        """Lets it end in order, so that no program of a test outlives it."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdout, self._errors):
            if stream is not None:
                stream.close()

    def read_until(self, done: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE_S
        while not done():
            piece = self._read(until)
            if not piece:
                raise AssertionError(f'the remote end ended, with status {self.process.wait(1)}: {self.errors()}')
            self._unread += piece
            self._take_frames()

    def read_to_end(self) -> bytes:
        """Everything that comes until standard output is closed."""
        everything = b''
        until = time.monotonic() + PATIENCE_S
        while True:
            piece = self._read(until)
            if not piece:
                return everything
            everything += piece

    def _read(self, until: float) -> bytes:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise AssertionError(f'nothing came within {PATIENCE_S} s: {self.errors()}')
        return self.process.stdout.read(1 << 16)

    def _read_greeting(self) -> bytes:
        self.read_until(lambda: b'\n' in self._unread)
        greeting, _, self._unread = self._unread.partition(b'\n')
        self._greeted = True
        self._take_frames()
        return greeting

    _greeted = False

    def _take_frames(self) -> None:
        while self._greeted and len(self._unread) >= 5:
            length = struct.unpack_from('>I', self._unread)[0]
            if len(self._unread) < 4 + length:
                return
            kind, payload = self._unread[4:5], self._unread[5:4 + length]
            self._unread = self._unread[4 + length:]
            self._take(kind, payload)

    def _take(self, kind: bytes, payload: bytes) -> None:
        if kind == b'J':
            answer: Json = json.loads(payload)
            assert answer['id'] not in self._answers, f'a second answer: {answer}'
            self._answers[answer['id']] = answer
            self.order.append(('answer', answer['id']))
            return
        id = struct.unpack_from('>I', payload)[0]
        assert id not in self._answers, f'a frame after the answer to request {id}'
        if kind == b'D':
            self._data[id] = self._data.get(id, b'') + payload[4:]
            return
        assert kind == b'O' and payload.endswith(b'\n'), payload[:100]
        streams = self._output.setdefault(id, {})
        streams[payload[4]] = streams.get(payload[4], b'') + payload[5:]
        self.order.append(('output', id))


class RemoteEndTest(RootTest):
    """A test with a settled root and a remote end that is connected to it."""

    def setUp(self) -> None:
        super().setUp()
        self.runner = self.connect()

    def connect(self, environ: Optional[Mapping[str, str]] = None, **changes: object) -> Runner:
        runner = self.start(environ)
        runner.open(self.layout.root, **changes)
        return runner

    def start(
        self, environ: Optional[Mapping[str, str]] = None, instead: Optional[Mapping[str, str]] = None
    ) -> Runner:
        runner = Runner(environ, instead)
        self.addCleanup(runner.stop)
        return runner

    def spec(self, *argv: str, **changes: object) -> Json:
        spec: Json = {
            'step': 'a-step', 'argv': list(argv), 'env': {}, 'secret': [], 'cwd': self.layout.root, 'timeoutMs': 30_000,
            'sudo': False, 'input': None, 'build': None,
        }
        return {**spec, **changes}

    def python(self, code: str, **changes: object) -> Json:
        return self.spec('@python', '-c', code, **changes)

    def ask_run(self, spec: Json, undo_of: Optional[str] = None, runner: Optional[Runner] = None) -> int:
        return (runner or self.runner).ask('run', {'spec': spec, 'undoOf': undo_of})

    def run_step(self, spec: Json, undo_of: Optional[str] = None) -> Json:
        return self.runner.answer(self.ask_run(spec, undo_of))

    def lock(self, name: str, mode: str = 'exclusive', runner: Optional[Runner] = None) -> Json:
        return (runner or self.runner).call('lock', {'name': name, 'mode': mode})

    def link_text(self, stage: str = 'production') -> Optional[str]:
        path = self.layout.link(stage)
        return os.readlink(path) if os.path.lexists(path) else None

    def wait_for(self, condition: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() >= until:
                raise AssertionError(f'it did not happen within {PATIENCE_S} s')
            time.sleep(0.005)

    def is_running(self, pid: int) -> bool:
        """A zombie does not run."""
        try:
            with open(f'/proc/{pid}/stat') as file:
                return file.read().rpartition(')')[2].split()[0] != 'Z'
        except FileNotFoundError:
            return False

    def read(self, *parts: str) -> str:
        with open(self.path(*parts)) as file:
            return file.read()

    def sent(self, name: str = 'shop-1.0') -> bytes:
        """Sends the sdist of a revision whose lock is held."""
        content = sdist(name)
        id = self.runner.ask('receive', {'revision': name, 'sha256': sha256(content), 'bytes': len(content)})
        self.runner.send_data(id, content)
        self.runner.answer(id)
        return content


def _bundle(instead: Mapping[str, str]) -> bytes:
    """The program as the runner packs it."""
    folder = os.path.dirname(os.path.abspath(end.__file__))
    sources = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith('.py'):
            with open(os.path.join(folder, name), encoding='utf-8') as file:
                sources[name] = file.read()
    sources.update(instead)
    loader = sources.pop('loader.py')
    return zlib.compress(f'SOURCES = {json.dumps(sources, ensure_ascii=False)}\n{loader}'.encode())
