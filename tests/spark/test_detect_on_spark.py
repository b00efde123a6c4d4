import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ringfence.detection import load_config
from ringfence.detection.links import shared_links
from ringfence.errors import InvalidInput
from ringfence.store.account_graph import read_account_graph
from ringfence.store.graph import Graph
from ringfence.store.graph_tables import export_tables, read_manifest
from ringfence.usecases.detect import detect
from tests.conftest import Neo4jServer
from tests.spark.test_engine import assert_equal, odd_events
from tests.store.test_account_graph import drawn, load
from tests.usecases.test_ingest_command import run

pytest.importorskip("pyspark", reason="the extra `spark` is not installed")

from ringfence.spark import SparkEngine
from ringfence.usecases.detect_on_spark import spark_engine

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


async def test_export_holds_the_graph_that_detection_reads(
    graph: Graph, spark: "SparkSession", tmp_path: Path
) -> None:
    await load(graph, odd_events())
    whole = await read_account_graph(graph)

    manifest = await export_tables(graph, tmp_path / "tables")
    pruned = SparkEngine(spark).read(tmp_path / "tables")

    assert manifest == read_manifest(tmp_path / "tables")
    assert (manifest.accounts, manifest.links) == (len(whole.accounts), len(whole.links))
    assert_equal(pruned.shared, shared_links(whole))
    assert pruned.accounts.email == whole.accounts.email
    assert pruned.accounts.signed_up_ms.tolist() == whole.accounts.signed_up_ms.tolist()


async def test_run_on_spark_finds_what_a_run_here_found_and_writes_nothing_anew(
    graph: Graph, spark: "SparkSession"
) -> None:
    await load(graph, drawn().events)
    config = load_config(None)
    here = await detect(graph, config)

    there = await detect(graph, config, engine=spark_engine(SparkEngine(spark)))

    assert here.rings_written == 1
    assert (there.rings, there.rings_written, there.rings_closed) == (here.rings, 0, 0)
    assert (there.accounts, there.links) == (here.accounts, here.links)
    assert there.top_rings == here.top_rings


async def test_look_from_the_past_is_refused(graph: Graph, spark: "SparkSession") -> None:
    engine = spark_engine(SparkEngine(spark))
    past = datetime(2026, 1, 1, tzinfo=UTC)

    with pytest.raises(InvalidInput) as caught:
        await detect(graph, load_config(None), as_of=past, engine=engine)

    assert "a look from the past needs the local engine" in str(caught.value)


async def test_export_that_broke_off_is_refused(
    graph: Graph, spark: "SparkSession", tmp_path: Path
) -> None:
    engine = spark_engine(SparkEngine(spark), tmp_path)

    with pytest.raises(InvalidInput) as caught:
        await detect(graph, load_config(None), engine=engine)

    assert f"{tmp_path} holds no whole export" in str(caught.value)


async def test_export_goes_into_a_new_folder_only(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("kept")

    with pytest.raises(InvalidInput) as caught:
        await export_tables(graph, tmp_path)

    assert f"{tmp_path} is not empty" in str(caught.value)
    assert not (tmp_path / "links").exists()


async def test_commands_export_tables_and_find_their_rings_on_spark(
    graph: Graph, neo4j_server: Neo4jServer, tmp_path: Path
) -> None:
    await load(graph, drawn().events)
    tables = tmp_path / "tables"
    here = await detect(graph, load_config(None))

    exported = await run(neo4j_server, "export", "graph", "--format", "parquet", "-o", tables)
    found = await run(
        neo4j_server,
        *("detect", "--engine", "spark", "--master", "local[2]", "--tables", tables),
        *("--driver-edges", "0", "--json"),
    )

    assert (exported.code, found.code) == (0, 0)
    assert f"{here.accounts:,} accounts" in exported.err
    told = json.loads(found.out)
    assert (told["rings"], told["rings_written"]) == (here.rings, 0)


@pytest.mark.parametrize("option", [("--master", "local[2]"), ("--driver-edges", "0")])
async def test_options_of_spark_need_spark(
    graph: Graph, neo4j_server: Neo4jServer, option: tuple[str, str]
) -> None:
    done = await run(neo4j_server, "detect", *option)

    assert done.code == 2
    told = " ".join(done.err.split())
    assert "--master, --tables and --driver-edges are for --engine spark" in told
