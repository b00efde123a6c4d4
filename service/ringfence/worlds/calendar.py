"""The time a world spans, and moments in it that suit people's hours."""

from datetime import UTC, datetime
from functools import lru_cache

from ringfence.worlds.dice import Dice
from ringfence.worlds.knobs import Knobs
from ringfence.worlds.people import HOURS, UTC_OFFSET_MS

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
WEEK_MS = 7 * DAY_MS
EDGE_MS = 4 * HOUR_MS
_TWO = [f"{number:02d}" for number in range(60)]
_THREE = [f"{number:03d}" for number in range(1000)]


class Calendar:
    """First and last moment of the world and of the campaign, in ms since 1970, UTC."""

    def __init__(self, knobs: Knobs) -> None:
        self.start_ms = to_ms(knobs.text("start"))
        self.campaign_ms = to_ms(knobs.text("campaign_start"))
        self.end_ms = to_ms(knobs.text("end"))
        self._growth = knobs.values("growth")
        weeks = -(-(self.end_ms - self.campaign_ms) // WEEK_MS)
        starts = [self.campaign_ms + at * WEEK_MS for at in range(weeks)]
        self.weeks = [(start, min(start + WEEK_MS, self.end_ms)) for start in starts]
        """Weeks whose use is reported, as start and end."""

    def any_day(self, dice: Dice) -> int:
        """Midnight (UTC) of a day on which somebody signs up; business grows over the years."""
        share = dice.along(self._growth)
        days = (self.end_ms - self.start_ms) // DAY_MS
        return self.start_ms + min(int(share * days), days - 1) * DAY_MS

    def inside(self, dice: Dice, at_ms: int) -> int:
        """That moment, or one near the edge of the world's time that it falls out of."""
        if at_ms < self.start_ms:
            return self.start_ms + dice.below(EDGE_MS)
        if at_ms > self.end_ms - EDGE_MS:
            return self.end_ms - EDGE_MS - dice.below(EDGE_MS)
        return at_ms


def awake(dice: Dice, day_ms: int, country: str, hours: str) -> int:
    """A moment of that local day when people of that country and those hours are up."""
    table = HOURS[hours]
    at = dice.unit() * len(table)
    minute_ms = int((at - int(at)) * HOUR_MS)
    return day_ms + table[int(at)] * HOUR_MS + minute_ms - UTC_OFFSET_MS[country]


def to_ms(text: str) -> int:
    """Milliseconds since 1970 of an RFC 3339 time."""
    return int(datetime.fromisoformat(text).timestamp()) * 1000


def to_text(time_ms: int) -> str:
    """RFC 3339 in UTC with milliseconds."""
    seconds, ms = divmod(time_ms, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"{_date(day)}T{_TWO[hour]}:{_TWO[minute]}:{_TWO[second]}.{_THREE[ms]}Z"


@lru_cache(maxsize=4096)
def _date(day: int) -> str:
    return datetime.fromtimestamp(day * 86_400, UTC).date().isoformat()
