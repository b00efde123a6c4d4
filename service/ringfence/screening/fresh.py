"""Sign-ups since the index was built: who came lately with the same identifiers, and likely whose.

A ring goes on while the next round of detection is under way. Each sign-up that likely is one of a
ring's counts, as far as it is likely, as a member for those that come after it. Whoever tries again
counts once, and never for or against itself.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from msgspec import Struct

LEAST: Final = 0.2
"""Likelihood below which a sign-up counts as nobody's."""
MAX_KEYS: Final = 500_000
"""Identifiers that are remembered, the latest; about 250 bytes each."""
MAX_PEOPLE: Final = 100_000
"""Who came is remembered of so many, the latest; about 500 bytes each."""
_NO_RING: Final[Mapping[str, float]] = MappingProxyType({})


class Carriers(Struct, gc=False):  # unseen by the collector, which would walk half a million
    """Accounts that carried an identifier since the index was built.

    Attributes:
        count: of them.
        likely: how many of them are likely of each ring, by its id.
    """

    count: int = 0
    likely: Mapping[str, float] = _NO_RING


class _SignUp(Struct, gc=False):
    """What one of them counts for."""

    hashes: tuple[int, ...]  # a set would be seen by the collector, a tuple of integers is not
    likely: Mapping[str, float]


NOBODY: Final = Carriers()


class FreshSignUps:
    """What came since the index was built.

    Args:
        max_keys: identifiers that are remembered at the most.
    """

    def __init__(self, max_keys: int = MAX_KEYS) -> None:
        self._carriers: OrderedDict[int, Carriers] = OrderedDict()
        self._people: OrderedDict[int, _SignUp] = OrderedDict()
        self._max_keys = max_keys
        self._successor: FreshSignUps | None = None

    def __len__(self) -> int:
        return len(self._carriers)

    def successor(self) -> "FreshSignUps":
        """What comes from now on alone: for an index that is about to be built."""
        self._successor = FreshSignUps(self._max_keys)
        return self._successor

    def note(self, who: int, hashes: Sequence[int], likely: Mapping[str, float]) -> None:
        """Remember a sign-up; of one who came before, what it is now in place of what it was.

        Args:
            who: hash of what tells this person from others.
            hashes: of the identifiers.
            likely: of which rings it is likely, by id.
        """
        if self._successor is not None:
            self._successor.note(who, hashes, likely)
        told = {one: share for one, share in likely.items() if share >= LEAST} or _NO_RING
        sign_up = _SignUp(tuple(hashes), told)
        if before := self._people.pop(who, None):
            self._forget(before)
            sign_up.hashes = tuple(dict.fromkeys((*before.hashes, *hashes)))
        self._people[who] = sign_up
        if len(self._people) > MAX_PEOPLE:
            self._people.popitem(last=False)
        for one in sign_up.hashes:
            self._count(one, told)

    def of(self, hash_: int, who: int | None = None) -> Carriers:
        """Who carried an identifier, but for one person.

        Args:
            hash_: of the identifier.
            who: hash of the one who is left out; None: nobody is.
        """
        carriers = self._carriers.get(hash_)
        if carriers is None:
            return NOBODY
        own = None if who is None else self._people.get(who)
        return _less(carriers, own) if own and hash_ in own.hashes else carriers

    def _count(self, hash_: int, likely: Mapping[str, float]) -> None:
        held = self._carriers
        carriers = held.get(hash_)
        if carriers is None:
            carriers = held[hash_] = Carriers()
            if len(held) > self._max_keys:
                held.popitem(last=False)
        else:
            held.move_to_end(hash_)
        carriers.count += 1
        if likely:
            carriers.likely = _added(carriers.likely, likely, 1.0)

    def _forget(self, sign_up: _SignUp) -> None:
        for one in sign_up.hashes:
            if carriers := self._carriers.get(one):
                self._carriers[one] = _less(carriers, sign_up)


def _less(carriers: Carriers, own: _SignUp) -> Carriers:
    likely = _added(carriers.likely, own.likely, -1.0) if own.likely else carriers.likely
    return Carriers(max(carriers.count - 1, 0), likely)


def _added(
    to: Mapping[str, float], likely: Mapping[str, float], sign: float
) -> Mapping[str, float]:
    changed = {ring_id: to.get(ring_id, 0.0) + sign * more for ring_id, more in likely.items()}
    return {one: share for one, share in {**to, **changed}.items() if share > 1e-9}
