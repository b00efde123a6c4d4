"""Take in what the provider says of accounts: from a file, or from its systems."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from ringfence.domain.identifiers import MAX_ID_LENGTH
from ringfence.domain.standings import ToldStanding
from ringfence.domain.takedowns import Standing
from ringfence.errors import InvalidInput
from ringfence.logs import get_logger
from ringfence.store.graph import Graph
from ringfence.store.standings import save_standings

COLUMNS: Final = ("account_id", "standing", "verified_organisation", "protected_because")
BATCH: Final = 2_000
MAX_BECAUSE: Final = 200
_TRUE_BY_WORD: Final = {"true": True, "false": False, "": False}

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TakenStandings:
    """What became of standings that were told.

    Attributes:
        taken: accounts whose standing was taken in.
        unknown: ids of accounts that the graph does not hold, in the order told.
    """

    taken: int
    unknown: tuple[str, ...]


async def tell_standings(graph: Graph, told: Iterable[ToldStanding], *, by: str) -> TakenStandings:
    """Take in what the provider says of accounts, batch by batch; of an account, the last word.

    Takedowns in force go on holding: an account has the strictest of what is told and of them.

    Args:
        graph: connected and migrated.
        told: any number, any order.
        by: id of who tells it, for the audit log.
    """
    last = {one.account_id: one for one in told}
    known: set[str] = set()
    rest = iter(last.values())
    while batch := list(islice(rest, BATCH)):
        known |= await save_standings(graph, batch, by=by)
    log.info("standings_told", accounts=len(known))
    return TakenStandings(len(known), tuple(one for one in last if one not in known))


def read_standings(path: Path) -> list[ToldStanding]:
    """The standings of a CSV file; empty cells mean active, not verified, not protected.

    Raises:
        InvalidInput: it cannot be read, or a line breaks the form; the message names it.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if "account_id" not in (rows.fieldnames or ()):
                raise InvalidInput(
                    f"{path} lacks the column account_id. Its columns should be "
                    f"{', '.join(COLUMNS)}; all but the first may be left out."
                )
            return [_parsed(f"{path}, line {rows.line_num}", row) for row in rows]
    except (OSError, UnicodeError, csv.Error) as error:
        raise InvalidInput(f"{path} is not a readable CSV file in UTF-8: {error}.") from error


def parse_standing(where: str, told: Mapping[str, object]) -> ToldStanding:
    """One standing from its fields, as `COLUMNS` names them.

    Raises:
        InvalidInput: a field breaks its form; the message tells where, which and why.
    """
    account_id = told.get("account_id")
    if not isinstance(account_id, str) or not 1 <= len(account_id) <= MAX_ID_LENGTH:
        raise InvalidInput(
            f"{where}, account_id: expected 1 to {MAX_ID_LENGTH} characters. Correct it."
        )
    standing = told.get("standing") or Standing.ACTIVE
    if not isinstance(standing, str) or standing not in list(Standing):
        words = ", ".join(one.value for one in Standing)
        raise InvalidInput(f"{where}, standing: got {str(standing)[:40]!r}, expected {words}.")
    verified = told.get("verified_organisation") or False
    if not isinstance(verified, bool):
        raise InvalidInput(f"{where}, verified_organisation: expected true or false.")
    because = told.get("protected_because") or None
    if because is not None and (not isinstance(because, str) or len(because) > MAX_BECAUSE):
        raise InvalidInput(
            f"{where}, protected_because: expected {MAX_BECAUSE} characters or less."
        )
    return ToldStanding(account_id, Standing(standing), verified, because)


def _parsed(where: str, row: Mapping[str, str | None]) -> ToldStanding:
    told: dict[str, object] = {name: (row.get(name) or "").strip() for name in COLUMNS}
    word = str(told["verified_organisation"]).lower()
    told["verified_organisation"] = _TRUE_BY_WORD.get(word, word)
    return parse_standing(where, told)
