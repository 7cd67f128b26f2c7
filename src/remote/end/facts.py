"""Questions of recipes: programs that only read, run for what they print."""

import sys

from end.capture import capture
from end.messages import FactAnswer, FactQuestion
from end.revisions import Checking


def answer(question: FactQuestion, where: str, checking: Checking) -> FactAnswer:
    """What a fact's program said, passed on and not judged; it must not change anything, which cannot be enforced here."""
    argv = question['argv']
    said = capture(
        [sys.executable, *argv[1:]] if argv[:1] == ['@python'] else argv,
        cwd=where,
        environment=checking.environment,
        limit_s=question['timeoutMs'] / 1000,
        cancelled=checking.cancelled,
    )
    return {
        'id': question['id'],
        'ended': said.ended,
        'out': said.out.decode('utf-8', 'replace'),
        'err': said.err.decode('utf-8', 'replace'),
    }
