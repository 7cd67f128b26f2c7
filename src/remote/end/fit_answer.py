"""Makes an answer what the message table allows, so that no runner has to refuse it.

Old records, and records that a hand has damaged, hold texts that the table does not know. What has no place in an
answer is left out of it: null where the table allows that, otherwise the entry of the list or of the record that it
stands in. A text that is too long is cut.
"""

import re
from typing import Dict, List, Mapping, Optional, Union, get_args, get_origin

from end.conform import hints_of, is_count
from end.messages import RULES, Rule

_ANYTHING = Rule()


class Unfit(ValueError):
    """There is nothing to be left out: the answer as a whole does not fit. A bug of this program."""


def fit_answer(value: object, shape: object, where: str = 'the answer', rule: Rule = _ANYTHING) -> object:
    """The value as `shape` (a type hint of `messages.py`) has it. Raises Unfit."""
    if hasattr(shape, '__total__'):
        return _object(value, shape, where)
    origin = get_origin(shape)
    if origin is Union:
        # The table has one union only, Optional.
        return None if value is None else _or_none(value, get_args(shape)[0], where, rule)
    if origin is list:
        return _list(value, get_args(shape)[0], where, rule)
    if origin is dict:
        return _record(value, get_args(shape)[1], where, rule)
    if shape is str:
        return _text(value, where, rule)
    if not _is_scalar(value, shape, origin):
        raise Unfit(f'{where} has a value that the message table does not know')
    return value


def _object(value: object, shape: object, where: str) -> Dict[str, object]:
    hints = hints_of(shape)
    if not isinstance(value, Mapping) or set(value) != set(hints):
        raise Unfit(f'{where} has other keys than the message table')
    rules = RULES.get(getattr(shape, '__name__', ''), {})
    return {
        key: fit_answer(value[key], hint, f'{where}.{key}', rules.get(key, _ANYTHING)) for key, hint in hints.items()
    }


def _or_none(value: object, shape: object, where: str, rule: Rule) -> Optional[object]:
    try:
        return fit_answer(value, shape, where, rule)
    except Unfit:
        return None


def _list(value: object, shape: object, where: str, rule: Rule) -> List[object]:
    if not isinstance(value, (list, tuple)):
        raise Unfit(f'{where} is no list')
    fitting: List[object] = []
    for item in value[:rule.most]:
        try:
            fitting.append(fit_answer(item, shape, where, rule))
        except Unfit:
            pass
    return fitting


def _record(value: object, shape: object, where: str, rule: Rule) -> Dict[str, object]:
    if not isinstance(value, Mapping):
        raise Unfit(f'{where} is no record')
    fitting: Dict[str, object] = {}
    for key, item in value.items():
        if rule.keys is not None and re.fullmatch(rule.keys, key) is None:
            continue
        try:
            fitting[key] = fit_answer(item, shape, where, rule)
        except Unfit:
            pass
    return fitting


def _text(value: object, where: str, rule: Rule) -> str:
    if not isinstance(value, str):
        raise Unfit(f'{where} is no text')
    if rule.pattern is not None and re.fullmatch(rule.pattern, value) is None:
        raise Unfit(f'{where} has a text that the message table does not allow')
    return value[:rule.longest]


def _is_scalar(value: object, shape: object, origin: object) -> bool:
    if shape is bool:
        return isinstance(value, bool)
    if shape is int:
        return is_count(value)
    return origin is None or value in get_args(shape)
