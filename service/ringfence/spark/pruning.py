"""Links of the whole graph brought down, on the workers, to those that detection reads.

What comes back is equal to what `ringfence.detection.links.shared_links` makes of the whole graph.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from ringfence.domain.identifiers import EMAIL, IP, PAYMENT_INSTRUMENT
from ringfence.domain.mailboxes import canonical_email
from ringfence.domain.networks import ipv6_network


@dataclass(frozen=True, slots=True)
class PrunedTables:
    """What the driver needs of the links; accounts are nodes.

    Attributes:
        links: how many there are before pruning.
        kinds: of all identifiers that have links.
        shared: kind, value, account, first_seen_ms, last_seen_ms, events; of identifiers that two
            or more accounts carry, sorted by kind and value.
        own: account, kind, count: identifiers that the account alone carries.
        descriptions: account, kind, funding, bin, address_class: what is known of the addresses
            and payment instruments of each account, each once.
    """

    links: int
    kinds: list[str]
    shared: pa.Table
    own: pa.Table
    descriptions: pa.Table


def prune(spark: SparkSession, tables: Path) -> PrunedTables:
    """Read an export of the account graph and prune it.

    Args:
        spark: whose workers can read the folder.
        tables: written by `ringfence.store.graph_tables.export_tables`.
    """
    accounts = spark.read.parquet(str(tables / "accounts"))
    identifiers = spark.read.parquet(str(tables / "identifiers"))
    links = spark.read.parquet(str(tables / "links"))
    identifiers = identifiers.withColumnRenamed("node", "identifier")
    pairs = _pairs(links.join(_derived(identifiers), "identifier"), accounts).persist()
    try:
        return PrunedTables(
            links=links.count(),
            shared=_shared(pairs).toArrow(),
            own=_own(pairs).toArrow(),
            kinds=_kinds(pairs),
            descriptions=_descriptions(links, identifiers).toArrow(),
        )
    finally:
        pairs.unpersist()


def _derived(identifiers: DataFrame) -> DataFrame:
    """Identifiers by the value that accounts share: networks of IPv6 addresses, mailboxes."""
    told = identifiers.select("identifier", "kind", "value")
    is_mail = f.col("kind") == EMAIL
    is_network = (f.col("kind") == IP) & f.col("value").contains(":")
    as_is = told.where(~(is_mail | is_network))
    mails = _revalued(told.where(is_mail), canonical_email)
    networks = _revalued(told.where(is_network), ipv6_network)
    return as_is.unionByName(mails).unionByName(networks)


def _pairs(linked: DataFrame, accounts: DataFrame) -> DataFrame:
    """Each account and identifier once, with the identifier's degree.

    `told` are the links that say so, `mailed` is 1 where the account's own e-mail address does.
    """
    columns = ("kind", "value", "account", "first_seen_ms", "last_seen_ms", "events")
    by_link = linked.select(*columns, f.lit(1).alias("told"), f.lit(0).alias("mailed"))
    mails = accounts.where(f.col("email") != "").select(
        f.lit(EMAIL).alias("kind"),
        f.col("email").alias("value"),
        f.col("node").alias("account"),
        f.col("first_seen_ms"),
        f.col("first_seen_ms").alias("last_seen_ms"),
        f.lit(1).cast("bigint").alias("events"),
        f.lit(0).alias("told"),
        f.lit(1).alias("mailed"),
    )
    by_mail = _revalued(mails, canonical_email).where(f.col("value") != "")
    pairs = (
        by_link.unionByName(by_mail)
        .groupBy("kind", "value", "account")
        .agg(
            f.min("first_seen_ms").alias("first_seen_ms"),
            f.max("last_seen_ms").alias("last_seen_ms"),
            f.sum("events").alias("events"),
            f.sum("told").alias("told"),
            f.sum("mailed").alias("mailed"),
        )
    )
    degrees = pairs.groupBy("kind", "value").agg(f.count("*").alias("degree"))
    return pairs.join(degrees, ["kind", "value"])


def _shared(pairs: DataFrame) -> DataFrame:
    columns = ("kind", "value", "account", "first_seen_ms", "last_seen_ms", "events")
    return pairs.where(f.col("degree") >= 2).select(*columns).orderBy("kind", "value")


def _own(pairs: DataFrame) -> DataFrame:
    """An account's own e-mail address counts only where a link names the same mailbox."""
    alone = pairs.where((f.col("degree") < 2) & (f.col("told") > 0))
    return alone.groupBy("account", "kind").agg(f.sum(f.col("told") + f.col("mailed")).alias("own"))


def _kinds(pairs: DataFrame) -> list[str]:
    rows = pairs.where(f.col("told") > 0).select("kind").distinct().collect()
    return sorted(row["kind"] for row in rows)


def _descriptions(links: DataFrame, identifiers: DataFrame) -> DataFrame:
    described = identifiers.where(f.col("kind").isin(IP, PAYMENT_INSTRUMENT)).drop("value")
    told = links.select("account", "identifier").join(described, "identifier")
    return told.select("account", "kind", "funding", "bin", "address_class").distinct()


def _revalued(told: DataFrame, canonical: Callable[[str], str]) -> DataFrame:
    """The same rows with each value in the one spelling that detection knows."""

    def revalue(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            at = batch.schema.get_field_index("value")
            values = [canonical(value) for value in batch.column(at).to_pylist()]
            yield batch.set_column(at, "value", pa.array(values, pa.string()))

    return told.mapInArrow(revalue, told.schema)
