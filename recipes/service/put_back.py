"""Undoes an activation after the link was put back: the old definition, and the service out of the old revision."""


def put_back(what):
    manager, file = manager_of(what), what["file"]
    remove(file + ".next")
    why = why_left_alone(what)
    if why is not None:
        print(why)
        return
    before = before_of(file, os.environ["DEPLOY_REVISION"])
    if before is not None and before["text"] is not None:
        write(file, before["text"])
        manager.reread()
        print("%s: as it was" % file)
    elif before is not None or not os.path.isdir(what["link"]):
        # There was no such service, or there is nothing that it could be started out of.
        manager.forget(lambda: remove(file))
        print("%s: removed" % file)
    remove(file + ".before")
    if not os.path.exists(file) or not os.path.isdir(what["link"]):
        return
    manager.start("")
    revision = os.path.realpath(what["link"])
    pid = wait_until_alive(manager, revision, what["withinMs"] / 1000, what["steadyMs"] / 1000)
    print("%s: process %d lives in %s" % (manager.unit, pid, os.path.basename(revision)))


if __name__ == "__main__":
    main(put_back)
