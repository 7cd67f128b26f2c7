"""Run by the Python of an environment, under one of its names: prints as JSON which system the application says it is.

The argument is JSON: `system` (module:attribute), `core` (arguments where that is a function), `attributes` (names). What the application prints
while it is imported goes to standard error.
"""
import enum
import importlib
import json
import os
import sys


def plain(value):
    """Attributes are paths, numbers of an enumeration, texts."""
    if isinstance(value, enum.Enum):
        value = value.value
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def main(told):
    with os.fdopen(os.dup(1), "w") as answer:
        os.dup2(2, 1)
        module, attribute = told["system"].split(":")
        system = getattr(importlib.import_module(module), attribute)
        if callable(system):
            system = system(**told["core"])
        # Attributes that were never set are missing from an object with __slots__.
        found = {name: plain(getattr(system, name)) for name in told["attributes"] if hasattr(system, name)}
        json.dump(found, answer)
        sys.stdout.flush()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
