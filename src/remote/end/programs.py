"""Starts the programs of steps and supervises all that run."""

import os
import subprocess
import threading
from typing import IO, Dict, List, Mapping, NamedTuple, Optional, Sequence

from end import ended
from end.build_log import BuildLog
from end.command import command_of
from end.environment import AGENT_SOCKET, clean_environment
from end.loop import Loop
from end.messages import RunSpec
from end.program import Limits, Program, Reports
from end.redact import Redactor
from end.refusal import Refusal

class Loan(NamedTuple):
    """What a step that builds a revision gets besides its spec."""

    # Inherited, so that the revision stays locked as long as any process of the build lives.
    locks: Sequence[int]
    log: BuildLog
    env: Mapping[str, str]


class Programs:
    def __init__(self, loop: Loop, environ: Mapping[str, str], limits: Limits = Limits()) -> None:
        self._loop = loop
        self._environ = clean_environment(environ)
        self._agent = {name: value for name, value in environ.items() if name == AGENT_SOCKET}
        self._limits = limits
        self._running: List[Program] = []
        self._paused = False

    def start(
        self, spec: RunSpec, reports: Reports, loan: Optional[Loan] = None, whole_group: bool = False
    ) -> Optional[Program]:
        """Starts the program of a checked spec; None where that was not possible (`reports.ended` was told so).

        `whole_group`: nothing of it may stay behind when it has ended, not even a daemon.
        """
        redactor = Redactor({name: spec['env'][name] for name in spec['secret']})
        given = {**({} if loan is None else loan.env), **spec['env']}
        env = {**self._environ, **given}
        try:
            process = _popen(spec, command_of(spec, given, env), env, [] if loan is None else loan.locks)
        except (OSError, ValueError) as error:
            if loan is not None:
                loan.log.close()
            reports.ended(ended.unstarted(redactor.clean_text(_why_unstarted(error))))
            return None
        program = Program(
            self._loop, process, reports,
            redactor=redactor, log=None if loan is None else loan.log, limits=self._limits,
            by_sudo=spec['sudo'], whole_group=whole_group,
        )
        program.limit(spec['timeoutMs'] / 1000, f'not done after {spec["timeoutMs"] / 1000:g} s')
        program.pause(self._paused)
        self._running.append(program)
        return program

    def give_agent(self) -> None:
        """Programs find the agent of the login, where there is one: the configuration asks for it."""
        self._environ = {**self._environ, **self._agent}

    def look(self) -> None:
        """A child exited (SIGCHLD); which one is found out by asking all."""
        for program in list(self._running):
            program.look()
        self._forget_done()

    def pause(self, paused: bool) -> None:
        self._paused = paused
        for program in self._running:
            program.pause(paused)

    def stop_all(self, reason: str) -> None:
        for program in list(self._running):
            program.stop(ended.cancelled(reason))

    def idle(self) -> bool:
        self._forget_done()
        return not self._running

    def _forget_done(self) -> None:
        self._running = [program for program in self._running if not program.done]


def check_spec(spec: RunSpec) -> None:
    """Raises Refusal('invalid') for what is well-formed but makes no sense."""
    if not spec['argv']:
        raise Refusal('invalid', f'step {spec["step"]} has no program to run')
    if not os.path.isabs(spec['cwd']):
        raise Refusal('invalid', f'step {spec["step"]} needs an absolute working directory, not {spec["cwd"]!r}')
    for name in spec['secret']:
        if name not in spec['env']:
            raise Refusal('invalid', f'step {spec["step"]} calls {name} a secret, which its environment does not have')


def _popen(
    spec: RunSpec, argv: List[str], env: Dict[str, str], inherited: Sequence[int]
) -> 'subprocess.Popen[bytes]':
    content = None if spec['input'] is None else spec['input'].encode()
    process = subprocess.Popen(
        argv,
        cwd=spec['cwd'],
        env=env,
        stdin=subprocess.DEVNULL if content is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        pass_fds=inherited,
        # A group of its own, so that all of it can be killed; a session, so that no terminal's signals reach it.
        start_new_session=True,
    )
    if content is not None and process.stdin is not None:
        threading.Thread(target=_feed, args=(process.stdin, content), daemon=True).start()
    return process


def _feed(pipe: IO[bytes], content: bytes) -> None:
    """In a thread of its own: a pipe takes only so much before it is read. A program need not read any of it."""
    try:
        with pipe:
            rest = memoryview(content)
            while rest:
                rest = rest[pipe.write(rest):]
    except OSError:
        # It has ended; how, it says itself.
        pass


def _why_unstarted(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror is not None:
        return error.strerror if error.filename is None else f'{error.strerror}: {error.filename}'
    return str(error)
