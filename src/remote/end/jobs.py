"""The requests that may take long: each is a plain function that waits, and is called in a thread of its own.

What only a build needs is loaded when it is asked for: it is a third of the remote end, and a switch does without.
"""

import json
import os
from typing import Any, Callable, Dict, List

from end.exchange import Answer, Cancelled
from end.freeze import check_not_frozen, freeze, unfreeze
from end.layout import check_stage_name
from end.locks import attempt
from end.messages import AbandonBody, AddKeyBody, BeginProductsBody, DiscardBody, FreezeBody, InspectBody, JournalBody
from end.messages import ListProductsBody, MakeSharedBody, MeasureSdistBody, ObserveBody, PruneBody, RejectBody
from end.messages import RemoveKeyBody, SealBody, UnfreezeBody, UnpackBody
from end.observe import observe
from end.session import Session
from end.wire import FRAME_LIMIT

# What an answer needs around its entries.
_ENVELOPE = 4096

Job = Callable[[Session, Any, Cancelled], Answer]


def _observe(session: Session, body: ObserveBody, cancelled: Cancelled) -> Answer:
    return observe(session.layout, session.journal, body, os.environ, cancelled)


def _inspect(session: Session, body: InspectBody, cancelled: Cancelled) -> Answer:
    from end.inspection import inspect

    return inspect(session.layout, session.journal, body, os.environ, cancelled)


def _make_shared(session: Session, body: MakeSharedBody, cancelled: Cancelled) -> Answer:
    from end.shared import make_shared

    make_shared(session.layout, body['directories'])
    return {}


def _unpack(session: Session, body: UnpackBody, cancelled: Cancelled) -> Answer:
    from end.begin import begin

    if body['keepFailed']:
        session.builds.discard(body['revision'])
    return begin(session.layout, session.journal, body, cancelled)


def _begin_products(session: Session, body: BeginProductsBody, cancelled: Cancelled) -> Answer:
    from end.products import begin_products

    begin_products(session.layout, body)
    return {}


def _list_products(session: Session, body: ListProductsBody, cancelled: Cancelled) -> Answer:
    from end.products import list_products

    return {'products': list_products(session.layout, body, cancelled)}


def _measure_sdist(session: Session, body: MeasureSdistBody, cancelled: Cancelled) -> Answer:
    from end.sdist import stored_sdist

    return {'bytes': stored_sdist(session.layout, body['revision']).size}


def _seal(session: Session, body: SealBody, cancelled: Cancelled) -> Answer:
    from end.seal import seal

    return {'treeDigest': seal(session.layout, session.journal, body)}


def _reject(session: Session, body: RejectBody, cancelled: Cancelled) -> Answer:
    from end.verdict import reject

    reject(session.layout, session.journal, body)
    session.journal.keep_checkpoint()
    return {}


def _abandon(session: Session, body: AbandonBody, cancelled: Cancelled) -> Answer:
    from end.verdict import abandon

    return {'removed': abandon(session.layout, session.journal, body['revision'])}


def _discard(session: Session, body: DiscardBody, cancelled: Cancelled) -> Answer:
    from end.verdict import discard

    discard(session.layout, session.journal, body['revision'])
    session.journal.keep_checkpoint()
    return {}


def _prune(session: Session, body: PruneBody, cancelled: Cancelled) -> Answer:
    from end.prune import prune

    check_not_frozen(session.layout, check_stage_name(body['stage']))
    return prune(session.layout, session.journal, body, lambda name: attempt(session.layout, name))


def _freeze(session: Session, body: FreezeBody, cancelled: Cancelled) -> Answer:
    freeze(session.layout, session.journal, body)
    return {}


def _unfreeze(session: Session, body: UnfreezeBody, cancelled: Cancelled) -> Answer:
    return unfreeze(session.layout, session.journal, body)


def _add_key(session: Session, body: AddKeyBody, cancelled: Cancelled) -> Answer:
    from end.authorized_keys import add_key

    return add_key(body)


def _remove_key(session: Session, body: RemoveKeyBody, cancelled: Cancelled) -> Answer:
    from end.authorized_keys import remove_key

    return remove_key(body)


def _journal(session: Session, body: JournalBody, cancelled: Cancelled) -> Answer:
    return {'entries': _fitting(session.journal.latest(body['limit']))}


def _fitting(entries: List[Dict[str, object]]) -> List[Dict[str, object]]:
    """The latest of them, as many as one frame can take."""
    left = FRAME_LIMIT - _ENVELOPE
    for index in range(len(entries) - 1, -1, -1):
        left -= len(json.dumps(entries[index])) + 1
        if left < 0:
            return entries[index + 1:]
    return entries


# Bodies were checked against the message table; that a name goes with its body cannot be written as a type.
JOBS: Dict[str, Job] = {
    'observe': _observe,
    'inspect': _inspect,
    'make-shared': _make_shared,
    'unpack': _unpack,
    'begin-products': _begin_products,
    'list-products': _list_products,
    'measure-sdist': _measure_sdist,
    'seal': _seal,
    'reject': _reject,
    'abandon': _abandon,
    'discard': _discard,
    'prune': _prune,
    'freeze': _freeze,
    'unfreeze': _unfreeze,
    'add-key': _add_key,
    'remove-key': _remove_key,
    'journal': _journal,
}

# These change one revision, or what is said of one stage, and nobody else may be at it: the key of the body that names it.
NEED_EXCLUSIVE_LOCK = {
    'begin-products': 'revision', 'list-products': 'revision',
    'unpack': 'revision', 'seal': 'revision', 'reject': 'revision', 'abandon': 'revision', 'discard': 'revision',
    'freeze': 'stage', 'unfreeze': 'stage', 'prune': 'stage',
}
