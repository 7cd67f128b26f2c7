"""Journals that nobody would write, but that a reader may find."""

import json
import random
from typing import List, Optional

from end.entry import Entry

_WHATS = ('fired', 'taken', 'kept', 'kept', 'kept', 'put-back', 'put-back-failed', 'recovered', 'undone')
_OF_REVISIONS = ('build', 'build', 'sealed', 'rejected', 'abandoned', 'discarded', 'pruned')
_REVISIONS = [f'shop-{number}' for number in range(8)]


def random_journal(seed: int, length: int) -> List[Entry]:
    """Lines of every kind in any order, of two stages: ends without intents, intents twice, recoveries of recoveries."""
    choose = random.Random(seed)
    identities = [f'switch-{number}' for number in range(max(4, length // 5))]
    return [_random_entry(choose, identities) for _ in range(length)]


def _random_entry(choose: random.Random, identities: List[str]) -> Entry:
    base: Entry = {'v': 1, 'atNs': '1', 'run': 'r', 'by': 'ana', 'origin': 'laptop', 'command': 'deploy'}
    if choose.random() < 0.2:
        revision = choose.choice(_REVISIONS)
        return {**base, 'what': choose.choice(_OF_REVISIONS), 'revision': revision, 'sha256': f'sha of {revision}'}
    # Mostly one of the last few, as in a real journal.
    recent = identities[:1 + int(len(identities) * choose.random())]
    base.update(stage=choose.choice(('production', 'production', 'staging')), id=choose.choice(recent[-4:]))
    if choose.random() < 0.4:
        return {**base, 'what': 'intent', **_intent(choose, recent)}
    undo = [{'of': choose.choice('xy'), 'ok': choose.random() < 0.5, 'reason': None}]
    return {**base, 'what': choose.choice(_WHATS), 'undo': undo, 'as': choose.choice(('kept', 'put-back')),
            'reason': 'no space', 'firedNs': '7'}


def _intent(choose: random.Random, identities: List[str]) -> Entry:
    kind = choose.choice(('deploy', 'deploy', 'promote', 'rollback', 'recover', 'recover'))
    to: Optional[str] = choose.choice(_REVISIONS)
    recovers = None
    if kind == 'recover':
        recovers = choose.choice(identities[-4:])
        to = choose.choice((to, None))
    return {'kind': kind, 'from': choose.choice(_REVISIONS), 'to': to, 'recovers': recovers, 'hosts': ['web1'],
            'except': [], 'atMs': 5, 'sha256': None if to is None else f'sha of {to}'}


def deploys(count: int, stage: str = 'production') -> bytes:
    """So many deploys that went well, each of a revision of its own that was removed again."""
    lines = bytearray()
    base: Entry = {'v': 1, 'atNs': '1', 'run': 'r', 'by': 'ana', 'origin': 'laptop', 'command': f'deploy {stage}'}
    for number in range(count):
        revision, sha256, id = f'shop-1.{number}', f'{number:064x}', f'{number:016x}'
        before = None if number == 0 else f'shop-1.{number - 1}'
        intent: Entry = {'id': id, 'kind': 'deploy', 'stage': stage, 'from': before, 'to': revision, 'recovers': None,
                         'hosts': ['web1', 'web2', 'web3'], 'except': [], 'exception': None, 'atMs': number, 'sha256': sha256}
        entries: List[Entry] = [
            {'what': 'build', 'revision': revision, 'sha256': sha256},
            {'what': 'sealed', 'revision': revision, 'sha256': sha256},
            {'what': 'intent', **intent},
            {'what': 'fired', 'id': id, 'stage': stage, 'firedNs': str(number)},
            {'what': 'kept', 'id': id, 'stage': stage},
        ]
        if number >= 5:
            entries.append({'what': 'pruned', 'revision': f'shop-1.{number - 5}'})
        for entry in entries:
            lines += json.dumps({**base, **entry}, separators=(',', ':')).encode() + b'\n'
    return bytes(lines)
