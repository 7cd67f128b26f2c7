import os
import subprocess
import tempfile
import time
import unittest
from typing import Callable, Dict, List, Optional

from programs import text_of



def program() -> Dict[str, Callable[..., object]]:
    """What the host programs of the service have in common, as they have it: one text."""
    names: Dict[str, Callable[..., object]] = {}
    text = text_of("service", "manager", "evidence", "look")
    exec(compile(text, "service", "exec"), names)  # pylint: disable=exec-used
    return names


def arguments(pid: int) -> List[str]:
    with open("/proc/%d/cmdline" % pid, encoding="utf-8") as file:
        return file.read().split("\0")[:-1]


class Evidence(unittest.TestCase):
    """In which revision does a process live?"""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = os.path.realpath(directory.name)
        for name in ["shop-1.0", "shop-2.0", "shared"]:
            os.mkdir(os.path.join(self.root, name))
        os.symlink("shop-1.0", os.path.join(self.root, "production"))

    def path(self, name: str) -> str:
        return os.path.join(self.root, name)

    def started(self, argv: List[str], cwd: str = "/", env: Optional[Dict[str, str]] = None) -> int:
        process = subprocess.Popen(argv, cwd=cwd, env={"PATH": "/usr/bin:/bin", **(env or {})}, start_new_session=True)
        self.addCleanup(process.wait)
        self.addCleanup(os.killpg, process.pid, 9)
        # Between fork and exec it is still this program, and in the middle of the exec it has no arguments yet.
        deadline = time.monotonic() + 20
        while arguments(process.pid) in ([], arguments(os.getpid())) and time.monotonic() < deadline:
            time.sleep(0.01)
        return process.pid

    def why(self, pid: int, name: str = "shop-2.0") -> object:
        return getattr(program()["lives_in"](pid, self.path(name)), "why")

    def test_is_looked_for_by_the_name_that_supervisord_gave_it_and_not_among_its_children(self) -> None:
        find = program()["supervised"]
        unit = "shop-%d" % os.getpid()
        self.assertIsNone(find(unit))
        pid = self.started(["sh", "-c", "sleep 60; :"], env={"SUPERVISOR_PROCESS_NAME": unit})
        self.started(["sleep", "60"], env={"SUPERVISOR_PROCESS_NAME": unit + "-worker"})
        self.assertEqual(find(unit), pid)

    def test_is_told_by_its_working_directory(self) -> None:
        pid = self.started(["sleep", "60"], cwd=self.path("shop-2.0"))
        self.assertIsNone(self.why(pid))
        self.assertEqual(self.why(pid, "shop-1.0"), "process %d lives in shop-2.0 (its cwd), not in shop-1.0" % pid)

    def test_is_told_by_an_argument(self) -> None:
        pid = self.started(["sh", "-c", "sleep 60; :", self.path("shop-2.0") + "/.env/bin/serve"])
        self.assertIsNone(self.why(pid))

    def test_is_told_by_what_its_starter_said(self) -> None:
        self.assertIsNone(self.why(self.started(["sleep", "60"], env={"DEPLOY_PATH": self.path("shop-2.0")})))

    def test_is_not_told_by_a_link_or_by_what_is_shared(self) -> None:
        said = "%s/a=%s" % (self.path("production"), self.path("shared"))
        pid = self.started(["sh", "-c", "sleep 60; :", said], cwd=self.path("shared"))
        self.assertEqual(self.why(pid), "nothing that can be read of process %d says that it lives in shop-2.0" % pid)

    def test_a_path_that_only_ends_like_the_root_is_another(self) -> None:
        pid = self.started(["sh", "-c", "sleep 60; :", "/elsewhere" + self.path("shop-1.0")], cwd=self.path("shop-2.0"))
        self.assertIsNone(self.why(pid))

    def test_a_child_that_stayed_in_another_revision_counts(self) -> None:
        script = "cd %s && sleep 61 & cd %s && exec sleep 60" % (self.path("shop-1.0"), self.path("shop-2.0"))
        pid = self.started(["sh", "-c", script.replace("cd /", "cd -P /")], cwd="/", env={})
        deadline = time.monotonic() + 20
        while "shop-1.0" not in str(self.why(pid)) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertRegex(str(self.why(pid)), r"^process \d+ lives in shop-1\.0 \(its cwd\), not in shop-2\.0$")

    def test_a_process_that_is_gone_lives_nowhere(self) -> None:
        done = subprocess.Popen(["true"])
        done.wait()
        self.assertRegex(str(self.why(done.pid)), "^nothing that can be read")


if __name__ == "__main__":
    unittest.main()
