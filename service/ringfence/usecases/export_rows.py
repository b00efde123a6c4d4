"""One line a member: the form in which rings leave Ringfence for other people's tools."""

import csv
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TextIO

from ringfence.domain.rings import Ring


class MemberRow(NamedTuple):
    """A member of a ring; the field names are the column names."""

    account_id: str
    ring_id: str
    operation_id: str
    score: float
    grade: str
    tier: str
    role: str
    joined_because: str


def rows_of_rings(rings: Iterable[Ring]) -> Iterator[MemberRow]:
    """Rows in the order of the rings, members by account id."""
    for ring in rings:
        for member in ring.members:
            yield MemberRow(
                account_id=member.account_id,
                ring_id=ring.id,
                operation_id=ring.operation_id,
                score=ring.score,
                grade=ring.grade.value,
                tier=ring.tier.value,
                role=member.role.value,
                joined_because=member.joined_because,
            )


def write_csv(rows: Iterable[MemberRow], stream: TextIO) -> int:
    """Write header and rows as CSV, a line feed after each, and return how many rows there were."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(MemberRow._fields)
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 the count is what is returned
        writer.writerow(row)
    return count
