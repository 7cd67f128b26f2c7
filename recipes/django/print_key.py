"""Prints the secret key of a stage, for the runner alone: it is asked for as a secret."""

if __name__ == "__main__":
    what = told()
    key = variables(content(os.path.join("shared", what["stage"] + ".env"))).get(what["variable"])
    if not key:
        sys.exit("there is no key any more")
    print(key)
