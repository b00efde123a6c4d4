"""Evaluation from files: what it counts, and what it refuses."""

import csv
import gzip
import io
from pathlib import Path

import orjson
import pytest

from ringfence.detection import load_config
from ringfence.detection.baselines import BASELINES
from ringfence.errors import InvalidInput
from ringfence.usecases.evaluate import Evaluation, evaluate
from ringfence.usecases.evaluation_curve import write_curve
from ringfence.usecases.evaluation_json import as_json
from ringfence.usecases.export_rows import MemberRow, rows_of_rings, write_csv

RING = 12


def sign_up(account: str, at: int, **data: object) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": f"{account}-{at}",
            "source": "/test",
            "type": "account.signed_up",
            "time": f"2026-05-01T{at // 60 % 24:02d}:{at % 60:02d}:00Z",
            "subject": account,
            "data": data,
        }
    )


def lines() -> list[bytes]:
    ring = [
        sign_up(
            f"ring{at:02d}",
            at,
            device_id=f"device{at % 3}",
            identifiers=[{"kind": "phone", "value": f"phone{at % 4}"}],
        )
        for at in range(RING)
    ]
    honest = [sign_up(f"honest{at:03d}", at * 7, device_id=f"own{at}") for at in range(150)]
    return [*ring, *honest, b'{"not": "an event"}', ring[0]]


def write_truth(path: Path, *, header: str = "account_id,is_fake,ring,category") -> Path:
    rows = [f"ring{at:02d},1,r1,farm" for at in range(RING)]
    rows += [f"honest{at:03d},false,,single" for at in range(149)]
    rows += ["absent,0,,single"]
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


@pytest.fixture
def evaluation(tmp_path: Path) -> Evaluation:
    events = tmp_path / "events.ndjson.gz"
    events.write_bytes(gzip.compress(b"\n".join(lines())))
    return evaluate(events, write_truth(tmp_path / "truth.csv"), load_config())


def test_ring_is_found_and_everything_is_counted(evaluation: Evaluation) -> None:
    assert evaluation.accounts == RING + 150
    assert evaluation.rejects == 1
    assert evaluation.absent == 1
    assert evaluation.unknown == 1
    assert evaluation.ours.accounts.f1 == 1.0
    assert evaluation.ours.grouping
    assert evaluation.ours.grouping.rings_found == 1
    assert evaluation.ranking.average_precision == 1.0
    assert evaluation.diff is None


def test_json_has_stable_keys(evaluation: Evaluation) -> None:
    told = as_json(evaluation)

    assert set(told) == {
        "accounts", "links", "rejects", "truth_without_events", "events_without_truth",
        "graph_fingerprint", "rings", "took_s", "ours", "auto_core", "calibration", "baselines",
    }  # fmt: skip
    assert set(told["baselines"]) == set(BASELINES)
    assert told["ours"]["recall"] == 1.0
    assert orjson.loads(orjson.dumps(told)) == told


def test_export_has_a_line_for_each_member(evaluation: Evaluation) -> None:
    stream = io.StringIO()

    count = write_csv(rows_of_rings(evaluation.detection.rings), stream)

    rows = list(csv.DictReader(io.StringIO(stream.getvalue())))
    assert count == len(rows) == RING
    assert tuple(rows[0]) == MemberRow._fields
    assert [row["account_id"] for row in rows] == [f"ring{at:02d}" for at in range(RING)]
    assert {row["tier"] for row in rows} <= {"auto", "review"}
    assert all(row["joined_because"].startswith("shares ") for row in rows)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("account,is_fake\n", "missing account_id"),
        ("account_id,is_fake\na,maybe\n", "line 2"),
        ("account_id,is_fake\na,1\na,1\n", "line 3"),
    ],
)
def test_truth_that_breaks_its_form_is_refused(tmp_path: Path, content: str, named: str) -> None:
    events, truth = tmp_path / "events.ndjson", tmp_path / "truth.csv"
    events.write_bytes(b"")
    truth.write_text(content)

    with pytest.raises(InvalidInput, match=named):
        evaluate(events, truth, load_config())


def test_missing_or_broken_events_are_refused(tmp_path: Path) -> None:
    truth = write_truth(tmp_path / "truth.csv")
    broken = tmp_path / "broken.gz"
    broken.write_bytes(gzip.compress(b"\n".join(lines()))[:-9])

    with pytest.raises(InvalidInput, match="absent"):
        evaluate(tmp_path / "absent.ndjson", truth, load_config())
    with pytest.raises(InvalidInput, match="whole gzip"):
        evaluate(broken, truth, load_config())


def test_empty_events_find_nothing(tmp_path: Path) -> None:
    events = tmp_path / "events.ndjson"
    events.write_bytes(b"")

    found = evaluate(events, write_truth(tmp_path / "truth.csv"), load_config())

    assert found.detection.rings == ()
    assert found.ours.accounts.recall == 0.0


def test_truth_of_two_columns_tells_of_accounts_alone(tmp_path: Path) -> None:
    events, truth = tmp_path / "events.ndjson", tmp_path / "truth.csv"
    events.write_bytes(b"\n".join(lines()))
    truth.write_text("account_id,is_fake\nring00,1\nhonest000,0\n")

    told = as_json(evaluate(events, truth, load_config(), baselines=()))

    assert told["ours"]["precision"] == 1.0
    assert not told["ours"].keys() & {"b_cubed", "rings_found", "innocents_by_category"}
    assert told["baselines"] == {}


def test_curve_has_every_method_and_falls_in_threshold(
    evaluation: Evaluation, tmp_path: Path
) -> None:
    write_curve(evaluation, tmp_path / "curve.csv")

    with (tmp_path / "curve.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    ours = [float(row["threshold"]) for row in rows if row["method"] == "ringfence"]
    assert ours == sorted(ours, reverse=True)
    assert {row["method"] for row in rows} >= {"ringfence", "fraudar"}
    assert all(0 <= float(row["recall"]) <= 1 for row in rows)


def test_stricter_config_takes_the_ring_out_and_tells_its_tier(tmp_path: Path) -> None:
    events, strict = tmp_path / "events.ndjson", tmp_path / "strict.toml"
    events.write_bytes(b"\n".join(lines()))
    strict.write_text("[rings]\nflag_size = 50\nsmall_score = 1.0\n")

    evaluation = evaluate(
        events,
        write_truth(tmp_path / "truth.csv"),
        load_config(),
        baselines=(),
        against=load_config(strict),
    )

    assert evaluation.diff
    assert evaluation.diff.accounts_in == ()
    assert evaluation.diff.accounts_out == tuple(f"ring{at:02d}" for at in range(RING))
    assert [it.tier_b for it in evaluation.diff.tier_changes] == ["watch"]
    assert as_json(evaluation)["against"]["rings"]["only_a"] == []


def test_unknown_baseline_is_refused_by_name(tmp_path: Path) -> None:
    events = tmp_path / "events.ndjson"
    events.write_bytes(b"")

    with pytest.raises(InvalidInput, match="no baseline wizardry"):
        evaluate(
            events, write_truth(tmp_path / "truth.csv"), load_config(), baselines=("wizardry",)
        )
