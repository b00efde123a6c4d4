"""Why an account is not in a ring: what it shares with it, what is missing, what speaks for it."""

from dataclasses import dataclass

from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import HubClass


@dataclass(frozen=True, slots=True)
class SharedWithRing:
    """One identifier that the account shares with members of a ring.

    Attributes:
        members: other members of the ring that carry it.
        accounts: all accounts that carry it.
        proof: part of a whole proof that it gives; 0 where it is public.
    """

    key: IdentifierKey
    members: int
    accounts: int
    hub: HubClass
    proof: float


@dataclass(frozen=True, slots=True)
class WhyNot:
    """How far an account is from a ring.

    Attributes:
        ring_id: the ring asked about or the nearest one; None: it shares nothing with any of those.
        member: whether it is a member of that ring.
        shares: what it shares with the ring, strongest first.
        proof: parts of a whole proof, the best of each family of kinds added up.
        needed: parts that attach an account.
        missing: nothing_shared, only_places, one_family, too_common, public_hub, not_enough_proof.
        against: pays_for_months, own_machine, out_of_time.
        text: the answer in words; personal data is masked.
    """

    account_id: str
    ring_id: str | None
    member: bool
    shares: tuple[SharedWithRing, ...]
    proof: float
    needed: float
    missing: tuple[str, ...]
    against: tuple[str, ...]
    text: str
