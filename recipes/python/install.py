"""Installs exactly the wheels of some directories into the running environment, and describes the environment.

No index, no resolver: what was built is what is installed. A list beside a directory, `{directory}.json`, names its
wheels and their SHA-256, as they were announced to this host; without one (a build of this host alone) the directory is
what there is. pip holds every wheel against its hash once more. The description (interpreter, platform, every wheel with
its SHA-256) goes to DEPLOY_RECORD and from there into the record of the revision. Arguments: pip, the environment, the
directories.
"""
import hashlib
import json
import os
import pathlib
import platform
import subprocess
import sys
import sysconfig

pip, environment = sys.argv[1:3]


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb", opener=plain_file) as source:
        for chunk in iter(lambda: source.read(1 << 20), b""):
            digest.update(chunk)
    return digest.hexdigest()


def announced(directory):
    """File name and SHA-256 of everything that was built, by the list or by looking."""
    try:
        with open(directory + ".json", opener=plain_file) as source:
            return [(product["file"], product["sha256"]) for product in json.load(source)]
    except FileNotFoundError:
        return [(name, sha256(os.path.join(directory, name))) for name in sorted(os.listdir(directory))]


wheels = {}
for directory in sys.argv[3:]:
    for name, digest in announced(directory):
        if name.endswith(".whl"):
            wheels[name] = (os.path.join(directory, name), digest)
            # pip would wait for a pipe in its place.
            open(wheels[name][0], "rb", opener=plain_file).close()
if not wheels:
    sys.exit("no wheel was built")
command = [sys.executable, pip, "install", "--no-index", "--no-deps", "--no-compile", "--no-warn-script-location"]
flags = ["--require-hashes", "--disable-pip-version-check", "--no-input", "--no-color", "--progress-bar", "off"]
urls = [pathlib.Path(path).as_uri() + "#sha256=" + digest for path, digest in wheels.values()]
done = subprocess.run(command + flags + ["--"] + urls, stdin=subprocess.DEVNULL, check=False)
if done.returncode != 0:
    sys.exit(done.returncode if done.returncode > 0 else 1)

record = {
    "path": environment,
    # As the revision runs it, not what that leads to today: it is looked at again before every switch.
    "executable": os.path.join(environment, "bin", os.path.basename(sys.executable)),
    "python": platform.python_version(),
    "platform": "-".join([sysconfig.get_platform(), *platform.libc_ver()]),
    "wheels": [{"file": name, "sha256": digest} for name, (_, digest) in sorted(wheels.items())],
}
with open(os.environ["DEPLOY_RECORD"], "w", opener=plain_file) as target:
    json.dump(record, target)
