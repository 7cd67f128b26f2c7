"""The two links of an armed switch: the one to fire and the one to put back. Neither needs space when it is needed."""

from typing import List, Optional

from end.layout import Layout
from end.link import discard_link, make_link, read_link, remove_link, replace_link
from end.messages import LinkReport
from end.refusal import Refusal


class LinkPair:
    """Makes both links, or none. Where there is to be no link, before or after, going there is taking it away."""

    def __init__(self, layout: Layout, stage: str, old: Optional[str], new: Optional[str]) -> None:
        self._layout = layout
        self._stage = stage
        self._old = old
        self._new = new
        self._forward = None if new is None else make_link(layout, new, stage)
        try:
            self._back = None if old is None else make_link(layout, old, stage)
        except Refusal:
            if self._forward is not None:
                discard_link(self._forward)
            raise

    def read(self) -> LinkReport:
        return read_link(self._layout, self._stage)

    def go(self) -> None:
        """The switch. Raises Refusal, with the link untouched, when it does not name the old revision."""
        check_link(self._layout, self._stage, self._old)
        if self._forward is None:
            remove_link(self._layout, self._stage)
        else:
            replace_link(self._forward, self._layout, self._stage)

    def go_back(self) -> bool:
        """Puts the old link back, unless somebody else has moved it since: then it is left alone, and False."""
        link = self.read()
        if names(link, self._old):
            return True
        if not names(link, self._new):
            return False
        if self._old is None or self._back is None:
            remove_link(self._layout, self._stage)
        else:
            self._replace_by_old(self._old, self._back)
        return True

    def discard(self) -> List[str]:
        """Removes what was not renamed into place; returns what went wrong with that."""
        troubles = []
        for link in (self._forward, self._back):
            try:
                if link is not None:
                    discard_link(link)
            except Refusal as refusal:
                troubles.append(refusal.message)
        return troubles

    def _replace_by_old(self, old: str, back: str) -> None:
        try:
            replace_link(back, self._layout, self._stage)
        except Refusal:
            # Somebody may have cleared incoming/. A link that needs space to be made is better than no way back.
            again = make_link(self._layout, old, self._stage)
            try:
                replace_link(again, self._layout, self._stage)
            except Refusal:
                # It is tried several times: each would leave one.
                discard_link(again)
                raise


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
