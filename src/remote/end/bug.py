"""What no rule foresees: told on standard error, for the runner's log, and never in the way of what must still be done."""

import sys
import traceback


def report_bug() -> None:
    """To be called where an exception is handled."""
    try:
        traceback.print_exc(file=sys.stderr)
        # Before 3.9 standard error is buffered where it is no terminal, and nothing is flushed when this process exits.
        sys.stderr.flush()
    except OSError:
        # Nobody reads it: the connection is gone.
        pass
