import getpass
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import unittest
from typing import Any, Dict, List, Optional

from programs import RECIPES, Ended, text_of

HEADER = "Written by stage-deploy for /srv/production"
OWN = "; %s\n[program:shop-production]\ncommand=/bin/sleep 60\n" % HEADER
FOREIGN = "[program:shop-production]\ncommand=/bin/true\n"
CALLED = "#!/bin/sh\necho called >> %s\n"


def program(name: str) -> str:
    return text_of("service", "manager", "evidence", "left_alone", name)


class Host(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = os.path.realpath(directory.name)
        for name in ["bin", "conf.d", "shared", "shop-1.0"]:
            os.mkdir(os.path.join(self.root, name))
        os.symlink("shop-1.0", self.at("production"))
        self.file = self.at("conf.d/shop-production.conf")
        self.variables = self.at("shared/production.env")

    def at(self, path: str) -> str:
        return os.path.join(self.root, path)

    def put(self, path: str, text: str, mode: int = 0o600) -> None:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)

    def text(self, path: str) -> Optional[str]:
        try:
            with open(path, encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def run_it(self, name: str, told: Dict[str, object]) -> Ended:
        env = {"PATH": "%s:/usr/bin:/bin" % self.at("bin"), "DEPLOY_REVISION": "shop-1.0"}
        done = subprocess.run(
            [sys.executable, "-I", "-B", "-c", program(name), json.dumps(told)], cwd=self.root, env=env,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True, timeout=60, check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)


class LeftAlone(Host):
    """What an activation refuses, its undo does not touch."""

    def setUp(self) -> None:
        super().setUp()
        self.put(self.at("bin/supervisorctl"), CALLED % self.at("calls"), 0o755)
        self.told: Dict[str, object] = {
            **{"manager": "supervisor", "config": "/dev/null", "unit": "shop-production", "file": self.file},
            **{"link": self.at("production"), "root": self.root, "header": HEADER, "reload": ""},
            **{"variables": self.variables, "reader": getpass.getuser()},
            **{"startMs": 5_000, "withinMs": 200, "steadyMs": 100},
        }

    def refused(self, said: str, **changes: object) -> None:
        """By the activation, and then by its undo, without a word to the manager."""
        told = {**self.told, **changes}
        self.put(self.file + ".next", OWN)
        before = self.text(self.file)
        self.put(self.file + ".before", json.dumps({"revision": "shop-1.0", "text": None}))
        done = self.run_it("activate", told)
        self.assertEqual((done.code, done.err.strip()), (1, said))
        back = self.run_it("put_back", told)
        self.assertEqual((back.code, back.out.strip()), (0, said))
        self.assertEqual(self.text(self.file), before)
        self.assertIsNone(self.text(self.at("calls")))
        self.assertIsNone(self.text(self.file + ".next"))

    def test_is_a_definition_that_was_not_written_for_this_stage(self) -> None:
        self.put(self.file, FOREIGN)
        said = "%s was not written for %s: it is left alone" % (self.file, self.at("production"))
        self.refused(said)
        with open(self.file, "wb") as file:
            file.write(b"; M\xfcller\n")
        os.unlink(self.file + ".before")
        self.put(self.file + ".next", OWN)
        for name in ["activate", "put_back"]:
            done = self.run_it(name, self.told)
            self.assertEqual((done.out + done.err).strip(), said)

    def test_is_a_service_that_could_not_read_the_variables_of_its_stage(self) -> None:
        self.put(self.file, OWN)
        self.put(self.variables, "SECRET_KEY=abc\n")
        said = "nobody cannot read %s, which is for %s alone: shop-production is left alone"
        self.refused(said % (self.variables, getpass.getuser()), reader="nobody")

    def test_is_none_that_can_read_them(self) -> None:
        self.put(self.file, OWN)
        for reader, mode in [(getpass.getuser(), 0o600), ("root", 0o600), (None, 0o600), ("nobody", 0o640)]:
            self.put(self.variables, "SECRET_KEY=abc\n", mode)
            self.put(self.file + ".next", OWN)
            self.run_it("activate", {**self.told, "reader": reader})
            self.assertIsNotNone(self.text(self.at("calls")), reader)
            os.unlink(self.at("calls"))


class Facts(Host):
    def facts(self, directory: str) -> Dict[str, object]:
        told = {"name": "shop", "manager": "supervisor", "sudo": True, "directory": directory, "config": "/dev/null"}
        found: Dict[str, object] = json.loads(self.run_it("facts", told).out)
        return found

    def test_tell_definitions_by_their_first_line(self) -> None:
        self.put(self.file, OWN)
        found = self.facts(self.at("conf.d"))
        self.assertEqual((found["definitions"], found["unlisted"]), ({self.file: "; " + HEADER}, None))

    def test_tell_a_directory_that_is_not_there_from_one_that_cannot_be_listed(self) -> None:
        self.assertIsNone(self.facts(self.at("elsewhere"))["unlisted"])
        self.put(self.at("file"), "")
        self.assertEqual(self.facts(self.at("file"))["unlisted"], "Not a directory")

    def test_tell_who_alone_can_read_the_variables_of_a_stage(self) -> None:
        self.put(self.variables, "")
        self.put(self.at("shared/staging.env"), "", 0o640)
        self.put(self.at("shared/media.txt"), "")
        self.assertEqual(self.facts(self.at("conf.d"))["readers"], {"production": getpass.getuser()})
        shutil.rmtree(self.at("shared"))
        self.assertEqual(self.facts(self.at("conf.d"))["readers"], {})


CONFIGURATION = """
[supervisord]
logfile={0}/log
pidfile={0}/pid
childlogdir={0}
[unix_http_server]
file={0}/s
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{0}/s
[include]
files={0}/conf.d/*.conf
"""

COUNTS = "; {1}\n[program:shop-production]\ncommand=/bin/sh -c 'echo {2} >> {0}/starts; exec sleep 60'\nstartsecs=3\n"


@unittest.skipUnless(shutil.which("supervisord"), "there is no supervisord here")
class Supervised(Host):
    """supervisord starts by itself what it has a new definition of."""

    def setUp(self) -> None:
        super().setUp()
        config = self.at("supervisord.conf")
        self.put(config, CONFIGURATION.format(self.root))
        daemon = subprocess.Popen(["supervisord", "-n", "-c", config], stdout=subprocess.DEVNULL)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.terminate)
        deadline = time.monotonic() + 20
        while not stat_is_socket(self.at("s")) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.told: Dict[str, object] = {
            **{"manager": "supervisor", "config": config, "unit": "shop-production", "file": self.file},
            **{"link": self.at("production"), "header": HEADER, "reload": "", "variables": self.variables},
            **{"reader": getpass.getuser(), "startMs": 60_000},
        }

    def activate(self, word: str) -> List[str]:
        """@returns what the service wrote when it was started"""
        self.put(self.file + ".next", COUNTS.format(self.root, HEADER, word))
        done = self.run_it("activate", self.told)
        self.assertEqual(done.code, 0, done.err)
        deadline = time.monotonic() + 20
        while word not in (self.text(self.at("starts")) or "") and time.monotonic() < deadline:
            time.sleep(0.05)
        return (self.text(self.at("starts")) or "").split()

    def test_a_new_definition_is_started_once(self) -> None:
        self.assertEqual(self.activate("first"), ["first"])
        self.assertEqual(self.activate("second"), ["first", "second"])

    def test_an_old_one_is_started_again(self) -> None:
        self.activate("first")
        self.put(self.at("starts"), "")
        self.assertEqual(self.activate("first"), ["first"])


class Slow(unittest.TestCase):
    def test_a_start_that_takes_too_long_names_the_option_that_lengthens_it(self) -> None:
        manager: Dict[str, Any] = {}
        with open(os.path.join(RECIPES, "service", "manager.py"), encoding="utf-8") as file:
            exec(compile(file.read(), "manager.py", "exec"), manager)
        with self.assertRaisesRegex(manager["Trouble"], r"within 0\.2 s, which service\(\{ start \}\) lengthens$"):
            manager["start_within"](0.2, ["sleep", "30"])


def stat_is_socket(path: str) -> bool:
    return os.path.exists(path) and stat.S_ISSOCK(os.stat(path).st_mode)


if __name__ == "__main__":
    unittest.main()
