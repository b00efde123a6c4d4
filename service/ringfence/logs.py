"""Structured logs: JSON for machines, readable lines on a terminal, never contact data in clear."""

import hashlib
import logging
import sys

import structlog


def configure_logs(*, json: bool, level: str = "INFO") -> None:
    """Send log lines to standard error, as JSON objects or as readable lines."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        # Looked up anew for each line, since standard error may be another one by then.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """Logger of one module; the event is a constant, facts are fields."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(logger_name=name)
    return logger


def short_key(value: str) -> str:
    """Stand-in for contact data in a log line: the same value gives the same eight hex digits."""
    return hashlib.blake2b(value.encode(), digest_size=4).hexdigest()
