"""Reads through the link of a stage as fast as it can, until a file appears. Prints one JSON object.

    python3 reader.py LINK BEGUN ENOUGH

Each round opens the link once and reads two files of what it names, and reads a file by its path through the link.
After the first rounds it makes the file BEGUN.
"""

import json
import os
import sys

link, begun, enough = sys.argv[1:]
missing, mixed, seen = [], [], []


def read(path, directory=None):
    descriptor = os.open(path, os.O_RDONLY, dir_fd=directory)
    try:
        return os.read(descriptor, 1 << 16).decode()
    finally:
        os.close(descriptor)


def a_round():
    directory = os.open(link, os.O_RDONLY | os.O_DIRECTORY)
    try:
        first, second = read('shop/first.txt', directory), read('shop/second.txt', directory)
    finally:
        os.close(directory)
    if first != second:
        mixed.append([first, second])
    return first, read(os.path.join(link, 'shop/first.txt'))


while not os.path.exists(enough):
    for _ in range(32):
        try:
            versions = a_round()
        except OSError as error:
            missing.append(str(error))
            continue
        for version in versions:
            # The versions in the order in which they were seen, and how often each was read in a row.
            if not seen or seen[-1][0] != version:
                seen.append([version, 0])
            seen[-1][1] += 1
    if not os.path.exists(begun):
        open(begun, 'w').close()

print(json.dumps({'missing': missing[:9], 'mixed': mixed[:9], 'seen': seen}))
