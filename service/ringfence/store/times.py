"""Moments between Neo4j and Python: milliseconds since 1970 on the wire, aware datetimes inside."""

from datetime import UTC, date, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def moment(milliseconds: int | None) -> datetime | None:
    """The moment in UTC, or None where it is not known."""
    return None if milliseconds is None else _EPOCH + timedelta(milliseconds=milliseconds)


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970 of an aware moment; what is finer is cut off."""
    return (at - _EPOCH) // _MILLISECOND


def day(days: int) -> date:
    """The day in UTC, from days since 1970."""
    return (_EPOCH + timedelta(days=days)).date()


def present() -> datetime:
    """The present in UTC, to the millisecond, as the graph keeps times."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
