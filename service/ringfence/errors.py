"""Every error that Ringfence raises on purpose.

RingfenceError              500  root; never raised itself
├── InvalidInput            422  a value from outside breaks its contract
├── NotPermitted            403  the caller may not do this
├── NotFound                404  no such object
├── Conflict                409  the state does not allow it, or somebody else was first
├── LimitExceeded           429  too much at once
├── GraphUnavailable        503  Neo4j does not answer
├── SchemaOutOfDate         503  the graph's migrations and this version disagree
├── KafkaUnavailable        503  no broker of Kafka answers
├── JournalUnavailable      503  the local journal of sign-up checks cannot be written
└── EmbeddedNeo4jFailed     503  the Neo4j that comes along cannot be fetched or started
"""

from typing import ClassVar


class RingfenceError(Exception):
    """Root of all errors raised on purpose; the message says what was met and what to do next."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"


class InvalidInput(RingfenceError):
    """A value from outside breaks its contract."""

    status = 422
    code = "invalid_input"
    title = "Invalid input"


class NotPermitted(RingfenceError):
    """The caller is unknown or may not do this."""

    status = 403
    code = "not_permitted"
    title = "Not permitted"


class NotFound(RingfenceError):
    """The object asked for does not exist."""

    status = 404
    code = "not_found"
    title = "Not found"


class Conflict(RingfenceError):
    """The present state does not allow the act, or somebody else was first."""

    status = 409
    code = "conflict"
    title = "Conflict"


class LimitExceeded(RingfenceError):
    """A stated limit was passed."""

    status = 429
    code = "limit_exceeded"
    title = "Limit exceeded"


class GraphUnavailable(RingfenceError):
    """Neo4j does not answer, or went away while it worked."""

    status = 503
    code = "graph_unavailable"
    title = "Graph unavailable"


class SchemaOutOfDate(RingfenceError):
    """The migrations applied to the graph and those of this version disagree."""

    status = 503
    code = "schema_out_of_date"
    title = "Schema out of date"


class KafkaUnavailable(RingfenceError):
    """No broker of Kafka answers, or it does not keep what it is sent."""

    status = 503
    code = "kafka_unavailable"
    title = "Kafka unavailable"


class JournalUnavailable(RingfenceError):
    """The local journal of sign-up checks cannot be written."""

    status = 503
    code = "journal_unavailable"
    title = "Journal unavailable"


class EmbeddedNeo4jFailed(RingfenceError):
    """The Neo4j that comes along cannot be fetched, verified or started."""

    status = 503
    code = "embedded_neo4j_failed"
    title = "Embedded Neo4j failed"
