"""What no rule foresees: told on standard error, and never in the way of what must still be done."""

import sys
import traceback


def report_bug() -> None:
    """To be called where an exception is handled."""
    try:
        traceback.print_exc(file=sys.stderr)
        # Before 3.9 standard error is buffered where it is no terminal, and os._exit flushes nothing.
        sys.stderr.flush()
    except OSError:
        # Nobody reads it: the connection is gone.
        pass
