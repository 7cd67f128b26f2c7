"""`python -m shop.serve PORT`: says which system it is, to whoever asks."""
import json
import sys
from wsgiref.simple_server import make_server

from aaa_env_setup import SYSTEM
from shop import __version__


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    said = {"version": __version__, "name": SYSTEM.name, "stage": SYSTEM.stage, "debug": SYSTEM.is_debug,
            "base": str(SYSTEM.base_dir)}
    return [json.dumps(said).encode()]


def main():
    make_server("127.0.0.1", int(sys.argv[1]), application).serve_forever()


if __name__ == "__main__":
    main()
