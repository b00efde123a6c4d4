"""`ringfence round`: rings found anew, and the index that sign-ups are checked against."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ringfence.bootstrap import identifier_secret_of, known_shared_of, ready_graph
from ringfence.cli.door import console, enter, run
from ringfence.detection import load_config
from ringfence.settings import Settings
from ringfence.usecases.rounds import run_round

POLITE = 10
"""Niceness: a round takes what processor time the answers leave."""


def round_(
    folder: Annotated[
        Path | None, typer.Option(help="Of indexes; else RINGFENCE_SCREENING_FOLDER.")
    ] = None,
    detect: Annotated[
        bool, typer.Option("--detect/--no-detect", help="Find rings anew, or take those there are.")
    ] = True,
) -> None:
    """Find the rings, build the index for sign-up checks, and print the folder that holds it.

    `ringfence serve` does this by itself, every RINGFENCE_ROUND_EVERY_S while anything changes.
    """
    settings = enter(service=True)
    os.nice(POLITE)
    console.print(
        str(run(_round(settings, folder or settings.screening_folder, detecting=detect))),
        soft_wrap=True,
        highlight=False,
    )


async def _round(settings: Settings, folder: Path, *, detecting: bool) -> Path:
    async with ready_graph(settings) as graph:
        return await run_round(
            graph,
            load_config(settings.detection_config),
            folder,
            detecting=detecting,
            known_shared=known_shared_of(settings),
            secret=identifier_secret_of(settings),
            snapshots=settings.snapshot_folder,
        )
