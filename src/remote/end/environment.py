"""The environment that programs get: what belongs to the login, nothing that changes what Python runs (DESIGN 9)."""

import os
import pwd
from typing import Dict, Mapping

_KEPT = frozenset([
    'PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS',
])

# Where ssh(1) finds the agent. Kept only where the configuration forwards one: who has it can log in elsewhere.
AGENT_SOCKET = 'SSH_AUTH_SOCK'

_SET = {
    'LANG': 'C.UTF-8',
    'PYTHONNOUSERSITE': '1',
    'PYTHONDONTWRITEBYTECODE': '1',
    # From Python 3.11 on: the source tree in the working directory does not shadow what is installed.
    'PYTHONSAFEPATH': '1',
}

# For a login that gave none; the order is that of Debian's and Fedora's login.defs.
_PATH = '/usr/local/bin:/usr/bin:/bin'


def clean_environment(environ: Mapping[str, str]) -> Dict[str, str]:
    """What is kept of the login's environment, and what is set over it."""
    kept = {name: value for name, value in environ.items() if name in _KEPT or name.lower().endswith('_proxy')}
    return {'PATH': _PATH, 'HOME': _home(), **kept, **_SET}


def _home() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return '/'
