"""What a host says of its managers: whether they can run a service of this account, and which definitions are there."""

import pwd


def facts(what):
    account = pwd.getpwuid(os.getuid())
    home = os.environ.get("HOME") or account.pw_dir
    runtime = os.environ.get("XDG_RUNTIME_DIR") or "/run/user/%d" % os.getuid()
    directories = {
        "systemd": "/etc/systemd/system",
        "systemd-user": os.path.join(home, ".config/systemd/user"),
        "supervisor": what["directory"],
    }
    print(json.dumps({
        "user": account.pw_name,
        "home": home,
        # sd_booted(3)
        "systemd": os.path.isdir("/run/systemd/system"),
        # Where loginctl(1) keeps it.
        "linger": os.path.exists("/var/lib/systemd/linger/" + account.pw_name),
        "userManager": os.path.exists(os.path.join(runtime, "systemd/private")),
        "supervisor": answers(what) if what["manager"] == "supervisor" and not what["sudo"] else None,
        "definitions": definitions(directories[what["manager"]], what["name"] + "-"),
    }))


def answers(what):
    try:
        return run(["supervisorctl", "-c", what["config"], "pid"], 20)[0] == 0
    except Trouble:
        return False


def definitions(directory, prefix):
    """The first line of each, by path."""
    found = {}
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return found
    for name in names:
        if name.startswith(prefix) and name.endswith((".service", ".conf")):
            path = os.path.join(directory, name)
            text = content(path)
            found[path] = "" if text is None else text.split("\n", 1)[0][:1000]
    return found


if __name__ == "__main__":
    main(facts)
