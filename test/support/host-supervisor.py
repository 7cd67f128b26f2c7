"""Runs the SSH server of one test host and knows every process that came out of it.

It is the init of a namespaced host, or an ordinary process that has made itself the reaper of its
descendants, so that even a daemon cannot leave it. One JSON request a line on standard input, one JSON
answer a line on standard output:

    {"do": "start", "argv": [...]}            starts the server
    {"do": "stop"}                            kills the server; its sessions go on
    {"do": "signal", "name": "STOP", "to": "server" | "sessions" | "all"}
    {"do": "running"}                         whether the server's listener is there
    {"do": "list"}                            every other process

At end of input (the test is done, or was killed) it kills everything that came out of it, and ends.
"""

import ctypes
import json
import os
import signal
import sys
import time

PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
SETTLE_S = 10
# The server's own part of a session is a program of its own from OpenSSH 9.8 on, and the login another from 10.0 on.
SSHD = ('sshd', 'sshd-session', 'sshd-auth')

# What was started: the SSH server, or the program that boots a system with one of its own.
listener = None


def reap(_signal, _frame):
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        pass


def every_process():
    """What /proc shows now: pid -> parent, state and name, zombies left out."""
    found = {}
    for entry in os.listdir('/proc'):
        if not entry.isdigit():
            continue
        try:
            with open('/proc/%s/stat' % entry, encoding='utf-8', errors='replace') as file:
                text = file.read()
        except OSError:
            continue
        # proc(5): the name stands in parentheses and may itself contain some.
        name, rest = text[text.index('(') + 1:text.rindex(')')], text[text.rindex(')') + 2:].split()
        if rest[0] not in 'ZX':
            found[int(entry)] = {'parent': int(rest[1]), 'state': rest[0], 'name': name}
    return found


def descendants():
    found = every_process()
    ours = {os.getpid()}
    grown = True
    while grown:
        more = {pid for pid, process in found.items() if process['parent'] in ours} - ours
        ours |= more
        grown = bool(more)
    return {pid: found[pid] for pid in ours if pid in found and pid != os.getpid()}


def listens(pid):
    """Whether it is the listener of an SSH server: what was started here, or what a booted system has started."""
    return pid == listener or '[listener]' in command_of(pid)


def chosen(to):
    """The processes a signal is meant for: the whole SSH server, its sessions only, or all there are."""
    return [
        pid
        for pid, process in descendants().items()
        if to == 'all' or (process['name'] in SSHD and (to == 'server' or not listens(pid)))
    ]


def send(name, to):
    """Signals again until nothing new was forked meanwhile; for STOP and KILL until it is seen to have worked."""
    number = getattr(signal, 'SIG' + name)
    told = set()
    end = time.monotonic() + SETTLE_S
    while time.monotonic() < end:
        now = descendants()
        here = [pid for pid in chosen(to) if pid in now]
        if name == 'KILL':
            waiting = here
        elif name == 'STOP':
            waiting = [pid for pid in here if now[pid]['state'] not in 'Tt']
        else:
            waiting = [pid for pid in here if pid not in told]
        if not waiting:
            return
        for pid in waiting:
            told.add(pid)
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        time.sleep(0.005)
    raise TimeoutError('SIG%s to %s had no effect within %d s' % (name, to, SETTLE_S))


def start(argv):
    global listener
    listener = os.posix_spawn(argv[0], argv, {'PATH': '/usr/bin:/bin', 'LANG': 'C.UTF-8'}, file_actions=[
        (os.POSIX_SPAWN_OPEN, 0, '/dev/null', os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, '/dev/null', os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, '/dev/null', os.O_WRONLY, 0),
    ])


def stop():
    global listener
    end = time.monotonic() + SETTLE_S
    while listener in descendants():
        if time.monotonic() > end:
            raise TimeoutError('the SSH server does not end')
        os.kill(listener, signal.SIGKILL)
        time.sleep(0.005)
    listener = None


def command_of(pid):
    try:
        with open('/proc/%d/cmdline' % pid, 'rb') as file:
            return file.read().replace(b'\0', b' ').decode('utf-8', 'replace').strip()
    except OSError:
        return ''


def answer(request):
    todo = request['do']
    if todo == 'start':
        start(request['argv'])
    elif todo == 'stop':
        stop()
    elif todo == 'signal':
        send(request['name'], request['to'])
    elif todo == 'running':
        return listener in descendants()
    elif todo == 'list':
        return [
            {'pid': pid, 'command': command_of(pid) or process['name'], 'server': process['name'] in SSHD}
            for pid, process in sorted(descendants().items())
            if not (pid == listener or (process['name'] in SSHD and listens(pid)))
        ]
    else:
        raise ValueError('unknown request %r' % todo)
    return None


def say(message):
    sys.stdout.write(json.dumps(message) + '\n')
    sys.stdout.flush()


def main():
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGCHLD, reap)
    say({'ready': True})
    try:
        for line in sys.stdin:
            try:
                say({'result': answer(json.loads(line))})
            except Exception as error:  # whatever went wrong belongs to the test that asked
                say({'error': '%s: %s' % (type(error).__name__, error)})
    finally:
        send('KILL', 'all')


main()
