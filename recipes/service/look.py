"""Answers one question about a service as it is now, in words that can be compared: its definition, whether it is enabled, where it runs."""


def look(what):
    if what["ask"] == "definition":
        text = read(what["file"])
        print("missing" if text is None else difference(text, what["text"]))
        return
    revision = os.path.realpath(what["link"])
    if what["ask"] == "supervised":
        pid = supervised(what["unit"])
        print("no process" if pid is None else where(pid, revision))
        return
    manager = manager_of(what)
    if what["ask"] == "enabled":
        print("yes" if manager.is_enabled() else "no")
    else:
        print(whereabouts(manager, what["ask"], revision))


def difference(text, expected):
    """The first line that is another one."""
    if text == expected:
        return "as rendered"
    found, wanted = text.split("\n"), expected.split("\n")
    for number, line in enumerate(found, 1):
        if number > len(wanted) or line != wanted[number - 1]:
            return "line %d: %s" % (number, line)
    return "it ends after line %d" % len(found)


def whereabouts(manager, ask, revision):
    state = manager.state()
    if state.pid == 0:
        return "no process: it is %s" % state.words
    if ask == "state":
        return "runs"
    return where(state.pid, revision)


def where(pid, revision):
    why = lives_in(pid, revision).why
    return "runs in %s" % os.path.basename(revision) if why is None else why


def supervised(unit):
    """The process of this account that supervisord has started by this name, which it tells its children ("Subprocess Environment"
    of its manual); theirs inherit it. What is asked of root's supervisord itself would need root."""
    mark = "SUPERVISOR_PROCESS_NAME=" + unit
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and mark in (content("/proc/%s/environ" % name) or "").split("\0"):
            found[int(name)] = stat_of(int(name))[1]
    return next((pid for pid in sorted(found) if found[pid] not in found), None)


if __name__ == "__main__":
    main(look)
