"""Asks the application which system it is, under the name of one, and compares that with what is expected.

The argument is JSON: `name`, `base` (the directory that bears it), `environment`, `ask` (a program and what it is told), `expected` (by attribute) and
`needed` (attributes that it cannot be without).
"""
import json
import os
import subprocess
import sys

NOTHING = "(nothing)"


def check_name(told):
    """Without its name the revision has no system: it was built before the configuration named the stage."""
    name, base, environment = told["name"], told["base"], told["environment"]
    if not os.path.islink(base):
        sys.exit("%s: this revision was built without that name, and nothing is added to a sealed one: deploy a new version, "
                 "which is built with the names of all stages" % name)
    if os.readlink(base) != environment:
        sys.exit("%s leads to %s, and not to %s" % (base, os.readlink(base), environment))


def actual_system(told):
    program = os.path.join(told["base"], "bin", "python")
    ask = told["ask"]
    told_it = dict(ask["told"], attributes=sorted(told["expected"]))
    asked = subprocess.run(
        [program, "-I", "-c", ask["program"], json.dumps(told_it)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False,
    )
    if asked.returncode == 0:
        return json.loads(asked.stdout.decode("utf-8"))
    sys.exit("%s: the application could not say which system it is (%s, run by %s, ended with %d); why is said above"
             % (told["name"], ask["told"]["system"], program, asked.returncode))


def differences(told, actual):
    """Rows of attribute, expected, actual. What an application does not have is missed only where it is needed."""
    rows = []
    for attribute, expected in told["expected"].items():
        if attribute not in actual and attribute not in told["needed"]:
            continue
        found = actual.get(attribute)
        # 1 == True in Python.
        if found != expected or isinstance(found, bool) != isinstance(expected, bool):
            rows.append((attribute, shown(expected), shown(found)))
    return rows


def shown(value):
    return NOTHING if value is None else value if isinstance(value, str) else json.dumps(value)


def table(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


def main(told):
    check_name(told)
    actual = actual_system(told)
    rows = differences(told, actual)
    name = told["name"]
    if not rows:
        compared = sum(1 for attribute in told["expected"] if attribute in actual)
        print("%s: the application says so itself, in %d attributes: class %s, %s"
              % (name, compared, name[name.rindex("_") + 1], told["base"]))
        return
    for line in table([("attribute", "expected", "the application says")] + rows):
        print(line, file=sys.stderr)
    sys.exit("%s: the application is not the system that is expected, in %d of %d attributes: correct the application, or the "
             "options of the recipe stagetools" % (name, len(rows), len(told["expected"])))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
