"""How many accounts each category gets, so that all together are exactly those asked for."""

from collections.abc import Mapping

from ringfence.worlds.dice import Dice
from ringfence.worlds.knobs import Knobs

_FITS = 20
"""The smallest unit of a category may be one part in so many of the world."""

REST = "single"
"""The category that takes what the others leave."""


def campaign_quota(accounts: int, fake: Knobs) -> int:
    """Accounts of the campaign."""
    return accounts // int(fake.number("campaign"))


def ring_quotas(
    accounts: int, seed: int, fake: Knobs, kinds: Mapping[str, Knobs]
) -> dict[str, int]:
    """Accounts of each kind of ring: a smallest ring each while they fit, the rest by weight."""
    dice = Dice(seed, "quotas", "rings")
    left = round(accounts * fake.draw("share", dice))
    quotas = dict.fromkeys(kinds, 0)
    order = [kind for kind, knobs in kinds.items() if _has_room(accounts, knobs)]
    dice.shuffle(order)
    for kind in order:
        floor = kinds[kind].bounds("size")[0]
        if floor <= left:
            quotas[kind], left = floor, left - floor
    weights = {kind: knobs.draw("weight", dice) for kind, knobs in kinds.items() if quotas[kind]}
    for kind, weight in weights.items():
        quotas[kind] += int(left * weight / sum(weights.values()))
    return quotas


def honest_quotas(
    accounts: int, honest: int, seed: int, kinds: Mapping[str, Knobs]
) -> dict[str, int]:
    """Honest accounts of each category, `honest` together; `single` takes what others leave."""
    quotas: dict[str, int] = {}
    for kind, knobs in kinds.items():
        if not knobs.number("share"):
            continue
        if not _has_room(accounts, knobs):
            quotas[kind] = 0
            continue
        dice = Dice(seed, "quotas", kind)
        quota = round(accounts * knobs.number("share") * dice.within(0.75, 1.25))
        low, high = knobs.bounds("size") if "size" in knobs else (1, 1)
        quota -= quota % low if low == high else 0
        if quota < low:
            quota = low if low <= accounts // _FITS else 0
        quotas[kind] = quota
    quotas[REST] = honest - sum(quotas.values())
    return quotas


def _has_room(accounts: int, knobs: Knobs) -> bool:
    """Whether a world of that size holds the category at all."""
    return "least_world" not in knobs or accounts >= knobs.number("least_world")
