"""Cuts an observation down to what fits into one frame: the latest stays, and all that a decision may hang on."""

import json
from typing import Collection, List

from end.messages import FactAnswer, HostReport, RevisionReport, StageReport, SwitchRecord

# Entries of each list that are told: first by the message table, then fewer and fewer until it fits.
_LIMITS = (500, 200, 50, 20, 5)
_STACK_LIMIT = 50
_SWITCHES_LIMIT = 50

# For the output of all facts together, as JSON. A fact is a few lines.
_FACTS_BYTES = 256 << 10


def fitted(report: HostReport, needed: Collection[str], limit: int) -> HostReport:
    """The report in at most `limit` bytes of JSON, or the shortest there is. `needed` revisions are always told."""
    shorter = _cut(report, needed, _LIMITS[0])
    for entries in _LIMITS[1:]:
        if len(json.dumps(shorter)) <= limit:
            break
        shorter = _cut(report, needed, entries)
    return shorter


def fitted_facts(answers: List[FactAnswer]) -> List[FactAnswer]:
    """The same answers, each with the beginning of its output that is its share."""
    share = _FACTS_BYTES // max(1, 2 * len(answers))
    return [_fitted_fact(each, share) for each in answers]


def _fitted_fact(answer: FactAnswer, share: int) -> FactAnswer:
    ended, out = answer['ended'].copy(), _clipped(answer['out'], share)
    if out != answer['out']:
        # What is cut is no answer; without a reason the runner would take it for one.
        ended['reason'] = f'it printed more than fits: {len(answer["out"])} characters'
    return {
        'id': answer['id'],
        'ended': ended,
        'out': out,
        'err': _clipped(answer['err'], share),
    }


def _cut(report: HostReport, needed: Collection[str], entries: int) -> HostReport:
    return {
        'root': report['root'],
        'stages': {stage: _cut_stage(told, entries) for stage, told in report['stages'].items()},
        'revisions': _cut_revisions(report['revisions'], needed, entries),
        'unfinished': report['unfinished'],
        'shared': report['shared'],
        'foreign': report['foreign'][:entries],
        'programs': report['programs'],
        'facts': report['facts'],
        'timeNs': report['timeNs'],
    }


def _cut_stage(told: StageReport, entries: int) -> StageReport:
    return {
        'link': told['link'],
        'stack': told['stack'][:min(entries, _STACK_LIMIT)],
        'wasLive': told['wasLive'][:entries],
        'switches': _cut_switches(told['switches'], min(entries, _SWITCHES_LIMIT)),
        'undone': told['undone'][:entries],
        'lock': told['lock'],
        'frozen': told['frozen'],
    }


def _cut_switches(switches: List[SwitchRecord], entries: int) -> List[SwitchRecord]:
    """An open switch is never forgotten, however old."""
    return switches[:entries] + [switch for switch in switches[entries:] if switch['state'] == 'open']


def _cut_revisions(revisions: List[RevisionReport], needed: Collection[str], entries: int) -> List[RevisionReport]:
    latest = sorted(revisions, key=lambda each: each['atMs'], reverse=True)[:entries]
    told = {each['name'] for each in latest} | set(needed)
    return [each for each in revisions if each['name'] in told]


def _clipped(text: str, limit: int) -> str:
    """The beginning of a text that takes at most `limit` bytes as JSON, where one character may take twelve."""
    size = len(json.dumps(text))
    while size > limit:
        text = text[:len(text) * limit // size]
        size = len(json.dumps(text))
    return text
