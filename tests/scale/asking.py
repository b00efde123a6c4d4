"""Clients that ask GraphQL at once, each over a connection of its own, in a process of their own.

It reads a `Round` as JSON from standard input, writes a line when the clients begin, and at last
what they met as JSON.
"""

import asyncio
import json
import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from random import Random
from time import perf_counter
from typing import Any, Final

_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
PATIENCE_S: Final = 60.0
"""How long a client waits for one answer, longer than any request may take."""


@dataclass(frozen=True)
class Question:
    """One thing that clients ask, each time with the variables of one of the rows."""

    name: str
    document: str
    rows: list[dict[str, Any]]


@dataclass(frozen=True)
class Round:
    """Who asks what of whom, and for how long; a client a key."""

    host: str
    port: int
    keys: list[str]
    seconds: float
    questions: list[Question]


@dataclass
class Met:
    """What the clients met: times by question, in milliseconds, and errors by code."""

    took_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)

    def note(self, name: str, took_ms: float, errors: list[str]) -> None:
        self.took_ms[name].append(took_ms)
        self.errors.update(errors)


async def ask_at_once(asked: Round) -> Met:
    """Let all clients ask until the time is over; every question begun is waited for."""
    met = Met()
    ends_at = perf_counter() + asked.seconds
    clients = (_client(asked, number, ends_at, met) for number in range(len(asked.keys)))
    await asyncio.gather(*clients)
    return met


async def _client(asked: Round, number: int, ends_at: float, met: Met) -> None:
    """One client; after an error of the connection it makes another, as browsers do."""
    chance = Random(number)  # noqa: S311
    while perf_counter() < ends_at:
        try:
            reader, writer = await asyncio.open_connection(asked.host, asked.port)
            try:
                while perf_counter() < ends_at:
                    question = chance.choice(asked.questions)
                    body = _body(question, chance)
                    started = perf_counter()
                    async with asyncio.timeout(PATIENCE_S):
                        status, answer = await _post(reader, writer, _request(asked, number, body))
                    took_ms = (perf_counter() - started) * 1_000
                    met.note(question.name, took_ms, _errors(status, answer))
            finally:
                writer.close()
        except (OSError, EOFError, TimeoutError) as error:
            met.errors[type(error).__name__] += 1


def _body(question: Question, chance: Random) -> bytes:
    asked = {"query": question.document, "variables": chance.choice(question.rows)}
    return json.dumps(asked).encode()


def _request(asked: Round, number: int, body: bytes) -> bytes:
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: {asked.host}:{asked.port}\r\n"
        f"X-API-Key: {asked.keys[number]}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _post(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
) -> tuple[int, bytes]:
    """Status and body of the answer."""
    writer.write(request)
    await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if length is None:
        raise EOFError(f"an answer without a length: {head!r}")
    return int(head.split(b" ", 2)[1]), await reader.readexactly(int(length[1]))


def _errors(status: int, answer: bytes) -> list[str]:
    """Codes of what went wrong, of the answer as a whole or of its parts."""
    told = json.loads(answer)
    codes = [str(one.get("extensions", {}).get("code")) for one in told.get("errors", ())]
    return codes or ([] if status == 200 else [f"http_{status}"])


def main() -> None:
    """Ask one round."""
    told = json.load(sys.stdin)
    questions = [Question(**one) for one in told.pop("questions")]
    print("begin", flush=True)  # noqa: T201
    met = asyncio.run(ask_at_once(Round(questions=questions, **told)))
    print(json.dumps({"took_ms": met.took_ms, "errors": met.errors}))  # noqa: T201


if __name__ == "__main__":
    main()
