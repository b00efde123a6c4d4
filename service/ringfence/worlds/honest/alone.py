"""Honest people who sign up alone, however odd they look."""

from collections.abc import Iterator

from ringfence.worlds.calendar import DAY_MS, HOUR_MS, to_ms
from ringfence.worlds.drafts import Draft, Stray
from ringfence.worlds.people import COUNTRIES
from ringfence.worlds.places import rented
from ringfence.worlds.things import Device, new_device
from ringfence.worlds.world import Stage


def singles(stage: Stage) -> Iterator[Draft]:
    """People at home or on the move."""
    for _ in range(stage.quota):
        yield stage.ordinary()


def vpn_users(stage: Stage) -> Iterator[Draft]:
    """People behind VPN exits, some of which are the proxies that rings rent too."""
    places, dice = stage.world.places, stage.dice
    for _ in range(stage.quota):
        draft = stage.ordinary()
        exits = stage.knobs.count("exits", dice)
        if dice.chance(stage.knobs.number("through_proxy")):
            draft.addresses = rented(dice, places.proxies, exits)
        else:
            draft.addresses = [dice.skewed(places.vpn_exits) for _ in range(exits)]
        draft.rotates = True
        yield draft


def stock_phones(stage: Stage) -> Iterator[Draft]:
    """Phones whose browser keeps no id and shows the fingerprint of its model."""
    for _ in range(stage.quota):
        draft = stage.ordinary()
        seen = new_device(stage.dice, stage.mint, "phone")
        draft.devices = [Device("", seen.user_agent, seen.fingerprint)]
        yield draft


def prepaid_holders(stage: Stage) -> Iterator[Draft]:
    """People who pay with gift and prepaid cards, often a new one each time."""
    for _ in range(stage.quota):
        draft = stage.ordinary()
        stage.enrol(draft, stage.dice.pick(("pro", "api")), holder="prepaid")
        if stage.dice.chance(0.5):
            draft.instruments.append(stage.instrument(draft.person, "prepaid"))
        yield draft


def proxy_victims(stage: Stage) -> Iterator[Draft]:
    """People whose router or telephone sells their line as a proxy exit."""
    exits = stage.world.places.residential
    for at in range(stage.quota):
        draft = stage.ordinary()
        draft.addresses[0] = exits[at % len(exits)]
        yield draft


def touched(stage: Stage) -> Iterator[Draft]:
    """People whom a ring met once: through its address, or by charging their card."""
    traces, dice = stage.world.traces, stage.dice
    stolen = iter(traces.stolen)
    for _ in range(stage.quota):
        draft = stage.ordinary()
        if card := next(stolen, None):
            draft.instruments = [card]
        elif traces.cards and dice.chance(0.3):
            card = dice.pick(traces.cards)
            draft.strays = [Stray(dice.unit(), instrument=card, outcome="refunded")]
        elif traces.exits:
            draft.strays = [Stray(dice.unit(), address=dice.pick(traces.exits))]
        yield draft


def resold_customers(stage: Stage) -> Iterator[Draft]:
    """Real customers whose reseller sends them through the exits of its ring."""
    pools = stage.world.traces.reseller_exits
    for at in range(stage.quota):
        draft = stage.ordinary()
        if pools:
            exits = pools[at % len(pools)]
            draft.addresses += [stage.dice.pick(exits) for _ in range(2)]
            draft.rotates = True
        yield draft


def launch_day(stage: Stage) -> Iterator[Draft]:
    """The burst that follows a launch everybody talks about."""
    calendar, dice = stage.world.calendar, stage.dice
    start = to_ms(stage.knobs.text("day"))
    for _ in range(stage.quota):
        draft = stage.ordinary(day_ms=start)
        after = dice.unit() * dice.unit() * stage.knobs.number("hours") * HOUR_MS
        draft.signed_up_ms = start + int(after)
        if draft.left_ms:
            draft.left_ms = calendar.end_ms - dice.below(15 * DAY_MS)
        yield draft


def expats(stage: Stage) -> Iterator[Draft]:
    """People who live in one country and bank in another, awake at the hours of both."""
    places, dice = stage.world.places, stage.dice
    for _ in range(stage.quota):
        draft = stage.ordinary(hours="shift")
        abroad = dice.weighted(COUNTRIES)
        draft.addresses = [places.home(dice, abroad), places.carrier(dice, abroad)]
        yield draft
