"""Runs pip, and keeps the users and passwords of the URLs in its variables out of every argument list.

pip hands the URLs of its indexes, links and proxy on to itself, as arguments, when it makes the environment of a
build. So it is given its URLs without them. Those of a proxy stand in the variables that every program reads its proxy
from, all others in a netrc file (ftp(1)), which pip asks by the name of a host. Only the running processes know that
file: it is in memory where the system can do that. What pip would repeat from a requirements file is refused.

Arguments: pip, and what it is given. Variables: those of pip, PIP_*.
"""
import contextlib
import netrc
import os
import re
import shlex
import subprocess
import sys
import tempfile
from urllib.parse import unquote, urlsplit

# RFC 3986, 3.2: what stands before the last `@` of an authority.
WITH_USER = re.compile(r"(?<!\S)(https?://)([^/?#\s]*)@", re.IGNORECASE)
# What git, or another program that pip starts, would be given as it is.
WITH_PASSWORD = re.compile(r"://[^/?#\s@:]*:[^/?#\s]*@")
# A port that is none: the / ? # or space of a password ended the authority before its `@`.
CUT_SHORT = re.compile(r"://[^/?#\s@\[]*:(?!\d+(?:[/?#\s]|$))")
ENCODED = "of a user and a password, / ? # @ : and spaces are written as %2F %3F %23 %40 %3A %20"

# What pip fills in and leaves out in a requirements file, and what of it ends as an argument of a program.
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
COMMENT = re.compile(r"(^|\s+)#.*$")
WITH_ANY_USER = re.compile(r"https?://[^/?#\s]*@", re.IGNORECASE)
OF_VERSION_CONTROL = re.compile(r"\b(?:git|hg|bzr|svn)\+\S*://\S*@", re.IGNORECASE)
# Every option of pip may be shortened.
NAMES_A_FILE = re.compile(r"^(?:--(?:req|const|build-const)[a-z-]*(?:=(.+))?|-[rc](.+)?)$")


def option_of(variable):
    """The option of pip that a variable sets, as pip finds it: PIP_INDEX_URL is index-url, in any spelling of case."""
    name = variable[len("PIP_"):].lower().replace("_", "-") if variable.startswith("PIP_") else ""
    return name[2:] if name.startswith("--") else name


class Users:
    """Who is asked for at which host; what pip has for it in the netrc file of the account stays as it is."""

    def __init__(self, pip, path):
        self.pip, self.path = pip, path
        self.known = {}

    def add(self, variable, url, written):
        user, colon, password = (unquote(part) for part in written.partition(":"))
        if not user and not password:
            return
        asked = self.pip.as_asked(url)
        host = urlsplit(asked).hostname if asked else None
        if not host:
            sys.exit("%s: a URL there is none: %s" % (variable, ENCODED))
        found = (user, password if colon else None)
        _, _, other = self.known.get(host, (None, None, found))
        if found[0] != other[0] or None not in (found[1], other[1]) and found[1] != other[1]:
            sys.exit("%s: %s stands there with two users or passwords, and pip finds one for each host in a netrc "
                     "file: name one that may read both, or give the host a second name" % (variable, host))
        self.known[host] = (variable, asked, found if found[1] is not None else other)

    def lines(self):
        """One line of a netrc file for each host."""
        lines = []
        for host, (variable, asked, (user, password)) in self.known.items():
            # A user alone: pip looks for its password in the account's file first, by the host.
            if password is None and self.path and self.pip.finds(self.path, asked):
                continue
            line = "machine %s login %s password %s\n" % (host, word(user), word(password or ""))
            with netrc_file(line) as path:
                if self.pip.finds(path, asked) != (user, password or ""):
                    sys.exit("%s: pip does not find the user and the password for %s in a netrc file. It needs both, "
                             "without spaces, \" and \\ (a token alone: TOKEN:x@HOST); Python 3.11 and pip 25.3 can "
                             "read more" % (variable, host))
            lines.append(line)
        return lines


def word(text):
    """As every Python reads it in a netrc file; with quotes, which it does since 3.11, only where that is needed."""
    return text if re.fullmatch(r'[^\s"\\]+', text) else '"%s"' % re.sub(r'(["\\])', r"\\\1", text)


class Pip:
    """What pip itself does with a URL, by its own copy of `requests`."""

    def __init__(self, pip):
        sys.dont_write_bytecode = True
        sys.path.insert(0, os.path.dirname(pip))
        from pip._vendor.requests import PreparedRequest, RequestException
        from pip._vendor.requests.utils import get_netrc_auth

        self.request, self.refused, self.netrc_auth = PreparedRequest, RequestException, get_netrc_auth

    def as_asked(self, url):
        """With the name of the host as it is asked for; None where it is no URL."""
        request = self.request()
        try:
            request.prepare_url(url, None)
        except (self.refused, ValueError):
            return None
        return request.url

    def finds(self, path, url):
        """The user and the password for a URL in a netrc file; None where it finds none."""
        before = os.environ.get("NETRC")
        os.environ["NETRC"] = path
        try:
            return self.netrc_auth(url)
        finally:
            if before is None:
                del os.environ["NETRC"]
            else:
                os.environ["NETRC"] = before


@contextlib.contextmanager
def netrc_file(text):
    """The path of a file with this text, for as long as it is needed."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("netrc")
        try:
            os.write(descriptor, text.encode())
            yield "/proc/%d/fd/%d" % (os.getpid(), descriptor)
        finally:
            os.close(descriptor)
    else:
        with tempfile.NamedTemporaryFile() as file:
            file.write(text.encode())
            file.flush()
            yield file.name


def netrc_of_account():
    """Path and text of the file that pip would ask; None and nothing where it would find none that it can read."""
    named = os.environ.get("NETRC")
    for path in [named] if named is not None else ["~/.netrc", "~/_netrc"]:
        path = os.path.expanduser(path)
        if os.path.exists(path):
            try:
                with open(path, opener=plain_file) as file:
                    text = file.read()
                with netrc_file(text) as copy:
                    netrc.netrc(copy)
                return path, text
            except (netrc.NetrcParseError, OSError, ValueError):
                break
    return None, ""


def behind_proxy(environment):
    """The proxy of pip as the one of every program; as with PIP_PROXY, no host is passed to by another way."""
    proxies = [name for name in environment if option_of(name) == "proxy" and "@" in environment[name]]
    if not proxies:
        return environment
    left_out = [name for name in environment if name.lower() == "no_proxy" or option_of(name) == "no-proxy-env"]
    value = environment[proxies[-1]]
    names = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
    kept = {name: environment[name] for name in environment if name not in proxies + left_out}
    return dict(kept, **{name: value for name in names})


def without_users(environment, found):
    """The variables with URLs that may be seen; `found` is told the rest: variable, URL without user, its user."""
    shown = behind_proxy(environment)
    for name, value in list(shown.items()):
        if not option_of(name):
            continue
        for scheme, user, rest in re.findall(WITH_USER.pattern + r"(\S*)", value, re.IGNORECASE):
            found(name, scheme + rest, user)
        shown[name] = WITH_USER.sub(r"\1", value)
        if WITH_PASSWORD.search(shown[name]) or WITH_ANY_USER.search(shown[name]):
            sys.exit("%s: pip would repeat the user or the password of a URL there as an argument: only those of URLs "
                     "that begin with http:// or https:// can be kept from that" % name)
        if CUT_SHORT.search(shown[name]):
            sys.exit("%s: what follows the host of a URL there is no port: %s" % (name, ENCODED))
    return shown


def files_named(words):
    """The requirements files that these arguments name."""
    files = []
    for index, argument in enumerate(words):
        named = NAMES_A_FILE.match(argument)
        if named:
            own = named[1] or named[2]
            files.extend([own] if own else words[index + 1:index + 2])
    return files


def repeats_a_user(line):
    """Would pip repeat a user or a password of this line as an argument, to itself or to git?"""
    if OF_VERSION_CONTROL.search(line):
        return WITH_ANY_USER.search(line) or WITH_PASSWORD.search(line)
    return line.lstrip().startswith("-") and (WITH_ANY_USER.search(line) or CUT_SHORT.search(line))


def look_through(files, environment):
    """Ends where a line of a requirements file would put a user or a password into an argument list."""
    waiting, seen = list(files), set()
    while waiting:
        path = waiting.pop()
        seen.add(path)
        try:
            with open(path, encoding="utf-8", errors="replace", opener=plain_file) as file:
                text = file.read()
        # A URL, or not there: pip says so itself.
        except (OSError, ValueError):
            continue
        for line in re.sub(r"\\\r?\n", " ", text).splitlines():
            line = VARIABLE.sub(lambda name: environment.get(name[1]) or name[0], COMMENT.sub("", line))
            if repeats_a_user(line):
                sys.exit("%s has a URL with a user or a password, which pip would repeat as an argument: leave both "
                         "out of the line, and name the URL with them in a variable: "
                         "env: { PIP_EXTRA_INDEX_URL: secret('EXTRA') }; for git, use SSH" % path)
            nested = [os.path.join(os.path.dirname(path), file) for file in files_named(words_of(line))]
            waiting.extend(file for file in nested if file not in seen)


def words_of(line):
    try:
        return shlex.split(line) if line.lstrip().startswith("-") else []
    except ValueError:
        return []


def run(arguments, environment):
    done = subprocess.run([sys.executable] + arguments, env=environment, stdin=subprocess.DEVNULL, check=False)
    return done.returncode if done.returncode >= 0 else 1


def main():
    arguments = sys.argv[1:]
    named = [path for name in os.environ if option_of(name) in ("requirement", "constraint", "build-constraint")
             for path in os.environ[name].split()]
    look_through(files_named(arguments) + named, os.environ)
    found = []
    environment = without_users(os.environ, lambda *one: found.append(one))
    if not found:
        return run(arguments, environment)
    path, text = netrc_of_account()
    users = Users(Pip(arguments[0]), path)
    for one in found:
        users.add(*one)
    # What is said last of a host counts.
    with netrc_file(text + "\n\n" + "".join(users.lines())) as path:
        return run(arguments, dict(environment, NETRC=path))


if __name__ == "__main__":
    sys.exit(main())
