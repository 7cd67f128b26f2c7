import json
import os
import socket
import subprocess
import sys
import tempfile
import unittest

from test_service_left_alone import program

TOLD = {"manager": "systemd-user", "name": "shop", "directory": "/nowhere", "sudo": False, "config": "/nowhere"}


class UserManager(unittest.TestCase):
    """Whether the manager of the account's services runs, as its socket tells."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.runtime = directory.name
        os.mkdir(os.path.join(self.runtime, "systemd"))
        self.path = os.path.join(self.runtime, "systemd/private")

    def is_seen(self) -> bool:
        done = subprocess.run(
            [sys.executable, "-I", "-c", program("facts"), json.dumps(TOLD)],
            env={"PATH": "/usr/bin:/bin", "HOME": self.runtime, "XDG_RUNTIME_DIR": self.runtime},
            stdout=subprocess.PIPE,
            check=True,
            timeout=60,
        )
        found = json.loads(done.stdout)["userManager"]
        assert isinstance(found, bool)
        return found

    def test_is_seen_where_somebody_listens(self) -> None:
        with socket.socket(socket.AF_UNIX) as manager:
            manager.bind(self.path)
            manager.listen(1)
            self.assertTrue(self.is_seen())

    def test_is_not_seen_where_only_the_file_of_its_socket_is_left(self) -> None:
        with socket.socket(socket.AF_UNIX) as manager:
            manager.bind(self.path)
            manager.listen(1)
        self.assertTrue(os.path.exists(self.path))
        self.assertFalse(self.is_seen())

    def test_is_not_seen_where_there_is_no_socket_or_something_else(self) -> None:
        self.assertFalse(self.is_seen())
        with open(self.path, "w", encoding="utf-8"):
            pass
        self.assertFalse(self.is_seen())


if __name__ == "__main__":
    unittest.main()
