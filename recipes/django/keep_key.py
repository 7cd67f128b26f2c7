"""Keeps the secret key of a stage in its file of variables: adds it where there is none, and refuses another one."""


def keep(path, variable, key):
    path = os.path.realpath(path)
    text = content(path)
    old = variables(text).get(variable)
    if old == key:
        print("%s: it is there" % path)
        return
    if old:
        sys.exit("%s has another %s than the first host that has one" % (path, variable))
    if text and not text.endswith("\n"):
        text += "\n"
    write(path, "%s%s=%s\n" % (text, variable, quoted(key)))
    print("%s: %s was added" % (path, variable))


def quoted(value):
    if re.fullmatch(r"[A-Za-z0-9_.+/=-]+", value):
        return value
    return '"%s"' % re.sub(r'(["\\$`])', r"\\\1", value)


if __name__ == "__main__":
    wanted = told()["variable"]
    keep(of_stage("%s.env"), wanted, os.environ[wanted])
