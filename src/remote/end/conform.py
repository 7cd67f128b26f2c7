"""Does a JSON value have the shape that the message table gives it? The one place where outside data is checked."""

import re
from functools import lru_cache
from typing import Dict, Literal, Mapping, Optional, Union, get_args, get_origin, get_type_hints

from end.messages import RULES, Rule

# ECMA-262, Number.MAX_SAFE_INTEGER: beyond it a runner reads another number, or none.
_COUNT_LIMIT = (1 << 53) - 1

_ANYTHING = Rule()


def nonconformity(
    value: object, shape: object, where: str = 'the body', rule: Rule = _ANYTHING
) -> Optional[str]:
    """The first place at which `value` is not what `shape` (a type hint of `messages.py`) says; None where it fits.

    Stricter than the hints in four ways: keys that the shape does not name are refused, every integer is a count
    (none that a runner sends is negative), a text must be one that the system can be given, and has the pattern of its
    rule. How long texts and lists may be is only a rule for answers: what comes from a runner had to fit into a frame.
    """
    if hasattr(shape, '__total__'):
        return _of_object(value, shape, where)
    origin = get_origin(shape)
    if origin is Union:
        # The table has one union only, Optional.
        return None if value is None else nonconformity(value, get_args(shape)[0], where, rule)
    if origin is Literal:
        return None if value in get_args(shape) else f'{where} must be one of {", ".join(get_args(shape))}'
    if origin is list:
        return _of_list(value, get_args(shape)[0], where, rule)
    if origin is dict:
        return _of_record(value, get_args(shape)[1], where, rule)
    return _of_scalar(value, shape, where, rule)


def is_count(value: object) -> bool:
    """A whole number, 0 or more, that the runner's JSON can hold as well."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _COUNT_LIMIT


def _of_object(value: object, shape: object, where: str) -> Optional[str]:
    if not isinstance(value, dict):
        return f'{where} must be an object'
    hints = hints_of(shape)
    rules = RULES.get(getattr(shape, '__name__', ''), {})
    for key in value:
        if key not in hints:
            return f'{where} has no key {key!r}'
    for key, hint in hints.items():
        if key not in value:
            return f'{where} needs the key {key!r}'
        problem = nonconformity(value[key], hint, f'{where}.{key}', rules.get(key, _ANYTHING))
        if problem is not None:
            return problem
    return None


def _of_list(value: object, shape: object, where: str, rule: Rule) -> Optional[str]:
    if not isinstance(value, list):
        return f'{where} must be a list'
    for index, item in enumerate(value):
        problem = nonconformity(item, shape, f'{where}[{index}]', rule)
        if problem is not None:
            return problem
    return None


def _of_record(value: object, shape: object, where: str, rule: Rule) -> Optional[str]:
    if not isinstance(value, dict):
        return f'{where} must be an object'
    for key, item in value.items():
        problem = _of_text(key, f'a key of {where}', rule.keys) or nonconformity(
            item, shape, f'{where}[{key!r}]', rule)
        if problem is not None:
            return problem
    return None


def _of_scalar(value: object, shape: object, where: str, rule: Rule) -> Optional[str]:
    if shape is str:
        return _of_text(value, where, rule.pattern)
    if shape is bool:
        return None if isinstance(value, bool) else f'{where} must be true or false'
    if shape is int:
        return None if is_count(value) else f'{where} must be a whole number, 0 or more'
    if shape is float:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return None if is_number else f'{where} must be a number'
    return None


def _of_text(value: object, where: str, pattern: Optional[str]) -> Optional[str]:
    if not isinstance(value, str):
        return f'{where} must be a text'
    if '\0' in value:
        return f'{where} has a NUL character'
    try:
        # Text that came from the host in no known encoding goes back to it the same (PEP 383).
        value.encode('utf-8', 'surrogateescape')
    except UnicodeEncodeError:
        return f'{where} is no Unicode text'
    if pattern is not None and re.fullmatch(pattern, value) is None:
        return f'{where} is not of the form {pattern}'
    return None


@lru_cache(maxsize=None)
def hints_of(shape: object) -> Mapping[str, object]:
    """The keys of a shape, each with the type hint of its value."""
    hints: Dict[str, object] = get_type_hints(shape)
    return hints

