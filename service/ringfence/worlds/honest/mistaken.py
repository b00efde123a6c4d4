"""Honest accounts that look like a ring's own: taken over by one, playing one, made by a script."""

from collections.abc import Iterator

from ringfence.worlds.calendar import DAY_MS
from ringfence.worlds.drafts import Draft, Stray
from ringfence.worlds.people import COUNTRIES, company_domain
from ringfence.worlds.places import rented
from ringfence.worlds.things import Device, new_device, new_instrument
from ringfence.worlds.world import Stage


def hijacked(stage: Stage) -> Iterator[Draft]:
    """Customers whose account a ring took over: its device and exit, now and then its card."""
    traces, dice, knobs = stage.world.traces, stage.dice, stage.knobs
    for _ in range(stage.quota):
        draft = stage.ordinary()
        if traces.devices and traces.exits:
            at, device = dice.within(0.3, 0.9), dice.pick(traces.devices)
            draft.strays = [
                Stray(at, address=dice.pick(traces.exits), device=device)
                for _ in range(knobs.count("sign_ins", dice))
            ]
            if traces.cards and dice.chance(knobs.number("charged")):
                card = dice.pick(traces.cards)
                draft.strays.append(Stray(at, instrument=card, outcome="declined"))
        yield draft


def ci_accounts(stage: Stage) -> Iterator[Draft]:
    """Accounts that a build server opens one after the other: no device, one line, one card."""
    dice, knobs = stage.dice, stage.knobs
    for size in stage.sizes():
        country, domain = dice.weighted(COUNTRIES), company_domain(dice)
        line = stage.world.places.egress(dice, country, "office", 1)
        owner = stage.ordinary(country, hours="office")
        server = Device("", owner.devices[0].user_agent, "")
        card = new_instrument(dice, stage.mint, "company", country)
        low, high = knobs.bounds("gap_s")
        at, usage = owner.signed_up_ms, knobs.draw("usage", dice)
        for number in range(size):
            draft = stage.ordinary(country, hours="office") if number else owner
            draft.signed_up_ms, draft.left_ms = stage.world.calendar.inside(dice, at), 0
            at += dice.between(low * 1000, high * 1000)
            draft.person, draft.email = owner.person, f"ci+{number + 1}@{domain}"
            stage.enrol(draft, "api")
            draft.devices, draft.addresses, draft.instruments = [server], line, [card]
            draft.shared, draft.usage, draft.billing = [], usage, "office"
            yield draft


def red_teams(stage: Stage) -> Iterator[Draft]:
    """Researchers who play a ring with permission: proxies, few machines, their lab's card."""
    dice, knobs = stage.dice, stage.knobs
    for size in stage.sizes():
        country, domain = dice.weighted(COUNTRIES), company_domain(dice)
        exits = rented(dice, stage.world.places.proxies, knobs.count("exits", dice))
        count = knobs.count("devices", dice)
        machines = [new_device(dice, stage.mint, "computer") for _ in range(count)]
        card = new_instrument(dice, stage.mint, "company", country)
        start, days = stage.moment(country, None, "office"), knobs.count("days", dice)
        usage, name = knobs.draw("usage", dice), stage.ordinary(country).person
        for number in range(size):
            draft = stage.ordinary(country, hours="office")
            at = start + dice.below(days * DAY_MS)
            draft.signed_up_ms, draft.left_ms = stage.world.calendar.inside(dice, at), 0
            draft.email = f"{name.first}.{name.last}+probe{number + 1}@{domain}"
            stage.enrol(draft, dice.pick(("pro", "api")))
            draft.devices = [machines[number % count]]
            draft.addresses = [dice.pick(exits), dice.pick(exits)]
            draft.rotates, draft.instruments, draft.shared = True, [card], []
            draft.usage, draft.billing = usage, "office"
            yield draft


def locked_browsers(stage: Stage) -> Iterator[Draft]:
    """Freelancers whose private browser keeps no id and shows one of few fingerprints."""
    dice, knobs, places = stage.dice, stage.knobs, stage.world.places
    agent = new_device(dice, stage.mint, "computer").user_agent
    prints = [stage.mint.make("fp_") for _ in range(knobs.count("fingerprints", dice))]
    for _ in range(stage.quota):
        draft = stage.ordinary()
        draft.devices = [Device("", agent, dice.pick(prints))]
        if dice.chance(knobs.number("through_vpn")):
            draft.addresses = [dice.skewed(places.vpn_exits) for _ in range(2)]
            draft.rotates = True
        yield draft
