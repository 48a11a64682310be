"""Field trees as lines of text."""

from __future__ import annotations

import pytest

from app.analysis.names import DatasheetNames
from app.analysis.text.tree import tree_lines
from decoders.datasheet.load import load_datasheet
from decoders.datasheet.sheets import DatasheetSet
from decoders.packet_reading import PacketReader
from decoders.profile.layout import Record
from tests.helpers.umi import METER, ROOT, packet, shipped

REFERENCE = shipped("reference-1")
SHEET = ROOT / "resources" / "datasheets" / "example-gas-meter.toml"
NAMES = DatasheetNames(DatasheetSet([load_datasheet(SHEET.read_text(encoding="utf-8"), SHEET.name)]))
TOOL = "001122fffe000001"
TOLD: Record = {"count": 1, "items": [{"event": 2, "severity": "alarm", "time": 5, "detail": {"type": "uint8", "value": 3}}]}


def event_line(call: str, fields: Record, names: DatasheetNames, **header: str) -> str:
    reader = PacketReader(REFERENCE)
    content = packet(REFERENCE, call, fields, **header)
    lines = tree_lines(reader.tree(content, reader.read(content, whole=True)), names, 0, lambda text, _: text)
    (found,) = [line for line in lines if line.split()[1] == "Event"]
    return " ".join(found.split()[2:])


@pytest.mark.parametrize("named", [True, False])
def test_an_event_has_the_name_of_its_devices_datasheet(named: bool) -> None:
    names = NAMES if named else DatasheetNames(DatasheetSet())
    expected = "2 case opened (P)" if named else "2 (P)"
    assert event_line("events.notify", TOLD, names, source=METER, destination=TOOL) == expected
    assert event_line("events.acknowledge", {"event": 2}, names, source=TOOL, destination=METER) == expected
    assert event_line("events.notify", TOLD, names, source=TOOL, destination=METER) == "2 (P)"
    assert event_line("events.acknowledge", {"event": 2}, names, source=METER, destination=TOOL) == "2 (P)"
