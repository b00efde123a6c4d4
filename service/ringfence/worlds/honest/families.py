"""Honest accounts of people who know each other well, or are one person twice."""

from collections.abc import Iterator

from ringfence.worlds.calendar import DAY_MS, HOUR_MS
from ringfence.worlds.dice import Dice
from ringfence.worlds.drafts import Draft
from ringfence.worlds.people import COUNTRIES, Person, local_part, own_email
from ringfence.worlds.things import Instrument, new_device
from ringfence.worlds.world import Stage


def households(stage: Stage) -> Iterator[Draft]:
    """Families that share a line, a laptop and a card, and join months apart."""
    for size in stage.sizes():
        yield from _family(stage, size)


def siblings(stage: Stage) -> Iterator[Draft]:
    """Families that join in one evening."""
    dice, hours = stage.dice, stage.knobs.number("within_hours")
    for size in stage.sizes():
        family = list(_family(stage, size, dice.chance(0.5)))
        first = stage.moment(family[0].person.country, None, "evening")
        for draft in family:
            draft.left_ms = 0
            draft.signed_up_ms = first + int(dice.unit() * hours * HOUR_MS)
        yield from family


def wallet_families(stage: Stage) -> Iterator[Draft]:
    """Relatives in several homes who pay from one family wallet."""
    for size in stage.sizes():
        country = stage.dice.weighted(COUNTRIES)
        wallet = Instrument(stage.mint.make("pm_"), "wallet", "", "", country)
        for _ in range(size):
            draft = stage.ordinary(country)
            stage.enrol(draft, stage.dice.pick(("pro", "pro", "api")))
            draft.instruments = [wallet]
            draft.shared.append(("wallet", wallet.id.replace("pm_", "wal_")))
            yield draft


def developers(stage: Stage) -> Iterator[Draft]:
    """One person's test accounts: same machine, same line, tags in the e-mail."""
    dice, knobs = stage.dice, stage.knobs
    for size in stage.sizes():
        owner = stage.ordinary()
        name, _, domain = owner.email.partition("@")
        usage = knobs.draw("usage", dice)
        at_once = dice.chance(knobs.number("in_one_hour"))
        yield owner
        for number in range(1, size):
            draft = stage.ordinary(owner.person.country)
            after = dice.below(HOUR_MS if at_once else 60 * DAY_MS)
            draft.signed_up_ms = _inside(stage, owner.signed_up_ms + after)
            draft.person, draft.devices = owner.person, owner.devices
            draft.addresses, draft.usage, draft.left_ms = owner.addresses, usage, 0
            draft.email = _tagged(dice, owner.person, name, domain, number)
            draft.instruments = owner.instruments if dice.chance(0.3) else []
            yield draft


def reregistered(stage: Stage) -> Iterator[Draft]:
    """People who lost the password and came back under another address."""
    dice = stage.dice
    for _ in stage.sizes():
        old, new = stage.ordinary(), stage.ordinary()
        _follow(stage, old, new, dice.below(90 * DAY_MS))
        new.person, new.devices, new.addresses = old.person, old.devices, old.addresses
        new.email = own_email(dice, old.person)
        if dice.chance(0.6):
            new.instruments = old.instruments
        yield from (old, new)


def second_hand(stage: Stage) -> Iterator[Draft]:
    """Strangers who had the same phone, one after the other."""
    dice = stage.dice
    for _ in stage.sizes():
        old, new = stage.ordinary(), stage.ordinary()
        _follow(stage, old, new, dice.between(15, 120) * DAY_MS)
        phone = new_device(dice, stage.mint, "phone")
        old.devices[0] = new.devices[0] = phone
        yield from (old, new)


def _family(stage: Stage, size: int, as_teens: bool = False) -> Iterator[Draft]:
    dice, knobs = stage.dice, stage.knobs
    head = stage.ordinary()
    laptop = new_device(dice, stage.mint, "computer")
    card = stage.instrument(head.person)
    on_laptop, on_card = knobs.draw("laptop", dice), knobs.draw("card", dice)
    for at in range(size):
        draft = stage.ordinary(head.person.country) if at else head
        draft.addresses[0] = stage.world.places.same_line(dice, head.addresses[0])
        if dice.chance(on_laptop):
            draft.devices = [laptop] if dice.chance(0.4) else [draft.devices[0], laptop]
        if draft.instruments and dice.chance(on_card):
            draft.instruments = [card]
        if dice.chance(knobs.number("same_name")):
            draft.person = Person(head.person.country, draft.person.first, head.person.last)
            draft.email = own_email(dice, draft.person)
        if draft.shared and head.shared and dice.chance(knobs.number("same_phone")):
            draft.shared = head.shared
        if as_teens:
            draft.instruments = []
        yield draft


def _follow(stage: Stage, old: Draft, new: Draft, pause_ms: int) -> None:
    stay = int((stage.world.calendar.end_ms - old.signed_up_ms) * stage.dice.within(0.1, 0.6))
    old.left_ms = old.signed_up_ms + stay
    new.signed_up_ms = _inside(stage, old.left_ms + pause_ms)
    new.left_ms = 0


def _inside(stage: Stage, at_ms: int) -> int:
    return stage.world.calendar.inside(stage.dice, at_ms)


def _tagged(dice: Dice, person: Person, name: str, domain: str, number: int) -> str:
    if dice.chance(0.7):
        return f"{name}+{dice.pick(('test', 'dev', 'ci', 'qa'))}{number}@{domain}"
    return f"{local_part(dice, person, 'first_digits')}@{domain}"
