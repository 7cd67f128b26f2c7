"""Builds the sdist into dist/, with the setuptools that is there: installed, or Debian's wheel of it.

A project of your own says `['python3', '-m', 'build', '--sdist']` in its configuration instead.
"""
import contextlib
import glob
import io
import logging
import sys

sys.path.extend(sorted(glob.glob("/usr/share/python-wheels/setuptools-*.whl")))

from setuptools import build_meta  # noqa: E402

logging.disable(logging.INFO)
with contextlib.redirect_stdout(io.StringIO()):
    name = build_meta.build_sdist("dist")
print("built dist/" + name)
