"""What the devices of the virtual meter have is what the example datasheets say."""

from __future__ import annotations

import re
import struct

import pytest

from app.analysis.material import read_datasheets
from capture.simulator.packets import Status, Typed, TypeTag, read_typed
from capture.simulator.scenario import DEVICES, TASKS
from decoders.datasheet.entries import Meaning
from decoders.datasheet.sheets import DatasheetSet
from tests.capture.simulator.live import device_id, live, port, task
from tests.conftest import ROOT

SHEETS = read_datasheets(sorted((ROOT / "resources" / "datasheets").glob("*.toml")))
BANKS = (0x0042, 0x0043)


def objects_of(kind: str) -> dict[int, Typed | Status]:
    """All objects of a kind of device, as it lists them and answers when they are read."""
    one = port(1, kind, 'power = "high"')
    lists = "".join(task("list", 1 + at, f"port = 1\nbank = {bank}") for at, bank in enumerate(BANKS))
    answers = live(one + lists, 3, measured=False).packets("objects list", response=True)
    codes = [code for answer in answers for (code,) in struct.iter_unpack(">I", bytes.fromhex(answer["payload"])[2:])]
    clock = task("clock", 1, f"port = 1\ncode = {0x0042_0400 if kind == 'gas-index' else 0x0043_0010}")
    reads = task("read", 2, f"port = 1\ncodes = {codes}")
    (answer,) = live(one + clock + reads, 3, measured=False).packets("objects read", response=True)[-1:]
    assert answer["source"] == device_id(1)
    raw, at, found = bytes.fromhex(answer["payload"]), 1, dict[int, Typed | Status]()
    for _ in codes:
        code, result = struct.unpack_from(">IB", raw, at)
        at += 5
        found[code] = Status(result)
        if result == Status.OK:
            found[code], at = read_typed(raw, at)
    assert at == len(raw)
    return found


def fits(value: Typed, meaning: Meaning) -> bool:
    """Whether a value is of the type of the datasheet, down to its parts."""
    if value.tag.name.lower() != meaning.type:
        return False
    if not isinstance(value.value, tuple):
        return True
    if value.tag is TypeTag.STRUCT:
        return all(fits(item, part) for item, (_, part) in zip(value.value, meaning.fields, strict=True))
    return meaning.element is not None and all(fits(item, meaning.element) for item in value.value)


@pytest.mark.parametrize("kind", DEVICES)
def test_every_object_of_a_device_is_described_with_its_type_and_right_to_read(kind: str) -> None:
    found = objects_of(kind)
    assert len(found) >= 5
    for code, value in found.items():
        entry = SHEETS.object(code)
        assert entry is not None, f"{code:08x} is in no datasheet"
        if isinstance(value, Status):
            assert (value, entry.read) == (Status.DENIED, frozenset())
        else:
            assert entry.read
            assert fits(value, entry.meaning), entry.name


def test_every_object_of_the_modules_datasheet_is_somewhere() -> None:
    alone = DatasheetSet(sheet for sheet in SHEETS.sheets if sheet.banks == (0x0043,))
    described = {code for sheet in alone.sheets for code in sheet.objects}
    assert described == {code for kind in DEVICES for code in objects_of(kind) if code >> 16 == 0x0043}


def test_the_events_that_devices_tell_of_have_names() -> None:
    everybody = "".join(port(number, kind, 'power = "high"') for number, kind in enumerate(DEVICES, 1))
    tasks = task("valve", 2, f"port = {DEVICES.index('valve') + 1}\ncommand = 'close'") + task("clock", 1, "port = 1")
    life = live(everybody + tasks + task("upgrade", 10, "port = 1\nbytes = 100"), 15, measured=False)
    told = {(code, device_id(number)) for number in range(1, len(DEVICES) + 1) for code, _ in life.events(number)}
    assert {code for code, _ in told} == {0x0002, 0x0010, 0x0020, 0x0021, 0x0030, 0x0100, 0x0101}
    assert all(len(SHEETS.events(code, bytes.fromhex(device))) == 1 for code, device in told)


def test_the_scenario_to_copy_tells_of_every_task() -> None:
    text = (ROOT / "resources" / "scenarios" / "gas-meter.toml").read_text(encoding="utf-8")
    assert sorted(re.findall(r'^#   do = "([a-z-]+)"', text, re.MULTILINE)) == sorted(TASKS)
    assert all(kind in text for kind in DEVICES)
