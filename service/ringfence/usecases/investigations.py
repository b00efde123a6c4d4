"""Keep questions to the graph under a name, to ask them again or to hand them on."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import orjson

from ringfence.errors import InvalidInput, NotFound
from ringfence.store.graph import Graph
from ringfence.store.investigations import (
    Investigation,
    delete_investigation,
    find_investigations,
    save_investigation,
)
from ringfence.usecases.ring_desk import checked

MAX_NAME: Final = 200
MAX_DOCUMENT: Final = 20_000
MAX_VARIABLES: Final = 20_000


@dataclass(frozen=True, slots=True)
class InvestigationDraft:
    """What is to be kept.

    Attributes:
        variables: JSON, an object.
        as_of: the moment that is asked of, in UTC; None: the present.
    """

    name: str
    document: str
    variables: str = "{}"
    as_of: datetime | None = None


async def keep_investigation(
    graph: Graph, draft: InvestigationDraft, *, by: str, investigation_id: str | None = None
) -> Investigation:
    """Keep a question, or change the one of that id; whoever made it stays its maker.

    Raises:
        InvalidInput: a text is empty or too long, or the variables are no JSON object.
        NotFound: nothing of that id is kept.
    """
    name = checked(draft.name, "name", MAX_NAME)
    document = checked(draft.document, "document", MAX_DOCUMENT)
    variables = _checked_variables(draft.variables)
    if investigation_id is None:
        now = datetime.now(UTC)
        investigation_id = f"investigation_{now:%Y%m%dT%H%M%S}_{secrets.token_hex(4)}"
    elif not await find_investigations(graph, [investigation_id]):
        raise unknown_investigation(investigation_id)
    return await save_investigation(
        graph,
        investigation_id,
        name=name,
        document=document,
        variables=variables,
        as_of=draft.as_of,
        by=by,
    )


async def drop_investigation(graph: Graph, investigation_id: str, *, by: str) -> None:
    """Take a question away.

    Raises:
        NotFound: nothing of that id is kept.
    """
    if not await delete_investigation(graph, investigation_id, by=by):
        raise unknown_investigation(investigation_id)


def unknown_investigation(investigation_id: str) -> NotFound:
    """The error for an id that leads to none."""
    return NotFound(f"No investigation has the id {investigation_id[:300]}. Their list shows them.")


def _checked_variables(text: str) -> str:
    checked(text, "JSON of the variables", MAX_VARIABLES)
    try:
        variables = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"The variables are no JSON: {error}.") from None
    if not isinstance(variables, dict):
        raise InvalidInput("The variables are JSON, but no object. Expected such as {}.")
    return orjson.dumps(variables, option=orjson.OPT_SORT_KEYS).decode()
