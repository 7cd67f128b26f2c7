"""Answers one question about a service as it is now, in words that can be compared: its definition, whether it is enabled, where it runs."""


def look(what):
    if what["ask"] == "definition":
        text = read(what["file"])
        print("missing" if text is None else difference(text, what["text"]))
        return
    manager = manager_of(what)
    if what["ask"] == "enabled":
        print("yes" if manager.is_enabled() else "no")
    else:
        print(whereabouts(manager, what["ask"], os.path.realpath(what["link"])))


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
    why = lives_in(state.pid, revision).why
    return "runs in %s" % os.path.basename(revision) if why is None else why


if __name__ == "__main__":
    main(look)
