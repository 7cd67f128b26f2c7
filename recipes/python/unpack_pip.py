"""Unpacks a pip wheel for one build alone, so that nothing that another build runs can have changed it.

The wheel is the interpreter's own, or one that was sent: the list beside its directory, `{directory}.json`, has its
SHA-256 then, as it was announced to this host. It is not compiled: that takes longer than it saves (0.8 s against 0.3 s
for each time that pip starts). Arguments: the wheel, the directory, which is made anew.
"""
import hashlib
import json
import os
import shutil
import sys
import zipfile

wheel, directory = sys.argv[1:]


def announced(path):
    """The SHA-256 that a wheel which was sent has to have; None: it belongs to the interpreter."""
    try:
        with open(os.path.dirname(path) + ".json", opener=plain_file) as source:
            return {product["file"]: product["sha256"] for product in json.load(source)}.get(os.path.basename(path))
    except (FileNotFoundError, NotADirectoryError):
        return None


def remove(path):
    """Whatever stands there; a link is not followed."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


with open(wheel, "rb", opener=plain_file) as file:
    wanted = announced(wheel)
    if wanted is not None and hashlib.sha256(file.read()).hexdigest() != wanted:
        sys.exit("%s is not the wheel that was sent" % wheel)
    # What is unpacked is what was looked at, whatever becomes of the path.
    file.seek(0)
    remove(directory)
    os.makedirs(os.path.dirname(directory), exist_ok=True)
    os.mkdir(directory, 0o755)
    with zipfile.ZipFile(file) as archive:
        archive.extractall(directory)
