"""What every operation says in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decoders.core.tree import Value
from decoders.profile import vocabulary
from decoders.profile.layout import Record
from decoders.services.summary import BY_SERVICE, summarise
from decoders.services.words import LONGEST, MOST_LISTED
from tests.decoders.services.naming import NOBODY, example, item, line, typed

UTC = 1_700_000_000
UTC_TEXT = "2023-11-14 22:13:20 UTC"
EVENT = {"event": 257, "severity": "alarm", "time": UTC, "detail": typed("string", "cover opened")}
QUIET = {"event": 3, "severity": "info", "time": UTC, "detail": typed("uint8", 4)}

COMMANDS: list[tuple[str, dict[str, Any], str]] = [
    ("power.request", {"class": "high", "current_ma": 900, "duration_s": 30}, "900 mA as high for 30 s"),
    ("power.release", {}, ""),
    ("power.port_state", {"port": 3}, "port 3"),
    ("events.notify", {"count": 2, "items": [EVENT, QUIET]}, "alarm event 257 'cover opened', info event 3 4"),
    ("events.read_log", {"from": UTC, "max": 10}, f"up to 10 since {UTC_TEXT}"),
    ("events.acknowledge", {"event": 257}, "event 257"),
    ("objects.read", {"count": 2, "codes": ["00420100", "00420102"]}, "00420100, 00420102"),
    ("objects.write", {"count": 1, "items": [{"code": "00420303", "value": typed("uint8", 2)}]}, "00420303 = 2"),
    ("objects.list", {"bank": 66, "from": 256}, "bank 0042 from 0100"),
    ("images.announce", {"image_id": 0x4D31, "version": 7, "size": 1000, "block_size": 200},
     "image 00004d31 version 7, 1000 bytes in blocks of 200"),
    ("images.block", {"image_id": 1, "offset": 200, "data": "00ff10"}, "image 00000001 at 200, 3 bytes"),
    ("images.verify", {"image_id": 1}, "image 00000001"),
    ("images.activate", {"image_id": 1, "at": UTC}, f"image 00000001 at {UTC_TEXT}"),
    ("images.activate", {"image_id": 1, "at": 0}, "image 00000001 at time 0"),
    ("images.abort", {"image_id": 0xFFFFFFFF}, "image ffffffff"),
    ("tunnelling.open", {"tunnel": 7, "protocol": "dlms"}, "tunnel 7 for dlms"),
    ("tunnelling.open", {"tunnel": 7, "protocol": 200}, "tunnel 7 for 200"),
    ("tunnelling.data", {"tunnel": 7, "data": "c0"}, "tunnel 7, 1 byte"),
    ("tunnelling.data", {"tunnel": 7, "data": ""}, "tunnel 7, 0 bytes"),
    ("tunnelling.close", {"tunnel": 7}, "tunnel 7"),
    ("security.present", {"items": [{"length": 1, "certificate": "7f"}]}, "1 certificate"),
    ("security.present", {"items": [{}, {}]}, "2 certificates"),
    ("security.challenge", {}, ""),
    ("security.prove", {"signature": "00" * 64}, ""),
    ("security.establish", {"session_id": "59a54a7c", "ephemeral": "04" * 65}, "session 59a54a7c"),
    ("security.close", {"session_id": "59a54a7c"}, "session 59a54a7c"),
    ("security.csr", {}, ""),
    ("security.install", {"length": 2, "certificate": "7f21"}, "certificate of 2 bytes"),
]  # fmt: skip
RESPONSES: list[tuple[str, dict[str, Any], str]] = [
    ("power.request", {"granted_ma": 0, "until": 0}, "0 mA"),
    ("power.request", {"granted_ma": 900, "until": UTC}, f"900 mA until {UTC_TEXT}"),
    ("power.release", {}, ""),
    ("power.port_state", {"rail": "high", "measured_ma": 12}, "rail high, 12 mA"),
    ("events.notify", {}, ""),
    ("events.read_log", {"count": 1, "items": [EVENT]}, "alarm event 257 'cover opened'"),
    ("events.read_log", {"count": 0, "items": []}, ""),
    ("events.acknowledge", {}, ""),
    ("objects.read", {"items": [item("00420100", "uint64", 12481377), {"code": "00420300", "result": "denied"}]},
     "00420100 = 12481377, 00420300: denied"),
    ("objects.write", {"items": [{"code": "00420303", "result": "ok"}]}, "00420303: ok"),
    ("objects.list", {"count": 1, "codes": ["00420100"]}, "00420100"),
    ("images.announce", {"accepted": 1}, "accepted"),
    ("images.announce", {"accepted": 0}, "not accepted"),
    ("images.block", {"received": 400}, "400 bytes received"),
    ("images.verify", {"verdict": "incomplete"}, "verdict incomplete"),
    ("images.activate", {}, ""),
    ("images.abort", {}, ""),
    ("tunnelling.open", {}, ""),
    ("tunnelling.data", {}, ""),
    ("tunnelling.close", {}, ""),
    ("security.present", {}, ""),
    ("security.challenge", {"nonce": "00" * 32}, ""),
    ("security.prove", {"role": 5, "lifetime_s": 3600}, "role 5 for 3600 s"),
    ("security.establish", {}, ""),
    ("security.close", {}, ""),
    ("security.csr", {"request": "67" * 40}, "request of 40 bytes"),
    ("security.install", {}, ""),
]  # fmt: skip
ALL_CALLS = {f"{service}.{operation}" for service, operations in vocabulary.SERVICES.items() for operation in operations}


def test_every_operation_is_here_and_in_the_summaries() -> None:
    assert {call for call, _, _ in COMMANDS} == {call for call, _, _ in RESPONSES} == ALL_CALLS
    assert set(BY_SERVICE) == set(vocabulary.SERVICES)


@pytest.mark.parametrize(("call", "fields", "expected"), COMMANDS)
def test_a_command_in_one_line(call: str, fields: dict[str, Any], expected: str) -> None:
    assert line(call, fields) == expected


@pytest.mark.parametrize(("call", "fields", "expected"), RESPONSES)
def test_a_response_in_one_line(call: str, fields: dict[str, Any], expected: str) -> None:
    assert line(call, fields, response=True) == expected


@pytest.mark.parametrize("call", sorted(ALL_CALLS))
def test_a_refusal_says_nothing_but_its_status(call: str) -> None:
    assert line(call, {}, response=True) == ""


@pytest.mark.parametrize(
    "header",
    [{}, {"service": "power"}, {"service": 9, "operation": "release"}, {"service": "power", "operation": 9},
     {"service": "water", "operation": "release"}, {"service": "power", "operation": "x_boost"}],
)  # fmt: skip
def test_what_no_service_knows_has_no_summary(header: dict[str, Value]) -> None:
    assert summarise(header, {"port": 3, "tunnel": 1}, NOBODY) == ""


# With a datasheet.


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        (item("00420100", "uint64", 12_481_377), "volume index = 12481.377 m³"),
        (item("00420102", "uint32", 0xFFFFFFFF), "flow = not measured (4294967295)"),
        (item("00420104", "int16", -1234), "gas temperature = -12.34 °C"),
        (item("00420001", "string", "GI-2026-000417"), "serial number = 'GI-2026-000417'"),
        (item("00420003", "umi_id", "acde48000000a001"), "device id = acde48000000a001"),
        ({"code": "00420300", "result": "denied"}, "valve state: denied"),
        (item("00990001", "uint8", 5), "00990001 = 5"),
        (item("00420100", "string", "?"), "volume index = '?'"),
    ],
)
def test_objects_have_the_names_values_and_units_of_their_datasheet(answered: Value, expected: str) -> None:
    assert line("objects.read", {"count": 1, "items": [answered]}, response=True, named=True) == expected


def test_codes_that_are_asked_for_have_their_names() -> None:
    assert line("objects.read", {"codes": ["00420100", "00990001"]}, named=True) == "volume index, 00990001"
    assert line("objects.list", {"count": 1, "codes": ["00420500"]}, response=True, named=True) == "daily log"


def test_a_write_names_its_object_and_label() -> None:
    fields: Any = {"count": 1, "items": [{"code": "00420303", "value": typed("uint8", 3)}]}
    assert line("objects.write", fields, named=True) == "tariff = emergency credit (3)"


def day(number: int) -> Value:
    members = [typed("time", UTC), typed("uint64", number), typed("int16", 412), typed("uint16", 0)]
    return typed("struct", members)


def test_a_long_list_of_values_is_told_by_its_type_and_count() -> None:
    log = item("00420500", "array", [day(number) for number in range(14)])
    assert line("objects.read", {"items": [log]}, response=True, named=True) == "daily log = array of 14"
    assert line("objects.read", {"items": [log]}, response=True) == "00420500 = array of 14"


def test_a_long_text_is_told_by_its_beginning() -> None:
    text = line("objects.read", {"items": [item("00420001", "string", "x" * 90)]}, response=True, named=True)
    assert text == "serial number = '" + "x" * 39 + "…"
    raw = line("objects.read", {"items": [item("00990001", "bytes", "ab" * 90)]}, response=True)
    assert raw == "00990001 = " + "ab" * 20 + "… (90 bytes)"


def test_of_many_objects_the_first_are_told_and_how_many_follow() -> None:
    codes: list[Value] = [f"0099{number:04x}" for number in range(9)]
    assert line("objects.read", {"codes": codes}) == "00990000, 00990001, 00990002, 00990003 and 5 more"
    assert line("objects.read", {"codes": codes[:MOST_LISTED]}) == "00990000, 00990001, 00990002, 00990003"


# Broken fields.


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("power.request", "? mA as ? for ? s"), ("power.port_state", "port ?"), ("events.read_log", "up to ? since ?"),
        ("events.acknowledge", "event ?"), ("objects.list", "bank ? from ?"), ("objects.read", ""), ("objects.write", ""),
        ("images.announce", "image ? version ?, ? bytes in blocks of ?"), ("images.block", "image ? at ?, ? bytes"),
        ("images.activate", "image ? at ?"), ("tunnelling.open", "tunnel ? for ?"), ("tunnelling.data", "tunnel ?, ? bytes"),
        ("security.establish", "session ?"), ("security.install", "certificate of ? bytes"),
    ],
)  # fmt: skip
def test_what_did_not_come_is_a_question_mark(call: str, expected: str) -> None:
    assert line(call, {"undecoded": "00"}) == expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["type", "value", "code"]), inner, max_size=3),
    max_leaves=8,
)
typed_values = st.fixed_dictionaries({
    "type": st.sampled_from(["uint8", "time", "string", "bytes", "array", "float64", "bool", "umi_id", "nonsense"]),
    "value": json_values,
})  # fmt: skip
items = st.lists(
    st.dictionaries(st.sampled_from(["code", "event", "severity", "result", "detail", "value"]), json_values | typed_values)
    | json_values,
    max_size=6,
)


@given(st.data())
def test_no_fields_make_a_summary_raise_or_grow_long(data: st.DataObject) -> None:
    service, operation = data.draw(st.sampled_from(sorted(ALL_CALLS))).split(".")
    names = st.sampled_from(sorted(vocabulary.PAYLOAD))
    fields = data.draw(st.dictionaries(names, json_values | typed_values)) | data.draw(
        st.fixed_dictionaries({}, optional={"items": items, "codes": st.lists(json_values, max_size=6)})
    )
    header: dict[str, Value] = {"service": service, "operation": operation, "response": data.draw(st.booleans())}
    text = summarise(header, fields, data.draw(st.sampled_from([NOBODY, example()])))
    assert len(text) <= MOST_LISTED * 3 * (LONGEST + 20)


def test_every_known_packet_has_a_summary(vectors: Path) -> None:
    for line_of_file in (vectors / "packets.jsonl").read_text(encoding="utf-8").splitlines():
        known = json.loads(line_of_file)
        text = summarise(known, known["fields"], NOBODY)
        assert "?" not in text
        assert text or not known["fields"] or known["operation"] in {"challenge", "prove", "read_log", "list", "notify"}


def test_events_have_the_names_of_their_devices_datasheet() -> None:
    device, tool = "acde480000000001", "001122fffe000001"
    told: Record = {
        "items": [{"event": 2, "severity": "alarm", "detail": typed("uint8", 1)}, {"event": 0x4242, "severity": "info"}]
    }
    for call, response in (("notify", False), ("read_log", True)):
        header: Record = {"service": "events", "operation": call, "response": response, "source": device, "destination": tool}
        assert summarise(header, told, example()) == "alarm event 2 case opened 1, info event 16962"
        assert summarise(header | {"source": tool}, told, example()).startswith("alarm event 2 1")
    confirmed: Record = {"service": "events", "operation": "acknowledge", "source": tool, "destination": device}
    assert summarise(confirmed, {"event": 2}, example()) == "event 2 case opened"
    assert summarise(confirmed, {"event": 2}, NOBODY) == "event 2"
    assert summarise(confirmed | {"source": device, "destination": tool}, {"event": 2}, example()) == "event 2"
