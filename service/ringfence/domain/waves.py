"""Waves of a takedown: a few accounts first, then more and more, in an order nobody can guess."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ringfence.domain.takedown_plans import TakedownOptions
from ringfence.domain.takedown_rules import TakedownRules


@dataclass(frozen=True, slots=True)
class Placed:
    """Where one account stands in the order of a takedown."""

    account_id: str
    wave: int
    place: int


def place_in_waves(
    account_ids: Sequence[str], rules: TakedownRules, options: TakedownOptions, *, seed: str
) -> list[Placed]:
    """Accounts in the order in which they are acted on, each with its wave from 0.

    The order is drawn: equal seeds give equal orders.

    Args:
        account_ids: to act on, each once, in any order.
        rules: sizes of the waves.
        options: of this takedown; they go before the rules.
        seed: of the draw.
    """
    drawn = sorted(account_ids)
    random.Random(seed).shuffle(drawn)  # noqa: S311 - an order, no secret
    ends = _ends(len(drawn), options.canary or rules.waves.canary, rules.waves.shares)
    placed, wave = [], 0
    for place, account_id in enumerate(drawn):
        if place >= ends[wave]:
            wave += 1
        placed.append(Placed(account_id, wave, place))
    return placed


def _ends(accounts: int, canary: int, shares: Sequence[float]) -> list[int]:
    """Places at which the waves end; empty waves are left out."""
    first = min(canary, accounts)
    ends, share_so_far = [first], 0.0
    for share in shares:
        share_so_far += share
        ends.append(first + round((accounts - first) * min(share_so_far, 1.0)))
    ends[-1] = accounts
    return sorted(set(ends))


def delay_s(rules: TakedownRules, options: TakedownOptions, *, seed: str) -> float:
    """Seconds until the next wave, drawn evenly from the span that rules or options give."""
    least, most = options.delay_minutes or rules.waves.delay_minutes
    return random.Random(seed).uniform(least, most) * 60  # noqa: S311 - a delay, no secret
