"""Load a dated feed of IP address classes: a CSV of `address,class,source,seen_on`."""

import csv
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from ringfence.domain.identifiers import normalise_ip, normalise_kind
from ringfence.errors import InvalidInput
from ringfence.logs import get_logger
from ringfence.store.address_classes import AddressClass, save_address_classes
from ringfence.store.graph import Graph

COLUMNS: Final = ("address", "class", "source", "seen_on")
Field = TypeVar("Field")
log = get_logger(__name__)


async def load_address_feed(graph: Graph, path: Path) -> int:
    """Load a feed; before or after the events, once or often, the graph is the same.

    Returns:
        How many addresses the feed knows.

    Raises:
        InvalidInput: the file or a line of it breaks the contract; nothing was loaded.
        GraphUnavailable: Neo4j does not answer; the same command again completes the load.
    """
    told = read_address_feed(path)
    await save_address_classes(graph, list(told.values()))
    log.info("address_feed_loaded", addresses=len(told))
    return len(told)


def read_address_feed(path: Path) -> dict[str, AddressClass]:
    """The newest word of a feed on each address; of one day the greater source, then class.

    Raises:
        InvalidInput: the file or a line of it breaks the contract; the message names the line.
    """
    newest: dict[str, AddressClass] = {}
    for told in _told(path):
        newest[told.address] = max(told, newest.get(told.address, told))
    return newest


def _told(path: Path) -> Iterator[AddressClass]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
                raise InvalidInput(
                    f"{path} lacks the columns {', '.join(missing)}. "
                    f"Its first line should be {','.join(COLUMNS)}."
                )
            for row in rows:
                yield _parsed(path, rows.line_num, row)
    except (OSError, UnicodeError, csv.Error) as error:
        raise InvalidInput(f"{path} is not a readable CSV file in UTF-8: {error}.") from error


def _parsed(path: Path, line: int, row: Mapping[str, str | None]) -> AddressClass:
    def read(name: str, parse: Callable[[str], Field]) -> Field:
        try:
            return parse((row[name] or "").strip())
        except ValueError as error:
            raise InvalidInput(
                f"{path}, line {line}, {name}: {error}. Nothing was loaded; mend the line."
            ) from None

    return AddressClass(
        address=read("address", normalise_ip),
        seen_on=read("seen_on", date.fromisoformat),
        source=read("source", str),
        kind=read("class", normalise_kind),
    )
