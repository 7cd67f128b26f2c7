"""Looks at what is installed in the running environment, in the way that the first argument says.

`compile` byte-compiles everything: a file of the project itself that does not compile rejects the revision, one of a
dependency is a warning (some ship templates, or code for other Pythons). `imports` imports the project's own packages
and modules and loads its console scripts, but those of an extra, which may need what was not asked for.
Second argument: the project's name.
"""
import compileall
import importlib
import importlib.util
import os
import re
import sys
import sysconfig
import traceback
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.metadata import distributions

INSTALLED_BESIDE = (".dist-info", ".egg-info", ".data")
MODULE_SUFFIXES = [".py"] + EXTENSION_SUFFIXES


def own_distribution(project):
    """By PEP 503: `importlib.metadata.distribution` does not normalise dots before Python 3.10."""

    def normal(name):
        return re.sub(r"[-_.]+", "-", str(name)).lower()

    for dist in distributions():
        if normal(dist.metadata["Name"]) == normal(project):
            return dist
    sys.exit(project + " is not installed in " + sys.prefix)


def compiles(path):
    """Python reads what it compiled before first: in its place, too, something else would be waited for."""
    for opened in (path, importlib.util.cache_from_source(path)):
        if os.path.exists(opened):
            open(opened, "rb", opener=plain_file).close()
    return compileall.compile_file(path, quiet=1)


def compile_all(dist):
    own = {os.path.realpath(str(path.locate())) for path in dist.files or [] if path.suffix == ".py"}
    broken = []
    for place in sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}):
        for directory, _, names in os.walk(place):
            for name in sorted(names):
                path = os.path.join(directory, name)
                if name.endswith(".py") and not compiles(path):
                    broken.append(os.path.realpath(path))
    for path in broken:
        print(("failed: " if path in own else "warning: ") + path + " does not compile", file=sys.stderr)
    return not any(path in own for path in broken)


def module_names(dist):
    """Packages and modules by what the wheel installed: `top_level.txt` is optional, RECORD is not.

    Of packages the outermost are named, also where they stand in a namespace package, which has no `__init__.py`.
    """
    paths = [path.parts for path in dist.files or []]
    paths = [parts for parts in paths if parts[0] != ".." and not parts[0].endswith(INSTALLED_BESIDE)]
    packages = {parts[:-1] for parts in paths if parts[-1] == "__init__.py"}
    outermost = {
        parts for parts in packages if not any(parts[:depth] in packages for depth in range(1, len(parts)))
    }
    modules = {(parts[0][: -len(suffix)],) for parts in paths for suffix in MODULE_SUFFIXES
               if len(parts) == 1 and parts[0].endswith(suffix)}
    return sorted(".".join(parts) for parts in outermost | modules if all(part.isidentifier() for part in parts))


def succeeds(what, load):
    try:
        load()
        return True
    # Whatever it raises, SystemExit included, it was not imported.
    except BaseException:
        traceback.print_exc()
        print("failed: " + what, file=sys.stderr)
        return False


def import_all(dist):
    scripts = [point for point in dist.entry_points if point.group in ("console_scripts", "gui_scripts")]
    results = [succeeds("import " + name, lambda: importlib.import_module(name)) for name in module_names(dist)]
    results += [
        succeeds("script %s = %s" % (point.name, point.value), point.load)
        for point in scripts
        if "[" not in point.value
    ]
    return all(results)


if __name__ == "__main__":
    look = {"compile": compile_all, "imports": import_all}[sys.argv[1]]
    sys.exit(0 if look(own_distribution(sys.argv[2])) else 1)
