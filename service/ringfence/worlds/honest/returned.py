"""Honest accounts that get what others had before: their own account, a card, a home line."""

from collections.abc import Iterator

from ringfence.worlds.calendar import DAY_MS
from ringfence.worlds.drafts import Draft
from ringfence.worlds.people import own_email
from ringfence.worlds.world import Stage


def deleted_returned(stage: Stage) -> Iterator[Draft]:
    """People who closed their account and came back, most with the same machine and card."""
    dice, knobs = stage.dice, stage.knobs
    for _ in stage.sizes():
        old, new = stage.ordinary(), stage.ordinary()
        _follow(stage, old, new)
        new.person, new.addresses, new.shared = old.person, old.addresses, old.shared
        new.email = own_email(dice, old.person)
        if dice.chance(knobs.number("same_device")):
            new.devices = old.devices
        if dice.chance(knobs.number("same_card")):
            new.instruments = old.instruments
        yield from (old, new)


def gift_cards(stage: Stage) -> Iterator[Draft]:
    """Strangers who paid from one prepaid card, since the first sold what was left on it."""
    for _ in stage.sizes():
        old, new = stage.ordinary(), stage.ordinary()
        _follow(stage, old, new)
        for draft in (old, new):
            stage.enrol(draft, stage.dice.pick(("pro", "api")), holder="prepaid")
        old.instruments = new.instruments = [stage.instrument(old.person, "prepaid")]
        yield from (old, new)


def inherited_addresses(stage: Stage) -> Iterator[Draft]:
    """Households whose line was a banned ring's until the carrier gave it to them."""
    traces, dice, calendar = stage.world.traces, stage.dice, stage.world.calendar
    lines = traces.homes or traces.exits
    days = int(stage.knobs.number("days"))
    for _ in range(stage.quota):
        day = calendar.end_ms // DAY_MS * DAY_MS - dice.between(1, days) * DAY_MS
        draft = stage.ordinary(day_ms=day)
        if lines:
            draft.addresses[0] = dice.pick(lines)
        yield draft


def _follow(stage: Stage, old: Draft, new: Draft) -> None:
    """Let the second account begin some time after the first one ended."""
    calendar, dice = stage.world.calendar, stage.dice
    old.left_ms = old.signed_up_ms + int(
        (calendar.end_ms - old.signed_up_ms) * dice.within(0.1, 0.5)
    )
    pause_ms = stage.knobs.count("pause_days", dice) * DAY_MS
    new.signed_up_ms, new.left_ms = calendar.inside(dice, old.left_ms + pause_ms), 0
