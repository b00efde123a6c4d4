"""A crew: the pools of devices, cards and exits that its accounts are made from."""

from collections.abc import Callable

from ringfence.worlds.calendar import DAY_MS, awake
from ringfence.worlds.dice import Dice, Weighted
from ringfence.worlds.drafts import Draft, Stray
from ringfence.worlds.fake.pool import Pool
from ringfence.worlds.knobs import Knobs
from ringfence.worlds.people import COUNTRIES, MAIL_DOMAINS, local_part, meet_person
from ringfence.worlds.things import Device, Instrument, new_device, new_phone
from ringfence.worlds.world import Stage


class Crew:
    """Makes the accounts of one ring, or of one part of the campaign."""

    def __init__(
        self, stage: Stage, ring: str, knobs: Knobs, exits: Pool[str] | None = None
    ) -> None:
        dice = stage.dice
        self._stage, self._ring, self._knobs = stage, ring, knobs
        self.country = dice.weighted(COUNTRIES)
        self.devices = self.device_pool()
        self.cards = Pool(dice, knobs.draw("card_accounts", dice), self._new_card)
        self.exits = exits or Pool(dice, knobs.draw("exit_accounts", dice), self._rent())
        self.phones = Pool(dice, knobs.draw("phone_accounts", dice), lambda: new_phone(dice))
        self._carded = knobs.draw("carded", dice)
        self._hasty = knobs.draw("hasty", dice)
        self._loners = knobs.draw("loners", dice)
        self._usage = knobs.draw("usage", dice)
        self._plans = knobs.choice("plans")
        self._styles, self._domains = _naming(dice, stage.world.knobs.table("fake"))

    def device_pool(self) -> Pool[Device]:
        """A further pool of devices, as reused as the crew's own."""
        return Pool(
            self._stage.dice, self._knobs.draw("device_accounts", self._stage.dice), self.new_device
        )

    def new_device(self) -> Device:
        """A computer or a phone of the crew."""
        form = "computer" if self._stage.dice.chance(0.6) else "phone"
        return new_device(self._stage.dice, self._stage.mint, form)

    def recruit(self, signed_up_ms: int) -> Draft:
        """One more account, opened at that moment."""
        stage, dice = self._stage, self._stage.dice
        country = self.country if dice.chance(0.5) else None
        draft = stage.ordinary(country, signed_up_ms // DAY_MS * DAY_MS, "shift")
        draft.ring, draft.signed_up_ms, draft.left_ms = self._ring, signed_up_ms, 0
        style = dice.weighted(self._styles)
        draft.email = f"{local_part(dice, draft.person, style)}@{dice.weighted(self._domains)}"
        stage.enrol(draft, dice.weighted(self._plans))
        draft.addresses = [self.exits.deal() for _ in range(self._knobs.count("exits_each", dice))]
        draft.rotates, draft.usage, draft.billing = True, self._usage, "ring"
        if dice.chance(self._hasty):
            draft.attach_delay_ms = dice.between(30_000, 20 * 60_000)
        draft.instruments = [self._new_card()] if dice.chance(self._carded) else []
        if not dice.chance(self._loners):
            self._deal(draft)
        return draft

    def steal(self, draft: Draft) -> None:
        """Let the account charge a stolen card once; its owner will turn up among the honest."""
        card = self._stage.instrument(draft.person)
        stray = Stray(self._stage.dice.unit(), instrument=card, outcome="disputed")
        draft.strays.append(stray)
        self._stage.world.traces.stolen.append(card)

    def _deal(self, draft: Draft) -> None:
        dice = self._stage.dice
        draft.devices = [self.devices.deal()]
        if dice.chance(self._knobs.number("second_device")):
            draft.devices.append(self.devices.again())
        draft.shared = [
            ("phone", self.phones.deal()) for kind, _ in draft.shared if kind == "phone"
        ]
        if draft.instruments:
            draft.instruments = [self.cards.deal()]

    def _new_card(self) -> Instrument:
        person = meet_person(self._stage.dice, self.country)
        return self._stage.instrument(person, "ring")

    def _rent(self) -> Callable[[], str]:
        dice, places = self._stage.dice, self._stage.world.places
        match dice.weighted(self._knobs.choice("exits")):
            case "residential":
                return lambda: dice.pick(places.residential)
            case "home":
                return lambda: places.home(dice, self.country)
            case _:
                return lambda: dice.pick(places.proxies)


def sittings(stage: Stage, knobs: Knobs, size: int, start_ms: int, country: str) -> list[int]:
    """Sign-up times of a ring: sittings on some days, a few accounts in each.

    Returns:
        `size` times in ms, sorted.
    """
    dice, calendar = stage.dice, stage.world.calendar
    days = min(knobs.count("days", dice), (calendar.end_ms - start_ms) // DAY_MS)
    low, high = knobs.bounds("gap_s")
    found: list[int] = []
    while len(found) < size:
        at = awake(dice, start_ms + dice.below(days) * DAY_MS, country, "shift")
        for _ in range(min(knobs.count("batch", dice), size - len(found))):
            at += dice.between(low * 1000, high * 1000)
            found.append(calendar.inside(dice, max(at, start_ms)))
    return sorted(found)


def _naming(dice: Dice, knobs: Knobs) -> tuple[Weighted[str], Weighted[str]]:
    styles = knobs.choice("mail_styles")
    mix = {dice.weighted(styles): dice.within(0.3, 1) for _ in range(dice.between(2, 3))}
    if dice.chance(0.4):
        return Weighted(mix), MAIL_DOMAINS
    domains = {dice.weighted(MAIL_DOMAINS): dice.within(0.3, 1) for _ in range(dice.between(1, 3))}
    return Weighted(mix), Weighted(domains)
