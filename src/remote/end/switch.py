"""The coordinated relink on one host as a state machine (DESIGN 6). Pure: `effects` does what is said here as data.

    idle ─arm─▶ armed ─fire─▶ firing ─due─▶ fired ─keep─▶ kept
                  │              │            │
                  └───── put-back, loss ──────┴─────────▶ put-back

    adopt ─▶ left ─put-back─▶ returned ─done─▶ put-back

A switch that is kept, put back or taken is closed: the next `arm` begins another one. *Taken* is one that another
connection puts back, because the lock file of this one was removed: it is not ours any more. One that a dead remote end left open is
*left*, and when its link is back *returned*: it stays open on the record until the undo was done as well, because nobody
else knows that it is due.
"""

from typing import Dict, Literal, NamedTuple, Optional, Tuple, Union

State = Literal['idle', 'armed', 'firing', 'fired', 'kept', 'put-back', 'left', 'returned', 'taken']

# `adopt`: the journal has it open, and its remote end is gone. `due`: the delay of `fire` is over. `done`: what was
# started is undone. `loss`: the runner is gone; it concerns whatever switch there is. `taken`: by the journal another
# connection has put this one back, or is about to.
Input = Literal['arm', 'adopt', 'fire', 'due', 'put-back', 'done', 'keep', 'loss', 'taken']

Effect = Literal[
    'prepare',           # check verdict, locks and link, journal the intent, make both links
    'find',              # the links that a dead remote end had made
    'wait',              # start the delay
    'stop-waiting',      # the delay will never be over
    'rename',            # put the new link in place
    'rename-back',       # put the old one back
    'remove-links',      # the links that are not needed any more
    'forget-undo',       # nothing that was started is to be undone any more
    'record-fired',
    'record-kept',
    'record-put-back',
    'record-put-back-failed',
    'record-undo',       # how what was started was undone, where that is still to be said
]

# The others at most warn. Each of these is the first of its effects, so that nothing follows a failure.
CAN_FAIL: Tuple[Effect, ...] = ('prepare', 'rename', 'rename-back')


class Switch(NamedTuple):
    state: State
    # None as long as nothing was armed.
    id: Optional[str]


class Accepted(NamedTuple):
    """The effects are carried out in order. Where the first can fail, and does, the switch is `otherwise`, and
    `if_failed` is carried out instead of the rest."""

    effects: Tuple[Effect, ...]
    then: Switch
    otherwise: Switch
    if_failed: Tuple[Effect, ...] = ()


class Refused(NamedTuple):
    code: Literal['conflict', 'not-armed']
    message: str


class _Move(NamedTuple):
    effects: Tuple[Effect, ...]
    then: State
    otherwise: State
    if_failed: Tuple[Effect, ...] = ()


_DISARM: Tuple[Effect, ...] = ('record-put-back', 'remove-links')
_STOP: Tuple[Effect, ...] = ('stop-waiting', 'record-put-back', 'remove-links')
_PUT_BACK = _Move(
    ('rename-back', 'record-put-back', 'remove-links'), 'put-back', 'fired', if_failed=('record-put-back-failed',)
)
_RETURN = _Move(('rename-back', 'remove-links'), 'returned', 'left', if_failed=('record-put-back-failed',))

_MOVES: Dict[Tuple[State, Input], _Move] = {
    ('armed', 'fire'): _Move(('wait',), 'firing', 'armed'),
    ('armed', 'put-back'): _Move(_DISARM, 'put-back', 'put-back'),
    ('armed', 'loss'): _Move(_DISARM, 'put-back', 'put-back'),
    ('firing', 'due'): _Move(('rename', 'record-fired'), 'fired', 'armed'),
    ('firing', 'put-back'): _Move(_STOP, 'put-back', 'put-back'),
    ('firing', 'loss'): _Move(_STOP, 'put-back', 'put-back'),
    ('fired', 'put-back'): _PUT_BACK,
    ('fired', 'loss'): _PUT_BACK,
    # Whatever goes wrong with what follows: what is kept is never undone.
    ('fired', 'keep'): _Move(('forget-undo', 'record-kept', 'remove-links'), 'kept', 'kept'),
    # Asked again because the answer was lost: the same answer, and nothing is done twice.
    ('kept', 'keep'): _Move((), 'kept', 'kept'),
    ('put-back', 'put-back'): _Move((), 'put-back', 'put-back'),
    ('put-back', 'done'): _Move(('record-undo',), 'put-back', 'put-back'),
    ('left', 'put-back'): _RETURN,
    ('left', 'loss'): _RETURN,
    ('returned', 'put-back'): _Move((), 'returned', 'returned'),
    ('returned', 'loss'): _Move((), 'returned', 'returned'),
    ('returned', 'done'): _Move(('record-put-back',), 'put-back', 'put-back'),
    # What was started is for whoever took it: to undo it beside that one would be to meddle.
    ('armed', 'taken'): _Move(('forget-undo', 'remove-links'), 'taken', 'taken'),
    ('firing', 'taken'): _Move(('stop-waiting', 'forget-undo', 'remove-links'), 'taken', 'taken'),
    ('fired', 'taken'): _Move(('forget-undo', 'remove-links'), 'taken', 'taken'),
    # The line `kept` came after theirs, and counts for nothing.
    ('kept', 'taken'): _Move((), 'taken', 'taken'),
}

_CLOSED = ('idle', 'kept', 'put-back', 'taken')

IDLE = Switch('idle', None)


def is_open(switch: Switch) -> bool:
    """Is there a link to put back, or one that may yet be fired, or a put back that is not over?"""
    return switch.state not in _CLOSED


def decide(switch: Switch, given: Input, id: Optional[str] = None) -> Union[Accepted, Refused]:
    """What this input means now. `id` is the switch that the runner speaks of; due, loss and taken have none."""
    if given == 'arm' or given == 'adopt':
        return _begin(switch, given, id)
    if given == 'loss' and not is_open(switch):
        return Accepted((), switch, switch)
    move = _MOVES.get((switch.state, given))
    concerns_this = given in ('due', 'loss', 'taken') or (id is not None and id == switch.id)
    if move is None or not concerns_this:
        return Refused('not-armed', f'cannot {_WORDS[given]} switch {id}: {described(switch)}')
    return Accepted(move.effects, Switch(move.then, switch.id), Switch(move.otherwise, switch.id), move.if_failed)


_WORDS: Dict[Input, str] = {
    'arm': 'arm', 'adopt': 'put back', 'fire': 'fire', 'due': 'fire', 'put-back': 'put back', 'done': 'close',
    'keep': 'keep', 'loss': 'put back', 'taken': 'give up',
}

_DESCRIPTIONS: Dict[State, str] = {
    'idle': 'none is armed',
    'armed': 'switch {} is armed',
    'firing': 'switch {} is about to fire',
    'fired': 'switch {} is fired',
    'kept': 'switch {} is kept',
    'put-back': 'switch {} is put back',
    'left': 'switch {} was left open',
    'returned': 'switch {} is being put back',
    'taken': 'switch {} was put back by another connection, since the lock file of this one was removed or replaced',
}


def _begin(switch: Switch, given: Literal['arm', 'adopt'], id: Optional[str]) -> Union[Accepted, Refused]:
    if is_open(switch):
        return Refused('conflict', f'cannot {_WORDS[given]} switch {id}: {described(switch)}')
    if given == 'arm':
        return Accepted(('prepare',), Switch('armed', id), switch)
    return Accepted(('find',), Switch('left', id), switch)


def described(switch: Switch) -> str:
    """How it stands, for a refusal."""
    return _DESCRIPTIONS[switch.state].format(switch.id)
