"""Does the service run in the revision that is live now, and does it stay up?"""


def health(what):
    manager, revision = manager_of(what), os.path.realpath(os.environ["DEPLOY_PATH"])
    try:
        pid = wait_until_alive(manager, revision, what["withinMs"] / 1000, what["steadyMs"] / 1000)
    except Trouble:
        show_what_it_said(manager)
        raise
    print("%s: process %d lives in %s" % (manager.unit, pid, os.path.basename(revision)))


if __name__ == "__main__":
    main(health)
