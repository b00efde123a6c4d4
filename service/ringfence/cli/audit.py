"""`ringfence audit`: read the audit log, and find out whether it was touched."""

from typing import Annotated

import orjson
import typer

from ringfence.bootstrap import ready_graph
from ringfence.cli.door import console, enter, run
from ringfence.cli.options import JsonFlag
from ringfence.cli.tables import narrow_table
from ringfence.domain.audit import AuditEntry
from ringfence.settings import Settings
from ringfence.usecases.audit import AuditVerdict, read_log, verify

app = typer.Typer(no_args_is_help=True, help="Read the audit log, and see whether it is whole.")


@app.command("verify")
def verify_log(as_json: JsonFlag = False) -> None:
    """Look at every entry; exit with 1 and name the first that was changed, moved or taken out."""
    verdict = run(_verify(enter()))
    fault = verdict.fault
    if as_json:
        typer.echo(orjson.dumps({"intact": fault is None} | _facts(verdict)).decode())
    elif fault is None:
        console.print(f"Intact: {verdict.entries:,} entries.", highlight=False)
    else:
        console.print(
            f"Entry {fault.seq} is {fault.kind.value}; the {verdict.entries:,} before it are as "
            "they were written.",
            highlight=False,
        )
    if fault:
        raise typer.Exit(1)


@app.command("list")
def list_entries(
    after: Annotated[int, typer.Option(min=0, help="Only entries after this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many.")] = 50,
    as_json: JsonFlag = False,
) -> None:
    """List entries, the oldest first."""
    found = run(_read(enter(), after, limit))
    if as_json:
        typer.echo(orjson.dumps(found).decode())
        return
    table = narrow_table("seq", "at", "actor", "action", "subject", words=5)
    for entry in found:
        at = f"{entry.at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(entry.seq), at, entry.actor, entry.action, entry.subject)
    console.print(table)


def _facts(verdict: AuditVerdict) -> dict[str, object]:
    fault = verdict.fault
    told = {"seq": fault.seq, "kind": fault.kind} if fault else None
    return {"entries": verdict.entries, "fault": told}


async def _verify(settings: Settings) -> AuditVerdict:
    async with ready_graph(settings) as graph:
        return await verify(graph)


async def _read(settings: Settings, after: int, limit: int) -> list[AuditEntry]:
    found: list[AuditEntry] = []
    async with ready_graph(settings) as graph:
        async for entry in read_log(graph, after=after):
            found.append(entry)
            if len(found) == limit:
                break
    return found
