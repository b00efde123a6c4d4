"""`ringfence evaluate` as a user types it."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from ringfence.cli.main import PLACES, build_app
from ringfence.errors import InvalidInput
from ringfence.worlds import build_world

run = CliRunner().invoke


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("world")
    build_world(out, 700, 31)
    return out


def command(world: Path, *options: str) -> list[str]:
    return ["evaluate", str(world / "events.ndjson"), str(world / "truth.csv"), *options]


def test_json_tells_ours_and_the_baselines_that_were_asked_for(world: Path) -> None:
    answer = run(build_app(PLACES), command(world, "--json", "--baselines", "components, ianus"))

    assert answer.exit_code == 0
    told = orjson.loads(answer.stdout)
    assert set(told["baselines"]) == {"components", "ianus"}
    assert told["ours"].keys() >= {
        "precision", "recall", "f1", "innocents", "b_cubed", "pairwise", "adjusted_rand",
        "fragments_per_ring", "largest_fragment_share", "contaminated_groups", "rings_by_category",
        "largest_rings", "average_precision", "precision_at", "precision_at_prevalence",
        "precision_at_recall",
    }  # fmt: skip
    assert set(told["ours"]["precision_at"]) == {"100", "1000"}
    assert set(told["ours"]["precision_at_prevalence"]) == {"0.001", "0.01", "0.16"}


def test_tables_name_every_method_and_the_campaign(world: Path) -> None:
    answer = run(build_app(PLACES), command(world))

    assert answer.exit_code == 0
    for word in ("ringfence", "components", "leiden", "shared_ip", "fraudar", "campaign"):
        assert word in answer.stdout


def test_curve_and_diff_are_written_beside_the_figures(world: Path, tmp_path: Path) -> None:
    curve, other = tmp_path / "curve.csv", tmp_path / "other.toml"
    other.write_text("[rings]\nreview_score = 1.0\nauto_score = 1.0\n")

    answer = run(
        build_app(PLACES),
        command(world, "--baselines", "none", "--curve", str(curve), "--against", str(other)),
    )

    assert answer.exit_code == 0
    assert curve.read_text().startswith("method,threshold,precision,recall\nringfence,")
    assert "The other config flags 0 accounts more" in answer.stdout


def test_same_config_differs_in_nothing(world: Path, tmp_path: Path) -> None:
    same = tmp_path / "same.toml"
    same.write_text("")

    answer = run(
        build_app(PLACES),
        command(world, "--baselines", "none", "--against", str(same), "--json"),
    )

    against = orjson.loads(answer.stdout)["against"]
    assert against["accounts_in"] == against["accounts_out"] == against["tier_changes"] == []
    assert against["rings"]["only_a"] == against["rings"]["only_b"] == []
    assert against["rings"]["matched"]


def test_unknown_baseline_ends_with_an_error_that_names_the_known_ones(world: Path) -> None:
    answer = run(build_app(PLACES), command(world, "--baselines", "wizardry"))

    assert isinstance(answer.exception, InvalidInput)
    assert "no baseline wizardry. Known ones: components, louvain" in str(answer.exception)
