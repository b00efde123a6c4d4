"""`ringfence ingest --kafka`: events out of a topic, until told to stop."""

import asyncio
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from prometheus_client import start_http_server

from ringfence.bootstrap import identifier_secret_of, ready_graph
from ringfence.cli.door import notes
from ringfence.errors import Conflict, InvalidInput
from ringfence.metrics import REGISTRY
from ringfence.settings import Settings
from ringfence.usecases.ingest import LoadTally, Reject

if TYPE_CHECKING:
    from ringfence.kafka import DeadLetter
    from ringfence.kafka.properties import Properties
    from ringfence.usecases.ingest_kafka import RejectSink

PANEL = "Kafka"
ServersOption = Annotated[
    str | None,
    typer.Option(
        "--kafka",
        metavar="SERVERS",
        help="Read a topic instead of files: host:port of brokers, several by commas.",
        rich_help_panel=PANEL,
    ),
]
TopicOption = Annotated[
    str | None,
    typer.Option(help="Topic of one event a message, as JSON.", rich_help_panel=PANEL),
]
GroupOption = Annotated[
    str,
    typer.Option(help="Group whose members share the partitions.", rich_help_panel=PANEL),
]
DeadLettersOption = Annotated[
    str | None,
    typer.Option(
        metavar="TOPIC",
        help="Topic for rejected events, as they came; the headers tell why.",
        rich_help_panel=PANEL,
    ),
]
PropertiesOption = Annotated[
    Path | None,
    typer.Option(
        "--kafka-config",
        help="File of further properties of librdkafka, such as those of a log-in.",
        rich_help_panel=PANEL,
    ),
]
IdleOption = Annotated[
    float | None,
    typer.Option(min=1, help="End after so many seconds without an event.", rich_help_panel=PANEL),
]
MetricsOption = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=65_535,
        metavar="PORT",
        help="Tell Prometheus what is loaded, at /metrics of RINGFENCE_HOST; 0: a free port.",
        rich_help_panel=PANEL,
    ),
]


@dataclass(frozen=True, slots=True)
class KafkaSource:
    """Where events come from and rejected ones go, as the options tell.

    Attributes:
        servers: `host:port`, several by commas.
        dead_letters: topic for rejected events.
        rejects: file for what is wrong with them.
        properties: file of further properties of the client.
        idle_s: end after so long without an event.
        metrics_port: where Prometheus reads what is loaded.
    """

    servers: str
    topic: str
    group: str
    dead_letters: str | None = None
    rejects: Path | None = None
    properties: Path | None = None
    idle_s: float | None = None
    metrics_port: int | None = None


def require_files_or_topic(files: list[str] | None, servers: str | None, topic: str | None) -> None:
    """Refuse a load from nowhere, from both, or from a broker without a topic.

    Raises:
        InvalidInput: so it is.
    """
    if bool(files) == bool(servers):
        raise InvalidInput("Expected files of events or --kafka SERVERS, one of them. Name one.")
    if servers and not topic:
        raise InvalidInput("--kafka needs --topic. Name the topic that holds the events.")


async def ingest_from_kafka(settings: Settings, source: KafkaSource) -> LoadTally:
    """Load the events of a topic until SIGTERM or Ctrl-C; the window at hand is still loaded.

    Raises:
        InvalidInput: the extra `kafka` is not installed, or an option is wrong.
        KafkaUnavailable: no broker answers at the start; later ones are waited for.
    """
    _require_extra()
    from ringfence.kafka import EventConsumer, read_properties  # noqa: PLC0415 - an extra
    from ringfence.usecases.ingest_kafka import ingest_kafka  # noqa: PLC0415

    properties = read_properties(source.properties) if source.properties else {}
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with ready_graph(settings) as graph:
        with (
            _metrics(settings.host, source.metrics_port),
            _sink(source, properties) as on_rejects,
            EventConsumer(
                source.servers, topic=source.topic, group=source.group, properties=properties
            ) as consumer,
        ):
            notes.print(f"Reading {source.topic} as {source.group}", highlight=False, markup=False)
            return await ingest_kafka(
                graph,
                consumer,
                stop=stop,
                on_rejects=on_rejects,
                idle_s=source.idle_s,
                secret=identifier_secret_of(settings),
            )


@contextmanager
def _metrics(host: str, port: int | None) -> Iterator[None]:
    """Tell what this process counts, for as long as the block lasts; None: to nobody.

    Raises:
        Conflict: the port is taken, or the address is not one of this machine.
    """
    if port is None:
        yield
        return
    try:
        server, thread = start_http_server(port, host, REGISTRY)
    except OSError as error:
        raise Conflict(
            f"{host}:{port} cannot be listened on: {error.strerror}. Name another --metrics-port, "
            "or another address in RINGFENCE_HOST."
        ) from error
    notes.print(
        f"Metrics at http://{host}:{server.server_port}/metrics", highlight=False, markup=False
    )
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _require_extra() -> None:
    try:
        import confluent_kafka  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise InvalidInput(
            "--kafka needs Kafka's client, which is not installed. Install ringfence[kafka]."
        ) from error


@contextmanager
def _sink(source: KafkaSource, properties: "Properties") -> Iterator["RejectSink"]:
    if source.dead_letters:
        from ringfence.kafka import DeadLetters  # noqa: PLC0415 - an extra

        yield DeadLetters(
            source.servers,
            topic=source.dead_letters,
            source=source.topic,
            properties=properties,
        ).send
    elif source.rejects:
        with _Appended(source.rejects, source.topic) as file:
            yield file.keep
    else:
        yield lambda letters: _show(source.topic, letters)


class _Appended:
    """A file that rejects are appended to, and are safe in before the group's place moves."""

    def __init__(self, path: Path, topic: str) -> None:
        try:
            self._file = path.open("ab")
        except OSError as error:
            raise InvalidInput(f"{path} cannot be written: {error}. Name another file.") from error
        self._topic = topic

    def __enter__(self) -> "_Appended":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def keep(self, letters: "Sequence[DeadLetter]") -> None:
        for letter in letters:
            told = _told(self._topic, letter)
            self._file.write(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))
        self._file.flush()
        os.fsync(self._file.fileno())


def _show(topic: str, letters: "Sequence[DeadLetter]") -> None:
    for letter in letters:
        reject = _told(topic, letter)
        field = f" {reject.field}:" if reject.field else ""
        notes.print(
            f"Rejected {reject.file}, offset {reject.line}:{field} {reject.reason}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


def _told(topic: str, letter: "DeadLetter") -> Reject:
    """The reject of a message: its partition stands for the file, its offset for the line."""
    delivery = letter.delivery
    return Reject(f"{topic}/{delivery.partition}", delivery.offset, letter.field, letter.reason)
