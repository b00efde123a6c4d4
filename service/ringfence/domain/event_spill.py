"""Events as bytes for temporary files: what folding reads of them, and nothing else."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

import msgspec
from msgspec import Struct

from ringfence.domain.events import (
    Body,
    ChargeData,
    Event,
    InstrumentData,
    SignInData,
    SignUpData,
    UsageData,
)
from ringfence.domain.identifiers import IdentifierKey

_LENGTH_BYTES: Final = 4
_NOTHING_TO_FOLD: Final = SignInData()


class _Spilled(Struct, frozen=True, gc=False, array_like=True):
    """An event with its body by type; a sign-in has none, since its identifiers say it all."""

    key: int
    account_id: str
    time_ms: int
    shared: tuple[IdentifierKey, ...]
    sign_up: SignUpData | None = None
    instrument: InstrumentData | None = None
    charge: ChargeData | None = None
    usage: UsageData | None = None


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[_Spilled])


def pack_events(events: Iterable[Event]) -> bytes:
    """One block of events; blocks may be written one after the other into one file."""
    block = _encoder.encode([_spilled(event) for event in events])
    return len(block).to_bytes(_LENGTH_BYTES, "big") + block


def read_events(file: BinaryIO) -> Iterator[Event]:
    """The events of all blocks of a file, of which one block at a time is in memory."""
    for block in read_blocks(file):
        for one in _decoder.decode(block):
            body = one.sign_up or one.instrument or one.charge or one.usage or _NOTHING_TO_FOLD
            yield Event(one.key, one.account_id, one.time_ms, one.shared, body)


def read_blocks(file: BinaryIO) -> Iterator[bytes]:
    """Blocks that each come after their length, four bytes with the highest first."""
    while length := file.read(_LENGTH_BYTES):
        yield file.read(int.from_bytes(length, "big"))


def _spilled(event: Event) -> _Spilled:
    body: Body = event.body
    return _Spilled(
        event.key,
        event.account_id,
        event.time_ms,
        event.shared,
        body if isinstance(body, SignUpData) else None,
        body if isinstance(body, InstrumentData) else None,
        body if isinstance(body, ChargeData) else None,
        body if isinstance(body, UsageData) else None,
    )
