"""Converts the fraud graph of graph-notebook, a Gremlin script, into events of our contract.

    python seed/fraud_graph.py SOURCE OUT [--charge-features]

SOURCE is the wheel, a folder it was unpacked in, or the script itself; OUT gets `events.ndjson`.
"""

import argparse
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

SCRIPT = "fraud_graph/fraud_graph.txt"
KIND_BY_LABEL = {
    "Address": "postal_address",
    "DateOfBirth": "birth_date",
    "EmailAddress": "email",
    "IpAddress": "ip",
    "PhoneNumber": "phone",
}
"""What the contract calls the features that accounts share."""

_TEXT = r'"(?:[^"\\]|\\.)*"'
_VALUE = rf"(?:{_TEXT}|datetime\('[^']*'\)|-?[0-9.]+)"
_VERTEX = re.compile(rf'addV\("(\w+)"\)((?:\.property\((?:id|"\w+"),{_VALUE}\))*)')
_PROPERTY = re.compile(rf'\.property\("?(\w+)"?,({_VALUE})\)')
_EDGE = re.compile(
    rf'addE\("(\w+)"\)\.property\(id,{_TEXT}\)\.from\(V\(({_TEXT})\)\)\.to\(V\(({_TEXT})\)\)'
)


@dataclass(frozen=True, slots=True)
class Script:
    """What the Gremlin script adds: vertices as label and properties, edges by label."""

    labels: Mapping[str, str]
    properties: Mapping[str, Mapping[str, str]]
    edges: Mapping[str, list[tuple[str, str]]]

    def ids(self, label: str) -> list[str]:
        """Ids of all vertices of that label, in the order of the script."""
        return [vertex for vertex, its_label in self.labels.items() if its_label == label]


def find_script(source: Path) -> str:
    """The text of the script in a wheel, an unpacked folder, or the file itself.

    Raises:
        FileNotFoundError: it is in none of them.
    """
    if source.is_dir():
        found = next(iter(sorted(source.rglob(SCRIPT))), None)
        if found is None:
            raise FileNotFoundError(f"no {SCRIPT} below {source}")
        return found.read_text(encoding="utf-8")
    if not zipfile.is_zipfile(source):
        return source.read_text(encoding="utf-8")
    with zipfile.ZipFile(source) as wheel:
        names = [name for name in wheel.namelist() if name.endswith(SCRIPT)]
        if not names:
            raise FileNotFoundError(f"no {SCRIPT} in {source}")
        return wheel.read(names[0]).decode("utf-8")


def read_script(text: str) -> Script:
    """Read every `addV` and `addE` of the script.

    Raises:
        ValueError: the script holds a step in another form than expected.
    """
    labels: dict[str, str] = {}
    properties: dict[str, dict[str, str]] = {}
    for label, steps in _VERTEX.findall(text):
        read = {name: _plain(value) for name, value in _PROPERTY.findall(steps)}
        vertex = read.pop("id")
        labels[vertex], properties[vertex] = label, read
    edges: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for label, start, end in _EDGE.findall(text):
        edges[label].append((_plain(start), _plain(end)))
    _check_count(text, "addV", len(labels))
    _check_count(text, "addE", sum(map(len, edges.values())))
    return Script(labels, properties, dict(edges))


def convert(script: Script, *, charge_features: bool = False) -> Iterator[dict[str, Any]]:
    """Events of the script's accounts, in no particular order.

    The script tells no sign-ups: an account's features come as a sign-in at its first charge.

    Args:
        script: all of it.
        charge_features: also tell from which address or telephone each charge came, as kinds of
            their own (`charge_ip`, `charge_phone`), since they are not the account's.
    """
    account_of = dict(script.edges["ACCOUNT"])
    created = {charge: script.properties[charge]["created"] for charge in account_of}
    first_seen = dict.fromkeys(script.ids("Account"), min(created.values()))
    first_seen |= _first(created, account_of)
    features = _grouped(script.edges["FEATURE_OF_ACCOUNT"])
    for account, time in first_seen.items():
        shared = [_identifier(script, feature) for feature in features[account]]
        yield _event(account, "signed_in", "account.signed_in", time, {"identifiers": shared})
        card = {"instrument_id": script.properties[account]["account_number"], "kind": "card"}
        yield _event(account, "card", "billing.instrument_attached", time, card)
    sources = _grouped(script.edges["FEATURE_OF_TRANSACTION"]) if charge_features else {}
    for charge, account in account_of.items():
        data: dict[str, Any] = {
            "instrument_id": script.properties[account]["account_number"],
            "amount_minor": round(float(script.properties[charge]["amount"]) * 100),
            "currency": "USD",
            "outcome": "succeeded",
        }
        if charge in sources:
            shared = [_identifier(script, feature) for feature in sources[charge]]
            data["identifiers"] = [it | {"kind": f"charge_{it['kind']}"} for it in shared]
        yield _event(account, charge, "billing.charged", created[charge], data)


def write_events(source: Path, out: Path, *, charge_features: bool = False) -> Path:
    """Convert a wheel, folder or script, and return the file written, sorted by time."""
    events = convert(read_script(find_script(source)), charge_features=charge_features)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "events.ndjson"
    in_order = sorted(events, key=lambda event: (event["time"], event["id"]))
    path.write_bytes(b"".join(orjson.dumps(event) + b"\n" for event in in_order))
    return path


def _plain(value: str) -> str:
    if value.startswith('"'):
        return str(orjson.loads(value))
    return value.removeprefix("datetime('").removesuffix("')")


def _check_count(text: str, step: str, read: int) -> None:
    expected = text.count(f"{step}(")
    if read != expected:
        raise ValueError(f"{expected} steps {step} stand in the script, but {read} could be read")


def _first(created: Mapping[str, str], account_of: Mapping[str, str]) -> dict[str, str]:
    first: dict[str, str] = {}
    for charge, account in account_of.items():
        first[account] = min(first.get(account, created[charge]), created[charge])
    return first


def _grouped(edges: Iterable[tuple[str, str]]) -> defaultdict[str, list[str]]:
    starts_by_end: defaultdict[str, list[str]] = defaultdict(list)
    for start, end in edges:
        starts_by_end[end].append(start)
    return starts_by_end


def _identifier(script: Script, feature: str) -> dict[str, str]:
    value = script.properties[feature]["value"]
    kind = KIND_BY_LABEL[script.labels[feature]]
    return {"kind": kind, "value": value[:10] if kind == "birth_date" else value}


def _event(
    account: str, name: str, event_type: str, time: str, data: dict[str, Any]
) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{account}/{name}",
        "source": "/fraud-graph",
        "type": event_type,
        "time": time,
        "subject": account,
        "data": data,
    }


def main() -> None:
    """Convert what the command line names."""
    parser = argparse.ArgumentParser(description="Convert graph-notebook's fraud graph to events.")
    parser.add_argument("source", type=Path, help="wheel, unpacked folder, or fraud_graph.txt")
    parser.add_argument("out", type=Path, help="folder for events.ndjson")
    parser.add_argument("--charge-features", action="store_true", help="origins of charges too")
    options = parser.parse_args()
    write_events(options.source, options.out, charge_features=options.charge_features)


if __name__ == "__main__":
    main()
