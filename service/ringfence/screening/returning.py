"""A ring that was taken down and comes back as another one: known by what its core carries."""

from collections.abc import Iterable, Iterator, Mapping

from ringfence.domain.identifiers import EMAIL, IdentifierKey, Strength, strength_of
from ringfence.domain.re_entry import is_remembered
from ringfence.domain.returns import GoneRing, RecognisedReturn
from ringfence.domain.screenings import Likelihood, ReEntry
from ringfence.screening.keys import telling_key
from ringfence.screening.re_entry import RememberedRings

HOUR_MS = 3_600_000
_RANK = {likelihood: rank for rank, likelihood in enumerate(Likelihood)}
_PROVING = frozenset({Strength.STRONG, Strength.MEDIUM})


class CarriedByCore:
    """What the core members of a ring carry, and the last sign-up of those who carry each."""

    def __init__(self) -> None:
        self._last_ms_by_key: dict[IdentifierKey, int] = {}
        self._signed_up_ms: list[int] = []

    def add(
        self, carried: Iterable[IdentifierKey], email: str | None, signed_up_ms: int | None
    ) -> None:
        """Count one member; one of whom no sign-up is known was there before any takedown."""
        if signed_up_ms is None:
            return
        self._signed_up_ms.append(signed_up_ms)
        keys = [telling_key(key) for key in carried if is_remembered(key.kind)]
        if email:
            keys.append(telling_key(IdentifierKey(EMAIL, email)))
        for key in keys:
            self._last_ms_by_key[key] = max(signed_up_ms, self._last_ms_by_key.get(key, 0))

    def keys_after(self, since_ms: int) -> list[IdentifierKey]:
        """What those carry who signed up after a moment."""
        return [key for key, last_ms in self._last_ms_by_key.items() if last_ms > since_ms]

    def first_after_ms(self, since_ms: int) -> int | None:
        """The first sign-up after a moment, or None."""
        return min((at for at in self._signed_up_ms if at > since_ms), default=None)


def recognise(
    ring_id: str,
    core: CarriedByCore,
    remembered: RememberedRings,
    gone: Mapping[str, GoneRing],
    *,
    at_ms: int,
) -> RecognisedReturn | None:
    """The ring that seems to have come back as this one, or None.

    It is named as a sign-up would name it, by what those carry who signed up after its takedown:
    who was there before did not come back. Of several, the one named most surely stands for all,
    then the one that had returned most often, then the one of which most is carried.

    Args:
        ring_id: of the living ring.
        core: what its core carries.
        remembered: of all rings taken down.
        gone: those that are still down, by id.
        at_ms: now, in milliseconds since 1970.
    """
    found = list(_found(ring_id, core, remembered, gone, at_ms))
    if not found:
        return None
    old, named, keys = min(
        found,
        key=lambda one: (
            -_RANK[one[1].likelihood],
            -one[1].generation,
            -len(one[1].matched),
            one[0].id,
        ),
    )
    first_ms = core.first_after_ms(old.taken_down_ms) or old.taken_down_ms
    return RecognisedReturn(
        old_ring_id=old.id,
        likelihood=named.likelihood,
        generation=named.generation,
        replacement_rate=_replaced(keys, named),
        hours_to_return=(first_ms - old.taken_down_ms) / HOUR_MS,
    )


def _found(
    ring_id: str,
    core: CarriedByCore,
    remembered: RememberedRings,
    gone: Mapping[str, GoneRing],
    at_ms: int,
) -> Iterator[tuple[GoneRing, ReEntry, list[IdentifierKey]]]:
    """Each ring that is named, with how and among which identifiers."""
    earliest_ms = min((ring.taken_down_ms for ring in gone.values()), default=at_ms)
    for named in remembered.named(core.keys_after(earliest_ms), at_ms):
        old = gone.get(named.ring_id)
        if old is None or ring_id == old.id or ring_id in old.came_from:
            continue
        keys = core.keys_after(old.taken_down_ms)
        for again in remembered.named(keys, at_ms):
            if again.ring_id == old.id:
                yield old, again, keys


def _replaced(keys: Iterable[IdentifierKey], named: ReEntry) -> float:
    """Share of the strong and medium identifiers that are not remembered."""
    proving = {key for key in keys if strength_of(key.kind) in _PROVING}
    return 1 - len(proving.intersection(named.matched)) / max(len(proving), 1)
