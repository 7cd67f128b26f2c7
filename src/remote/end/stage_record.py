"""What is known of the past of one stage: as its replay tells it, and as it is written down."""

from typing import FrozenSet, List, Literal, NamedTuple, Optional, TypedDict

from end.messages import StageReportWasLiveItem, SwitchRecord, UndoResult

End = Literal['open', 'kept', 'put-back']

# A rollback goes back so many switches. The runner is told of half as many (`fitting`).
STACK_LIMIT = 100


class StageHistory(NamedTuple):
    # Revisions by the replay of kept switches, live first: deploy and promote push, rollback pops; a recovery brings
    # about what the switch that it mends did, or undoes it. At most STACK_LIMIT.
    stack: List[str]
    # The revisions that were live after a kept switch, latest first, each once; also one that every such switch was taken back of.
    was_live: List[StageReportWasLiveItem]
    # The latest, newest first, and all that are open.
    switches: List[SwitchRecord]
    # Of steps that were run for a switch that was never armed, since the latest intent.
    undone: List[UndoResult]
    # Switches that a later connection took, to put them back: whoever armed them has no say in them any more.
    taken: FrozenSet[str] = frozenset()


NO_HISTORY = StageHistory([], [], [], [])


class BeforeRecord(TypedDict):
    """What a kept switch changed, to be restored when it is decided that it was put back."""

    id: str
    stack: List[str]
    # How the switch that it mended had ended, if it was a recovery.
    recovered: Optional[End]


class LivedRecord(TypedDict):
    revision: str
    sha256: Optional[str]
    # How many switches to it are kept and were not taken back.
    kept: int


class ReplayedSwitch(TypedDict):
    switch: SwitchRecord
    sha256: Optional[str]


class StageRecord(TypedDict):
    """The replay of a stage as JSON; every list is in the order of the journal."""

    stack: List[str]
    lived: List[LivedRecord]
    switches: List[ReplayedSwitch]
    before: List[BeforeRecord]
    undone: List[UndoResult]
    taken: List[str]
