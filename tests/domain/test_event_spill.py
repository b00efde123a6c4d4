from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.event_spill import pack_events, read_events
from ringfence.domain.events import Event
from ringfence.domain.folding import fold_events
from tests.store.event_lists import event_lists


@given(st.lists(event_lists(), max_size=4))
def test_events_read_back_from_blocks_fold_as_they_did(blocks: list[list[Event]]) -> None:
    packed = b"".join(pack_events(block) for block in blocks)

    events = list(read_events(BytesIO(packed)))

    assert fold_events(events) == fold_events(event for block in blocks for event in block)
    assert [event.key for event in events] == [event.key for block in blocks for event in block]


def test_nothing_packed_reads_back_as_nothing() -> None:
    assert list(read_events(BytesIO(pack_events([])))) == []
    assert list(read_events(BytesIO())) == []
