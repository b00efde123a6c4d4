"""One world in the making, and the stage on which each scenario plays its part."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from ringfence.worlds.behaviour import Behaviour
from ringfence.worlds.calendar import Calendar, awake
from ringfence.worlds.dice import Dice
from ringfence.worlds.drafts import Draft
from ringfence.worlds.knobs import Knobs, read_knobs
from ringfence.worlds.minting import Mint
from ringfence.worlds.people import Person, meet_person, own_email
from ringfence.worlds.places import Places
from ringfence.worlds.things import Device, Instrument, new_device, new_instrument, new_phone


@dataclass(slots=True)
class Traces:
    """What rings leave behind for innocents to be touched by."""

    exits: list[str] = field(default_factory=list)
    homes: list[str] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    cards: list[Instrument] = field(default_factory=list)
    stolen: list[Instrument] = field(default_factory=list)
    reseller_exits: list[list[str]] = field(default_factory=list)


class People:
    """How people choose, from `[people]` of scenarios.toml."""

    def __init__(self, knobs: Knobs) -> None:
        paths, attaches = knobs.table("paths"), knobs.table("attaches")
        self.plans = knobs.choice("plans")
        self.paths = {plan: paths.choice(plan) for plan in self.plans.items}
        self.attaches = {plan: attaches.number(plan) for plan in self.plans.items}
        self.second_device = knobs.number("second_device")
        self.on_the_move = knobs.number("on_the_move")
        self.other_line = knobs.number("other_line")
        self.phone_first = knobs.number("phone_first")
        self.phone_number = knobs.number("phone_number")
        self.leaves = knobs.number("leaves")


class World:
    """What all scenarios of one world share."""

    def __init__(self, accounts: int, seed: int) -> None:
        self.accounts = accounts
        self.seed = seed
        self.knobs = read_knobs("scenarios")
        self.calendar = Calendar(self.knobs.table("time"))
        self.places = Places(seed, accounts, self.knobs.table("places"))
        self.people = People(self.knobs.table("people"))
        self.traces = Traces()


class Stage:
    """A scenario's own dice, ids and behaviour, and the number of accounts it shall make."""

    def __init__(self, world: World, name: str, quota: int, knobs: Knobs) -> None:
        self.world = world
        self.name = name
        self.quota = quota
        self.knobs = knobs
        self.dice = Dice(world.seed, name)
        self.mint = Mint(world.seed, name)
        self.behaviour = Behaviour(
            world.knobs.table("behaviour"), world.calendar, Dice(world.seed, name, "behaviour")
        )

    def sizes(self) -> Iterator[int]:
        """Sizes of the units that fill the quota; the last takes what is left."""
        low, high = self.knobs.bounds("size")
        left = self.quota
        while left >= low:
            size = min(low + int((high - low + 1) * self.dice.unit() * self.dice.unit()), left)
            size = left if left - size < low else size
            left -= size
            yield size

    def ordinary(
        self, country: str | None = None, day_ms: int | None = None, hours: str = "people"
    ) -> Draft:
        """An account as anybody opens one; scenarios change what is different."""
        dice, mint, places, people = self.dice, self.mint, self.world.places, self.world.people
        person = meet_person(dice, country)
        plan = dice.weighted(people.plans)
        draft = Draft(
            id=mint.make("acct_"),
            category=self.name,
            signed_up_ms=self.moment(person.country, day_ms, hours),
            person=person,
            email=own_email(dice, person),
            plan=plan,
            hours=hours,
            addresses=[places.home(dice, person.country)],
        )
        self.enrol(draft, plan)
        self._equip(draft)
        if dice.chance(people.phone_number):
            draft.shared.append(("phone", new_phone(dice)))
        if dice.chance(people.leaves):
            rest = self.world.calendar.end_ms - draft.signed_up_ms
            draft.left_ms = draft.signed_up_ms + int(rest * dice.within(0.05, 0.9))
        return draft

    def moment(self, country: str, day_ms: int | None, hours: str) -> int:
        """A waking moment of that day, or of any, inside the time of the world."""
        calendar = self.world.calendar
        day = calendar.any_day(self.dice) if day_ms is None else day_ms
        at = awake(self.dice, day, country, hours)
        return calendar.inside(self.dice, at)

    def enrol(self, draft: Draft, plan: str, *, holder: str = "people") -> None:
        """Give the account a plan, the path that leads there, and what it pays with."""
        dice, people = self.dice, self.world.people
        draft.plan = plan
        draft.path = dice.weighted(people.paths[plan])
        pays = dice.chance(people.attaches[plan])
        draft.instruments = [self.instrument(draft.person, holder)] if pays else []

    def instrument(self, person: Person, holder: str = "people") -> Instrument:
        """A new instrument of that person."""
        return new_instrument(self.dice, self.mint, holder, person.country)

    def _equip(self, draft: Draft) -> None:
        dice, people = self.dice, self.world.people
        form = "phone" if dice.chance(people.phone_first) else "computer"
        draft.devices = [new_device(dice, self.mint, form)]
        if dice.chance(people.second_device):
            draft.devices.append(new_device(dice, self.mint))
        if dice.chance(people.on_the_move):
            draft.addresses.append(self.world.places.carrier(dice, draft.person.country))
        if dice.chance(people.other_line):
            draft.addresses.append(self.world.places.home(dice, draft.person.country))


class Scenario(Protocol):
    """Makes the accounts of one category."""

    def __call__(self, stage: Stage) -> Iterator[Draft]:
        """The accounts, in any order."""
        ...
