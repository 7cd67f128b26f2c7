"""Builds the sdist into dist/, with the setuptools that is there: installed, or Debian's wheel of it.

The same sources become the same bytes whenever they are built, so that a version can be built once more and still be the
revision that stands on the hosts. A project of your own says `['python3', '-m', 'build', '--sdist']` in its configuration
instead, and exports SOURCE_DATE_EPOCH to a backend that heeds it.
"""
import contextlib
import glob
import gzip
import io
import logging
import os
import sys
import tarfile

sys.path.extend(sorted(glob.glob("/usr/share/python-wheels/setuptools-*.whl")))

from setuptools import build_meta  # noqa: E402

# 1980-01-01, the earliest time that a wheel can hold (reproducible-builds.org/docs/source-date-epoch).
EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "315532800"))


def timeless(entry):
    """An entry of the archive without what differs from one build to the next."""
    entry.mtime = EPOCH
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry


def make_timeless(path):
    """Packs an sdist again: its entries sorted, with one time, and nobody's."""
    packed = io.BytesIO()
    with tarfile.open(path) as old, tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as new:
        for entry in sorted(old.getmembers(), key=lambda member: member.name):
            new.addfile(timeless(entry), old.extractfile(entry) if entry.isfile() else None)
    with open(path, "wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=EPOCH) as zipped:
        zipped.write(packed.getvalue())


logging.disable(logging.INFO)
with contextlib.redirect_stdout(io.StringIO()):
    name = build_meta.build_sdist("dist")
make_timeless(os.path.join("dist", name))
print("built dist/" + name)
