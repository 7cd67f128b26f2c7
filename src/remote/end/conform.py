"""Does a JSON value have the shape that the message table gives it? The one place where outside data is checked."""

from functools import lru_cache
from typing import Dict, Literal, Mapping, Optional, Union, get_args, get_origin, get_type_hints

# ECMA-262, Number.MAX_SAFE_INTEGER: beyond it a runner reads another number, or none.
_COUNT_LIMIT = (1 << 53) - 1


def nonconformity(value: object, shape: object, where: str = 'the body') -> Optional[str]:
    """The first place at which `value` is not what `shape` (a type hint of `messages.py`) says; None where it fits.

    Stricter than the hints in three ways: keys that the shape does not name are refused, every integer is a count
    (none that a runner sends is negative), and a text must be one that the system can be given.
    """
    if hasattr(shape, '__total__'):
        return _of_object(value, shape, where)
    origin = get_origin(shape)
    if origin is Union:
        # The table has one union only, Optional.
        return None if value is None else nonconformity(value, get_args(shape)[0], where)
    if origin is Literal:
        return None if value in get_args(shape) else f'{where} must be one of {", ".join(get_args(shape))}'
    if origin is list:
        return _of_list(value, get_args(shape)[0], where)
    if origin is dict:
        return _of_record(value, get_args(shape)[1], where)
    return _of_scalar(value, shape, where)


def is_count(value: object) -> bool:
    """A whole number, 0 or more, that the runner's JSON can hold as well."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _COUNT_LIMIT


def _of_object(value: object, shape: object, where: str) -> Optional[str]:
    if not isinstance(value, dict):
        return f'{where} must be an object'
    hints = _hints(shape)
    for key in value:
        if key not in hints:
            return f'{where} has no key {key!r}'
    for key, hint in hints.items():
        if key not in value:
            return f'{where} needs the key {key!r}'
        problem = nonconformity(value[key], hint, f'{where}.{key}')
        if problem is not None:
            return problem
    return None


def _of_list(value: object, shape: object, where: str) -> Optional[str]:
    if not isinstance(value, list):
        return f'{where} must be a list'
    for index, item in enumerate(value):
        problem = nonconformity(item, shape, f'{where}[{index}]')
        if problem is not None:
            return problem
    return None


def _of_record(value: object, shape: object, where: str) -> Optional[str]:
    if not isinstance(value, dict):
        return f'{where} must be an object'
    for key, item in value.items():
        problem = _of_text(key, f'a key of {where}') or nonconformity(item, shape, f'{where}[{key!r}]')
        if problem is not None:
            return problem
    return None


def _of_scalar(value: object, shape: object, where: str) -> Optional[str]:
    if shape is str:
        return _of_text(value, where)
    if shape is bool:
        return None if isinstance(value, bool) else f'{where} must be true or false'
    if shape is int:
        return None if is_count(value) else f'{where} must be a whole number, 0 or more'
    if shape is float:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return None if is_number else f'{where} must be a number'
    return None


def _of_text(value: object, where: str) -> Optional[str]:
    if not isinstance(value, str):
        return f'{where} must be a text'
    if '\0' in value:
        return f'{where} has a NUL character'
    try:
        # Text that came from the host in no known encoding goes back to it the same (PEP 383).
        value.encode('utf-8', 'surrogateescape')
    except UnicodeEncodeError:
        return f'{where} is no Unicode text'
    return None


@lru_cache(maxsize=None)
def _hints(shape: object) -> Mapping[str, object]:
    hints: Dict[str, object] = get_type_hints(shape)
    return hints

