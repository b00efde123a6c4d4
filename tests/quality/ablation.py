"""What each part of detection adds: all of it, then without one part after the other.

`python -m tests.quality.ablation [--accounts 10000] [--seeds 1-4] [--json] [--markdown FILE]`
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ringfence.detection import DetectionConfig, detect_rings, load_config
from ringfence.detection.quality import Quality, TrueAccount
from ringfence.domain.graph import AccountGraph
from ringfence.logs import configure_logs
from ringfence.usecases.evaluate import measure_detection, read_graph
from ringfence.usecases.evaluation_input import read_truth

from .measuring import Spread, markdown_table, parse_seeds, world_of
from .seeds import CHOOSING, REPORTING

World = tuple[AccountGraph, Mapping[str, TrueAccount]]
Changes = Mapping[str, Mapping[str, float | bool]]

LIKENESS = ("email_shape", "bin", "user_agent", "prepaid", "free_mail", "alike_usage", "proxy")
INNOCENCE = (
    "established",
    "established_majority",
    "company",
    "managed",
    "private_mail",
    "spread",
    "one_mailbox",
    "one_machine",
    "one_home",
    "family",
    "own_identifiers",
)
WITHOUT: dict[str, Changes] = {
    "hub judgement": {"hubs": {"judged_from": 1000, "doubted_from": 100_000}},
    "pair evidence": {"parts": {"pairs": False}},
    "corroboration": {"parts": {"corroboration": False}},
    "sittings": {"parts": {"sittings": False}},
    "bystander sparing": {"parts": {"bystanders": False}},
    "likeness": {"score": dict.fromkeys(LIKENESS, 0.0)},
    "innocence points": {"score": dict.fromkeys(INNOCENCE, 0.0)},
    "timing": {"proof": {"timing": 0.0}, "score": {"burst": 0.0, "window": 0.0, "spread": 0.0}},
    "score (all groups flagged)": {"rings": {"watch_score": 0.0, "review_score": 0.0}},
}
"""What stands in for a part: the parameters that leave it out."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and tell."""
    asked = _parser().parse_args(arguments)
    configure_logs(json=False, level="WARNING")
    sets = [asked.seeds] if asked.seeds else [CHOOSING, REPORTING]
    told = {_name(seeds): _ablation(asked.accounts, seeds, asked.worlds) for seeds in sets}
    text = _page(told)
    if asked.markdown:
        asked.markdown.write_text(text, encoding="utf-8")
    sys.stdout.write((json.dumps(_json(told), indent=2) if asked.json else text) + "\n")


def ablation_markdown(accounts: int, sets: Iterable[Sequence[int]], folder: Path | None) -> str:
    """A table for each set of seeds."""
    return _page({_name(seeds): _ablation(accounts, seeds, folder) for seeds in sets})


def without(part: str) -> DetectionConfig:
    """The default parameters with that part left out."""
    told = load_config().model_dump()
    for section, changes in WITHOUT[part].items():
        told[section] |= changes
    return DetectionConfig.model_validate(told)


def _ablation(accounts: int, seeds: Sequence[int], folder: Path | None) -> dict[str, list[Quality]]:
    """Quality on each world, by what is left out; the first row leaves out nothing."""
    configs = {"nothing": load_config()} | {part: without(part) for part in WITHOUT}
    found: dict[str, list[Quality]] = {part: [] for part in configs}
    with TemporaryDirectory(prefix="worlds-") as spare:
        for seed in seeds:
            graph, truth = _read(world_of(folder or Path(spare), accounts, seed))
            for part, config in configs.items():
                found[part].append(measure_detection(detect_rings(graph, config), truth)[0])
            print(f"seed {seed} done", file=sys.stderr)  # noqa: T201
    return found


def _read(world: Path) -> World:
    graph, _ = read_graph(world / "events.ndjson", world / "addresses.csv")
    return graph, read_truth(world / "truth.csv")


def _page(told: Mapping[str, Mapping[str, Sequence[Quality]]]) -> str:
    return "\n".join(f"**{name}**\n\n{_markdown(rows)}" for name, rows in told.items())


def _figures(qualities: Sequence[Quality]) -> dict[str, Spread | None]:
    grouping = [it.grouping for it in qualities if it.grouping]
    return {
        "precision": Spread.of(it.accounts.precision for it in qualities),
        "recall": Spread.of(it.accounts.recall for it in qualities),
        "F1": Spread.of(it.accounts.f1 for it in qualities),
        "B-cubed F": Spread.of(it.b_cubed.f1 for it in grouping),
        "pieces a ring": Spread.of(it.fragments for it in grouping),
    }


def _markdown(found: Mapping[str, Sequence[Quality]]) -> str:
    rows = []
    for part, qualities in found.items():
        figures = [it.text() if it else "-" for it in _figures(qualities).values()]
        innocents = Spread.of(it.innocents.share for it in qualities)
        told = innocents.text(2, percent=True) if innocents else "-"
        rows.append([part, *figures, told])
    header = ["left out", *_figures([]), "innocents flagged"]
    return markdown_table(header, rows)


def _json(told: Mapping[str, Mapping[str, Sequence[Quality]]]) -> dict[str, Any]:
    return {
        name: {
            part: {key: it.json() if it else None for key, it in _figures(qualities).items()}
            for part, qualities in rows.items()
        }
        for name, rows in told.items()
    }


def _name(seeds: Sequence[int]) -> str:
    kind = {CHOOSING: "choosing ", REPORTING: "reporting "}.get(tuple(seeds), "")
    return f"{kind}seeds {', '.join(map(str, seeds))}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.quality.ablation", description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--seeds", type=parse_seeds, help="default: choosing and reporting ones")
    parser.add_argument("--worlds", type=Path, help="folder to keep worlds in")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--markdown", type=Path, help="write the tables here too")
    return parser


if __name__ == "__main__":
    main()
