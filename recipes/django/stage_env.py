"""What the programs for Django have in common: a stage's file of variables, read as systemd reads an EnvironmentFile."""

import json
import os
import re
import sys


def told():
    return json.loads(sys.argv[1])


def variables(text):
    """One NAME=value on a line; nothing is expanded. Quotes around a value are taken off, and between double ones a
    backslash before what it escapes (systemd.exec(5))."""
    found = {}
    for line in text.split("\n"):
        name, equals, value = line.strip().partition("=")
        if not equals or name[:1] in ("#", ";"):
            continue
        name, value = name.strip(), value.strip()
        if len(value) > 1 and value[0] == value[-1] == '"':
            value = re.sub(r'\\(["\\$`])', r"\1", value[1:-1])
        elif len(value) > 1 and value[0] == value[-1] == "'":
            value = value[1:-1]
        found[name] = value
    return found


def content(path):
    """Empty where there is no such file."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""
