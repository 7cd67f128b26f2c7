"""Makes a virtual environment where nothing is yet.

Arguments: the environment's path in the revision, which is the working directory; then what `python -m venv` is given.
What an sdist brought in its place is never used: a file `.pth` in it would run with the first Python that starts there.
"""
import os
import sys
import venv


def in_the_way(environment: str) -> str:
    """What stands at the path, or is no directory on the way to it; empty: nothing."""
    parts = environment.split("/")
    for count in range(1, len(parts) + 1):
        path = "/".join(parts[:count])
        if not os.path.lexists(path):
            return ""
        if count == len(parts) or os.path.islink(path) or not os.path.isdir(path):
            return path
    return ""


found = in_the_way(sys.argv[1])
if found:
    sys.exit("%s is there already: leave it out of the sdist, or name another directory "
             "with python({ environment })" % found)
venv.main(sys.argv[2:])
