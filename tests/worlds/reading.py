"""A written world, read back."""

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TruthRow:
    """What one account really is."""

    is_fake: bool
    ring: str
    category: str


@dataclass(frozen=True)
class World:
    """Lines of the events file, and the truth by account id."""

    lines: list[bytes]
    truth: dict[str, TruthRow]


def read_world(folder: Path) -> World:
    """Read the events and the truth of a folder that `ringfence seed` wrote."""
    with (folder / "truth.csv").open(newline="") as rows:
        truth = {
            row["account_id"]: TruthRow(row["is_fake"] == "true", row["ring"], row["category"])
            for row in csv.DictReader(rows)
        }
    return World((folder / "events.ndjson").read_bytes().splitlines(), truth)
