"""Addresses: homes, mobile carriers, campuses, VPN exits and proxies, and what they really are.

All IPv4 addresses lie in 240.0.0.0/4 and all IPv6 in 2001:db8::/32, which nobody holds.
"""

from collections.abc import Sequence

from ringfence.worlds.dice import Dice, Item
from ringfence.worlds.knobs import Knobs
from ringfence.worlds.people import COUNTRIES

_BLOCKS = 15 * 256
_BLOCK_SIZE = 65_536
_HOSTING_BLOCKS = 8


class Places:
    """The address plan of one world.

    Attributes:
        classes: what shared addresses really are: vpn, proxy, residential, carrier, campus, office
            or cafe.
        homes: a sample of ordinary homes, for feeds to be wrong about.
        vpn_exits, proxies, residential: exits that anybody can rent.
        carriers: by country, the addresses a mobile carrier shares out among thousands.
    """

    def __init__(self, seed: int, accounts: int, knobs: Knobs) -> None:
        dice = Dice(seed, "places")
        blocks = list(range(_BLOCKS))
        dice.shuffle(blocks)
        hosting = [blocks.pop() for _ in range(_HOSTING_BLOCKS)]
        carrier = {country: blocks.pop() for country in COUNTRIES.items}
        self._blocks_by_country = _divide(blocks)
        self.homes: list[str] = []
        self.vpn_exits = _hosted(hosting[:2], _count(dice, knobs, "vpn", accounts))
        self.proxies = _hosted(hosting[2:], _count(dice, knobs, "proxy", accounts))
        dice.shuffle(self.vpn_exits)
        dice.shuffle(self.proxies)
        self.residential = [
            self._line(dice, dice.weighted(COUNTRIES))
            for _ in range(_count(dice, knobs, "residential", accounts))
        ]
        nats = 1 + _count(dice, knobs, "carrier", accounts) // len(COUNTRIES.items)
        self.carriers = {country: _hosted([block], nats) for country, block in carrier.items()}
        self.classes = {
            **dict.fromkeys(self.vpn_exits, "vpn"),
            **dict.fromkeys(self.proxies, "proxy"),
            **dict.fromkeys(self.residential, "residential"),
            **{nat: "carrier" for nats in self.carriers.values() for nat in nats},
        }

    def home(self, dice: Dice, country: str) -> str:
        """The address of a home line; one in twelve speaks IPv6."""
        if dice.chance(1 / 12):
            site = dice.below(1 << 32)
            return f"2001:db8:{site >> 16:x}:{site & 0xFFFF:x}::{dice.between(1, 65535):x}"
        address = self._line(dice, country)
        if dice.chance(0.02):
            self.homes.append(address)
        return address

    def same_line(self, dice: Dice, address: str) -> str:
        """Another machine behind that line: the same IPv4, or a neighbour in the IPv6 network."""
        network, colons, _ = address.partition("::")
        return f"{network}::{dice.between(1, 65535):x}" if colons else address

    def egress(self, dice: Dice, country: str, true_class: str, count: int) -> list[str]:
        """Neighbouring addresses through which an office, a campus or a café goes out."""
        block = dice.pick(self._blocks_by_country[country])
        low = dice.below(_BLOCK_SIZE - count)
        found = [_address(block, low + at) for at in range(count)]
        self.classes.update(dict.fromkeys(found, true_class))
        return found

    def carrier(self, dice: Dice, country: str) -> str:
        """One of the carrier's addresses in that country."""
        return dice.skewed(self.carriers[country])

    def _line(self, dice: Dice, country: str) -> str:
        return _address(dice.pick(self._blocks_by_country[country]), dice.below(_BLOCK_SIZE))


def rented(dice: Dice, exits: Sequence[Item], count: int) -> list[Item]:
    """As many exits as a customer of the pool is given; some may come twice."""
    return [dice.pick(exits) for _ in range(count)]


def _divide(blocks: Sequence[int]) -> dict[str, Sequence[int]]:
    """Blocks for each country, as many as its share of sign-ups."""
    found, start = {}, 0.0
    for country, bound in zip(COUNTRIES.items, COUNTRIES.bounds, strict=True):
        end = bound / COUNTRIES.total * len(blocks)
        found[country] = blocks[int(start) : int(end)]
        start = end
    return found


def _hosted(blocks: Sequence[int], count: int) -> list[str]:
    """Addresses that fill networks of 256 one after the other, spread over the blocks."""
    return [_address(blocks[at % len(blocks)], at // len(blocks) * 2 + 1) for at in range(count)]


def _count(dice: Dice, knobs: Knobs, name: str, accounts: int) -> int:
    return max(
        knobs.count(f"{name}_floor", dice), int(accounts * knobs.draw(f"{name}_a_account", dice))
    )


def _address(block: int, low: int) -> str:
    return f"{240 + block // 256}.{block % 256}.{low >> 8}.{low & 255}"
