"""What the programs for Django have in common: files of a stage in what is shared, its variables first of all."""

import json
import os
import re
import string
import sys
import tempfile


def told():
    return json.loads(sys.argv[1])


def of_stage(name):
    return os.path.join(os.environ["DEPLOY_SHARED"], name % os.environ["DEPLOY_STAGE"])


def variables(text):
    """As systemd reads an EnvironmentFile (systemd.exec(5)): one NAME=value on a line, and nothing is expanded. Quotes
    around a value are taken off, and between double ones a backslash before what it escapes."""
    found = {}
    for line in text.split("\n"):
        name, _, value = (part.strip(string.whitespace) for part in line.strip(string.whitespace).partition("="))
        if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name):
            continue
        if len(value) > 1 and value[0] == value[-1] == '"':
            value = re.sub(r'\\(["\\$`])', r"\1", value[1:-1])
        elif len(value) > 1 and value[0] == value[-1] == "'":
            value = value[1:-1]
        found[name] = value
    return found


def content(path):
    """Empty where there is no such file. What is written back is the same again, byte by byte, whoever wrote it."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="", opener=plain_file) as file:
            return file.read()
    except FileNotFoundError:
        return ""


def write(path, text):
    """Whole or not at all. It is nobody else's from its first byte on: mkstemp(3) makes it with mode 0600."""
    directory = os.path.dirname(path)
    os.makedirs(directory, exist_ok=True)
    descriptor, new = tempfile.mkstemp(prefix=".", dir=directory)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except BaseException:
        os.unlink(new)
        raise
