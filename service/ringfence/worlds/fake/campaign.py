"""The campaign: many crews of one operator, six weeks, ordinary use for each account."""

from collections.abc import Iterator, Sequence

from ringfence.worlds.calendar import DAY_MS
from ringfence.worlds.drafts import Draft
from ringfence.worlds.fake.crew import Crew, sittings
from ringfence.worlds.world import Stage

_CREWS_THAT_LEAVE_TRACES = 8


def campaign(stage: Stage) -> Iterator[Draft]:
    """All accounts of the campaign, their use set so that its sum is exact."""
    crews = _crews(stage)
    totals = _totals(stage, [size for _, size in crews])
    for at, (crew, _) in enumerate(crews):
        members = list(_members(stage, crews, at))
        _apportion(stage, members, totals[at])
        if at < _CREWS_THAT_LEAVE_TRACES:
            stage.world.traces.exits.append(stage.dice.pick(crew.exits.items))
            stage.world.traces.cards.append(stage.dice.pick(crew.cards.items))
        yield from members


def _crews(stage: Stage) -> list[tuple[Crew, int]]:
    low, high = stage.knobs.bounds("crew")
    left, found = stage.quota, []
    while left > 0:
        size = min(stage.dice.between(low, high), left)
        size = left if left - size < low else size
        found.append((Crew(stage, "campaign", stage.knobs), size))
        left -= size
    return found


def _totals(stage: Stage, sizes: Sequence[int]) -> list[int]:
    """Exchanges of each crew: some work harder, all together reach the exact total."""
    total = int(stage.knobs.number("exchanges")) * sum(sizes)
    weights = [size * stage.dice.between(80, 120) for size in sizes]
    return shares(weights, total)


def _members(stage: Stage, crews: Sequence[tuple[Crew, int]], at: int) -> Iterator[Draft]:
    dice, knobs = stage.dice, stage.knobs
    crew, size = crews[at]
    neighbour = crews[(at + 1) % len(crews)][0]
    abroad, own_device, aged, through_vpn = (
        knobs.draw(knob, dice) for knob in ("abroad", "own_device", "aged", "through_vpn")
    )
    start = stage.world.calendar.campaign_ms
    for signed_up_ms in sittings(stage, knobs, size, start, crew.country):
        draft = crew.recruit(signed_up_ms)
        if dice.chance(abroad):
            _borrow(stage, draft, neighbour)
        if draft.instruments and dice.chance(own_device):
            draft.devices = [crew.new_device()]
        if dice.chance(through_vpn):
            draft.addresses[0] = dice.skewed(stage.world.places.vpn_exits)
        if dice.chance(aged):
            draft.active_from_ms = signed_up_ms
            draft.signed_up_ms -= knobs.count("asleep_days", dice) * DAY_MS
        yield draft


def _borrow(stage: Stage, draft: Draft, neighbour: Crew) -> None:
    """Let the account use a device or a card of another crew: what makes the campaign one."""
    if draft.instruments and stage.dice.chance(0.5):
        draft.instruments = [neighbour.cards.again()]
    else:
        draft.devices = [neighbour.devices.again()]


def _apportion(stage: Stage, members: Sequence[Draft], total: int) -> None:
    """Draw the weekly use as anybody's, then scale it to the total."""
    drawn = [_weekly_use(stage, draft) for draft in members]
    scaled = iter(shares([week for weeks in drawn for week in weeks], total))
    for draft, weeks in zip(members, drawn, strict=True):
        draft.exchanges_by_week = [next(scaled) for _ in weeks]


def _weekly_use(stage: Stage, draft: Draft) -> list[int]:
    awake_ms = max(draft.signed_up_ms, draft.active_from_ms)
    while True:
        weeks = stage.behaviour.exchanges(draft.plan, awake_ms, stage.world.calendar.end_ms)
        if any(weeks):
            return weeks


def shares(weights: Sequence[int], total: int) -> list[int]:
    """The total divided by weight into whole numbers whose sum it is."""
    whole, reached, given = sum(weights), 0, 0
    found = []
    for weight in weights:
        reached += weight
        found.append(reached * total // whole - given)
        given += found[-1]
    return found
