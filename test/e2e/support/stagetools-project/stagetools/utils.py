"""A framework that knows its system by the directory of the environment that it runs in: `<configuration>_<stage name>`.

The first letter of the stage's name is its class. It stands here for the framework of that name, with the same attributes and the same
rules, so that a project which was built on it can be deployed as it is.
"""
import grp
import os
import pwd
import re
import sys
from pathlib import Path

NAME = re.compile("(.+)_(.+)")
CLASSES = {"p": 0, "q": 1, "i": 2, "d": 3}


class System:
    __slots__ = (
        "name user group container configuration stage_name stage core_repo core_app is_debug "
        "base_dir venv_dir bin_dir lib_dir src_dir python_path pip_path core_repo_dir "
        "static_url static_dir media_url media_dir application_name asgi_module asgi_application "
        "wsgi_module wsgi_application django_project django_application django_settings django_rooturls "
        "django_wsgi_application manage_py_path database_name database_user database_sqlite_path services"
    ).split()


def get_actual_system_from_name(name=None, core_repo=None, core_app=None):
    """The system that is running, by `sys.prefix`; where a checkout runs without an environment, by the path of this file."""
    account = pwd.getpwnam(name) if name else pwd.getpwuid(os.getuid())
    base = Path(sys.prefix)
    name = name or base.name
    if not NAME.match(name):
        name = Path(__file__).parts[-5]
        base = Path(__file__).parents[3]
    if not NAME.match(name):
        raise RuntimeError("improperly configured: %r is not named like a system" % name)
    return derived(name, base, account.pw_name, grp.getgrgid(account.pw_gid).gr_name, core_repo, core_app)


def get_expected_system_from_name(name=None, base_dir=None, core_repo=None, core_app=None):
    """The system that there should be, looked up nowhere."""
    name = name or pwd.getpwuid(os.getuid()).pw_name
    return derived(name, Path(base_dir or "/home/" + name), name, name, core_repo, core_app)


def derived(name, base, user, group, core_repo, core_app):
    system = System()
    system.name, system.user, system.group, system.container = name, user, group, name.replace("_", "-")
    system.configuration, system.stage_name = NAME.match(name).groups()
    system.stage = CLASSES[system.stage_name[0]]
    system.is_debug = system.stage >= CLASSES["i"]
    system.core_repo = core_repo or system.configuration
    system.core_app = core_app or system.core_repo
    system.base_dir = system.venv_dir = base
    system.bin_dir, system.lib_dir, system.src_dir = base / "bin", base / "lib", base / "src"
    system.python_path, system.pip_path = base / "bin" / "python", base / "bin" / "pip"
    system.core_repo_dir = system.src_dir / system.core_repo
    system.manage_py_path = system.core_repo_dir / "stagetools" / "manage.py"
    system.static_url, system.static_dir = "static/", base / "static"
    system.media_url, system.media_dir = "media/", base / "media"
    system.application_name = "application"
    system.asgi_module, system.asgi_application = "stagetools.asgi", "stagetools.asgi:application"
    system.wsgi_module, system.wsgi_application = "stagetools.wsgi", "stagetools.wsgi:application"
    system.django_project = "stagetools_project"
    system.django_settings, system.django_rooturls = "stagetools_project.settings", "stagetools_project.urls"
    system.django_wsgi_application = "stagetools.wsgi.application"
    system.database_name = system.database_user = "%s_%s" % (system.configuration, system.stage_name)
    system.database_sqlite_path = base / (system.core_repo + ".sqlite")
    return system
