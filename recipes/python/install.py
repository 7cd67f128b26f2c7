"""Installs exactly the wheels of one directory into the running environment, and describes the environment.

No index, no resolver: what was built is what is installed. The description (interpreter, platform, every wheel with its
SHA-256) goes to DEPLOY_RECORD and from there into the record of the revision. Arguments: pip, the directory, the environment.
"""
import glob
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig

pip, directory, environment = sys.argv[1:]
wheels = sorted(glob.glob(os.path.join(directory, "*.whl")))
if not wheels:
    sys.exit("no wheel was built")
command = [sys.executable, pip, "install", "--no-index", "--no-deps", "--no-compile", "--no-warn-script-location"]
flags = ["--disable-pip-version-check", "--no-input", "--no-color", "--progress-bar", "off"]
done = subprocess.run(command + flags + ["--"] + wheels, stdin=subprocess.DEVNULL, check=False)
if done.returncode != 0:
    sys.exit(done.returncode if done.returncode > 0 else 1)


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as source:
        for chunk in iter(lambda: source.read(1 << 20), b""):
            digest.update(chunk)
    return digest.hexdigest()


record = {
    "path": environment,
    # As the revision runs it, not what that leads to today: it is looked at again before every switch.
    "executable": os.path.join(environment, "bin", os.path.basename(sys.executable)),
    "python": platform.python_version(),
    "platform": "-".join([sysconfig.get_platform(), *platform.libc_ver()]),
    "wheels": [{"file": os.path.basename(wheel), "sha256": sha256(wheel)} for wheel in wheels],
}
with open(os.environ["DEPLOY_RECORD"], "w") as target:
    json.dump(record, target)
shutil.rmtree(directory)
