"""What every command does first and last: settings, logs, and errors told in one line."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

from rich.console import Console

from ringfence.logs import configure_logs
from ringfence.settings import Settings, load_settings
from ringfence.tracing import start_tracing

if sys.platform == "win32":
    from asyncio import new_event_loop
else:
    from uvloop import new_event_loop

Answer = TypeVar("Answer")

console = Console()
"""Answers go to standard output."""

notes = Console(stderr=True)
"""Progress and remarks go to standard error, so that a pipe holds answers only."""


def enter(*, service: bool = False, hush: str = "WARNING") -> Settings:
    """Read the settings, and send logs and traces where they ask.

    Args:
        service: log what happens; a command, which tells its results itself, logs warnings only.
            A level named by the settings goes before.
        hush: least severity that a command logs.
    """
    settings = load_settings()
    as_json = settings.log_format == "json" or (
        settings.log_format == "auto" and not sys.stderr.isatty()
    )
    hushed = not service and "log_level" not in settings.model_fields_set
    configure_logs(json=as_json, level=hush if hushed else settings.log_level)
    start_tracing()
    return settings


def run(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Run asynchronous work to its end."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(work)
