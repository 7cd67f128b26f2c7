"""Finds the Python interpreters of a host by running them, and prints what each says of itself as JSON.

Arguments: paths of interpreters to look at besides those on PATH. Read-only.
"""
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

NAME = re.compile(r"^python3(\.[0-9]+)?$")

# Run by each interpreter. It finds a pip wheel where ensurepip would take it from (`ensurepip._bundled`, or the
# directory a distribution configured as WHEEL_PKG_DIR; Debian's is the fall-back, for when its ensurepip is split off).
PROBE = r"""
import glob, importlib.util, json, os, platform, sys, sysconfig
spec = importlib.util.find_spec("ensurepip")
places = []
if spec is not None and spec.origin:
    places.append(os.path.join(os.path.dirname(spec.origin), "_bundled"))
places.append(sysconfig.get_config_var("WHEEL_PKG_DIR") or "")
places.append("/usr/share/python-wheels")
wheels = [wheel for place in places if place for wheel in sorted(glob.glob(os.path.join(place, "pip-*.whl")))]
print(json.dumps({
    "executable": sys.executable,
    "version": "%d.%d.%d" % sys.version_info[:3],
    "final": sys.version_info[3] == "final",
    "implementation": sys.implementation.name,
    "freeThreaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "venv": importlib.util.find_spec("venv") is not None,
    "pipWheel": wheels[0] if wheels else None,
    # What a compiled extension has in its name: the ABI, and on most systems the kind of C library.
    "abi": sysconfig.get_config_var("SOABI") or sys.implementation.cache_tag or "none",
    "platform": "-".join([sysconfig.get_platform(), *platform.libc_ver()]),
}))
"""


def candidates():
    """Paths of what may be an interpreter, each file once: by the path that was asked for, or else by its fullest name.

    `python3` means another Python after an upgrade of the host, `python3.11` does not.
    """
    found = {}
    named = [path for path in sys.argv[1:] if os.path.isabs(path)]
    for directory in os.environ.get("PATH", "").split(os.pathsep):
        try:
            names = sorted(os.listdir(directory), reverse=True) if os.path.isabs(directory) else []
        except OSError:
            continue
        named.extend(os.path.join(directory, name) for name in names if NAME.match(name))
    for path in named:
        if os.access(path, os.X_OK) and os.path.isfile(path):
            found.setdefault(os.path.realpath(path), path)
    return list(found.values())


def ask(path):
    """What the interpreter says of itself; None where it is none, or does not answer."""
    try:
        done = subprocess.run(
            [path, "-I", "-S", "-c", PROBE],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=15,
            check=False,
        )
        answer = json.loads(done.stdout) if done.returncode == 0 else None
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return dict(answer, path=path) if isinstance(answer, dict) else None


def main():
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = [answer for answer in pool.map(ask, candidates()) if answer is not None]
    found = {}
    for answer in answers:
        executable = answer.pop("executable", None)
        # A script in front of an interpreter (pyenv's shims) may start another one elsewhere: the real one is named.
        if executable and answer["path"] not in sys.argv[1:]:
            if os.path.realpath(executable) != os.path.realpath(answer["path"]):
                answer["path"] = executable
        found.setdefault(answer["path"], answer)
    print(json.dumps(list(found.values())))


if __name__ == "__main__":
    main()
