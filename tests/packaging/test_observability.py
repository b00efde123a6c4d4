"""The dashboard and the alert rules, as files that Grafana and Prometheus read."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docker" / "observability"


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_every_alert_says_what_it_means_and_where_the_remedy_stands() -> None:
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", operations, re.MULTILINE)
    anchors = {"docs/operations.md#" + one.lower().replace(" ", "-") for one in headings}
    alerts = [rule for rule in rules() if "alert" in rule]

    assert len({rule["alert"] for rule in alerts}) == len(alerts) >= 15
    for rule in alerts:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["runbook"] in anchors, rule["alert"]


def test_figures_that_alerts_use_are_recorded_before() -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    used = {
        name for rule in rules() for name in re.findall(r"ringfence:\w+:\w+", rule.get("expr", ""))
    }

    assert used == recorded


def test_panels_of_the_dashboard_neither_overlap_nor_lack_a_question() -> None:
    panels = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))["panels"]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]

    assert len(set(places)) == len({panel["id"] for panel in panels}) == len(panels)
    assert all(target["expr"] for panel in panels for target in panel["targets"])


def test_prometheus_reads_the_rules_and_needs_a_key() -> None:
    told = yaml.safe_load((FOLDER / "prometheus.yaml").read_text(encoding="utf-8"))

    assert [(FOLDER / name).is_file() for name in told["rule_files"]] == [True]
    (scrape,) = told["scrape_configs"]
    assert "credentials_file" in scrape["authorization"]
