"""What no rule foresees: told on standard error, and never in the way of what must still be done."""

import sys


def report_bug() -> None:
    """To be called where an exception is handled."""
    try:
        # Here, because most connections never need what it loads.
        import traceback

        traceback.print_exc(file=sys.stderr)
        # Before 3.9 standard error is buffered where it is no terminal, and os._exit flushes nothing.
        sys.stderr.flush()
    except (ImportError, OSError):
        # Nobody reads it: the connection is gone. Or Python itself is.
        pass
