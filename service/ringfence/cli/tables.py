"""Tables that fit a terminal of 80 characters and cut nothing that is meant to be copied."""

from rich import box
from rich.table import Table


def narrow_table(*columns: str, title: str | None = None, words: int = 1) -> Table:
    """An empty table with little ink.

    Args:
        columns: their headings.
        title: stands above it.
        words: how many of the first columns hold words; the others hold figures, on the right.
    """
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for at, column in enumerate(columns):
        table.add_column(column, justify="left" if at < words else "right", no_wrap=True)
    return table
