"""Other spellings of a revision that stand or are rejected in a root: what was decided about one holds for all of
them.
"""

from typing import List

from end.identity import identity_of
from end.layout import Layout
from end.manifest import read_manifest, read_rejection, rejected_names, verified_names
from end.refusal import Refusal


def check_spelling(layout: Layout, name: str, sha256: str) -> None:
    """Refuses to make a revision that has a verdict here under another name ('conflict', 'rejected').

    Two that an earlier version of the tool has made both stay what they are: only what has no verdict yet is asked
    about.
    """
    for other in spellings(layout, name):
        manifest = read_manifest(layout, other)
        if manifest is not None:
            made = 'the same bytes' if manifest['sha256'] == sha256 else 'other bytes'
            raise Refusal('conflict', f'{name} stands here already, as {other}, made from {made}',
                          sha256=manifest['sha256'], revision=other)
        rejection = read_rejection(layout, other)
        if rejection is not None:
            raise Refusal('rejected', f'{name} was rejected, as {other}: {rejection["reason"]}. '
                          'Ship a new version, or discard it', sha256=rejection['sha256'], revision=other)


def elsewhere(layout: Layout, name: str) -> str:
    """What to say behind `{name} is not here`: under which name it is. Mostly nothing."""
    others = spellings(layout, name)
    return f'; it is here as {", ".join(others)}' if others else ''


def spellings(layout: Layout, name: str) -> List[str]:
    """The other names under which this very revision has a verdict here, legible or not; sorted."""
    identity = identity_of(name)
    judged = {*verified_names(layout), *rejected_names(layout)}
    return sorted(each for each in judged if each != name and identity_of(each) == identity)
