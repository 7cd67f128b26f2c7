"""Runs pip with an index whose URL has a password, and keeps the password out of every process list.

pip hands the URL of its index on to itself, as an argument, when it makes the environment of a build. So it is given the
URL without user and password, and these in a netrc file (ftp(1)) of which only the running processes know: in memory where
the system can do that. Arguments: the program and its arguments; the URL is PIP_INDEX_URL.
"""
import os
import re
import subprocess
import sys
import tempfile
from urllib.parse import unquote, urlsplit, urlunsplit


def netrc_for(url):
    """The URL without its user and password, and the line of a netrc file for them; None where it has none."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url, None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    # What a netrc file can say in every Python: one word each. In a message neither may be repeated.
    if not all(re.fullmatch(r'[^\s"\\]+', word) for word in (user, password)):
        sys.exit('the URL of the index needs a user and a password, without spaces, " and \\ (a token alone: TOKEN:x@HOST)')
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=place)), "machine %s login %s password %s\n" % (
        parts.hostname, user, password
    )


def run(command, environment):
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False)
    return done.returncode if done.returncode >= 0 else 1


def main():
    url, line = netrc_for(os.environ["PIP_INDEX_URL"])
    environment = dict(os.environ, PIP_INDEX_URL=url)
    if line is None:
        return run(sys.argv[1:], environment)
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("netrc")
        os.write(descriptor, line.encode())
        return run(sys.argv[1:], dict(environment, NETRC="/proc/%d/fd/%d" % (os.getpid(), descriptor)))
    with tempfile.NamedTemporaryFile() as file:
        file.write(line.encode())
        file.flush()
        return run(sys.argv[1:], dict(environment, NETRC=file.name))


if __name__ == "__main__":
    sys.exit(main())
