"""Gives a root a past: `long-past.py ROOT STAGE DEPLOYS REVISIONS`.

So many deploys of the stage stand in the journal before what stands there already, and so many sealed revisions, all older than
those that are there, in the root. Run as the deploy account.
"""

import json
import os
import shutil
import sys

root, stage, deploys, revisions = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
records = os.path.join(root, '.stage')
journal = os.path.join(records, 'journal.jsonl')
base = {'v': 1, 'atNs': '1', 'run': 'past', 'by': 'ana', 'origin': 'laptop', 'command': 'deploy ' + stage}

with open(journal, 'rb') as file:
    present = file.read()
with open(journal, 'w') as file:
    for number in range(deploys):
        revision, identity = 'shop-0.%d' % number, '%032x' % number
        intent = {'what': 'intent', 'id': identity, 'kind': 'deploy', 'stage': stage, 'to': revision, 'recovers': None,
                  'from': None if number == 0 else 'shop-0.%d' % (number - 1), 'hosts': ['web1', 'web2', 'web3'],
                  'except': [], 'exception': None, 'atMs': number, 'sha256': '%064x' % number}
        lines = [
            {'what': 'build', 'revision': revision, 'sha256': '%064x' % number},
            {'what': 'sealed', 'revision': revision, 'sha256': '%064x' % number},
            intent,
            {'what': 'fired', 'id': identity, 'stage': stage, 'firedNs': str(number)},
            {'what': 'kept', 'id': identity, 'stage': stage},
        ]
        if number < deploys - revisions:
            lines.append({'what': 'pruned', 'revision': revision})
        for line in lines:
            file.write(json.dumps({**base, **line}, separators=(',', ':')) + '\n')
        # What a full disk, a hand and nobody that we know have left.
        if number % 1000 == 500:
            file.write('{"v":1,"what":"kep\n\n\0\0\0\n["no entry"]\n')
with open(journal, 'ab') as file:
    file.write(present)

some = next(name for name in sorted(os.listdir(root)) if os.path.exists(os.path.join(root, name, '.revision.json')))
with open(os.path.join(root, some, '.revision.json')) as file:
    manifest = json.load(file)
for number in range(deploys - revisions, deploys):
    revision = 'shop-0.%d' % number
    directory = os.path.join(root, revision)
    os.mkdir(directory)
    with open(os.path.join(directory, 'file'), 'w') as file:
        file.write(revision)
    told = {**manifest, 'revision': revision, 'version': '0.%d' % number, 'sha256': '%064x' % number, 'atMs': 1 + number}
    with open(os.path.join(directory, '.revision.json'), 'w') as file:
        json.dump(told, file)
    os.chmod(os.path.join(directory, '.revision.json'), 0o444)
    os.chmod(directory, 0o555)
    shutil.copyfile(os.path.join(records, 'sdists', some + '.tar.gz'), os.path.join(records, 'sdists', revision + '.tar.gz'))
