"""Gives the environment in the working directory its other names: relative links beside it.

The argument is JSON: `environment`, and `names`.
"""
import json
import os
import sys


def main(told):
    environment = told["environment"]
    if not os.path.isfile(os.path.join(environment, "pyvenv.cfg")):
        sys.exit("there is no environment %s in %s: the recipe python makes it, before this one" % (environment, os.getcwd()))
    taken = [name for name in told["names"] if os.path.lexists(name)]
    if taken:
        sys.exit("the sdist itself has %s, and a stage needs the name for its environment: rename it there, or give the "
                 "recipe stagetools another `configuration`" % ", ".join(taken))
    for name in told["names"]:
        os.symlink(environment, name)
        print("%s -> %s" % (name, environment))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
