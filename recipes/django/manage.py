"""Runs one command of Django as `python -m django` does, in the environment of the revision.

With the variables of the stage where there is one, as its services have them; before that with a secret key that is
thrown away, since settings that have none do not load.
"""

import secrets


def run(what):
    if what["migrations"] == "apply":
        forget_applied()
    if what["stage"]:
        found = variables(content(of_stage("%s.env"))).items()
        os.environ.update({name: value for name, value in found if not name.startswith("DEPLOY_")})
    if what["throwAway"]:
        os.environ.setdefault(what["throwAway"], secrets.token_urlsafe(48))
    root = what["staticRoot"]
    if root:
        collect_into(root)
    work = {"apply": apply_migrations, "undo": undo_migrations}.get(what["migrations"], manage)
    work(what["argv"])
    if root and not (os.path.isdir(root) and os.listdir(root)):
        sys.exit("collectstatic left nothing in %s; with static: false it is not run" % root)


def manage(argv):
    from django.core.management import execute_from_command_line

    execute_from_command_line(["python -m django", *argv])


def collect_into(root):
    """Makes `root` the STATIC_ROOT of this command. What the running application finds there by its own settings has to
    be found there by it too."""
    from django.conf import settings

    if os.path.isdir(root) and os.listdir(root):
        sys.exit("the sdist has a %s of its own: name another directory as `static`" % os.path.basename(root))
    said = settings.STATIC_ROOT
    if said and os.path.realpath(said) == os.path.realpath(root):
        return
    reader = reads_static_root(settings)
    if reader:
        line = "STATIC_ROOT = Path(sys.prefix, %r).resolve()" % os.path.relpath(root, sys.prefix)
        sys.exit("%s reads STATIC_ROOT when the application runs, and that is %s instead of %s: write into %s\n    %s"
                 % (reader, said or "not set", root, os.environ["DJANGO_SETTINGS_MODULE"], line))
    if said:
        print("STATIC_ROOT is %s in the settings, and %s for this command" % (said, root))
    settings.STATIC_ROOT = root


def reads_static_root(settings):
    """What looks there while it serves: the list of hashed names, or WhiteNoise."""
    from django.contrib.staticfiles.storage import ManifestFilesMixin
    from django.utils.module_loading import import_string

    # From Django 4.2 on it is in STORAGES, and from 5.1 on nowhere else.
    storages = getattr(settings, "STORAGES", {}).get("staticfiles", {})
    backend = storages.get("BACKEND") or settings.STATICFILES_STORAGE
    kind = import_string(backend)
    if isinstance(kind, type) and issubclass(kind, ManifestFilesMixin):
        return backend
    return next((name for name in settings.MIDDLEWARE if name.startswith("whitenoise.")), None)


if __name__ == "__main__":
    what = told()
    try:
        run(what)
    except SystemExit as end:
        if what["advice"] and end.code not in (None, 0):
            print(what["advice"], file=sys.stderr)
        raise
