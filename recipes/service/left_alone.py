"""Why a service is left alone: what its activation refuses, the undo of it does not touch either."""

import pwd


def why_left_alone(what):
    """None where nothing speaks against it."""
    file, variables, reader = what["file"], what["variables"], what["reader"]
    if os.path.lexists(file) and not (content(file) or "").split("\n", 1)[0].endswith(what["header"]):
        return "%s was not written for %s: it is left alone" % (file, what["link"])
    owner = only_reader(variables)
    if owner is not None and reader not in (None, "root", owner):
        return "%s cannot read %s, which is for %s alone: %s is left alone" % (reader, variables, owner, what["unit"])
    return None


def only_reader(path):
    """Whose file it is, where nobody but root can read it besides. Of a path that leads to none others say it."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    if found.st_mode & 0o044:
        return None
    try:
        return pwd.getpwuid(found.st_uid).pw_name
    except KeyError:
        return str(found.st_uid)
