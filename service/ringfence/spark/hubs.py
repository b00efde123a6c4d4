"""Popular identifiers judged on the workers, a bucket of them at a time, by one machine's code.

A row is a carrier of an identifier, with its traits and whatever else it carries; what all
accounts are like together goes along once, as a broadcast. An account that carries two popular
identifiers has two rows, as if it were two accounts: each identifier is judged by its own alone.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql import SparkSession

from ringfence.detection.carriers import Carriers
from ringfence.detection.config import HubParameters
from ringfence.detection.hubs import JudgeCarriers, judge_carriers
from ringfence.detection.links import Flags, Floats
from ringfence.detection.profiles import Groups
from ringfence.detection.traits import Population, Trait, Traits
from ringfence.domain.graph import Ints
from ringfence.logs import get_logger

BUCKET_CARRIERS: Final = 250_000
"""Carriers up to which identifiers share a bucket, and so the memory of one worker."""
GIANT_CARRIERS: Final = 2_000_000
"""Carriers from which one identifier alone is what a worker, and a run, may be too small for."""

_ROWS: Final = 1_000_000
_SCHEMA: Final = "group bigint, judgement double"
log = get_logger(__name__)


def judge_in_buckets(
    spark: SparkSession, buckets: int, *, giant_carriers: int = GIANT_CARRIERS
) -> JudgeCarriers:
    """What judges popular identifiers on the workers of a session, as one machine does.

    Args:
        spark: that has the workers.
        buckets: in which identifiers are put, a few for each core, if their carriers fit them.
        giant_carriers: from which an identifier is named in a warning.
    """

    def judge(carriers: Carriers, parameters: HubParameters) -> Floats:
        _warn_of_giants(carriers.groups, giant_carriers)
        everybody = spark.sparkContext.broadcast(carriers.traits.population)

        def judge_bucket(rows: pa.Table) -> pa.Table:
            return _judge_bucket(rows, everybody.value, parameters)

        try:
            rows = spark.createDataFrame(carrier_rows(carriers, buckets))
            judged = rows.groupBy("bucket").applyInArrow(judge_bucket, _SCHEMA).toArrow()
        finally:
            everybody.destroy()
        judgement = np.empty(carriers.groups.count)
        judgement[judged["group"].to_numpy()] = judged["judgement"].to_numpy()
        return judgement

    return judge


def carrier_rows(
    carriers: Carriers, buckets: int, *, bucket_carriers: int = BUCKET_CARRIERS
) -> pa.Table:
    """A row for each carrier of each identifier, with the bucket that the identifier is in.

    There are more buckets where these would hold more carriers on the mean; an identifier is in
    one, however many carry it.
    """
    sizes = carriers.groups.sizes
    bucket = _buckets_of(sizes, max(buckets, -(-int(sizes.sum()) // bucket_carriers)))
    order = np.argsort(carriers.tied_account, kind="stable")
    account, identifier = carriers.tied_account[order], carriers.tied_identifier[order]
    parts = []
    for start in range(0, len(carriers.groups.group), _ROWS):
        rows = np.arange(start, min(start + _ROWS, len(carriers.groups.group)))
        group, carrier = carriers.groups.group[rows], carriers.groups.account[rows]
        columns = {
            "bucket": bucket[group],
            "row": rows,
            "group": group,
            "identifier": carriers.identifier[group],
            "machine": carriers.machine[group],
            "own": carriers.own[rows],
            "other": carriers.other[rows],
            "reached": carriers.reached[carrier],
            "tied": _lists_of(carrier, account, identifier),
        }
        parts.append(pa.table(columns | dict(_trait_columns(carriers.traits.of(carrier)))))
    return pa.concat_tables(parts)


def carriers_of_rows(rows: pa.Table, population: Population) -> tuple[Carriers, Ints]:
    """What `carrier_rows` told of some whole groups, and the number of each group."""
    rows = rows.sort_by("row").combine_chunks()
    numbers, first, group = np.unique(
        rows["group"].to_numpy(), return_index=True, return_inverse=True
    )
    place = np.arange(len(rows))
    tied = rows["tied"].combine_chunks()
    # Numbers of identifiers reach beyond memory; here only which are equal matters.
    named = np.concatenate([rows["identifier"].to_numpy()[first], tied.flatten().to_numpy()])
    names, identifier = np.unique(named, return_inverse=True)
    return Carriers(
        groups=Groups(group, place, len(numbers)),
        traits=_traits_of(rows, population),
        machine=_flags(rows, "machine")[first],
        own=_flags(rows, "own"),
        other=_flags(rows, "other"),
        reached=rows["reached"].to_numpy(),
        tied_account=np.repeat(place, tied.value_lengths().to_numpy()),
        tied_identifier=identifier[len(numbers) :],
        identifier=identifier[: len(numbers)],
        identifiers=len(names),
    ), numbers


def _judge_bucket(rows: pa.Table, population: Population, parameters: HubParameters) -> pa.Table:
    """Judge the identifiers of one bucket; rows come in any order, which the shuffle left."""
    carriers, numbers = carriers_of_rows(rows, population)
    return pa.table({"group": numbers, "judgement": judge_carriers(carriers, parameters)})


def _buckets_of(sizes: Ints, buckets: int) -> Ints:
    """(g,) bucket of each group; the largest go to different ones."""
    bucket = np.empty(len(sizes), dtype=np.int64)
    bucket[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes)) % buckets
    return bucket


def _lists_of(carrier: Ints, account: Ints, identifier: Ints) -> pa.ListArray:
    """For each carrier the identifiers that belong to it, of links sorted by account."""
    starts = np.searchsorted(account, carrier, side="left")
    counts = np.searchsorted(account, carrier, side="right") - starts
    bounds = np.append(0, np.cumsum(counts))
    at = np.repeat(starts - bounds[:-1], counts) + np.arange(bounds[-1])
    return pa.ListArray.from_arrays(pa.array(bounds, pa.int32()), pa.array(identifier[at]))


def _trait_columns(traits: Traits) -> Iterator[tuple[str, Ints | Floats | Flags]]:
    for name, trait in traits.flags.items():
        yield f"holds_{name}", trait.holds
        yield f"known_{name}", trait.known
    for name, code in traits.codes.items():
        yield f"code_{name}", code
    for name in ("own_domain", "joined_ms", "joined_rank", "log_requests"):
        yield name, getattr(traits, name)


def _traits_of(rows: pa.Table, population: Population) -> Traits:
    return Traits(
        flags={
            name: Trait(_flags(rows, f"holds_{name}"), _flags(rows, f"known_{name}"))
            for name in population.shares
        },
        codes={name: rows[f"code_{name}"].to_numpy() for name in population.code_accounts},
        own_domain=rows["own_domain"].to_numpy(),
        joined_ms=rows["joined_ms"].to_numpy(),
        joined_rank=rows["joined_rank"].to_numpy(),
        log_requests=rows["log_requests"].to_numpy(),
        population=population,
    )


def _flags(rows: pa.Table, name: str) -> Flags:
    flags: Flags = rows[name].to_numpy().astype(bool)
    return flags


def _warn_of_giants(groups: Groups, most: int) -> None:
    for size in groups.sizes[groups.sizes >= most].tolist():
        log.warning("giant_hub", carriers=size, most=most)
