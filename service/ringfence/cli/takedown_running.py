"""Commands of takedowns at work: run, pause, resume, stop, undo, renew, and the kill switch."""

from pathlib import Path
from typing import Annotated

import typer

from ringfence.cli.actor import KeyFile, acting
from ringfence.cli.door import enter, notes
from ringfence.cli.options import JsonFlag
from ringfence.cli.takedown_door import Id, Reason, ask, moved, now, print_json, say, tell
from ringfence.cli.takedown_work import carry_out, waits_because, work_off_undo
from ringfence.domain.access import Scope
from ringfence.domain.takedown_rules import load_takedown_rules
from ringfence.errors import InvalidInput
from ringfence.settings import require_identifier_secret
from ringfence.store.graph import Graph
from ringfence.store.takedown_targets import Switch, find_switch
from ringfence.store.takedowns import StoredTakedown
from ringfence.usecases.carry_out_takedown import (
    pause_takedown,
    renew_takedown,
    resume_takedown,
    stop_takedown,
    switch_takedowns,
)
from ringfence.usecases.undo_takedown import UndoneAccounts, begin_undo, undo_of_accounts


def run_here(
    takedown_id: Id,
    until_done: Annotated[
        bool, typer.Option("--until-done", help="Wait for the waves to come, to the end.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Carry out a takedown that was started, here; exits with 3 if it has to wait.

    It may run beside `ringfence serve` and be interrupted at any time: no account is met twice.
    """
    settings = enter()
    rules, secret = (
        load_takedown_rules(settings.takedown_rules),
        require_identifier_secret(settings),
    )

    async def worked(graph: Graph) -> tuple[StoredTakedown, str | None]:
        takedown = await carry_out(graph, takedown_id, rules, secret, until_done=until_done)
        return takedown, await waits_because(graph, takedown)

    takedown, waits = ask(settings, worked)
    tell(takedown, as_json=as_json)
    if waits:
        notes.print(waits, highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(3)


def pause(
    takedown_id: Id, reason: Reason, key_file: KeyFile = None, as_json: JsonFlag = False
) -> None:
    """Let no further batch of a takedown begin, until it is resumed."""
    moved(
        key_file,
        lambda graph, by: pause_takedown(graph, takedown_id, reason=reason, by=by),
        as_json=as_json,
    )


def resume(
    takedown_id: Id, reason: Reason, key_file: KeyFile = None, as_json: JsonFlag = False
) -> None:
    """Let a takedown that was paused go on at once."""
    moved(
        key_file,
        lambda graph, by: resume_takedown(graph, takedown_id, reason=reason, by=by, at=now()),
        as_json=as_json,
    )


def stop(
    takedown_id: Id, reason: Reason, key_file: KeyFile = None, as_json: JsonFlag = False
) -> None:
    """End a takedown before it is through; what was done holds until it is undone."""
    moved(
        key_file,
        lambda graph, by: stop_takedown(graph, takedown_id, reason=reason, by=by),
        as_json=as_json,
    )


def undo(
    takedown_id: Id,
    reason: Reason,
    account: Annotated[
        list[str] | None, typer.Option(help="Only this account; may be repeated.")
    ] = None,
    accounts_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Only the accounts in it, an id a line.")
    ] = None,
    key_file: KeyFile = None,
    as_json: JsonFlag = False,
) -> None:
    """Take back what a takedown did, here and now; each account gets what it had before."""
    settings = enter()
    if account or accounts_file is not None:
        asked = [*(account or ()), *(_ids(accounts_file) if accounts_file else ())]

        async def some(graph: Graph) -> UndoneAccounts:
            by = await acting(graph, key_file, Scope.TAKEDOWN_PLAN)
            return await undo_of_accounts(graph, takedown_id, asked, reason=reason, by=by, at=now())

        _tell_undone(ask(settings, some), as_json=as_json)
        return

    async def whole(graph: Graph) -> StoredTakedown:
        by = await acting(graph, key_file, Scope.TAKEDOWN_PLAN)
        await begin_undo(graph, takedown_id, reason=reason, by=by)
        return await work_off_undo(graph, takedown_id)

    tell(ask(settings, whole), as_json=as_json)


def renew(
    takedown_id: Id,
    days: Annotated[float, typer.Option(help="Days from now; 0: for good.")],
    reason: Reason,
    key_file: KeyFile = None,
    as_json: JsonFlag = False,
) -> None:
    """Let what a takedown did hold longer."""
    moved(
        key_file,
        lambda graph, by: renew_takedown(
            graph, takedown_id, days=days, reason=reason, by=by, at=now()
        ),
        as_json=as_json,
    )


def halt(reason: Reason, key_file: KeyFile = None, as_json: JsonFlag = False) -> None:
    """Halt all takedowns at once; undoing goes on."""
    _switch(key_file, reason, halted=True, as_json=as_json)


def release(reason: Reason, key_file: KeyFile = None, as_json: JsonFlag = False) -> None:
    """Let takedowns go on that were halted."""
    _switch(key_file, reason, halted=False, as_json=as_json)


def _ids(file: Path) -> list[str]:
    """Ids of accounts, one a line."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"{file}: {error}. Expected a file with an account id a line."
        ) from error
    return [line.strip() for line in lines if line.strip()]


def _tell_undone(done: UndoneAccounts, *, as_json: bool) -> None:
    if as_json:
        print_json(done)
        return
    say(
        f"{done.undone:,} undone, {done.cancelled:,} let go of before they were acted on, "
        f"{done.untouched:,} untouched."
    )


def _switch(key_file: Path | None, reason: str, *, halted: bool, as_json: bool) -> None:
    async def switched(graph: Graph) -> Switch:
        by = await acting(graph, key_file, Scope.TAKEDOWN_PLAN)
        await switch_takedowns(graph, halted=halted, reason=reason, by=by, at=now())
        return await find_switch(graph)

    switch = ask(enter(), switched)
    if as_json:
        print_json(switch)
    else:
        say("All takedowns are halted." if switch.halted else "Takedowns go on.")
