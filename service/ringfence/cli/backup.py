"""`ringfence backup` and `ringfence restore`: what one machine holds, kept elsewhere and back."""

import getpass
from pathlib import Path
from typing import Annotated

import orjson
import typer

from ringfence.bootstrap import existing_address, ready_graph
from ringfence.cli.door import console, enter, notes, run
from ringfence.cli.options import JsonFlag
from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.errors import InvalidInput
from ringfence.settings import Settings, require_identifier_secret
from ringfence.store.erased_list import ErasedAccount
from ringfence.usecases.audit import append
from ringfence.usecases.backup import Places, back_up
from ringfence.usecases.backup import restore as bring_back
from ringfence.usecases.backup_manifest import Manifest
from ringfence.usecases.erased_list import ErasedAgain, erase_again, read_erased

PARTLY = 3
"""Exit code where legal holds of the backup keep accounts that were erased since."""
STEPS = {"graph": "the graph", "journal": "the journal", "hashes": "hashes of all files"}


def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="New folder for the backup.")],
    as_json: JsonFlag = False,
) -> None:
    """Write the graph and what waits to be written into it into a new folder.

    The Neo4j that comes along must not run. Secrets are not in a backup: keep API key and
    RINGFENCE_IDENTIFIER_SECRET elsewhere, or nobody knows again who was erased.
    """
    settings = enter()
    _expect_own(settings, "back it up with its own tools")
    manifest = back_up(_places(settings), folder, progress=_say)
    _tell(manifest, None, as_json=as_json)


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A backup.")],
    erasures: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The newest list of `ringfence erase list`."),
    ] = None,
    nobody_erased: Annotated[
        bool, typer.Option("--nobody-erased", help="Nobody was erased since the backup.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Bring a backup back into an empty place, and erase again who was erased since.

    Exit code 3: legal holds that the backup knows keep some of these; lift them and run
    `ringfence retention run`.
    """
    settings = enter()
    _expect_own(settings, "restore it with its own tools")
    if (erasures is None) is not nobody_erased:
        raise InvalidInput(
            "A backup holds people who were erased since. Give --erasures FILE, the newest list "
            "that `ringfence erase list` wrote, or --nobody-erased if nobody was; not both."
        )
    secret = require_identifier_secret(settings) if erasures else b""
    erased = read_erased(erasures, secret) if erasures else []
    manifest = bring_back(_places(settings), folder, progress=_say)
    again = run(_settle(settings, manifest, erased, secret))
    _tell(manifest, again, as_json=as_json)
    if again.held:
        raise typer.Exit(PARTLY)


def _places(settings: Settings) -> Places:
    return Places(settings.home, settings.cache, settings.screening_folder)


def _expect_own(settings: Settings, instead: str) -> None:
    if existing_address(settings):
        raise InvalidInput(
            f"RINGFENCE_NEO4J_URI names a server of your own: {instead}, as docs/operations.md "
            "tells, or unset it to mean the Neo4j that comes along."
        )


async def _settle(
    settings: Settings, manifest: Manifest, erased: list[ErasedAccount], secret: bytes
) -> ErasedAgain:
    notes.print("Erasing again who was erased since", highlight=False)
    by = f"operator:{getpass.getuser()}"
    async with ready_graph(settings) as graph:
        again = ErasedAgain(0, 0)
        if erased:
            again = await erase_again(graph, erased, secret=secret, by=by)
        facts = {
            "listed": again.listed,
            "erased": again.erased,
            "held": len(again.held),
            "made_at": manifest.at.isoformat(),
        }
        await append(graph, AuditRecord(by, AuditAction.BACKUP_RESTORED, manifest.id, facts))
    return again


def _say(step: str) -> None:
    notes.print(f"Reading and writing {STEPS[step]}", highlight=False)


def _tell(manifest: Manifest, again: ErasedAgain | None, *, as_json: bool) -> None:
    size = sum(one.size for one in manifest.files)
    if as_json:
        facts = {"id": manifest.id, "at": manifest.at, "files": len(manifest.files), "bytes": size}
        typer.echo(orjson.dumps(facts | ({"erasures": again} if again else {})).decode())
        return
    console.print(f"{manifest.id}: {len(manifest.files)} files, {size:,} bytes.", highlight=False)
    if again:
        console.print(
            f"{again.erased:,} accounts erased again, of {again.listed:,} on the list; "
            f"{len(again.held):,} kept by legal holds.",
            highlight=False,
        )
    for account_id in again.held if again else ():
        console.print(f"held: {account_id}", highlight=False, markup=False)
