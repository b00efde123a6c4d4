from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import structlog

from ringfence.detection import DetectionConfig, load_config
from ringfence.detection.carriers import Carriers, carriers_of
from ringfence.detection.components import find_components
from ringfence.detection.hubs import judge_carriers
from ringfence.detection.links import Floats, shared_links
from ringfence.detection.traits import account_traits
from ringfence.domain.assembling import graph_from_fold
from ringfence.domain.events import parse_event
from ringfence.domain.folding import fold_events, once_each
from ringfence.domain.identifiers import Strength
from ringfence.worlds import build_world
from tests.store.event_lists import NOW_MS

pytest.importorskip("pyspark", reason="the extra `spark` is not installed")

from ringfence.spark import hubs

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.timeout(600), pytest.mark.filterwarnings("ignore::FutureWarning")]


@pytest.fixture(scope="module")
def config() -> DetectionConfig:
    return load_config(None)


@pytest.fixture(scope="module")
def carriers(tmp_path_factory: pytest.TempPathFactory, config: DetectionConfig) -> Carriers:
    """Of all identifiers of a small world that three or more accounts carry."""
    folder = tmp_path_factory.mktemp("world")
    build_world(folder, 1_000, seed=5)
    lines = (folder / "events.ndjson").read_bytes().splitlines()
    events = [parse_event(one, now_ms=NOW_MS) for one in lines]
    graph = graph_from_fold(fold_events(once_each(events)))
    links = shared_links(graph)
    proving = links.strength_flags(Strength.STRONG, Strength.MEDIUM)
    judged = np.flatnonzero(proving & (links.degree >= 3))
    traits = account_traits(graph, links, config.traits)
    return carriers_of(links, judged, traits, config.hubs, find_components)


@pytest.fixture(scope="module")
def judgement(carriers: Carriers, config: DetectionConfig) -> Floats:
    judgement = judge_carriers(carriers, config.hubs)
    assert len(judgement) > 50
    assert len(set(judgement.tolist())) > 20
    return judgement


@pytest.mark.parametrize("buckets", [1, 7])
def test_identifier_is_judged_by_the_rows_of_its_carriers_alone(
    carriers: Carriers, judgement: Floats, config: DetectionConfig, buckets: int
) -> None:
    rows = hubs.carrier_rows(carriers, buckets)
    shuffled = rows.take(pa.array(np.random.default_rng(1).permutation(len(rows))))

    for bucket in range(buckets):
        inside = shuffled.filter(pc.equal(shuffled["bucket"], bucket))
        part, numbers = hubs.carriers_of_rows(inside, carriers.traits.population)
        assert np.array_equal(judge_carriers(part, config.hubs), judgement[numbers])


def test_bucket_holds_no_more_carriers_than_a_worker_can_take(carriers: Carriers) -> None:
    largest = int(carriers.groups.sizes.max())

    rows = hubs.carrier_rows(carriers, 1, bucket_carriers=largest)

    bucket, group = rows["bucket"].to_numpy(), rows["group"].to_numpy()
    assert np.bincount(bucket).max() <= 2 * largest
    assert len(np.unique(np.stack([bucket, group]), axis=1).T) == carriers.groups.count


@pytest.mark.slow
def test_workers_judge_identifiers_as_one_machine_does(
    spark: "SparkSession", carriers: Carriers, judgement: Floats, config: DetectionConfig
) -> None:
    with structlog.testing.capture_logs() as logs:
        found = hubs.judge_in_buckets(spark, 4)(carriers, config.hubs)

    assert np.array_equal(found, judgement)
    assert [line for line in logs if line["event"] == "giant_hub"] == []


@pytest.mark.slow
def test_identifier_with_a_great_many_carriers_is_named_in_a_warning(
    spark: "SparkSession", carriers: Carriers, config: DetectionConfig
) -> None:
    largest = int(carriers.groups.sizes.max())

    with structlog.testing.capture_logs() as logs:
        hubs.judge_in_buckets(spark, 4, giant_carriers=largest)(carriers, config.hubs)

    named = [line for line in logs if line["event"] == "giant_hub"]
    assert [(line["log_level"], line["carriers"]) for line in named] == [("warning", largest)]
