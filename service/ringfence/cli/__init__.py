"""The terminal door: `ringfence COMMAND`."""

from ringfence.cli.main import main

__all__ = ["main"]
