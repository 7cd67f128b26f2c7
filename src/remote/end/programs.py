"""Starts the programs of steps and supervises all that run."""

import os
import subprocess
import sys
from typing import Dict, List, Mapping, NamedTuple, Optional, Sequence

from end import ended
from end.build_log import BuildLog
from end.environment import clean_environment
from end.loop import Loop
from end.messages import RunSpec
from end.program import Limits, Program, Reports
from end.redact import Redactor
from end.refusal import Refusal

# Stands for the interpreter of the remote end itself.
_OWN_PYTHON = '@python'


class Loan(NamedTuple):
    """What a step that builds a revision gets besides its spec."""

    # Inherited, so that the revision stays locked as long as any process of the build lives.
    lock: int
    log: BuildLog
    env: Mapping[str, str]


class Programs:
    def __init__(self, loop: Loop, environ: Mapping[str, str], limits: Limits = Limits()) -> None:
        self._loop = loop
        self._environ = clean_environment(environ)
        self._limits = limits
        self._running: List[Program] = []
        self._paused = False

    def start(self, spec: RunSpec, reports: Reports, loan: Optional[Loan] = None) -> Optional[Program]:
        """Starts the program of a checked spec; None where that was not possible (`reports.ended` was told so)."""
        redactor = Redactor({name: spec['env'][name] for name in spec['secret']})
        env = {**self._environ, **({} if loan is None else loan.env), **spec['env']}
        try:
            process = _popen(spec, env, [] if loan is None else [loan.lock])
        except (OSError, ValueError) as error:
            if loan is not None:
                loan.log.close()
            reports.ended(ended.unstarted(redactor.clean_text(_why_unstarted(error))))
            return None
        program = Program(
            self._loop, process, reports,
            redactor=redactor, log=None if loan is None else loan.log, limits=self._limits,
        )
        program.limit(spec['timeoutMs'] / 1000, f'not done after {spec["timeoutMs"] / 1000:g} s')
        program.pause(self._paused)
        self._running.append(program)
        return program

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


def _popen(spec: RunSpec, env: Dict[str, str], inherited: Sequence[int]) -> 'subprocess.Popen[bytes]':
    program, *arguments = spec['argv']
    return subprocess.Popen(
        [sys.executable if program == _OWN_PYTHON else program, *arguments],
        cwd=spec['cwd'],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        pass_fds=inherited,
        # A group of its own, so that all of it can be killed; a session, so that no terminal's signals reach it.
        start_new_session=True,
    )


def _why_unstarted(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror is not None:
        return error.strerror if error.filename is None else f'{error.strerror}: {error.filename}'
    return str(error)
