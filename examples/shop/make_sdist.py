"""Builds the sdist into dist/, with the setuptools that is there: installed, or Debian's wheel of it.

A project of your own says `['python3', '-m', 'build', '--sdist']` here.
"""
import glob
import sys

sys.path.extend(sorted(glob.glob("/usr/share/python-wheels/setuptools-*.whl")))

from setuptools import build_meta  # noqa: E402

print(build_meta.build_sdist("dist"))
