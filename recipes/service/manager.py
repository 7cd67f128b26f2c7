"""How the managers of services are spoken to: one small adapter each. Goes before each of the programs beside it."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time


class Trouble(Exception):
    """What went wrong, for people."""


class TookTooLong(Trouble):
    """A command that was ended because of its limit."""


def told():
    """What the runner told this program: its one argument."""
    return json.loads(sys.argv[1])


def run(argv, timeout=60, env=None):
    """The exit code and what was printed, standard error after it."""
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            env=env,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TookTooLong("%s: it did not end within %g s" % (" ".join(argv), timeout))
    except (OSError, subprocess.SubprocessError) as error:
        raise Trouble("%s: %s" % (" ".join(argv), error))
    return done.returncode, done.stdout.decode("utf-8", "replace").strip()


def must(argv, timeout=60, env=None):
    code, out = run(argv, timeout, env)
    if code != 0:
        raise Trouble("`%s` failed with %d: %s" % (" ".join(argv), code, out or "it printed nothing"))
    return out


def start_within(seconds, argv, env=None):
    """What starts a service may take as long as the configuration says."""
    try:
        return must(argv, seconds, env)
    except TookTooLong as error:
        raise Trouble("%s, which service({ start }) lengthens" % error)


class State:
    """How a service is: its main process (0: none), whether its manager has given up, in the manager's own words."""

    def __init__(self, pid, given_up, words):
        self.pid = pid
        self.given_up = given_up
        self.words = words


class Systemd:
    """systemctl(1) of the host, or of the account's own units."""

    def __init__(self, unit, user, start_s):
        self.unit = unit + ".service"
        self.start_s = start_s
        self.user = user
        self.argv = ["systemctl", "--user"] if user else ["systemctl"]
        self.env = dict(os.environ)
        # pam_systemd sets it in a login; a host need not use PAM for its SSH server.
        if user:
            self.env.setdefault("XDG_RUNTIME_DIR", "/run/user/%d" % os.getuid())

    def _do(self, *words):
        start_within(self.start_s, [*self.argv, *words], self.env)

    def _ask(self, *names):
        out = must([*self.argv, "show", "-p", ",".join(names), "--", self.unit], 30, self.env)
        found = dict(line.split("=", 1) for line in out.splitlines() if "=" in line)
        return [found.get(name, "") for name in names]

    def reread(self):
        self._do("daemon-reload")

    def is_stale(self):
        """Was the definition changed since the manager read it?"""
        return self._ask("NeedDaemonReload") == ["yes"]

    def start(self, reload):
        self._do("enable", "--", self.unit)
        # One that failed too often in a row is not started any more. One that did not fail cannot be reset.
        run([*self.argv, "reset-failed", "--", self.unit], 30, self.env)
        self._do("reload-or-restart" if reload else "restart", "--", self.unit)

    def forget(self, remove):
        """Stops it, takes its definition away and makes the manager forget it."""
        run([*self.argv, "disable", "--now", "--", self.unit], 120, self.env)
        remove()
        self.reread()

    def state(self):
        active, sub, result, pid = self._ask("ActiveState", "SubState", "Result", "MainPID")
        words = "%s (%s)" % (active, result if active == "failed" else sub)
        return State(int(pid or 0), active == "failed", words)

    def is_enabled(self):
        return self._ask("UnitFileState") == ["enabled"]

    def said(self):
        """What the service said last."""
        user = ["--user"] if self.user else []
        return run(["journalctl", *user, "-u", self.unit, "-n", "20", "--no-pager", "-o", "cat"], 20, self.env)[1]


class Supervisor:
    """supervisorctl of one supervisord."""

    def __init__(self, unit, config, start_s):
        self.unit = unit
        self.start_s = start_s
        self.argv = ["supervisorctl", "-c", config]
        self.is_fresh = False

    def reread(self):
        """Ends what runs by the old definition; supervisord starts the new one itself, unless it finds that nothing differs."""
        must([*self.argv, "reread"])
        said = start_within(self.start_s, [*self.argv, "update", self.unit])
        # By its first word: of one that is STARTING no process is told yet.
        is_up = self.state().words.startswith(("RUNNING", "STARTING"))
        self.is_fresh = is_up and bool(re.search("(added|updated) process group", said))

    def is_stale(self):
        # `reread` says it, and takes the definition up in the same breath: a run that died between the two left this.
        return "%s: " % self.unit in run([*self.argv, "reread"])[1]

    def start(self, reload):
        if self.is_fresh:
            return
        if reload and self.state().pid > 0:
            must([*self.argv, "signal", reload, self.unit])
        else:
            start_within(self.start_s, [*self.argv, "restart", self.unit])

    def forget(self, remove):
        run([*self.argv, "stop", self.unit], 120)
        remove()
        self.reread()

    def state(self):
        # It exits with 3 where something is not running, and still says how it is.
        out = run([*self.argv, "status", self.unit])[1]
        words = out.split(None, 1)[1] if out.startswith(self.unit + " ") else out
        found = words.split()
        pid = found[found.index("pid") + 1].strip(",") if "pid" in found else "0"
        is_up = bool(found) and found[0] in ("RUNNING", "STARTING")
        gone = not found or found[0] not in ("RUNNING", "STARTING", "BACKOFF", "STOPPING", "STOPPED", "EXITED")
        return State(int(pid) if is_up and pid.isdigit() else 0, gone, " ".join(found))

    def is_enabled(self):
        # What is in its directory is started with it.
        return True

    def said(self):
        return run([*self.argv, "tail", "-3000", self.unit], 20)[1]


def manager_of(what):
    # What it takes to be asked, and to answer, is no part of a start.
    start_s = what["startMs"] / 1000 + 10
    if what["manager"] == "supervisor":
        return Supervisor(what["unit"], what["config"], start_s)
    return Systemd(what["unit"], what["manager"] == "systemd-user", start_s)


def read(path):
    """None where it is not there."""
    try:
        with open(path, encoding="utf-8", newline="", opener=plain_file) as file:
            return file.read()
    except FileNotFoundError:
        return None


def write(path, text):
    """Whole or not at all."""
    # By a name that nobody can know before: nothing stands there that would be written to, or waited for.
    descriptor, beside = tempfile.mkstemp(prefix="." + os.path.basename(path)[:100] + ".", dir=os.path.dirname(path))
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            os.fchmod(descriptor, 0o644)
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def remove(path):
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def before_of(file, revision):
    """What stood there before this revision was activated; None: it was not replaced for it."""
    try:
        before = json.loads(read(file + ".before") or "null")
    except ValueError:
        return None
    return before if isinstance(before, dict) and before.get("revision") == revision else None


def main(work):
    """Runs the work of a program; trouble is one line, and the exit code."""
    try:
        work(told())
    except (Trouble, OSError) as error:
        sys.exit(str(error))
