"""In which revision does a process live? From what /proc tells of it and of what it started."""


class Verdict:
    """`why` is None where the process lives in the revision that was asked about, and nothing of it anywhere else."""

    def __init__(self, why):
        self.why = why


def children_of(pid):
    """The process and all that descend from it, without zombies."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            state, parent = stat_of(int(name))
            if parent is not None and state != "Z":
                parents[int(name)] = parent
    found = [pid] if pid in parents else []
    for member in found:
        found.extend(child for child, parent in parents.items() if parent == member)
    return found


def stat_of(pid):
    """State and parent: proc(5). The name before them may hold anything, a parenthesis too."""
    text = content("/proc/%d/stat" % pid)
    if text is None:
        return None, None
    rest = text.rpartition(")")[2].split()
    return (rest[0], int(rest[1])) if len(rest) > 1 else (None, None)


def content(path):
    """None where it cannot be read: another account's process, one that has ended, or no file at all."""
    try:
        with open(path, "rb", opener=plain_file) as file:
            return file.read().decode("utf-8", "surrogateescape")
    except OSError:
        return None


def target(path):
    try:
        return os.readlink(path)
    except OSError:
        return None


def traces(pid):
    """Texts about a process in which a path of its revision may stand, by where they were read. What cannot be read is left out."""
    base = "/proc/%d/" % pid
    environ = (content(base + "environ") or "").split("\0")
    maps = content(base + "maps")
    found = {
        "cwd": target(base + "cwd"),
        "exe": target(base + "exe"),
        "cmdline": (content(base + "cmdline") or "").replace("\0", "\n"),
        "environ": "\n".join(entry for entry in environ if entry.startswith("DEPLOY_PATH=")),
        "maps": maps,
    }
    return {where: text for where, text in found.items() if text}


def revisions_in(text, root):
    """Names of directories of the root that stand in a text. The stages' links and what is shared belong to no revision."""
    names = set(re.findall(r"(?:^|(?<=[\s:,;\"'=(]))" + re.escape(root) + r"/([^/\s:,;\"'=]+)", text))
    return {name for name in names if name not in ("shared", ".stage") and is_directory(os.path.join(root, name))}


def is_directory(path):
    return os.path.isdir(path) and not os.path.islink(path)


def lives_in(pid, revision):
    """Does the process, with all that it started, live in this revision (an absolute path without links)?"""
    root, name = os.path.split(revision)
    proven = False
    for member in children_of(pid):
        for where, text in traces(member).items():
            found = revisions_in(text, root)
            others = sorted(found - {name})
            if others:
                return Verdict("process %d lives in %s (its %s), not in %s" % (member, others[0], where, name))
            proven = proven or (member == pid and name in found)
    if proven:
        return Verdict(None)
    return Verdict("nothing that can be read of process %d says that it lives in %s" % (pid, name))


def wait_until_alive(manager, revision, within_s, steady_s):
    """Returns its process when the service runs in this revision and has stayed up for a while. Raises Trouble."""
    deadline = time.monotonic() + within_s
    since, steady_pid, why = 0.0, 0, "it was not looked at"
    while True:
        state = manager.state()
        now = time.monotonic()
        verdict = lives_in(state.pid, revision) if state.pid > 0 else Verdict("it is %s" % state.words)
        if verdict.why is not None:
            steady_pid, why = 0, verdict.why
        elif state.pid != steady_pid:
            since, steady_pid = now, state.pid
            why = "process %d was not up for %g s yet" % (state.pid, steady_s)
        elif now - since >= steady_s:
            return state.pid
        # One that was found in time may prove that it stays.
        if state.given_up or now > deadline + (steady_s if steady_pid else 0):
            raise Trouble("%s does not run in %s: %s" % (manager.unit, os.path.basename(revision), why))
        time.sleep(0.2)


def show_what_it_said(manager):
    for line in manager.said().splitlines()[-20:]:
        print("| " + line)
