"""A root with revisions that stand, and a connection that may switch between them."""

import os
from typing import Any, List, Optional

from support import Json, RemoteEndTest, Runner


class SwitchTest(RemoteEndTest):
    """`production` is on shop-1.0, the connection holds its lock, and may switch it to shop-2.0."""

    def setUp(self) -> None:
        super().setUp()
        for revision in ('shop-1.0', 'shop-2.0'):
            self.seal(revision)
        os.symlink('shop-1.0', self.path('production'))
        self.hold()

    def hold(self, runner: Optional[Runner] = None) -> None:
        self.lock('production', runner=runner)
        for revision in ('shop-1.0', 'shop-2.0'):
            self.lock(revision, 'shared', runner)

    def intent(self, **changes: object) -> Json:
        intent: Json = {
            'id': 's1', 'kind': 'deploy', 'stage': 'production', 'from': 'shop-1.0', 'to': 'shop-2.0',
            'recovers': None, 'hosts': ['web1'], 'except': [], 'exception': None, 'atMs': 1, 'undo': [],
        }
        return {**intent, **changes}

    def arm(self, **changes: object) -> None:
        self.assertEqual(self.runner.call('arm', self.intent(**changes)), {})

    def fire(self, id: str = 's1') -> Json:
        return self.runner.call('fire', {'id': id, 'atUs': None, 'delayUs': 0})

    def put_back(self, id: str = 's1') -> Json:
        return self.runner.call('put-back', {'id': id})

    def keep(self, id: str = 's1') -> Json:
        return self.runner.call('keep', {'id': id})

    def undo(self, of: str, **changes: object) -> Json:
        """An undo step that writes its name into the file `undone`."""
        spec = self.spec('sh', '-c', 'echo "$0" >> undone', of, **changes)
        return {'of': of, 'run': {**spec, 'step': f'undo of {of}'}, 'probe': None}

    def start_step(self, step: str) -> None:
        self.run_step(self.spec('true', step=step))

    def undone(self) -> List[str]:
        return self.read('undone').split() if os.path.exists(self.path('undone')) else []

    def told(self) -> List[Any]:
        """What the journal tells of switches: the entries without what is the same for all."""
        same = ('v', 'atNs', 'run', 'by', 'origin', 'command')
        entries = [entry for entry in self.journal.latest(10_000) if entry['what'] not in ('build', 'sealed')]
        return [{key: value for key, value in entry.items() if key not in same} for entry in entries]

    def not_yet(self, *steps: str) -> List[Json]:
        return [{'of': step, 'ok': False, 'reason': 'not undone yet'} for step in steps]

    def taken_line(self) -> Json:
        return {'what': 'taken', 'id': 's1', 'stage': 'production'}

    def put_back_line(self, *results: Json, moved: bool = True, by_others: bool = False) -> Json:
        return {
            'what': 'put-back', 'id': 's1', 'stage': 'production', 'moved': moved, 'movedByOthers': by_others,
            'undo': list(results),
        }
