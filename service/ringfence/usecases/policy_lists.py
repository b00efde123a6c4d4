"""Put entries on the allow and the block list, and take them off."""

from datetime import UTC, datetime

from ringfence.domain.policy_lists import ListEntry, ListName, read_key
from ringfence.errors import InvalidInput, NotFound
from ringfence.logs import get_logger
from ringfence.store.graph import Graph
from ringfence.store.policy_lists import remove_entry, save_entry
from ringfence.usecases.policies import MAX_NAME, MAX_REASON
from ringfence.usecases.ring_desk import checked

log = get_logger(__name__)


async def add_list_entry(graph: Graph, entry: ListEntry, *, by: str) -> ListEntry:
    """Put an entry on its list, in place of the one of the same kind and value.

    Raises:
        InvalidInput: its last day is over, or the name of who adds it is empty or too long.
    """
    by = checked(by, "name of who adds it", MAX_NAME)
    today = datetime.now(UTC).date()
    if entry.ends < today:
        raise InvalidInput(
            f"{entry.list_name.value} list, until: {entry.ends} is over, today is {today} in UTC. "
            "An entry of the past does nothing; give a later day."
        )
    saved = await save_entry(graph, entry, by=by)
    log.info(
        "list_entry_added", list=entry.list_name.value, kind=entry.key.kind, version=saved.version
    )
    return saved


async def remove_list_entry(
    graph: Graph, list_name: ListName, kind: str, value: str, *, reason: str, by: str
) -> ListEntry:
    """Take an entry off its list, and return it.

    Raises:
        InvalidInput: kind or value is impossible, or reason or name is empty or too long.
        NotFound: it is not on the list.
    """
    reason, by = checked(reason, "reason", MAX_REASON), checked(by, "name of who acts", MAX_NAME)
    key = read_key(list_name, kind, value)
    removed = await remove_entry(graph, list_name, key, reason=reason, by=by)
    if removed is None:
        raise NotFound(
            f"That {key.kind} is not on the {list_name.value} list. Its entries show what is."
        )
    log.info("list_entry_removed", list=list_name.value, kind=key.kind, version=removed.version)
    return removed
