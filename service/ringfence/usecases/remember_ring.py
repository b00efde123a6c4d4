"""Remember a ring that is taken down: by hashes of what its core carries, to know it again."""

from collections import Counter, defaultdict
from datetime import datetime

from ringfence.domain.identifiers import EMAIL, IdentifierKey, strength_of
from ringfence.domain.re_entry import (
    Remembered,
    Tombstone,
    hash_of,
    is_remembered,
    key_id_of,
    lifetime_of,
)
from ringfence.domain.rings import Role
from ringfence.errors import NotFound
from ringfence.logs import get_logger
from ringfence.screening.keys import telling_key
from ringfence.store.graph import Graph
from ringfence.store.remembered import (
    CarryingMember,
    find_departing_ring,
    save_tombstones,
    stream_carrying_members,
)

log = get_logger(__name__)


async def remember_ring(graph: Graph, ring_id: str, *, secret: bytes, at: datetime) -> Remembered:
    """Remember the identifiers that the core members of a ring carry, and say how many.

    Each is kept as a hash that only who holds the secret can compare, until its kind's lifetime is
    over. Left out are weak ones, public ones, and those that more accounts outside of the ring
    carry than members, so that nobody is stopped for an address of a campus. Doing it again changes
    nothing; at a later moment, it is remembered from then on.

    Args:
        graph: connected and migrated.
        ring_id: of the ring, or of one that merged into it.
        secret: that the values are hashed with.
        at: when the ring is taken down.

    Raises:
        NotFound: no ring has that id.
    """
    ring = await find_departing_ring(graph, ring_id)
    if ring is None:
        raise NotFound(f"No ring has the id {ring_id[:300]}. `ringfence rings list` shows them.")
    carried = _Carried()
    for role in Role:
        async for member in stream_carrying_members(graph, ring.id, role):
            carried.add(member, core=role is Role.CORE)
    kept = [key for key in carried.core if key not in ring.public and carried.is_own(key)]
    tombstones = [_tombstone(secret, key, at) for key in kept]
    await save_tombstones(graph, ring, tombstones, key_id=key_id_of(secret), at=at)
    left_out = len(carried.core) - len(kept)
    log.info("ring_remembered", ring_id=ring.id, identifiers=len(kept), left_out=left_out)
    last = max((one.expires_at for one in tombstones), default=None)
    return Remembered(ring.id, ring.generation, len(kept), left_out, last)


class _Carried:
    """What the members of a ring carry, in the spelling that is remembered."""

    def __init__(self) -> None:
        self.core: set[IdentifierKey] = set()
        self._members: Counter[IdentifierKey] = Counter()
        self._members_by_value: Counter[IdentifierKey] = Counter()
        self._carriers_by_value: dict[IdentifierKey, int] = {}
        self._values: defaultdict[IdentifierKey, set[IdentifierKey]] = defaultdict(set)

    def add(self, member: CarryingMember, *, core: bool) -> None:
        """Count one member."""
        spelled = set()
        for key, carriers in member.carried:
            if is_remembered(key.kind):
                one = telling_key(key)
                spelled.add(one)
                self._values[one].add(key)
                self._members_by_value[key] += 1
                self._carriers_by_value[key] = carriers
        if member.email:
            spelled.add(telling_key(IdentifierKey(EMAIL, member.email)))
        self._members.update(spelled)
        if core:
            self.core |= spelled

    def is_own(self, key: IdentifierKey) -> bool:
        """Whether at least as many members carry it as accounts outside of the ring.

        Of a network, those are counted that share an address of it with a member.
        """
        outside = sum(
            self._carriers_by_value[value] - self._members_by_value[value]
            for value in self._values[key]
        )
        return outside <= self._members[key]


def _tombstone(secret: bytes, key: IdentifierKey, at: datetime) -> Tombstone:
    return Tombstone(
        hash_of(secret, key).hex(), key.kind, strength_of(key.kind), at + lifetime_of(key.kind)
    )
