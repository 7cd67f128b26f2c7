"""What a journal tells, replayed: the history of each stage, the revisions that were made here. Pure.

A replay takes one line after the other and holds no more than what may still be asked for, so that neither time nor memory
of a line grows with the number of those before it. It can be written down and gone on with later (`end.checkpoint`).
"""

from typing import Callable, Dict, Iterable, List, NamedTuple, Set, TypedDict

from end.entry import Entry, text_of
from end.layout import is_revision_name, is_stage_name
from end.stage_record import StageHistory, StageRecord
from end.stage_replay import StageReplay

_REMOVED = ('abandoned', 'discarded', 'pruned')


class History(NamedTuple):
    """All of it at one moment; what is replayed later does not change it."""

    # By stage, of every stage that the journal names.
    stages: Dict[str, StageHistory]
    # Revisions that were begun here and not removed since, each with the sha256 of the sdist it is made from.
    made: Dict[str, str]
    # Of these, those that were neither sealed nor rejected since.
    begun: Set[str]


class ReplayRecord(TypedDict):
    """A replay as JSON."""

    made: Dict[str, str]
    begun: List[str]
    stages: Dict[str, StageRecord]


class Replay:
    """The replay of a whole journal."""

    def __init__(self) -> None:
        self._stages: Dict[str, StageReplay] = {}
        self._made: Dict[str, str] = {}
        self._begun: Set[str] = set()

    @classmethod
    def restored(cls, record: ReplayRecord) -> 'Replay':
        replay = cls()
        replay._made = dict(record['made'])
        replay._begun = set(record['begun'])
        replay._stages = {stage: StageReplay.restored(told) for stage, told in record['stages'].items()}
        return replay

    def record(self) -> ReplayRecord:
        return {
            'made': self._made,
            'begun': sorted(self._begun),
            'stages': {stage: replay.record() for stage, replay in self._stages.items()},
        }

    def take(self, entry: Entry) -> None:
        stage = text_of(entry, 'stage')
        if stage is not None and is_stage_name(stage):
            replay = self._stages.get(stage)
            if replay is None:
                replay = self._stages[stage] = StageReplay()
            replay.take(entry)
        revision = text_of(entry, 'revision')
        if revision is not None and is_revision_name(revision):
            self._take_revision(entry, revision)

    def history(self) -> History:
        stages = {stage: replay.history() for stage, replay in self._stages.items()}
        return History(stages, dict(self._made), set(self._begun))

    def forget_made(self, is_gone: Callable[[str], bool]) -> None:
        """Forgets revisions of which nothing is left. One that is being made may have nothing yet, and stays."""
        for name in [name for name in self._made if name not in self._begun and is_gone(name)]:
            del self._made[name]

    def _take_revision(self, entry: Entry, name: str) -> None:
        if entry['what'] == 'build':
            self._made[name] = text_of(entry, 'sha256') or ''
            self._begun.add(name)
        elif entry['what'] in _REMOVED:
            self._made.pop(name, None)
            self._begun.discard(name)
        elif entry['what'] in ('sealed', 'rejected'):
            self._begun.discard(name)


def replay(entries: Iterable[Entry]) -> History:
    """The history that these lines tell, oldest first."""
    replayed = Replay()
    for entry in entries:
        replayed.take(entry)
    return replayed.history()
