"""The two links of an armed switch: the one to fire and the one to put back. Neither needs space when it is needed."""

from typing import Callable, Iterable, List, NamedTuple, Optional

from end.layout import Layout
from end.link import discard_link, make_link, prepared_links, read_link, read_text, remove_link, replace_link
from end.messages import LinkReport
from end.refusal import Refusal

# Of links that dead remote ends prepared: a switch does not wait for the removal of thousands.
STRAYS_AT_ONCE = 10


class Prepared(NamedTuple):
    """Paths of links that wait in incoming/."""

    forward: Optional[str]
    back: Optional[str]
    # What a dead remote end left, and nobody needs.
    strays: List[str]


class LinkPair:
    """Where there is to be no link, before or after, going there is taking it away.

    `warn` is told of a rename that was done and may not survive a power failure.
    """

    def __init__(
        self, layout: Layout, stage: str, old: Optional[str], new: Optional[str], prepared: Prepared,
        warn: Callable[[str], None],
    ) -> None:
        self._layout = layout
        self._stage = stage
        self._old = old
        self._new = new
        self._prepared = prepared
        self._warn = warn

    def read(self) -> LinkReport:
        return read_link(self._layout, self._stage)

    def go(self) -> None:
        """The switch. Raises Refusal, with the link untouched, when it does not name the old revision."""
        check_link(self._layout, self._stage, self._old)
        if self._prepared.forward is None:
            self._take_away()
        else:
            self._put(self._prepared.forward)

    def go_back(self) -> bool:
        """Puts the old link back, unless somebody else has moved it since: then it is left alone, and False."""
        link = self.read()
        if names(link, self._old):
            return True
        if not names(link, self._new):
            return False
        if self._old is None:
            self._take_away()
        else:
            self._put_back(self._old)
        return True

    def discard(self) -> List[str]:
        """Removes what was not renamed into place; returns what went wrong with that."""
        return _discard(link for link in (self._prepared.forward, self._prepared.back, *self._prepared.strays) if link)

    def _put_back(self, old: str) -> None:
        try:
            if self._prepared.back is not None:
                self._put(self._prepared.back)
                return
        except Refusal:
            # Somebody may have cleared incoming/. A link that needs space to be made is better than no way back.
            pass
        again = make_link(self._layout, old, self._stage)
        try:
            self._put(again)
        except Refusal:
            # It is tried several times: each would leave one.
            discard_link(again)
            raise

    def _put(self, prepared: str) -> None:
        self._tell(replace_link(prepared, self._layout, self._stage))

    def _take_away(self) -> None:
        self._tell(remove_link(self._layout, self._stage))

    def _tell(self, trouble: Optional[str]) -> None:
        if trouble is not None:
            self._warn(trouble)


def make_pair(
    layout: Layout, stage: str, old: Optional[str], new: Optional[str], warn: Callable[[str], None]
) -> LinkPair:
    """Makes both links, or none. Raises Refusal. Whoever calls holds the stage's lock."""
    for trouble in discard_strays(layout, stage):
        warn(trouble)
    forward = None if new is None else make_link(layout, new, stage)
    try:
        back = None if old is None else make_link(layout, old, stage)
    except Refusal:
        if forward is not None:
            discard_link(forward)
        raise
    return LinkPair(layout, stage, old, new, Prepared(forward, back, []), warn)


def find_pair(
    layout: Layout, stage: str, old: Optional[str], new: Optional[str], warn: Callable[[str], None]
) -> LinkPair:
    """For the way back of a switch that a dead remote end left: with the link that it had prepared, if that is there.

    A full disk may leave no room for another one. Whoever calls holds the stage's lock, so whatever waits is nobody's.
    """
    found = prepared_links(layout, stage)
    back = None if old is None else next((link for link in found if read_text(link) == old), None)
    strays = [link for link in found if link != back][:STRAYS_AT_ONCE]
    return LinkPair(layout, stage, old, new, Prepared(None, back, strays), warn)


def discard_strays(layout: Layout, stage: str) -> List[str]:
    """Removes a few of those that dead remote ends prepared for this stage, whose lock is held; returns what went wrong with
    that. What is left waits for nobody: each has a name of its own, and `sweep` comes for it.
    """
    return _discard(prepared_links(layout, stage)[:STRAYS_AT_ONCE])


def _discard(links: Iterable[str]) -> List[str]:
    troubles = []
    for link in links:
        try:
            discard_link(link)
        except Refusal as refusal:
            troubles.append(refusal.message)
    return troubles


def check_link(layout: Layout, stage: str, text: Optional[str]) -> None:
    """Raises Refusal('moved') unless the link is exactly this text, or absent where there is none to be."""
    link = read_link(layout, stage)
    if not names(link, text):
        raise Refusal('moved', f'the link {stage} is not what it was planned to be: '
                      f'{_described(link)} instead of {"none" if text is None else repr(text)}', link=link)


def names(link: LinkReport, text: Optional[str]) -> bool:
    return link['kind'] == 'absent' if text is None else link['kind'] == 'link' and link['text'] == text


def _described(link: LinkReport) -> str:
    return repr(link['text']) if link['kind'] == 'link' else {'absent': 'none', 'directory': 'a directory'}.get(
        link['kind'], 'something that is no link')
