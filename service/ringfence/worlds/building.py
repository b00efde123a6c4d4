"""A world built and written: events in order of time, the truth, an address feed, a summary."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import orjson

from ringfence.errors import InvalidInput
from ringfence.worlds.feeds import HEADER as FEED_HEADER
from ringfence.worlds.feeds import address_feed
from ringfence.worlds.ledger import HEADER as TRUTH_HEADER
from ringfence.worlds.ledger import Ledger
from ringfence.worlds.people import Mailboxes
from ringfence.worlds.programme import programme
from ringfence.worlds.world import World
from ringfence.worlds.writing import EventSorter

MIN_ACCOUNTS = 500


def build_world(
    out: Path, accounts: int, seed: int, on_account: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """Write `events.ndjson`, `truth.csv`, `addresses.csv` and `summary.json`; return the summary.

    The same accounts and seed give the same bytes on every machine.

    Args:
        out: folder; it is made if need be.
        accounts: honest and fake together.
        seed: any whole number from 0 on.
        on_account: told of each account when its events are made.

    Raises:
        InvalidInput: fewer accounts than a world needs.
    """
    if accounts < MIN_ACCOUNTS:
        raise InvalidInput(f"a world needs {MIN_ACCOUNTS} accounts or more, got {accounts}")
    out.mkdir(parents=True, exist_ok=True)
    world, ledger, mailboxes = World(accounts, seed), Ledger(), Mailboxes()
    with EventSorter(out) as sorter:
        for stage, scenario in programme(world):
            for draft in scenario(stage):
                draft.email = mailboxes.claim(draft.email)
                events = stage.behaviour.events_of(draft)
                sorter.add(events)
                ledger.add(draft, events)
                on_account()
        files = {"events.ndjson": sorter.write(out / "events.ndjson")}
    feed = address_feed(seed, world.places, world.knobs.table("feed"), world.calendar.end_ms)
    files["truth.csv"] = _write_csv(out / "truth.csv", TRUTH_HEADER, ledger.truth())
    files["addresses.csv"] = _write_csv(out / "addresses.csv", FEED_HEADER, feed)
    summary = {
        "accounts": accounts,
        "seed": seed,
        **ledger.summary(),
        "span": sorter.span,
        "sha256": files,
    }
    (out / "summary.json").write_bytes(orjson.dumps(summary, option=orjson.OPT_INDENT_2) + b"\n")
    return summary


def _write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    content = text.getvalue().encode()
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()
