"""What each feature of a sign-up says of each ring, as rows of numbers that are added up."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ringfence.screening.keys import key_hash
from ringfence.screening.manner import FEATURES
from ringfence.screening.sorted_hashes import SortedHashes

Array = npt.NDArray[Any]

TRAIT_CAP: Final = 3.0
"""One feature counts so much at the most, for or against, in nats."""
ROW_BYTES: Final = 16 * 2**20
"""All rows that are kept take so much at the most, but for a few that always are."""
LEAST_ROWS: Final = 64
MOST_ROWS: Final = 8_192


class TraitRows:
    """Rows of log-odds by feature and value, made when they are first asked for.

    Args:
        keys, ring, ratio: (t,) values that rings have, sorted; whose; and how much each says.
        absent: (features, rings) the same of any other value.
    """

    def __init__(self, keys: Array, ring: Array, ratio: Array, absent: Array) -> None:
        self._keys, self._ring = SortedHashes(keys), ring
        self._ratio = np.clip(ratio, -TRAIT_CAP, TRAIT_CAP)
        self._absent: list[Array] = list(np.maximum(absent, -TRAIT_CAP).astype(np.float64))
        self._rows: dict[tuple[int, str], Array] = {}
        fitting = ROW_BYTES // (8 * max(absent.shape[1], 1))
        self._most = min(max(fitting, LEAST_ROWS), MOST_ROWS)

    def row(self, feature: tuple[int, str]) -> Array:
        """(rings,) float64, in nats; not to be changed.

        Args:
            feature: its place in `FEATURES`, and its value.
        """
        row = self._rows.get(feature)
        return self._made(feature) if row is None else row

    def _made(self, feature: tuple[int, str]) -> Array:
        at, value = feature
        found = self._keys.range_of(key_hash(FEATURES[at], value))
        if not found:
            # Not kept: whoever signs up chooses it, and could make many.
            return self._absent[at]
        row = self._absent[at].copy()
        self._rows[feature] = row
        own = slice(found.start, found.stop)
        row[self._ring[own]] = self._ratio[own]
        if len(self._rows) > self._most:
            del self._rows[next(iter(self._rows))]
        return row
