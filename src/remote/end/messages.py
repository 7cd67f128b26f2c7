"""Bodies and answers of every request.

Generated from src/remote/messages.ts by scripts/messages.mjs. Do not edit.
"""

from typing import Dict, List, Literal, NamedTuple, Optional, Tuple, TypedDict


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


class BuilderRecord(TypedDict):
    share: str
    host: str
    stage: str
    run: str
    atMs: int


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
    boundBy: Optional[str]
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
    sha256: Optional[str]
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
    builders: List[BuilderRecord]
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


class SweptReportKeptItem(TypedDict):
    name: str
    why: str


class SweptReport(TypedDict):
    removed: int
    left: int
    kept: List[SweptReportKeptItem]


class PrunedReport(TypedDict):
    removed: List[str]
    kept: List[PrunedReportKeptItem]
    swept: SweptReport


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
    builders: List[BuilderRecord]
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


class MeasureSdistBody(TypedDict):
    revision: str


class MeasureSdistAnswer(TypedDict):
    bytes: int


class FetchBody(TypedDict):
    revision: str
    bytes: int


FetchAnswer = Nothing


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
    atMost: int


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
    'measure-sdist': MeasureSdistBody,
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

ANSWERS: Dict[str, type] = {
    'open': OpenAnswer,
    'observe': ObserveAnswer,
    'clock': ClockAnswer,
    'inspect': InspectAnswer,
    'settle': SettleAnswer,
    'make-shared': MakeSharedAnswer,
    'lock': LockAnswer,
    'unlock': UnlockAnswer,
    'receive': ReceiveAnswer,
    'unpack': UnpackAnswer,
    'begin-products': BeginProductsAnswer,
    'list-products': ListProductsAnswer,
    'fetch-products': FetchProductsAnswer,
    'receive-products': ReceiveProductsAnswer,
    'run': RunAnswer,
    'probe': ProbeAnswer,
    'boot': BootAnswer,
    'cancel': CancelAnswer,
    'seal': SealAnswer,
    'reject': RejectAnswer,
    'abandon': AbandonAnswer,
    'measure-sdist': MeasureSdistAnswer,
    'fetch': FetchAnswer,
    'load-undo': LoadUndoAnswer,
    'arm': ArmAnswer,
    'fire': FireAnswer,
    'put-back': PutBackAnswer,
    'put-back-done': PutBackDoneAnswer,
    'keep': KeepAnswer,
    'close-switch': CloseSwitchAnswer,
    'freeze': FreezeAnswer,
    'unfreeze': UnfreezeAnswer,
    'read-back': ReadBackAnswer,
    'prune': PruneAnswer,
    'discard': DiscardAnswer,
    'journal': JournalAnswer,
    'add-key': AddKeyAnswer,
    'remove-key': RemoveKeyAnswer,
    'beat': BeatAnswer,
    'close': CloseAnswer,
}

# The longest message that the runner takes for an answer.
ANSWER_BYTES: Dict[str, int] = {
    'open': 4194304,
    'observe': 4194304,
    'clock': 262144,
    'inspect': 4194304,
    'settle': 262144,
    'make-shared': 262144,
    'lock': 262144,
    'unlock': 262144,
    'receive': 262144,
    'unpack': 262144,
    'begin-products': 262144,
    'list-products': 1048576,
    'fetch-products': 262144,
    'receive-products': 262144,
    'run': 262144,
    'probe': 262144,
    'boot': 262144,
    'cancel': 262144,
    'seal': 262144,
    'reject': 262144,
    'abandon': 262144,
    'measure-sdist': 262144,
    'fetch': 262144,
    'load-undo': 262144,
    'arm': 262144,
    'fire': 262144,
    'put-back': 262144,
    'put-back-done': 262144,
    'keep': 262144,
    'close-switch': 262144,
    'freeze': 262144,
    'unfreeze': 262144,
    'read-back': 4194304,
    'prune': 4194304,
    'discard': 262144,
    'journal': 4194304,
    'add-key': 262144,
    'remove-key': 262144,
    'beat': 262144,
    'close': 262144,
}


class Rule(NamedTuple):
    """What the texts of one key must be beyond their type, in lists and records too, and how long its list may be."""

    pattern: Optional[str] = None
    longest: Optional[int] = None
    keys: Optional[str] = None
    most: Optional[int] = None


RULES: Dict[str, Dict[str, Rule]] = {
    'BuilderRecord': {
        'share': Rule(longest=16384),
        'host': Rule(longest=16384),
        'stage': Rule(longest=16384),
        'run': Rule(longest=16384),
    },
    'Ended': {
        'signal': Rule(longest=16384),
        'reason': Rule(longest=16384),
    },
    'FactAnswer': {
        'id': Rule(longest=16384),
        'out': Rule(longest=524288),
        'err': Rule(longest=524288),
    },
    'Freeze': {
        'run': Rule(longest=16384),
        'by': Rule(longest=16384),
        'from': Rule(longest=16384),
        'command': Rule(longest=16384),
        'reason': Rule(longest=16384),
    },
    'Holder': {
        'run': Rule(longest=16384),
        'by': Rule(longest=16384),
        'from': Rule(longest=16384),
        'command': Rule(longest=16384),
    },
    'HostReportRoot': {
        'why': Rule(longest=16384),
        'owner': Rule(longest=16384),
        'id': Rule(longest=16384),
        'project': Rule(longest=16384),
        'boundBy': Rule(longest=16384),
    },
    'LinkReport': {
        'text': Rule(longest=16384),
        'revision': Rule(pattern='[A-Za-z0-9][A-Za-z0-9._+!-]{0,199}'),
    },
    'StageReportWasLiveItem': {
        'revision': Rule(pattern='[A-Za-z0-9][A-Za-z0-9._+!-]{0,199}'),
        'sha256': Rule(pattern='[0-9a-f]{64}'),
    },
    'PolicyException': {
        'channel': Rule(longest=16384),
        'reason': Rule(longest=16384),
    },
    'UndoResult': {
        'of': Rule(longest=16384),
        'reason': Rule(longest=16384),
    },
    'SwitchRecord': {
        'id': Rule(pattern='[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}'),
        'stage': Rule(pattern='[a-z][a-z0-9_-]{0,199}'),
        'from': Rule(longest=16384),
        'to': Rule(longest=16384),
        'recovers': Rule(pattern='[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}'),
        'hosts': Rule(pattern='[A-Za-z0-9][A-Za-z0-9_.-]{0,252}'),
        'except': Rule(pattern='[A-Za-z0-9][A-Za-z0-9_.-]{0,252}'),
        'by': Rule(longest=16384),
        'firedNs': Rule(pattern='[0-9]{1,20}'),
        'putBackFailed': Rule(longest=16384),
    },
    'StageReport': {
        'stack': Rule(pattern='[A-Za-z0-9][A-Za-z0-9._+!-]{0,199}', most=50),
        'wasLive': Rule(most=500),
    },
    'RevisionReport': {
        'name': Rule(pattern='[A-Za-z0-9][A-Za-z0-9._+!-]{0,199}'),
        'project': Rule(pattern='[A-Za-z0-9._+!-]{0,200}'),
        'version': Rule(pattern='[A-Za-z0-9._+!-]{0,200}'),
        'sha256': Rule(pattern='[0-9a-f]{64}'),
        'why': Rule(longest=16384),
        'python': Rule(pattern='[0-9]{1,4}(?:[.][0-9A-Za-z+]{1,16}){1,4}'),
        'shared': Rule(longest=16384),
    },
    'SharedReport': {
        'owner': Rule(longest=16384),
        'why': Rule(longest=16384),
    },
    'HostReport': {
        'stages': Rule(keys='[a-z][a-z0-9_-]{0,199}'),
        'checked': Rule(pattern='[A-Za-z0-9][A-Za-z0-9._+!-]{0,199}'),
        'unfinished': Rule(pattern='[A-Za-z0-9][A-Za-z0-9._+!-]{0,199}'),
        'foreign': Rule(pattern='[A-Za-z0-9][A-Za-z0-9._+!-]{0,199}'),
        'programs': Rule(longest=16384),
        'timeNs': Rule(pattern='[0-9]{1,20}'),
    },
    'PathReport': {
        'path': Rule(longest=16384),
        'owner': Rule(longest=16384),
        'group': Rule(longest=16384),
    },
    'SealedReportDanglingItem': {
        'path': Rule(longest=16384),
        'target': Rule(longest=16384),
    },
    'TreeChange': {
        'path': Rule(longest=16384),
        'was': Rule(longest=16384),
    },
    'TreeReportWritableItem': {
        'path': Rule(longest=16384),
    },
    'TreeReportStrangeItem': {
        'path': Rule(longest=16384),
        'owner': Rule(longest=16384),
    },
    'TreeReport': {
        'digest': Rule(pattern='[0-9a-f]{64}'),
        'changes': Rule(most=50),
        'writable': Rule(most=50),
        'strange': Rule(most=50),
    },
    'SealedReport': {
        'sha256': Rule(pattern='[0-9a-f]{64}'),
        'treeDigest': Rule(pattern='[0-9a-f]{64}'),
        'python': Rule(pattern='[0-9]{1,4}(?:[.][0-9A-Za-z+]{1,16}){1,4}'),
        'executable': Rule(longest=16384),
        'interpreter': Rule(longest=16384),
        'sdist': Rule(pattern='[0-9a-f]{64}'),
        'dangling': Rule(most=50),
    },
    'Leftover': {
        'path': Rule(longest=16384),
    },
    'Inspection': {
        'group': Rule(longest=16384),
        'groups': Rule(longest=16384),
        'why': Rule(longest=16384),
        'leftovers': Rule(most=50),
    },
    'ProbeAnswer': {
        'detail': Rule(longest=16384),
    },
    'Product': {
        'file': Rule(pattern='[A-Za-z0-9_][A-Za-z0-9._+!-]{0,199}'),
        'sha256': Rule(pattern='[0-9a-f]{64}'),
    },
    'PrunedReportKeptItem': {
        'name': Rule(pattern='[A-Za-z0-9][A-Za-z0-9._+!-]{0,199}'),
        'why': Rule(longest=16384),
    },
    'SweptReportKeptItem': {
        'name': Rule(longest=16384),
        'why': Rule(longest=16384),
    },
    'SweptReport': {
        'kept': Rule(most=10),
    },
    'PrunedReport': {
        'removed': Rule(pattern='[A-Za-z0-9][A-Za-z0-9._+!-]{0,199}'),
    },
    'OpenAnswer': {
        'user': Rule(longest=16384),
        'hostname': Rule(longest=16384),
        'python': Rule(pattern='[0-9]{1,4}(?:[.][0-9A-Za-z+]{1,16}){1,4}'),
        'executable': Rule(longest=16384),
        'bootId': Rule(longest=16384),
        'home': Rule(longest=16384),
    },
    'ClockAnswer': {
        'timeNs': Rule(pattern='[0-9]{1,20}'),
    },
    'SettleAnswer': {
        'id': Rule(longest=16384),
        'project': Rule(longest=16384),
    },
    'ReceiveAnswer': {
        'sha256': Rule(pattern='[0-9a-f]{64}'),
    },
    'UnpackAnswer': {
        'sourceDigest': Rule(pattern='[0-9a-f]{64}'),
    },
    'ListProductsAnswer': {
        'products': Rule(most=2000),
    },
    'SealAnswer': {
        'treeDigest': Rule(pattern='[0-9a-f]{64}'),
    },
    'FireAnswer': {
        'firedNs': Rule(pattern='[0-9]{1,20}'),
    },
    'PutBackAnswer': {
        'started': Rule(longest=16384),
    },
    'KeepAnswer': {
        'unrecorded': Rule(longest=16384),
    },
    'ReadBackAnswer': {
        'links': Rule(keys='[a-z][a-z0-9_-]{0,199}'),
        'unrecorded': Rule(longest=16384),
    },
    'AddKeyAnswer': {
        'file': Rule(longest=16384),
    },
    'RemoveKeyAnswer': {
        'file': Rule(longest=16384),
    },
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
