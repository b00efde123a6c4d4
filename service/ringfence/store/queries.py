"""The statements in `cypher/`, found by name."""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from ringfence.errors import NotFound


def cypher_root() -> Traversable:
    """Folder of the statements: in the installed package, or beside `service/` in a checkout."""
    packaged = files("ringfence").joinpath("cypher")
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "cypher"


@cache
def statement(name: str) -> str:
    """Text of one statement.

    Args:
        name: noun and verb, as in `rings/find_one`.

    Raises:
        NotFound: no file of that name.
    """
    noun, _, verb = name.partition("/")
    file = cypher_root().joinpath(noun, f"{verb}.cypher")
    if not file.is_file():
        raise NotFound(f"No statement cypher/{noun}/{verb}.cypher. Is the installation whole?")
    return file.read_text(encoding="utf-8")
