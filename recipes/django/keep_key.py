"""Keeps the secret key of a stage in its file of variables: adds it where there is none, and refuses another one."""

import tempfile


def keep(path, variable, key):
    path = os.path.realpath(path)
    text = content(path)
    old = variables(text).get(variable)
    if old == key:
        print("%s: it is there" % path)
        return
    if old:
        sys.exit("%s has another %s: somebody else has put it there during this run" % (path, variable))
    if text and not text.endswith("\n"):
        text += "\n"
    write(path, "%s%s=%s\n" % (text, variable, quoted(key)))
    print("%s: %s was added" % (path, variable))


def quoted(value):
    if re.fullmatch(r"[A-Za-z0-9_.+/=-]+", value):
        return value
    return '"%s"' % re.sub(r'(["\\$`])', r"\\\1", value)


def write(path, text):
    """Whole or not at all. It is nobody else's from its first byte on: mkstemp(3) makes it with mode 0600."""
    directory = os.path.dirname(path)
    os.makedirs(directory, exist_ok=True)
    descriptor, new = tempfile.mkstemp(prefix=".", dir=directory)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except BaseException:
        os.unlink(new)
        raise


if __name__ == "__main__":
    wanted = told()["variable"]
    file_of_stage = os.path.join(os.environ["DEPLOY_SHARED"], os.environ["DEPLOY_STAGE"] + ".env")
    keep(file_of_stage, wanted, os.environ[wanted])
