import socket
import threading

from ringfence.neo4j.bolt import answers_bolt
from tests.conftest import Neo4jServer


def test_server_answers_bolt(neo4j_server: Neo4jServer) -> None:
    assert answers_bolt(int(neo4j_server.uri.rpartition(":")[2]))


def test_closed_port_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    assert not answers_bolt(port)


def test_port_that_speaks_something_else_does_not_answer() -> None:
    def hang_up() -> None:
        connection, _ = other.accept()
        with connection:
            connection.recv(20)

    with socket.create_server(("127.0.0.1", 0)) as other:
        thread = threading.Thread(target=hang_up)
        thread.start()
        answered = answers_bolt(other.getsockname()[1])
        thread.join()

    assert not answered
