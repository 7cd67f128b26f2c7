"""Says which stages of this root have a secret key: a digest of each, to compare it by, or null where it cannot be read."""

import hashlib


def keys(variable):
    found = {}
    try:
        names = sorted(os.listdir("shared")) if variable else []
    except OSError:
        names = []
    for name in names:
        stage, kind = os.path.splitext(name)
        if kind != ".env":
            continue
        try:
            key = variables(content(os.path.join("shared", name))).get(variable)
        except (OSError, ValueError):
            found[stage] = None
            continue
        if key:
            found[stage] = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
    return found


if __name__ == "__main__":
    print(json.dumps(keys(told()["variable"])))
