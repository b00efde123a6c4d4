"""Honest accounts of people who happen to be in one place, or behind one address."""

from collections.abc import Iterator

from ringfence.worlds.calendar import DAY_MS, HOUR_MS, to_ms
from ringfence.worlds.drafts import Draft
from ringfence.worlds.people import COUNTRIES, company_domain, work_email
from ringfence.worlds.things import new_device
from ringfence.worlds.world import Stage


def campuses(stage: Stage) -> Iterator[Draft]:
    """Students and staff behind a few addresses, on lab machines, many in orientation week."""
    dice, knobs = stage.dice, stage.knobs
    for size in stage.sizes():
        country, domain = dice.weighted(COUNTRIES), company_domain(dice)
        egress = stage.world.places.egress(dice, country, "campus", knobs.count("egress", dice))
        labs = max(1, size // knobs.count("lab_accounts", dice))
        lab = [new_device(dice, stage.mint, "computer") for _ in range(labs)]
        in_lab, orientation = knobs.draw("lab", dice), knobs.draw("orientation", dice)
        own_domain = knobs.draw("own_domain", dice)
        week = to_ms(dice.pick(knobs.values("orientation_days")))
        for at in range(size):
            day = week + dice.below(7) * DAY_MS if dice.chance(orientation) else None
            draft = stage.ordinary(country, day)
            draft.addresses.insert(int(dice.chance(0.3)), dice.pick(egress))
            draft.addresses.append(dice.pick(egress))
            if dice.chance(in_lab):
                draft.devices.insert(int(dice.chance(0.5)), dice.pick(lab))
            if dice.chance(own_domain):
                draft.email = work_email(draft.person, domain, at)
                stage.enrol(draft, "education" if dice.chance(0.7) else draft.plan)
            yield draft


def carrier_customers(stage: Stage) -> Iterator[Draft]:
    """People on the telephone network only, at another shared address every time."""
    dice, places = stage.dice, stage.world.places
    for _ in range(stage.quota):
        draft = stage.ordinary()
        country = draft.person.country
        count = stage.knobs.count("addresses", dice)
        draft.addresses = [places.carrier(dice, country) for _ in range(count)]
        draft.devices = [new_device(dice, stage.mint, "phone")]
        draft.rotates = True
        yield draft


def cafes(stage: Stage) -> Iterator[Draft]:
    """Guests of internet cafés, libraries and coworking rooms."""
    dice, knobs = stage.dice, stage.knobs
    for size in stage.sizes():
        country = dice.weighted(COUNTRIES)
        line = stage.world.places.egress(dice, country, "cafe", 1)[0]
        count = knobs.count("terminals", dice)
        terminals = [new_device(dice, stage.mint, "computer") for _ in range(count)]
        at_terminal = knobs.draw("at_terminal", dice)
        for _ in range(size):
            draft = stage.ordinary(country)
            draft.addresses.insert(int(dice.chance(0.4)), line)
            if terminals and dice.chance(at_terminal):
                draft.devices.insert(int(dice.chance(0.4)), dice.pick(terminals))
            yield draft


def classes(stage: Stage) -> Iterator[Draft]:
    """A lesson or bootcamp: one room, one hour, no cards."""
    dice = stage.dice
    for size in stage.sizes():
        country, domain = dice.weighted(COUNTRIES), company_domain(dice)
        room = stage.world.places.egress(dice, country, "campus", 1)[0]
        machines = [new_device(dice, stage.mint, "computer") for _ in range(1 + size // 2)]
        on_machine, from_school = stage.knobs.draw("lab", dice), dice.chance(0.4)
        start = stage.moment(country, None, "office")
        for at in range(size):
            draft = stage.ordinary(country)
            draft.signed_up_ms = start + dice.below(HOUR_MS)
            draft.left_ms = 0 if dice.chance(0.4) else draft.signed_up_ms + 20 * DAY_MS
            draft.addresses.insert(0, room)
            stage.enrol(draft, "education" if from_school else "free")
            draft.instruments = []
            if dice.chance(on_machine):
                draft.devices.insert(0, machines[at // 2])
            if from_school:
                draft.email = work_email(draft.person, domain, at)
            yield draft


def hackathons(stage: Stage) -> Iterator[Draft]:
    """Hundreds in one hall within three hours, most with the organiser's promo code."""
    dice, knobs = stage.dice, stage.knobs
    for size in stage.sizes():
        country = dice.weighted(COUNTRIES)
        venue = stage.world.places.egress(dice, country, "cafe", knobs.count("venue", dice))
        promo, with_promo = stage.mint.make("promo_"), knobs.draw("promo", dice)
        start = stage.moment(country, None, "office")
        team = None
        for _ in range(size):
            draft = stage.ordinary(country if dice.chance(0.8) else None)
            draft.signed_up_ms = start + int(dice.unit() * knobs.number("within_hours") * HOUR_MS)
            draft.left_ms = 0 if dice.chance(0.5) else draft.signed_up_ms + 10 * DAY_MS
            draft.addresses.insert(0, dice.pick(venue))
            if dice.chance(with_promo):
                draft.shared.append(("promo_code", promo))
            if team and dice.chance(knobs.number("shared_laptop")):
                draft.devices = team.devices
            team = draft
            yield draft
