"""What a host says of its managers: whether they can run a service of this account, and which definitions are there."""

import socket


def facts(what):
    account = pwd.getpwuid(os.getuid())
    home = os.environ.get("HOME") or account.pw_dir
    runtime = os.environ.get("XDG_RUNTIME_DIR") or "/run/user/%d" % os.getuid()
    directories = {
        "systemd": "/etc/systemd/system",
        "systemd-user": os.path.join(home, ".config/systemd/user"),
        "supervisor": what["directory"],
    }
    found, unlisted = definitions(directories[what["manager"]], what["name"] + "-")
    print(json.dumps({
        "user": account.pw_name,
        "home": home,
        # sd_booted(3)
        "systemd": os.path.isdir("/run/systemd/system"),
        # Where loginctl(1) keeps it.
        "linger": os.path.exists("/var/lib/systemd/linger/" + account.pw_name),
        "userManager": listens(os.path.join(runtime, "systemd/private")),
        "supervisor": answers(what) if what["manager"] == "supervisor" and not what["sudo"] else None,
        "definitions": found,
        "unlisted": unlisted,
        "readers": readers(),
    }))


def listens(path):
    """A manager that has ended may leave the file of its socket behind, and then nobody listens there."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(5)
        try:
            asking.connect(path)
        except OSError:
            return False
    return True


def answers(what):
    try:
        return run(["supervisorctl", "-c", what["config"], "pid"], 20)[0] == 0
    except Trouble:
        return False


def definitions(directory, prefix):
    """The first line of each, by path; and why they cannot be listed, where they are somewhere."""
    found = {}
    try:
        names = os.listdir(directory)
    except FileNotFoundError:
        return found, None
    except OSError as error:
        return found, error.strerror
    for name in sorted(names):
        if name.startswith(prefix) and name.endswith((".service", ".conf")):
            path = os.path.join(directory, name)
            text = content(path)
            found[path] = "" if text is None else text.split("\n", 1)[0][:1000]
    return found, None


def readers():
    """By stage the only account that can read its variables. Where what is shared cannot be listed, others say so."""
    try:
        files = [os.path.splitext(name) for name in os.listdir("shared")]
    except OSError:
        return {}
    found = {stage: only_reader(os.path.join("shared", stage + kind)) for stage, kind in files if kind == ".env"}
    return {stage: reader for stage, reader in found.items() if reader is not None}


if __name__ == "__main__":
    main(facts)
