"""Imports the project's own packages and loads its console scripts, in the environment that will run them.

Only entry points without extras: those of an extra may need what was not asked for. Argument: the project's name.
"""
import importlib
import sys
import traceback
from importlib.metadata import distribution

dist = distribution(sys.argv[1])
INSTALLED_BESIDE = (".dist-info", ".egg-info", ".data")


def packages():
    """Top-level packages and modules by what the wheel installed: `top_level.txt` is optional, RECORD is not."""
    names = set()
    for path in dist.files or []:
        first = path.parts[0]
        if first == ".." or first.endswith(INSTALLED_BESIDE) or first == "__pycache__":
            continue
        if len(path.parts) > 1 and path.parts[1] == "__init__.py":
            names.add(first)
        elif len(path.parts) == 1 and first.endswith(".py"):
            names.add(first[:-3])
    return sorted(name for name in names if name.isidentifier())


def scripts():
    points = [point for point in dist.entry_points if point.group in ("console_scripts", "gui_scripts")]
    return [point for point in points if "[" not in point.value]


failed = []
for name in packages():
    try:
        importlib.import_module(name)
    except BaseException:
        traceback.print_exc()
        failed.append("import " + name)
for point in scripts():
    try:
        point.load()
    except BaseException:
        traceback.print_exc()
        failed.append("script %s = %s" % (point.name, point.value))
for what in failed:
    print("failed: " + what, file=sys.stderr)
sys.exit(1 if failed else 0)
