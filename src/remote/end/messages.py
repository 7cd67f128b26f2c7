"""Bodies and answers of every request.

Generated from src/remote/messages.ts by scripts/messages.mjs. Do not edit.
"""

from typing import Dict, List, Literal, Optional, Tuple, TypedDict


class RunSpec(TypedDict):
    step: str
    argv: List[str]
    env: Dict[str, str]
    secret: List[str]
    cwd: str
    timeoutMs: int
    sudo: bool
    input: Optional[str]
    build: Optional[str]


class ProbeSpec(TypedDict):
    step: str
    url: str
    socket: Optional[str]
    headers: Dict[str, str]
    status: List[int]
    contains: Optional[str]
    matches: List[str]
    json: Dict[str, List[str]]
    answerHeaders: Dict[str, str]
    intervalMs: int
    attemptMs: int
    timeoutMs: int


class BootSpec(TypedDict):
    run: RunSpec
    probe: ProbeSpec
    listen: Literal['port', 'socket']


class Ended(TypedDict):
    kind: Literal['exited', 'signalled', 'timed-out', 'cancelled', 'unstarted']
    code: Optional[int]
    signal: Optional[str]
    reason: Optional[str]
    durationMs: int


class EnvironmentRecordWheelsItem(TypedDict):
    file: str
    sha256: str


class EnvironmentRecord(TypedDict):
    path: str
    executable: str
    python: str
    platform: str
    wheels: List[EnvironmentRecordWheelsItem]


class FactAnswer(TypedDict):
    id: str
    ended: Ended
    out: str
    err: str


class FactQuestion(TypedDict):
    id: str
    argv: List[str]
    timeoutMs: int


Freeze = TypedDict('Freeze', {
    'run': str,
    'by': str,
    'from': str,
    'command': str,
    'reason': str,
    'sinceMs': int,
})


Holder = TypedDict('Holder', {
    'run': str,
    'by': str,
    'from': str,
    'pid': int,
    'command': str,
    'sinceMs': int,
})


class HostReportRoot(TypedDict):
    kind: Literal['absent', 'directory', 'other']
    writable: bool
    why: Optional[str]
    owner: Optional[str]
    id: Optional[str]
    project: Optional[str]
    freeBytes: int
    freeInodes: int


class LinkReport(TypedDict):
    kind: Literal['link', 'absent', 'directory', 'other']
    text: Optional[str]
    revision: Optional[str]
    dangling: bool


class StageReportWasLiveItem(TypedDict):
    revision: str
    sha256: Optional[str]
    takenBack: bool


class PolicyException(TypedDict):
    channel: str
    reason: str


class UndoResult(TypedDict):
    of: str
    ok: bool
    reason: Optional[str]


SwitchRecord = TypedDict('SwitchRecord', {
    'id': str,
    'kind': Literal['deploy', 'promote', 'rollback', 'recover'],
    'stage': str,
    'from': Optional[str],
    'to': Optional[str],
    'recovers': Optional[str],
    'hosts': List[str],
    'except': List[str],
    'exception': Optional[PolicyException],
    'atMs': int,
    'by': str,
    'firedNs': Optional[str],
    'state': Literal['open', 'kept', 'put-back'],
    'putBackFailed': Optional[str],
    'undo': List[UndoResult],
})


class StageReport(TypedDict):
    link: LinkReport
    stack: List[str]
    wasLive: List[StageReportWasLiveItem]
    switches: List[SwitchRecord]
    undone: List[UndoResult]
    lock: Optional[Holder]
    frozen: Optional[Freeze]


class RevisionReport(TypedDict):
    name: str
    project: str
    version: str
    sha256: str
    verdict: Literal['verified', 'rejected']
    stands: bool
    why: Optional[str]
    python: Optional[str]
    shared: List[str]
    atMs: int


class SharedReport(TypedDict):
    kind: Literal['absent', 'directory', 'file', 'other']
    mode: Optional[int]
    owner: Optional[str]
    why: Optional[str]


class HostReport(TypedDict):
    root: HostReportRoot
    stages: Dict[str, StageReport]
    revisions: List[RevisionReport]
    checked: List[str]
    unfinished: List[str]
    shared: Dict[str, SharedReport]
    foreign: List[str]
    programs: Dict[str, Optional[str]]
    facts: List[FactAnswer]
    timeNs: str


class PathReport(TypedDict):
    path: str
    kind: Literal['absent', 'directory', 'file', 'link', 'other']
    owner: Optional[str]
    group: Optional[str]
    mode: Optional[int]


class SealedReportDanglingItem(TypedDict):
    path: str
    target: str


class TreeChange(TypedDict):
    path: str
    how: Literal['changed', 'added', 'removed', 'replaced', 'relinked', 'executable', 'not-executable', 'unread', 'touched']
    was: Optional[str]


class TreeReportWritableItem(TypedDict):
    path: str
    mode: int


class TreeReportStrangeItem(TypedDict):
    path: str
    owner: str


class TreeReport(TypedDict):
    digest: Optional[str]
    listed: bool
    changes: List[TreeChange]
    changesTotal: int
    writable: List[TreeReportWritableItem]
    writableTotal: int
    strange: List[TreeReportStrangeItem]
    strangeTotal: int


class SealedReport(TypedDict):
    sha256: str
    treeDigest: str
    python: Optional[str]
    executable: Optional[str]
    interpreter: Optional[str]
    sdist: Optional[str]
    dangling: List[SealedReportDanglingItem]
    tree: TreeReport


class Leftover(TypedDict):
    path: str
    kind: Literal['incoming', 'sdist', 'tree', 'unfinished']
    ageS: int


class Inspection(TypedDict):
    group: str
    groups: List[str]
    paths: List[PathReport]
    sealed: Optional[SealedReport]
    why: Optional[str]
    leftovers: List[Leftover]
    leftoversTotal: int
    busy: bool
    facts: List[FactAnswer]


class Nothing(TypedDict):
    pass


class ProbeAnswer(TypedDict):
    ended: Ended
    attempts: int
    detail: str


class Product(TypedDict):
    file: str
    bytes: int
    sha256: str


class PrunedReportKeptItem(TypedDict):
    name: str
    why: str


class PrunedReport(TypedDict):
    removed: List[str]
    kept: List[PrunedReportKeptItem]


class StepRecord(TypedDict):
    step: str
    title: str
    result: str
    durationMs: int


class UndoSpec(TypedDict):
    of: str
    run: Optional[RunSpec]
    probe: Optional[ProbeSpec]


class OpenBody(TypedDict):
    protocol: int
    root: str
    project: str
    host: str
    heartbeatMs: int
    forwardAgent: bool
    holder: Holder


class OpenAnswer(TypedDict):
    user: str
    uid: int
    hostname: str
    python: str
    executable: str
    pid: int
    bootId: Optional[str]
    home: str


class ObserveBody(TypedDict):
    stages: List[str]
    check: List[str]
    shared: List[str]
    programs: List[str]
    facts: List[FactQuestion]


ObserveAnswer = HostReport


ClockBody = Nothing


class ClockAnswer(TypedDict):
    timeNs: str


class InspectBody(TypedDict):
    revision: Optional[str]
    paths: List[str]
    facts: List[FactQuestion]


InspectAnswer = Inspection


SettleBody = Nothing


class SettleAnswer(TypedDict):
    id: str
    project: str


class MakeSharedBody(TypedDict):
    directories: List[str]


MakeSharedAnswer = Nothing


class LockBody(TypedDict):
    name: str
    mode: Literal['exclusive', 'shared']


class LockAnswer(TypedDict):
    granted: bool
    holder: Optional[Holder]


class UnlockBody(TypedDict):
    name: str


UnlockAnswer = Nothing


class ReceiveBody(TypedDict):
    revision: str
    sha256: str
    bytes: int


class ReceiveAnswer(TypedDict):
    sha256: str
    bytes: int


class UnpackBody(TypedDict):
    revision: str
    sha256: str
    keepFailed: bool


class UnpackAnswer(TypedDict):
    sourceDigest: str
    files: int
    bytes: int


class BeginProductsBody(TypedDict):
    revision: str
    share: str


BeginProductsAnswer = Nothing


class ListProductsBody(TypedDict):
    revision: str
    share: str


class ListProductsAnswer(TypedDict):
    products: List[Product]


class FetchProductsBody(TypedDict):
    revision: str
    share: str


FetchProductsAnswer = Nothing


class ReceiveProductsBody(TypedDict):
    revision: str
    share: str
    products: List[Product]


ReceiveProductsAnswer = Nothing


class RunBody(TypedDict):
    spec: RunSpec
    undoOf: Optional[str]


RunAnswer = Ended


class ProbeBody(TypedDict):
    spec: ProbeSpec
    undoOf: Optional[str]


class BootBody(TypedDict):
    spec: BootSpec


BootAnswer = ProbeAnswer


class CancelBody(TypedDict):
    request: int


CancelAnswer = Nothing


class SealBody(TypedDict):
    revision: str
    project: str
    version: str
    sha256: str
    sourceDigest: str
    shared: List[str]
    verification: List[StepRecord]
    tool: str


class SealAnswer(TypedDict):
    treeDigest: str


class RejectBody(TypedDict):
    revision: str
    sha256: str
    reason: str
    verification: List[StepRecord]
    keepTree: bool


RejectAnswer = Nothing


class AbandonBody(TypedDict):
    revision: str


class AbandonAnswer(TypedDict):
    removed: bool


class FetchBody(TypedDict):
    revision: str


class FetchAnswer(TypedDict):
    sha256: str
    bytes: int


class LoadUndoBody(TypedDict):
    id: str
    stage: str
    undo: List[UndoSpec]


LoadUndoAnswer = Nothing


ArmBody = TypedDict('ArmBody', {
    'id': str,
    'kind': Literal['deploy', 'promote', 'rollback', 'recover'],
    'stage': str,
    'from': Optional[str],
    'to': Optional[str],
    'recovers': Optional[str],
    'hosts': List[str],
    'except': List[str],
    'exception': Optional[PolicyException],
    'atMs': int,
    'undo': List[UndoSpec],
})


ArmAnswer = Nothing


class FireBody(TypedDict):
    id: str
    atUs: Optional[int]
    delayUs: int


class FireAnswer(TypedDict):
    link: LinkReport
    firedNs: str


class PutBackBody(TypedDict):
    id: str


class PutBackAnswer(TypedDict):
    link: LinkReport
    movedByOthers: bool
    started: List[str]


class PutBackDoneBody(TypedDict):
    id: str
    undo: List[UndoResult]


PutBackDoneAnswer = Nothing


class KeepBody(TypedDict):
    id: str


class KeepAnswer(TypedDict):
    link: LinkReport
    unrecorded: Optional[str]


CloseSwitchBody = TypedDict('CloseSwitchBody', {
    'id': str,
    'stage': str,
    'as': Literal['kept', 'put-back'],
})


class CloseSwitchAnswer(TypedDict):
    link: LinkReport


class FreezeBody(TypedDict):
    stage: str
    reason: str
    atMs: int


FreezeAnswer = Nothing


class UnfreezeBody(TypedDict):
    stage: str
    reason: Optional[str]


class UnfreezeAnswer(TypedDict):
    was: bool


class ReadBackBody(TypedDict):
    stages: List[str]


class ReadBackAnswer(TypedDict):
    links: Dict[str, LinkReport]
    unrecorded: Optional[str]


class PruneBody(TypedDict):
    stage: str
    revisions: List[str]


PruneAnswer = PrunedReport


class DiscardBody(TypedDict):
    revision: str


DiscardAnswer = Nothing


class JournalBody(TypedDict):
    limit: int


class JournalAnswer(TypedDict):
    entries: List[Dict[str, object]]


class AddKeyBody(TypedDict):
    type: str
    blob: str
    comment: str


class AddKeyAnswer(TypedDict):
    was: bool
    file: str


class RemoveKeyBody(TypedDict):
    type: str
    blob: str


class RemoveKeyAnswer(TypedDict):
    removed: int
    file: str


BeatBody = Nothing


class BeatAnswer(TypedDict):
    atUs: int


CloseBody = Nothing


CloseAnswer = Nothing


BODIES: Dict[str, type] = {
    'open': OpenBody,
    'observe': ObserveBody,
    'clock': ClockBody,
    'inspect': InspectBody,
    'settle': SettleBody,
    'make-shared': MakeSharedBody,
    'lock': LockBody,
    'unlock': UnlockBody,
    'receive': ReceiveBody,
    'unpack': UnpackBody,
    'begin-products': BeginProductsBody,
    'list-products': ListProductsBody,
    'fetch-products': FetchProductsBody,
    'receive-products': ReceiveProductsBody,
    'run': RunBody,
    'probe': ProbeBody,
    'boot': BootBody,
    'cancel': CancelBody,
    'seal': SealBody,
    'reject': RejectBody,
    'abandon': AbandonBody,
    'fetch': FetchBody,
    'load-undo': LoadUndoBody,
    'arm': ArmBody,
    'fire': FireBody,
    'put-back': PutBackBody,
    'put-back-done': PutBackDoneBody,
    'keep': KeepBody,
    'close-switch': CloseSwitchBody,
    'freeze': FreezeBody,
    'unfreeze': UnfreezeBody,
    'read-back': ReadBackBody,
    'prune': PruneBody,
    'discard': DiscardBody,
    'journal': JournalBody,
    'add-key': AddKeyBody,
    'remove-key': RemoveKeyBody,
    'beat': BeatBody,
    'close': CloseBody,
}

RefusalCode = Literal[
    'invalid',
    'not-open',
    'locked',
    'frozen',
    'not-ours',
    'other-project',
    'not-standing',
    'rejected',
    'conflict',
    'archive',
    'digest',
    'no-space',
    'permission',
    'read-only',
    'io',
    'moved',
    'lock-lost',
    'not-armed',
    'cancelled',
    'closing',
    'internal',
]

REFUSAL_CODES: Tuple[RefusalCode, ...] = (
    'invalid',
    'not-open',
    'locked',
    'frozen',
    'not-ours',
    'other-project',
    'not-standing',
    'rejected',
    'conflict',
    'archive',
    'digest',
    'no-space',
    'permission',
    'read-only',
    'io',
    'moved',
    'lock-lost',
    'not-armed',
    'cancelled',
    'closing',
    'internal',
)
