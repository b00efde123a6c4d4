"""The best path between two accounts through the identifiers that they and others share."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, log2
from typing import Final

from ringfence.domain.identifiers import DEVICE, IP, IdentifierKey, Strength, strength_of
from ringfence.domain.masking import mask
from ringfence.store.links import SharedIdentifier

MAX_STEPS: Final = 6
"""Steps of a path, each from one account to another over one identifier."""

_WEIGHT_BY_STRENGTH: Final = {
    Strength.STRONG: 3.0,
    Strength.MEDIUM: 1.5,
    Strength.WEAK: 0.5,
    Strength.NEVER_ALONE: 0.25,
}
_NAMES: Final = {IP: "address"}


@dataclass(frozen=True, slots=True)
class LinkStep:
    """Two accounts that carry one identifier.

    Attributes:
        accounts: how many accounts carry it.
        weight: how much it ties the two, in (0, 3], without unit.
    """

    from_id: str
    to_id: str
    identifier: IdentifierKey
    accounts: int
    weight: float
    text: str


def step_weight(kind: str, accounts: int) -> float:
    """How much a shared identifier ties two of its accounts: strength over log2(accounts)."""
    return _WEIGHT_BY_STRENGTH[strength_of(kind)] / log2(max(accounts, 2))


def named(key: IdentifierKey) -> str:
    """An identifier in words, such as "device dev_7"; personal data is masked."""
    return f"{_NAMES.get(key.kind, key.kind.replace('_', ' '))} {mask(key)}"


def cheapest_path(carried: Iterable[SharedIdentifier], a: str, b: str) -> tuple[LinkStep, ...]:
    """The path of least cost from a to b, each step costing 1 / weight; ties go by id.

    Args:
        carried: identifiers, each with all the accounts that carry it.
        a: where the path starts.
        b: where it ends.

    Returns:
        `MAX_STEPS` steps at the most, or none where there is no path.

    Source: Bellman 1958, doi:10.1090/qam/102435, cut off after `MAX_STEPS` rounds.
    """
    carried_by: dict[str, list[SharedIdentifier]] = defaultdict(list)
    for one in sorted(carried, key=lambda one: one.key):
        for account_id in one.account_ids:
            carried_by[account_id].append(one)
    cost_by_account = {a: 0.0}
    rounds: list[dict[str, _Arrival]] = []
    changed = [a]
    while changed and len(rounds) < MAX_STEPS:
        rounds.append(_relax(cost_by_account, carried_by, changed))
        changed = sorted(rounds[-1])
    return _walk_back(rounds, a, b)


_Arrival = tuple[str, SharedIdentifier]
"""The account that a step comes from, and the identifier it goes over."""


def _relax(
    cost_by_account: dict[str, float],
    carried_by: Mapping[str, list[SharedIdentifier]],
    changed: Iterable[str],
) -> dict[str, _Arrival]:
    """Go one step from each changed account; note those that became cheaper, and how."""
    nearest: dict[IdentifierKey, tuple[float, str, SharedIdentifier]] = {}
    for account_id in changed:
        for one in carried_by.get(account_id, ()):
            cost = cost_by_account[account_id] + 1 / step_weight(one.key.kind, one.accounts)
            if one.key not in nearest or cost < nearest[one.key][0]:
                nearest[one.key] = (cost, account_id, one)
    arrivals: dict[str, _Arrival] = {}
    for cost, account_id, one in sorted(nearest.values(), key=lambda near: (near[0], near[2].key)):
        for other in one.account_ids:
            if cost < cost_by_account.get(other, inf):
                cost_by_account[other] = cost
                arrivals[other] = (account_id, one)
    return arrivals


def _walk_back(rounds: Sequence[Mapping[str, _Arrival]], a: str, b: str) -> tuple[LinkStep, ...]:
    steps: list[LinkStep] = []
    at = b
    for arrivals in reversed(rounds):
        if at in arrivals:
            came_from, one = arrivals[at]
            steps.append(_step(came_from, at, one))
            at = came_from
    return tuple(reversed(steps)) if at == a else ()


def _step(from_id: str, to_id: str, one: SharedIdentifier) -> LinkStep:
    return LinkStep(
        from_id,
        to_id,
        one.key,
        one.accounts,
        step_weight(one.key.kind, one.accounts),
        f"{from_id} and {to_id} both used {named(one.key)} ({one.accounts:,} accounts)",
    )


def is_settled(best: Sequence[LinkStep], steps: int) -> bool:
    """Whether a path of more steps than were seen cannot be cheaper."""
    cost = sum(1 / step.weight for step in best)
    return 0 < cost <= (steps + 1) / step_weight(DEVICE, 2)
