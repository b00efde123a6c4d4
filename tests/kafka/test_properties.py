from pathlib import Path

import pytest

from ringfence.errors import InvalidInput
from ringfence.kafka import read_properties


def test_properties_are_lines_of_name_and_value(tmp_path: Path) -> None:
    path = tmp_path / "kafka.properties"
    path.write_text("# who we are\nsasl.username = ringfence\n\nsasl.password=a=b\n")

    properties = read_properties(path)

    assert properties == {"sasl.username": "ringfence", "sasl.password": "a=b"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sasl.username\n", "line 1: expected name=value"),
        ("\nenable.auto.commit=true\n", "line 2: enable.auto.commit is set by the command itself"),
    ],
)
def test_line_that_is_no_property_or_could_lose_events_is_refused(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "kafka.properties"
    path.write_text(text)

    with pytest.raises(InvalidInput) as caught:
        read_properties(path)

    assert told in str(caught.value)
