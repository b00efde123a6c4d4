from pathlib import Path

import orjson
from typer.testing import CliRunner

from ringfence.cli.main import PLACES, build_app

run = CliRunner().invoke


def test_seed_writes_a_world_and_tells_its_summary_as_json(tmp_path: Path) -> None:
    out = tmp_path / "new" / "world"

    answer = run(
        build_app(PLACES), ["seed", str(out), "--accounts", "500", "--seed", "4", "--json"]
    )

    assert answer.exit_code == 0
    summary = orjson.loads(answer.stdout)
    assert summary == orjson.loads((out / "summary.json").read_bytes())
    assert (summary["accounts"], summary["seed"]) == (500, 4)


def test_seed_prints_a_table_of_categories(tmp_path: Path) -> None:
    answer = run(build_app(PLACES), ["seed", str(tmp_path), "--accounts", "500"])

    assert answer.exit_code == 0
    assert "campaign" in answer.stdout
    assert "household" in answer.stdout
    assert "500 accounts" in answer.stdout


def test_seed_refuses_too_few_accounts_and_writes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"

    answer = run(build_app(PLACES), ["seed", str(out), "--accounts", "10"])

    assert answer.exit_code == 2
    assert not out.exists()
