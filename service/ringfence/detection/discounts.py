"""Identifiers that were overturned on appeal prove less."""

from dataclasses import replace

import numpy as np

from ringfence.detection.known_shared import as_compared
from ringfence.detection.links import SharedLinks
from ringfence.domain.appeals import Discounts


def with_discounts(links: SharedLinks, discounts: Discounts, factor: float) -> SharedLinks:
    """The shared links, of which overturned identifiers prove `factor ** times` of what they did.

    Args:
        links: as `shared_links` gives them.
        discounts: how often each identifier was overturned; what nobody shares changes nothing.
        factor: from 0 to 1.
    """
    if not discounts:
        return links
    times = np.zeros(len(links.keys), dtype=np.int64)
    place = {key: at for at, key in enumerate(links.keys)}
    for key, overturned in discounts.items():
        at = place.get(as_compared(key))
        if at is not None:
            times[at] += overturned
    return replace(links, trust=links.trust * factor**times)
