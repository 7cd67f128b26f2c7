"""Makes the new definition of a service the one that its manager knows, and restarts it out of the live revision.

What stood there before is kept beside it, with the revision for which it was replaced, until the next activation.
"""


def activate(what):
    why = why_left_alone(what)
    if why is not None:
        raise Trouble(why)
    manager, file = manager_of(what), what["file"]
    old, new = read(file), read(file + ".next")
    if new is None:
        raise Trouble("%s.next is gone: somebody else writes there" % file)
    changed = old != new
    if changed:
        write(file + ".before", json.dumps({"revision": os.environ["DEPLOY_REVISION"], "text": old}))
        os.replace(file + ".next", file)
        print("%s: written" % file)
    else:
        if before_of(file, os.environ["DEPLOY_REVISION"]) is None:
            remove(file + ".before")
        remove(file + ".next")
        print("%s: unchanged" % file)
    try:
        if changed or manager.is_stale():
            manager.reread()
        # A changed definition is taken up by a start alone.
        manager.start("" if changed else what["reload"])
    except Trouble:
        show_what_it_said(manager)
        raise


if __name__ == "__main__":
    main(activate)
