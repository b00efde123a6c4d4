"""Rings of the usual kinds; what tells them apart is their table in scenarios.toml."""

from collections.abc import Iterator

from ringfence.worlds.calendar import DAY_MS
from ringfence.worlds.drafts import Draft
from ringfence.worlds.fake.crew import Crew, sittings
from ringfence.worlds.fake.pool import Pool
from ringfence.worlds.world import Stage

HOMES_LEFT = 3
"""Home lines that a ring gives up and others are given after it."""


def rings(stage: Stage) -> Iterator[Draft]:
    """All rings of one kind; where they come as twins, those rent the same exits."""
    number = 0
    for unit in stage.sizes():
        exits: Pool[str] | None = None
        for size in _parts(unit, _twins(stage)):
            number += 1
            crew = Crew(stage, f"{stage.name}-{number}", stage.knobs, exits)
            exits = crew.exits
            members = _members(stage, crew, size)
            _leave_traces(stage, crew, members)
            yield from members


def _twins(stage: Stage) -> int:
    return stage.knobs.count("twins", stage.dice) if "twins" in stage.knobs else 1


def _parts(size: int, count: int) -> list[int]:
    return [(size * (at + 1)) // count - size * at // count for at in range(count)]


def _members(stage: Stage, crew: Crew, size: int) -> list[Draft]:
    knobs, dice, calendar = stage.knobs, stage.dice, stage.world.calendar
    last_start = calendar.end_ms - (knobs.bounds("days")[0] + 1) * DAY_MS
    earliest = min(calendar.campaign_ms - 40 * DAY_MS, last_start)
    start = earliest + int(dice.unit() * (last_start - earliest)) // DAY_MS * DAY_MS
    times = sittings(stage, knobs, size, start, crew.country)
    members = [crew.recruit(at) for at in times]
    if "asleep_days" in knobs:
        _age(stage, members)
    if "paths" in knobs:
        _split(stage, crew, members)
    return members


def _age(stage: Stage, members: list[Draft]) -> None:
    """Move the sign-ups back to when the stock was made; all else stays where it is."""
    knobs, dice, calendar = stage.knobs, stage.dice, stage.world.calendar
    made_ms = members[0].signed_up_ms - knobs.count("asleep_days", dice) * DAY_MS
    days = knobs.count("stock_days", dice)
    for draft in members:
        draft.active_from_ms = draft.signed_up_ms
        at = made_ms + int(dice.unit() * days * DAY_MS)
        draft.signed_up_ms = calendar.inside(dice, at)


def _split(stage: Stage, crew: Crew, members: list[Draft]) -> None:
    """Give each path of sign-up devices of its own; only cards then tie the paths."""
    paths = stage.knobs.values("paths")
    devices_by_path = {path: crew.device_pool() for path in paths}
    for at, draft in enumerate(members):
        draft.path = paths[at % len(paths)]
        draft.plan = {"education": "education", "marketplace": "api"}.get(draft.path, "pro")
        draft.devices = [devices_by_path[draft.path].deal()]


def _leave_traces(stage: Stage, crew: Crew, members: list[Draft]) -> None:
    traces, dice = stage.world.traces, stage.dice
    traces.exits.append(dice.pick(crew.exits.items))
    if crew.cards.items:
        traces.cards.append(dice.pick(crew.cards.items))
    traces.devices += [device for device in members[-1].devices[:1] if device.id]
    if "home" in stage.knobs.choice("exits").items:
        traces.homes += crew.exits.items[:HOMES_LEFT]
    if "customers" in stage.knobs:
        traces.reseller_exits.append(crew.exits.items)
    if dice.chance(stage.knobs.number("steals")):
        crew.steal(dice.pick(members))
