"""Ids that tell nothing: hashes of where a thing came from in the generator."""

import hashlib
from collections import defaultdict


class Mint:
    """Hands out ids for one scenario; neither their order nor their spelling betrays it."""

    __slots__ = ("_counts", "_key", "_scenario")

    def __init__(self, seed: int, scenario: str) -> None:
        self._key = str(seed).encode()
        self._scenario = scenario
        self._counts: defaultdict[str, int] = defaultdict(int)

    def make(self, prefix: str) -> str:
        """The next id of that prefix, such as `acct_3f0c…`."""
        self._counts[prefix] += 1
        origin = f"{self._scenario}/{prefix}/{self._counts[prefix]}".encode()
        return prefix + hashlib.blake2b(origin, digest_size=8, key=self._key).hexdigest()
