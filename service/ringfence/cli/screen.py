"""`ringfence screen`: sign-ups checked from the terminal, as `POST /v1/screenings` checks them."""

import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from ringfence.api.rest.screening_answers import ScreeningItem, answer_of
from ringfence.bootstrap import ready_graph, screener_of
from ringfence.cli.door import console, enter, run
from ringfence.detection import load_config
from ringfence.domain.attempts import AskedAttempt, BadAttempt, parse_attempt
from ringfence.domain.screenings import Screening
from ringfence.errors import InvalidInput
from ringfence.settings import Settings
from ringfence.usecases.rounds import index_of
from ringfence.usecases.screen import Screener
from ringfence.usecases.screening_upkeep import Upkeep

PARTLY = 3
"""Exit code where some attempts were refused."""


def screen(
    file: Annotated[
        Path | None,
        typer.Argument(help="Attempts, one JSON object a line; `-` reads standard input."),
    ] = None,
    *,
    attempt_id: Annotated[str | None, typer.Option("--attempt", help="Id of one attempt.")] = None,
    account_id: Annotated[str | None, typer.Option("--account", help="Account, if any.")] = None,
    email: Annotated[str | None, typer.Option(help="Its e-mail address.")] = None,
    ip: Annotated[str | None, typer.Option(help="Its IP address.")] = None,
    device: Annotated[str | None, typer.Option(help="Its device.")] = None,
    user_agent: Annotated[str | None, typer.Option(help="Its user agent.")] = None,
    country: Annotated[str | None, typer.Option(help="Its country.")] = None,
    plan: Annotated[str | None, typer.Option(help="The plan it asks for.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, an answer a line.")] = False,
) -> None:
    """Check one sign-up or a file of them, and log the answers.

    The index of the last round is asked, or one is built. Exit code 3: some were refused.
    """
    settings = enter()
    asked = AskedAttempt(attempt_id, account_id, None, email, ip, device, user_agent, country, plan)
    lines = _lines(file) if file else iter([msgspec.json.encode(asked)])
    refused = run(_screen(settings, lines, as_json=as_json or file is not None))
    if refused:
        raise typer.Exit(PARTLY)


async def _screen(settings: Settings, lines: Iterator[bytes], *, as_json: bool) -> int:
    """Answer each line, and return how many were refused."""
    refused = 0
    async with ready_graph(settings) as graph:
        screener = screener_of(settings)
        build = partial(index_of, graph, load_config(settings.detection_config))
        upkeep = Upkeep(screener, graph, build, every_s=0)
        await upkeep.follow()
        if screener.known.index is None:
            await upkeep.rebuild()
        for number, line in enumerate(lines):
            item = _answer(screener, number, line)
            refused += isinstance(item, ScreeningItem)
            if as_json or isinstance(item, ScreeningItem):
                told = item if isinstance(item, ScreeningItem) else answer_of(item)
                typer.echo(msgspec.json.encode(told).decode())
            else:
                _tell(item)
        await upkeep.write()
    return refused


def _answer(screener: Screener, number: int, line: bytes) -> Screening | ScreeningItem:
    try:
        attempt = parse_attempt(line, now_ms=time.time_ns() // 1_000_000)
    except BadAttempt as fault:
        return ScreeningItem(number, field=fault.field or None, reason=fault.reason)
    return screener.screen(attempt, client="operator")


def _tell(screening: Screening) -> None:
    ruling, ring = screening.ruling, screening.assessment.ring
    console.print(f"[bold]{ruling.decision.value}[/], score {screening.assessment.score:.3f}")
    if ring and screening.assessment.links:
        console.print(f"  ring {ring.ring_id}, {ring.grade.value}, tier {ring.tier.value}")
    for reason in (*ruling.reasons, *screening.assessment.reasons):
        console.print(f"  {reason.weight:+.1f}  {reason.code}: {reason.text}", highlight=False)
    for change in screening.counterfactuals:
        console.print(f"  would be {change.text}")


def _lines(file: Path) -> Iterator[bytes]:
    if str(file) == "-":
        yield from (line for line in sys.stdin.buffer if line.strip())
        return
    try:
        with file.open("rb") as stream:
            yield from (line for line in stream if line.strip())
    except OSError as error:
        raise InvalidInput(f"{file}: {error}. Expected a readable file of attempts.") from error
