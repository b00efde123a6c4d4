"""Writes the tables of docs/quality.md anew; the prose around them stays.

`python -m tests.quality.page [--worlds FOLDER] [--only reporting,large,ablation]`
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from ringfence.detection import load_config
from ringfence.detection.baselines import BASELINES
from ringfence.logs import configure_logs

from .ablation import ablation_markdown
from .measuring import measure_worlds
from .scorecard import as_markdown
from .seeds import CHOOSING, LARGE, LARGE_ACCOUNTS, REPORTING, REPORTING_ACCOUNTS

PAGE = Path(__file__).parents[2] / "docs" / "quality.md"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is asked for and write it into the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.page", description=__doc__)
    parser.add_argument("--worlds", type=Path, help="folder to keep worlds in")
    parser.add_argument("--only", help="parts of the page, with commas; default: all")
    asked = parser.parse_args(arguments)
    configure_logs(json=False, level="WARNING")
    for part in asked.only.split(",") if asked.only else PARTS:
        text = PARTS[part](asked.worlds)
        PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8"), part, text), encoding="utf-8")


def replaced(page: str, part: str, text: str) -> str:
    """The page with what stands between the marks of that part replaced.

    Raises:
        ValueError: the page lacks the marks.
    """
    begin, end = f"<!-- begin {part} -->\n", f"<!-- end {part} -->"
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"expected {begin.strip()} and {end} in {PAGE}")
    return f"{before}{begin}\n{text.strip()}\n\n{end}{after}"


def _scorecard(accounts: int, seeds: Sequence[int], folder: Path | None) -> str:
    evaluations = measure_worlds(
        accounts, seeds, load_config(), baselines=tuple(BASELINES), folder=folder
    )
    return as_markdown(evaluations)


PARTS: dict[str, Callable[[Path | None], str]] = {
    "reporting": lambda folder: _scorecard(REPORTING_ACCOUNTS, REPORTING, folder),
    "large": lambda folder: _scorecard(LARGE_ACCOUNTS, LARGE, folder),
    "ablation": lambda folder: ablation_markdown(REPORTING_ACCOUNTS, [CHOOSING, REPORTING], folder),
}


if __name__ == "__main__":
    main()
