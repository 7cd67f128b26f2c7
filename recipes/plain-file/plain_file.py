"""Opens what has to be a plain file, through links: what stands on a host may be put there by an application, a build or another
user, and no program waits for what they put into a pipe. Goes before the programs that open files:

    open(path, opener=plain_file)
"""
import errno
import os
import stat
import sys

KINDS = {
    stat.S_IFIFO: "a FIFO", stat.S_IFDIR: "a directory", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class NotPlain(OSError):
    """Something else stands in the place of a file. Its text is for people, and names the path."""


def plain_file(path, flags):
    """An opener for open(). With O_NONBLOCK a FIFO or a device is opened at once, or not at all (open(2)); then it is looked at,
    so that nobody can put another thing there in between. On a plain file the flag means nothing."""
    try:
        descriptor = os.open(path, flags | os.O_NONBLOCK, 0o666)
    except OSError as error:
        # ENXIO: a socket, or a FIFO that is opened to be written. EISDIR: a directory, likewise.
        if error.errno in (errno.ENXIO, errno.EISDIR):
            raise not_plain(path, os.stat(path).st_mode)
        raise
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise not_plain(path, mode)
    return descriptor


def not_plain(path, mode):
    return NotPlain("%s is %s, no plain file: move it away" % (path, KINDS.get(stat.S_IFMT(mode), "something else")))


def say(kind, error, trace):
    """Of a program that ends by it one line is said, and not where in its text that was."""
    if issubclass(kind, NotPlain):
        print(error, file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = say
