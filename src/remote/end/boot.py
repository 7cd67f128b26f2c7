"""Starts a program on a free port or socket, asks it until it answers as expected, and ends it, however that went."""

import os
import shutil
import socket
import tempfile
from typing import Callable, Dict, Optional

from end import ended
from end.ended import failure_of
from end.loop import Loop
from end.messages import BootSpec, Ended, ProbeAnswer
from end.program import Program, Reports
from end.programs import Loan, Programs

# Why it is told to end when it has answered. Its end says more only where that failed.
_ANSWERED = 'it has answered'

# So that not the program's limit but that of the question says what was heard last.
_LATER_MS = 5000


class Boot:
    """`end` is called once, when no process of the program's group is left. All in the loop's thread."""

    def __init__(
        self,
        loop: Loop,
        programs: Programs,
        spec: BootSpec,
        *,
        ask: Callable[[BootSpec, Callable[[ProbeAnswer], None]], Callable[[], None]],
        output: Callable[[int, bytes], None],
        end: Callable[[ProbeAnswer], None],
    ) -> None:
        self._programs = programs
        self._spec = spec
        self._ask = ask
        self._output = output
        self._end = end
        self._folder: Optional[str] = None
        self._program: Optional[Program] = None
        self._stop_asking: Callable[[], None] = lambda: None
        self._answer: Optional[ProbeAnswer] = None

    def start(self, loan: Optional[Loan]) -> None:
        try:
            spec = self._placed()
        except OSError as error:
            if loan is not None:
                loan.log.close()
            self._gone(ended.unstarted(f'there is nothing free to listen on: {error}'))
            return
        reports = Reports(output=self._output, ended=self._gone)
        self._program = self._programs.start(spec['run'], reports, loan, whole_group=True)
        if self._program is not None:
            self._stop_asking = self._ask(spec, self._answered)

    def cancel(self) -> None:
        self._stop_asking()
        if self._program is not None:
            self._program.stop(ended.cancelled('cancelled by the runner'))

    def _placed(self) -> BootSpec:
        """The spec with a place to listen at, which nobody had a moment ago. A socket stands where nobody else can make one."""
        if self._spec['listen'] == 'port':
            return _with_place(self._spec, '{port}', str(_free_port()), None)
        self._folder = tempfile.mkdtemp(prefix='stage-deploy-')
        path = os.path.join(self._folder, 'socket')
        return _with_place(self._spec, '{socket}', path, path)

    def _answered(self, answer: ProbeAnswer) -> None:
        if self._program is None or self._program.done:
            return
        self._program.look()
        # Whoever answers now, it is not the program.
        if self._program.exited:
            return
        self._answer = answer
        self._program.stop(ended.cancelled(_ANSWERED))

    def _gone(self, how: Ended) -> None:
        self._stop_asking()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._end(self._result(how))

    def _result(self, how: Ended) -> ProbeAnswer:
        answer = self._answer
        if answer is None:
            return {'ended': _failed(how), 'attempts': 0, 'detail': _why(how)}
        if how['kind'] == 'cancelled' and how['reason'] != _ANSWERED and failure_of(answer['ended']) is None:
            still = ended.of_status(1, how['durationMs'])
            return {'ended': still, 'attempts': answer['attempts'], 'detail': how['reason'] or ''}
        return answer


def _failed(how: Ended) -> Ended:
    """A program that ends by itself before it has answered has failed, whatever its status is."""
    return ended.of_status(1, how['durationMs']) if how['kind'] == 'exited' and how['code'] == 0 else how


def _why(how: Ended) -> str:
    if how['kind'] in ('exited', 'signalled'):
        return f'the program ended before it had answered: {failure_of(how) or "exit status 0"}'
    return failure_of(how) or how['kind']


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        number: int = free.getsockname()[1]
        return number


def _with_place(spec: BootSpec, word: str, place: str, path: Optional[str]) -> BootSpec:
    run, probe = spec['run'].copy(), spec['probe'].copy()
    run['argv'] = [argument.replace(word, place) for argument in run['argv']]
    run['env'] = _env_with_place(spec, word, place)
    run['timeoutMs'] = run['timeoutMs'] + _LATER_MS
    probe['url'] = probe['url'].replace(word, place)
    probe['socket'] = path
    return {'run': run, 'probe': probe, 'listen': spec['listen']}


def _env_with_place(spec: BootSpec, word: str, place: str) -> Dict[str, str]:
    """A secret is what it is."""
    secret = spec['run']['secret']
    return {
        name: value if name in secret else value.replace(word, place) for name, value in spec['run']['env'].items()
    }
