"""Byte-compiles what is installed in the running environment.

A file of the project itself that does not compile rejects the revision; one of a dependency is a warning (some
ship templates or code for other Pythons). Argument: the project's name.
"""
import compileall
import os
import sys
import sysconfig
from importlib.metadata import distribution

own = {
    os.path.realpath(str(path.locate()))
    for path in distribution(sys.argv[1]).files or []
    if str(path).endswith(".py")
}
broken = []
for place in sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}):
    for directory, _, names in os.walk(place):
        for name in names:
            path = os.path.join(directory, name)
            if name.endswith(".py") and not compileall.compile_file(path, quiet=1):
                broken.append(os.path.realpath(path))
for path in broken:
    print(("error: " if path in own else "warning: ") + path + " does not compile", file=sys.stderr)
sys.exit(1 if any(path in own for path in broken) else 0)
