"""Honest accounts that one employer or one agency pays for."""

from collections.abc import Iterator

from ringfence.worlds.calendar import HOUR_MS
from ringfence.worlds.drafts import Draft
from ringfence.worlds.people import COUNTRIES, Person, company_domain, work_email
from ringfence.worlds.places import rented
from ringfence.worlds.things import Device, managed_device, new_device, new_instrument, pick_model
from ringfence.worlds.world import Stage


def companies(stage: Stage) -> Iterator[Draft]:
    """Staff with one domain, one or two cards and machines from one disk image."""
    for size in stage.sizes():
        yield from _company(stage, size)


def virtual_desktops(stage: Stage) -> Iterator[Draft]:
    """Locked-down desktops: one device id and one line for the whole floor."""
    dice = stage.dice
    for size in stage.sizes():
        country, domain = dice.weighted(COUNTRIES), company_domain(dice)
        line = stage.world.places.egress(dice, country, "office", 1)
        seen = new_device(dice, stage.mint, "computer")
        desktop = Device(stage.mint.make("dev_"), seen.user_agent, stage.mint.make("fp_"))
        own_domain = dice.chance(stage.knobs.number("own_domain"))
        for at in range(size):
            draft = stage.ordinary(country, hours="office")
            draft.devices, draft.addresses = [desktop], [*line, draft.addresses[0]]
            if own_domain:
                draft.email = work_email(draft.person, domain, at)
            yield draft


def agencies(stage: Stage) -> Iterator[Draft]:
    """One payer, many clients, commercial proxies, much use: an honest hydra."""
    dice, knobs = stage.dice, stage.knobs
    for size in stage.sizes():
        owner = stage.ordinary(hours="office")
        payer = new_instrument(dice, stage.mint, "company", owner.person.country)
        count = knobs.count("devices", dice)
        desks = [new_device(dice, stage.mint, "computer") for _ in range(count)]
        exits = rented(dice, stage.world.places.proxies, knobs.count("exits", dice))
        usage = knobs.draw("usage", dice)
        for at in range(size):
            country = owner.person.country if dice.chance(0.6) else None
            draft = stage.ordinary(country, hours="office")
            draft.email = work_email(draft.person, company_domain(dice), 0)
            stage.enrol(draft, dice.pick(("api", "pro", "team")))
            draft.devices = [desks[at % len(desks)], dice.pick(desks)]
            draft.addresses = [dice.pick(exits), dice.pick(exits), owner.addresses[0]]
            draft.rotates, draft.usage, draft.left_ms = True, usage, 0
            draft.billing = "office"
            if dice.chance(knobs.number("same_payer")):
                draft.instruments = [payer]
            yield draft


def _company(stage: Stage, size: int) -> Iterator[Draft]:
    dice, knobs = stage.dice, stage.knobs
    country, domain = dice.weighted(COUNTRIES), company_domain(dice)
    egress = stage.world.places.egress(dice, country, "office", knobs.count("egress", dice))
    payer = Person(country, "accounts", "payable")
    cards = [stage.instrument(payer, "company") for _ in range(knobs.count("cards", dice))]
    model, fingerprint = pick_model(dice, "computer"), stage.mint.make("fp_")
    admin = managed_device(stage.mint, model, fingerprint)
    by_admin = dice.chance(knobs.number("admin_device"))
    provisioned, at_office = knobs.draw("provisioned", dice), knobs.draw("at_office", dice)
    start, colleague = stage.moment(country, None, "office"), admin
    for at in range(size):
        draft = stage.ordinary(country, hours="office")
        machine = managed_device(stage.mint, model, fingerprint)
        draft.devices = [machine, *draft.devices[1:]]
        draft.addresses.insert(int(not dice.chance(at_office)), dice.pick(egress))
        if dice.chance(provisioned):
            draft.signed_up_ms = start + dice.below(HOUR_MS)
            draft.addresses[0] = egress[0]
            draft.devices = [admin, machine] if by_admin else draft.devices
        elif dice.chance(knobs.number("shared_desk")):
            draft.devices = [colleague, machine]
        draft.email = work_email(draft.person, domain, at)
        stage.enrol(draft, "team")
        draft.instruments, draft.billing, draft.left_ms = [dice.pick(cards)], "office", 0
        colleague = machine
        yield draft
