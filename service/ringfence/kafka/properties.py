"""A file of the client's own properties, such as those that log in to a broker."""

from pathlib import Path
from typing import Final

from ringfence.errors import InvalidInput

Properties = dict[str, str]

OURS: Final = frozenset(
    {
        "bootstrap.servers",
        "group.id",
        "enable.auto.commit",
        "enable.auto.offset.store",
        "auto.offset.reset",
        "partition.assignment.strategy",
    }
)
"""Properties that keep events from being lost; a file may not change them."""


def read_properties(path: Path) -> Properties:
    """Properties of librdkafka, one `name=value` a line; lines that begin with # say nothing.

    Raises:
        InvalidInput: the file cannot be read, or a line is no property or one of `OURS`.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path}: {error}. Expected a readable file in UTF-8.") from error
    properties: Properties = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise InvalidInput(f"{path} line {number}: expected name=value. Correct the line.")
        if name.strip() in OURS:
            raise InvalidInput(
                f"{path} line {number}: {name.strip()} is set by the command itself, or events "
                "could be lost. Remove the line."
            )
        properties[name.strip()] = value.strip()
    return properties
