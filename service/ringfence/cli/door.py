"""What every command does first and last: settings, logs, and errors told in one line."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

from rich.console import Console

from ringfence.logs import configure_logs
from ringfence.settings import Settings, load_settings

Answer = TypeVar("Answer")

console = Console()
"""Answers go to standard output."""

notes = Console(stderr=True)
"""Progress and remarks go to standard error, so that a pipe holds answers only."""


def enter() -> Settings:
    """Read the settings and send logs where they ask."""
    settings = load_settings()
    as_json = settings.log_format == "json" or (
        settings.log_format == "auto" and not sys.stderr.isatty()
    )
    configure_logs(json=as_json, level=settings.log_level)
    return settings


def run(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Run asynchronous work to its end."""
    return asyncio.run(work)
