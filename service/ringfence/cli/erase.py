"""`ringfence erase`: take away all that shows a person, and prove it."""

import getpass
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import orjson
import typer

from ringfence.bootstrap import ready_graph
from ringfence.cli.door import console, enter, notes, run
from ringfence.cli.options import JsonFlag
from ringfence.cli.tables import narrow_table
from ringfence.domain.erasure import AccountErasure, ErasureOutcome, ErasureReceipt
from ringfence.errors import InvalidInput
from ringfence.settings import Settings, require_identifier_secret
from ringfence.store.snapshot_files import drop_snapshots
from ringfence.usecases.erase_account import erase_accounts, refusal, show_receipt
from ringfence.usecases.erased_list import write_erased

PARTLY = 3
"""Exit code where some accounts are held or unknown."""

app = typer.Typer(no_args_is_help=True, help="Take away all that shows a person, and prove it.")


@app.command()
def account(
    account_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Ids of accounts.")
    ] = None,
    *,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Further ids, one a line.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, in words; it is kept.")],
    as_json: JsonFlag = False,
) -> None:
    """Erase accounts for good, and print a receipt for each.

    An account that a legal hold keeps is refused. Exit code 3: some of several were.
    """
    ids = [*(account_ids or ()), *(_read(file) if file else ())]
    if not ids:
        raise InvalidInput("No account is named. Give ids, or --file with one a line.")
    told = run(_erase(enter(), ids, reason))
    refused = [one for one in told if one.receipt is None]
    if len(told) == 1 and refused:
        raise refusal(refused[0])
    _tell(told, as_json=as_json)
    if refused:
        raise typer.Exit(PARTLY)


@app.command()
def receipt(
    receipt_id: Annotated[str, typer.Argument(metavar="ID", help="As `account` printed it.")],
    as_json: JsonFlag = False,
) -> None:
    """Show the receipt of an erasure."""
    found = run(_show(enter(), receipt_id))
    if as_json:
        typer.echo(orjson.dumps(found).decode())
        return
    done = f"{found.finished_at:%Y-%m-%d %H:%M:%S}" if found.finished_at else "not finished"
    table = narrow_table("receipt", found.id, words=2)
    table.add_row("account", f"{found.account_hash} (keyed hash)")
    table.add_row("finished", done)
    table.add_row("by", found.by)
    table.add_row("audit entry", str(found.audit_seq or ""))
    for kind, count in found.taken.items():
        table.add_row(kind.replace("_", " "), f"{count:,}")
    console.print(table)
    console.print(f"Reason: {found.reason}", highlight=False, markup=False)


@app.command("list")
def list_(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="Where the list goes.")
    ],
) -> None:
    """Write who was erased, as keyed hashes; `ringfence restore --erasures` takes it.

    Write it after each erasure, and keep it apart from backups.
    """
    count = run(_list(enter(), output))
    console.print(f"{output}: {count:,} erased accounts.", highlight=False, soft_wrap=True)


def _read(file: Path) -> list[str]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file}: {error}. Expected a readable file in UTF-8.") from error
    return [line.strip() for line in lines if line.strip()]


async def _erase(settings: Settings, ids: Sequence[str], reason: str) -> list[AccountErasure]:
    secret = require_identifier_secret(settings)
    by = f"operator:{getpass.getuser()}"

    def progress(done: int, total: int) -> None:
        if done < total:
            notes.print(f"{done:,} of {total:,} accounts", highlight=False)

    async with ready_graph(settings) as graph:
        told = await erase_accounts(
            graph, ids, secret=secret, by=by, reason=reason, progress=progress
        )
    if settings.snapshot_folder:
        drop_snapshots(settings.snapshot_folder)
    return told


async def _show(settings: Settings, receipt_id: str) -> ErasureReceipt:
    async with ready_graph(settings) as graph:
        return await show_receipt(graph, receipt_id)


async def _list(settings: Settings, output: Path) -> int:
    async with ready_graph(settings) as graph:
        return await write_erased(graph, output)


def _tell(told: Sequence[AccountErasure], *, as_json: bool) -> None:
    if as_json:
        typer.echo(orjson.dumps(told).decode())
        return
    table = narrow_table("account", "outcome", "receipt or hold", words=3)
    for one in told:
        proof = one.receipt.id if one.receipt else one.hold_id or ""
        table.add_row(one.account_id, one.outcome.value, proof)
    console.print(table)
    erased = sum(one.outcome is ErasureOutcome.ERASED for one in told)
    console.print(f"{erased:,} of {len(told):,} erased.", highlight=False)
