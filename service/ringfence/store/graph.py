"""A connection to Neo4j: statements by name, retries, time limits, and errors in our own words."""

import math
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, Self, TypeVar

from neo4j.api import AsyncBookmarkManager
from neo4j.exceptions import (
    AuthError,
    ClientError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from neo4j import (
    READ_ACCESS,
    WRITE_ACCESS,
    AsyncDriver,
    AsyncGraphDatabase,
    AsyncManagedTransaction,
    AsyncSession,
    AsyncTransaction,
    NotificationMinimumSeverity,
    unit_of_work,
)
from ringfence.errors import (
    Conflict,
    GraphUnavailable,
    LimitExceeded,
    NotPermitted,
    RingfenceError,
)
from ringfence.store.queries import statement
from ringfence.store.time_budget import due_in, within_budget
from ringfence.store.turns import Turns
from ringfence.tracing import span

Row = dict[str, Any]
Result = TypeVar("Result")

AT_ONCE: Final = 12
"""Units of work that one process asks of Neo4j at a time; further ones wait for their turn.

More at once are not done sooner: they share its cores, and the long ones among them end late.
"""
_TIMED_OUT = "Neo.ClientError.Transaction.TransactionTimedOut"


class Transaction:
    """One transaction; all of it is kept, or none."""

    def __init__(self, transaction: AsyncManagedTransaction | AsyncTransaction) -> None:
        self._transaction = transaction

    async def run(self, name: str, /, **parameters: object) -> list[Row]:
        """Run one statement of `cypher/` and return its rows."""
        with span(f"cypher {name}", _DATABASE):
            result = await self._transaction.run(statement(name), parameters)
            return [dict(record) for record in await result.fetch(_ALL)]


_ALL = 2**31 - 1
_DATABASE: Final = {"db.system.name": "neo4j"}


class Graph:
    """The door to one Neo4j database.

    Args:
        driver: connected with the right user.
        database: its name, or None for the user's home database.
        query_timeout_s: longest time a transaction may take, unless a call says otherwise.
        bookmarks: carried from each unit of work to the next; None: not needed.
    """

    def __init__(
        self,
        driver: AsyncDriver,
        *,
        database: str | None = None,
        query_timeout_s: float = 30.0,
        bookmarks: AsyncBookmarkManager | None = None,
    ) -> None:
        self._driver = driver
        self._database = database
        self._query_timeout_s = query_timeout_s
        self._bookmarks = bookmarks
        self._turns = Turns(AT_ONCE)

    @classmethod
    def connect(
        cls,
        uri: str,
        user: str,
        password: str,
        *,
        database: str | None = None,
        query_timeout_s: float = 30.0,
        retry_time_s: float = 15.0,
    ) -> Self:
        """Prepare a connection; nothing is sent before the first statement.

        By a `neo4j://` address reads go to any member of a cluster and writes to its leader; a
        member that lags answers once it has what this process wrote. By `bolt://` there is one
        server, which needs no bookmarks, and may be restored from a backup under a running process.
        """
        driver = AsyncGraphDatabase.driver(
            uri,
            auth=(user, password),
            connection_timeout=5.0,
            max_transaction_retry_time=retry_time_s,
            notifications_min_severity=NotificationMinimumSeverity.OFF,
            user_agent="ringfence",
        )
        routed = uri.startswith("neo4j")
        return cls(
            driver,
            database=database,
            query_timeout_s=query_timeout_s,
            bookmarks=AsyncGraphDatabase.bookmark_manager() if routed else None,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._driver.close()

    @property
    def waiting(self) -> int:
        """Units of work that wait for their turn."""
        return self._turns.waiting

    async def ping(self) -> None:
        """Return if Neo4j answers.

        Raises:
            GraphUnavailable: it does not.
        """
        with translated_errors():
            await self._driver.verify_connectivity()

    async def read(
        self, name: str, /, *, timeout_s: float | None = None, **parameters: object
    ) -> list[Row]:
        """Rows of one reading statement, in a transaction of its own."""

        async def work(transaction: Transaction) -> list[Row]:
            return await transaction.run(name, **parameters)

        return await self.in_read(work, timeout_s=timeout_s)

    async def read_first(self, name: str, /, **parameters: object) -> list[Row]:
        """Rows of one small reading statement, which goes before all that wait for their turn."""

        async def work(transaction: Transaction) -> list[Row]:
            return await transaction.run(name, **parameters)

        return await self._read(work, self._query_timeout_s, due=-math.inf)

    async def write(
        self, name: str, /, *, timeout_s: float | None = None, **parameters: object
    ) -> list[Row]:
        """Rows of one writing statement, in a transaction of its own."""

        async def work(transaction: Transaction) -> list[Row]:
            return await transaction.run(name, **parameters)

        return await self.in_write(work, timeout_s=timeout_s)

    async def in_read(
        self, work: Callable[[Transaction], Awaitable[Result]], *, timeout_s: float | None = None
    ) -> Result:
        """Run a unit of reading work; it is run again when Neo4j says that is worth a try."""
        timeout_s = timeout_s or self._query_timeout_s
        return await self._read(work, timeout_s, due=due_in(timeout_s))

    async def in_write(
        self, work: Callable[[Transaction], Awaitable[Result]], *, timeout_s: float | None = None
    ) -> Result:
        """Run a unit of writing work; it is run again when Neo4j says that is worth a try."""
        with translated_errors():
            timeout_s = timeout_s or self._query_timeout_s
            async with self._turns.turn(due_in(timeout_s)), self._session() as session:
                return await session.execute_write(self._managed(work, timeout_s))

    async def stream(self, name: str, /, **parameters: object) -> AsyncIterator[Row]:
        """Rows of one reading statement as they come, for results larger than memory."""
        with translated_errors():
            due = due_in(self._query_timeout_s)
            async with self._turns.turn(due), self._session(READ_ACCESS) as session:
                result = await session.run(statement(name), parameters)
                async for record in result:
                    yield dict(record)

    async def run_schema(self, text: str) -> None:
        """Run the text of a schema statement, which may not share a transaction with data."""

        async def work(transaction: AsyncManagedTransaction) -> None:
            await (await transaction.run(text)).consume()

        with translated_errors():
            async with self._session() as session:
                await session.execute_write(work)

    async def run_in_batches(self, text: str) -> None:
        """Run the text of a statement that commits batch by batch, with `IN TRANSACTIONS`."""
        with translated_errors():
            async with self._session() as session:
                await (await session.run(text)).consume()

    async def explain(self, name: str, /, **parameters: object) -> list[str]:
        """Operators of one statement's plan, outermost first; nothing is run."""
        with translated_errors():
            async with self._session(READ_ACCESS) as session:
                result = await session.run(f"EXPLAIN {statement(name)}", parameters)
                plan = (await result.consume()).plan
        return list(_operators(plan or {}))

    @asynccontextmanager
    async def open_transaction(self, *, timeout_s: float) -> AsyncIterator[Transaction]:
        """A transaction held open by the caller, to keep a lock; committed on a clean exit.

        Args:
            timeout_s: longest time it may stay open; Neo4j then ends it.
        """
        with translated_errors():
            async with (
                self._session() as session,
                await session.begin_transaction(timeout=timeout_s) as transaction,
            ):
                yield Transaction(transaction)
                await transaction.commit()

    async def _read(
        self,
        work: Callable[[Transaction], Awaitable[Result]],
        timeout_s: float,
        *,
        due: float,
    ) -> Result:
        with translated_errors():
            async with self._turns.turn(due), self._session(READ_ACCESS) as session:
                return await session.execute_read(self._managed(work, timeout_s))

    def _session(self, access_mode: str = WRITE_ACCESS) -> AsyncSession:
        return self._driver.session(
            database=self._database,
            default_access_mode=access_mode,
            bookmark_manager=self._bookmarks,
        )

    def _managed(
        self, work: Callable[[Transaction], Awaitable[Result]], timeout_s: float
    ) -> Callable[[AsyncManagedTransaction], Awaitable[Result]]:
        @unit_of_work(timeout=within_budget(timeout_s))
        async def managed(transaction: AsyncManagedTransaction) -> Result:
            return await work(Transaction(transaction))

        return managed


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn the driver's errors into ours, with what to do next.

    Raises:
        GraphUnavailable: Neo4j does not answer.
        NotPermitted: it refuses user or password.
        LimitExceeded: the statement took longer than its time limit.
        Conflict: a constraint refuses the write.
    """
    try:
        yield
    except (ServiceUnavailable, SessionExpired, TransientError) as error:
        raise GraphUnavailable(
            f"Neo4j does not answer ({_first_line(error)}). Nothing half-written was kept; "
            "start it again (ringfence neo4j start, or RINGFENCE_NEO4J_URI) and repeat the command."
        ) from error
    except AuthError as error:
        raise NotPermitted(
            f"Neo4j refused the log-in ({_first_line(error)}). "
            "Check RINGFENCE_NEO4J_USER and RINGFENCE_NEO4J_PASSWORD."
        ) from error
    except ClientError as error:
        ours = _client_error(error)
        if ours is None:
            raise
        raise ours from error
    except (Neo4jError, DriverError, OSError) as error:
        raise GraphUnavailable(f"Neo4j failed: {_first_line(error)}") from error


def _client_error(error: ClientError) -> RingfenceError | None:
    """Our error for a fault of the caller; None where the statement itself is at fault."""
    code = error.code or ""
    if code.startswith(_TIMED_OUT):
        return LimitExceeded("The statement took longer than its time limit. Ask for less at once.")
    if "ConstraintValidationFailed" in code:
        return Conflict(f"The graph's constraints refuse the write: {_first_line(error)}")
    return None


def _operators(plan: dict[str, Any]) -> Iterator[str]:
    yield str(plan.get("operatorType", "")).partition("@")[0]
    for child in plan.get("children", ()):
        yield from _operators(child)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
