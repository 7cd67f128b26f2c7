"""What one connection is: whose root, for whom, and what it holds there. Made by the request `open`."""

import os
import pwd
import sys
from typing import NamedTuple, Optional, Set

from end.arming import Tools
from end.journal import Journal
from end.layout import Layout, check_root
from end.locks import Locks
from end.loop import Loop
from end.messages import OpenAnswer, OpenBody
from end.refusal import Refusal
from end.revisions import standing
from end.switching import Switching
from end.undo import Undo
from end.who import Who

PROTOCOL = 1

_BOOT_ID = '/proc/sys/kernel/random/boot_id'


class Session(NamedTuple):
    project: str
    layout: Layout
    journal: Journal
    locks: Locks
    undo: Undo
    switching: Switching
    # Revisions that this connection is making, to be removed if nobody ends them.
    builds: Set[str]


def open_session(loop: Loop, body: OpenBody) -> Session:
    """Raises Refusal('invalid') for another protocol and for a root that is none. Reads and writes nothing."""
    if body['protocol'] != PROTOCOL:
        raise Refusal('invalid', f'this remote end speaks protocol {PROTOCOL}, not {body["protocol"]}')
    holder = body['holder']
    layout = Layout(check_root(body['root']))
    journal = Journal(layout, Who(holder['run'], holder['by'], holder['from'], holder['command']))
    locks = Locks(layout, holder)
    undo = Undo()
    tools = Tools(loop, layout, journal, locks, undo, lambda name: standing(layout, name)['sha256'])
    return Session(body['project'], layout, journal, locks, undo, Switching(tools), set())


def introduce() -> OpenAnswer:
    """Who and where this remote end is."""
    uid = os.getuid()
    return {
        'user': _user(uid) or str(uid),
        'uid': uid,
        'hostname': os.uname().nodename,
        'python': '.'.join(map(str, sys.version_info[:3])),
        'executable': sys.executable,
        'pid': os.getpid(),
        'bootId': _boot_id(),
        'home': os.path.expanduser('~'),
    }


def _user(uid: int) -> Optional[str]:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def _boot_id() -> Optional[str]:
    """Differs after a reboot; only Linux has it."""
    try:
        with open(_BOOT_ID, encoding='ascii') as file:
            return file.read().strip()
    except OSError:
        return None
