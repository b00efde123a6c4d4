import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from ringfence.errors import EmbeddedNeo4jFailed
from ringfence.neo4j.fetch import fetch_jars
from ringfence.neo4j.jars import Jar, jars_folder, read_lock

NO_NETWORK = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9") | {
    "no_proxy": "",
    "NO_PROXY": "",
}
FETCH = """
import sys
from pathlib import Path
import msgspec
from ringfence.neo4j.fetch import fetch_jars
from ringfence.neo4j.jars import Jar

fetch_jars(Path(sys.argv[1]), msgspec.json.decode(sys.argv[2], type=list[Jar]))
"""


class Repository(ThreadingHTTPServer):
    """A mirror on this machine that counts what it is asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []

    def publish(self, name: str, content: bytes) -> Jar:
        """Offer a jar, and tell how a lock names it."""
        self.files[f"/org/example/{name}/1.0/{name}-1.0.jar"] = content
        sha256 = hashlib.sha256(content).hexdigest()
        return Jar("org.example", name, "1.0", sha256, len(content))


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Repository

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        content = self.server.files.get(self.path)
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base names it
        """Say nothing."""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """The mirror, named in the user's settings of the resolver."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    with Repository() as mirror:
        address = f"http://127.0.0.1:{mirror.server_address[1]}"
        (tmp_path / ".jgorc").write_text(f"[repositories]\ncentral = {address}\n")
        thread = threading.Thread(target=mirror.serve_forever, args=(0.02,))
        thread.start()
        yield mirror
        mirror.shutdown()
        thread.join()


def test_jars_are_fetched_once(repository: Repository, tmp_path: Path) -> None:
    jars = [repository.publish("one", b"1" * 100_000), repository.publish("two", b"22")]

    fetch_jars(tmp_path, jars)
    fetch_jars(tmp_path, jars)

    assert len(repository.asked) == 2
    assert [(jars_folder(tmp_path) / jar.filename).stat().st_size for jar in jars] == [100_000, 2]
    assert not (jars_folder(tmp_path) / "staging").exists()


@pytest.mark.parametrize("damage", [b"1", b"X" * 1000], ids=["truncated", "changed"])
def test_damaged_jar_is_fetched_again(
    repository: Repository, tmp_path: Path, damage: bytes
) -> None:
    jars = [repository.publish("one", b"1" * 1000), repository.publish("two", b"22")]
    fetch_jars(tmp_path, jars)
    damaged = jars_folder(tmp_path) / jars[0].filename
    damaged.write_bytes(damage)

    fetch_jars(tmp_path, jars)

    assert damaged.read_bytes() == b"1" * 1000
    assert [path.split("/")[3] for path in repository.asked[2:]] == ["one"]


def test_touched_jar_is_checked_and_kept(repository: Repository, tmp_path: Path) -> None:
    jars = [repository.publish("one", b"1")]
    fetch_jars(tmp_path, jars)
    os.utime(jars_folder(tmp_path) / jars[0].filename, (0, 0))

    fetch_jars(tmp_path, jars)

    assert len(repository.asked) == 1


def test_file_that_is_not_the_one_of_the_lock_is_refused(
    repository: Repository, tmp_path: Path
) -> None:
    jar = repository.publish("one", b"good")
    repository.publish("one", b"evil")

    with pytest.raises(EmbeddedNeo4jFailed) as refusal:
        fetch_jars(tmp_path, [jar])

    assert jar.sha256 in str(refusal.value)
    assert hashlib.sha256(b"evil").hexdigest() in str(refusal.value)
    assert not (jars_folder(tmp_path) / jar.filename).exists()


def test_jar_that_no_repository_has_is_named(repository: Repository, tmp_path: Path) -> None:
    jar = msgspec.structs.replace(repository.publish("one", b"1"), version="9.9")

    with pytest.raises(EmbeddedNeo4jFailed, match=r"org\.example\.one-9\.9\.jar .* HTTP 404"):
        fetch_jars(tmp_path, [jar])


def test_leftovers_of_a_killed_fetch_do_no_harm(repository: Repository, tmp_path: Path) -> None:
    jar = repository.publish("one", b"1")
    staging = jars_folder(tmp_path) / "staging"
    staging.mkdir(parents=True)
    (staging / jar.filename).write_bytes(b"half")

    fetch_jars(tmp_path, [jar])

    assert (jars_folder(tmp_path) / jar.filename).read_bytes() == b"1"


def test_two_processes_that_fetch_at_once_share_one_fetch(
    repository: Repository, tmp_path: Path
) -> None:
    jars = [repository.publish(f"jar{number}", bytes(200_000)) for number in range(5)]
    command = [sys.executable, "-c", FETCH, str(tmp_path), msgspec.json.encode(jars).decode()]

    both = [subprocess.Popen(command) for _ in range(2)]

    assert [process.wait(30) for process in both] == [0, 0]
    assert len(repository.asked) == 5


def test_no_network_and_an_empty_cache_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in NO_NETWORK.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(EmbeddedNeo4jFailed) as refusal:
        fetch_jars(tmp_path)

    assert "Connect to the network once" in str(refusal.value)
    assert "RINGFENCE_NEO4J_URI" in str(refusal.value)
    assert list(jars_folder(tmp_path).glob("*.jar")) == []


def test_unusable_cache_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, not a folder")

    with pytest.raises(EmbeddedNeo4jFailed, match="RINGFENCE_CACHE"):
        fetch_jars(tmp_path / "cache")


def test_lock_names_each_file_once_with_its_hash() -> None:
    lock = read_lock()

    assert len({jar.filename for jar in lock.jars}) == len(lock.jars) == 237
    assert {len(jar.sha256) for jar in lock.jars} == {64}
    assert lock.neo4j in {jar.version for jar in lock.jars if jar.artifact == "neo4j"}
    assert list(lock.jars) == sorted(lock.jars)
