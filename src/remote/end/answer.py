"""Is what an HTTP server answered as expected?"""

import json
import subprocess
import sys
from email.message import Message
from typing import Dict, List, Optional

from end.messages import ProbeSpec

# How much of a text from outside a reason repeats.
_SHOWN = 200

# A regular expression can take for ever, holds the lock of the interpreter all that time, and nothing can end it from
# inside: no heartbeat would be answered. So it is looked for by a process of its own, with so many seconds of work that
# the kernel ends it (setrlimit(2)) even when nobody is left to do so.
_SEARCH_CPU_S = 2
_SEARCH = f"""
import re, resource, sys
resource.setrlimit(resource.RLIMIT_CPU, ({_SEARCH_CPU_S}, {_SEARCH_CPU_S}))
body = sys.stdin.buffer.read().decode('utf-8', 'replace')
for pattern in sys.argv[1:]:
    try:
        found = re.search(pattern, body)
    except (re.error, RecursionError, OverflowError) as error:
        sys.exit(f'is no regular expression for Python: {{error}}')
    if found is None:
        sys.exit(f'does not match /{{pattern}}/')
"""


def fault_in(spec: ProbeSpec, status: int, headers: Message, body: bytes, seconds: float) -> Optional[str]:
    """Why an answer is not as expected; None where it is. `seconds`: how long looking may take."""
    expected = spec['status']
    if status not in (expected or range(200, 400)):
        return f'status {status} instead of {", ".join(map(str, expected)) or "2xx or 3xx"}'
    reason = (
        _of_headers(spec['answerHeaders'], headers)
        or _of_text(spec['contains'], body)
        or _of_json(spec['json'], body)
        or _of_patterns(spec['matches'], body, seconds)
    )
    return None if reason is None else f'status {status}, but {reason}'


def _of_headers(expected: Dict[str, str], headers: Message) -> Optional[str]:
    for name, text in expected.items():
        # A header may be there several times.
        values = headers.get_all(name)
        if values is None:
            return f'there is no header {name}'
        if not any(text in value for value in values):
            return f'the header {name} is {_shown(", ".join(values))}, which does not contain {text!r}'
    return None


def _of_text(contains: Optional[str], body: bytes) -> Optional[str]:
    if contains is None or contains.encode() in body:
        return None
    return f'the body does not contain {contains!r}'


def _of_json(expected: Dict[str, List[str]], body: bytes) -> Optional[str]:
    if not expected:
        return None
    try:
        whole: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        return f'the body is no JSON: {error}'
    for path, texts in expected.items():
        try:
            found = _text(_value_at(whole, path.split('.')))
        except LookupError as missing:
            return f'the body has no {path}: there is no {missing.args[0]}'
        if found not in texts:
            return f'{path} is {_shown(found)} instead of {" or ".join(map(repr, texts))}'
    return None


def _value_at(value: object, path: List[str]) -> object:
    """Raises LookupError with the key that is not there."""
    for key in path:
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            raise LookupError(key)
    return value


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _of_patterns(patterns: List[str], body: bytes, seconds: float) -> Optional[str]:
    if not patterns:
        return None
    argv = [sys.executable, '-I', '-S', '-B', '-X', 'utf8', '-c', _SEARCH, *patterns]
    try:
        search = subprocess.run(
            argv, input=body, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=seconds, start_new_session=True
        )
    except subprocess.TimeoutExpired:
        return f'looking for {" and ".join(map(repr, patterns))} in the body takes longer than {seconds:g} s'
    if search.returncode == 0:
        return None
    said = search.stderr.decode('utf-8', 'replace').strip()
    if search.returncode == 1 and said:
        return f'the body {_shown(said, quoted=False)}'
    return f'looking for {" and ".join(map(repr, patterns))} in the body takes more than {_SEARCH_CPU_S} s of work'


def _shown(text: str, quoted: bool = True) -> str:
    cut = text if len(text) <= _SHOWN else f'{text[:_SHOWN]}…'
    return repr(cut) if quoted else cut
