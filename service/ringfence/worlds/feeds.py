"""What public feeds say of addresses: incomplete, dated, and partly wrong."""

from collections.abc import Iterator

from ringfence.worlds.calendar import DAY_MS, to_ms, to_text
from ringfence.worlds.dice import Dice
from ringfence.worlds.knobs import Knobs
from ringfence.worlds.places import Places

HOME = "home"
HEADER = ("address", "class", "source", "seen_on")


def address_feed(seed: int, places: Places, knobs: Knobs, end_ms: int) -> Iterator[tuple[str, ...]]:
    """Rows of the feed, sorted by address; what it says of one does not depend on the others."""
    first_ms = to_ms(knobs.text("first_seen"))
    days = (end_ms - first_ms) // DAY_MS
    sources = knobs.values("sources")
    homes = dict.fromkeys(places.homes, HOME)
    classes = homes | places.classes
    told = {name: knobs.table("told").choice(name) for name in {HOME, *classes.values()}}
    for address, true_class in sorted(classes.items()):
        dice = Dice(seed, "feed", address)
        if dice.chance(knobs.table("coverage").number(true_class)):
            seen_on = to_text(first_ms + dice.below(days) * DAY_MS)[:10]
            yield address, dice.weighted(told[true_class]), dice.pick(sources), seen_on
