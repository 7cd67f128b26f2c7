"""What one line of a journal says, field by field: a line that a later tool or a person has bent says less. Pure."""

from typing import Dict, List, Literal, Optional, Tuple

from end.conform import is_count
from end.messages import PolicyException, SwitchRecord, UndoResult

Entry = Dict[str, object]

_Kind = Literal['deploy', 'promote', 'rollback', 'recover']
_KINDS: Tuple[_Kind, ...] = ('deploy', 'promote', 'rollback', 'recover')


def switch_of(identity: str, entry: Entry) -> Optional[SwitchRecord]:
    kind = next((known for known in _KINDS if known == entry.get('kind')), None)
    stage, to, at = text_of(entry, 'stage'), text_of(entry, 'to'), entry.get('atMs')
    if kind is None or stage is None or not isinstance(at, int) or not is_count(at):
        return None
    if to is None and kind != 'recover':
        return None
    return {
        'id': identity,
        'kind': kind,
        'stage': stage,
        'from': text_of(entry, 'from'),
        'to': to,
        'recovers': text_of(entry, 'recovers'),
        'hosts': texts_of(entry, 'hosts'),
        'except': texts_of(entry, 'except'),
        'exception': _exception_of(entry),
        'atMs': at,
        'by': text_of(entry, 'by') or '',
        'firedNs': None,
        'state': 'open',
        'putBackFailed': None,
        'undo': [],
    }


def _exception_of(entry: Entry) -> Optional[PolicyException]:
    value = entry.get('exception')
    if not isinstance(value, dict):
        return None
    channel, reason = value.get('channel'), value.get('reason')
    return {'channel': channel, 'reason': reason} if isinstance(channel, str) and isinstance(reason, str) else None


def merged(before: List[UndoResult], after: List[UndoResult]) -> List[UndoResult]:
    """Results by the step they undo: what was said later about a step replaces what was said before."""
    results = {result['of']: result for result in before}
    results.update((result['of'], result) for result in after)
    return list(results.values())


def undo_results_of(entry: Entry) -> List[UndoResult]:
    value = entry.get('undo')
    results: List[UndoResult] = []
    for item in value if isinstance(value, list) else []:
        if isinstance(item, dict) and isinstance(item.get('of'), str):
            reason = item.get('reason')
            results.append({
                'of': item['of'],
                'ok': item.get('ok') is True,
                'reason': reason if isinstance(reason, str) else None,
            })
    return results


def text_of(entry: Entry, key: str) -> Optional[str]:
    value = entry.get(key)
    return value if isinstance(value, str) else None


def texts_of(entry: Entry, key: str) -> List[str]:
    value = entry.get(key)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
