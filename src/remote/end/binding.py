"""What makes a root its project's. A root that holds nothing is anybody's: a first deploy that failed binds nobody."""

from typing import Mapping, Optional

from end.layout import Layout, is_revision_name
from end.manifest import verified_names
from end.removal import names_by_link
from end.stage_record import StageHistory


def binding(layout: Layout, histories: Mapping[str, StageHistory]) -> Optional[str]:
    """Why a root cannot become another project's, as a clause; None where nothing in it would be missed.

    That is: no revision stands, no link leads to an entry of it, and its journal knows no switch that was kept or is
    open. Rejections, unfinished builds and the journal bind nobody. They stay, and hold for the project that they are
    of.
    """
    standing = verified_names(layout)
    if standing:
        more = len(standing) - 1
        return f'{standing[0]} stands in it' if more == 0 else f'{standing[0]} and {more} more stand in it'
    try:
        links = sorted((links[0], entry) for entry, links in names_by_link(layout).items() if is_revision_name(entry))
    except OSError as error:
        return f'what links there are in it cannot be read: {error.strerror}'
    if links:
        return f'the link {links[0][0]} leads to {links[0][1]} in it'
    for stage, history in sorted(histories.items()):
        for switch in history.switches:
            if switch['state'] == 'open':
                return f'a switch of {stage} is open in it'
            if switch['state'] == 'kept' and switch['to'] is not None:
                return f'its journal says that {stage} was live on {switch["to"]}'
    return None
