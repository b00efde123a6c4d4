"""What the folder of the sign-up check holds of a person, and how it goes."""

from pathlib import Path
from typing import Final

from ringfence.detection import load_config
from ringfence.screening.index import ScreeningIndex
from ringfence.screening.keys import key_hash
from ringfence.store.graph import Graph
from ringfence.store.loading import save_events
from ringfence.usecases.erase_account import erase_account
from ringfence.usecases.rounds import INDEXES_KEPT, run_round
from ringfence.usecases.write_behind import write_behind
from tests.detection.drawing import Drawing
from tests.screening.graphs_by_hand import attempt
from tests.usecases.test_screen import worker

EMAIL: Final = "maria.lang@mailhub.example"
PERSON: Final = (EMAIL, "acct_maria", "dev_maria")
HERS: Final = key_hash("device", "dev_maria")


def shown_in(folder: Path) -> list[str]:
    """Words of the person in any file, by the file's name."""
    return sorted(
        f"{file.name}: {word}"
        for file in folder.rglob("*")
        if file.is_file()
        for word in PERSON
        if word.encode() in file.read_bytes()
    )


async def test_index_names_nobody_and_the_next_ones_do_not_count_the_person(
    graph: Graph, tmp_path: Path
) -> None:
    world = Drawing()
    world.sign_up("acct_maria", device="dev_maria", email=EMAIL)
    world.sign_up("acct_2", device="dev_2")
    await save_events(graph, world.events)
    first = await run_round(graph, load_config(), tmp_path)
    assert shown_in(tmp_path) == []
    assert HERS in ScreeningIndex.open(first).keys
    await erase_account(graph, "acct_maria", secret=b"secret", by="tess", reason="asked for")

    for number in range(INDEXES_KEPT):
        await run_round(graph, load_config(), tmp_path)
        world.sign_up(f"acct_new_{number}", device=f"dev_new_{number}")
        await save_events(graph, world.events[-1:])
    last = await run_round(graph, load_config(), tmp_path)

    assert not first.exists()
    assert HERS not in ScreeningIndex.open(last).keys


async def test_journal_holds_an_attempt_until_it_is_written_and_its_file_is_let_go(
    graph: Graph, tmp_path: Path
) -> None:
    screener = worker(tmp_path)
    screener.screen(attempt(account="acct_maria", device="dev_maria", email=EMAIL), client="c")
    assert shown_in(tmp_path)

    await write_behind(graph, screener.journal, screener.known)

    assert shown_in(tmp_path) == []
