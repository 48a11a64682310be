"""Payloads of the services: which layout a packet's payload has, and what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decoders.core.tree import Value
from decoders.profile.wire_profile import WireProfile
from decoders.services.payload import payload_layout, payload_problems, read_payload, refuses
from tests.helpers.umi import PROFILES, altered, shipped

REFERENCE, VARIANT = (shipped(name) for name in PROFILES)
both_profiles = pytest.mark.parametrize("profile", [REFERENCE, VARIANT], ids=PROFILES)


def head(service: str | int, operation: str | int, *, status: str | int | None = "ok", response: bool = False) -> dict[str, Value]:
    """The header values that a payload depends on."""
    header: dict[str, Value] = {"service": service, "operation": operation, "response": response}
    return header if status is None else header | {"status": status}


def problems(profile: WireProfile, header: dict[str, Value], payload: bytes) -> list[tuple[str, str]]:
    return [(code.name, text) for code, text in payload_problems(header, read_payload(profile, header, payload))]


@both_profiles
def test_every_operation_has_a_payload_for_its_command_and_one_for_its_response(profile: WireProfile) -> None:
    for service in profile.services.values():
        for operation in service.operations.values():
            for response, fields in ((False, operation.command), (True, operation.response)):
                layout = payload_layout(profile, head(service.name, operation.name, response=response))
                assert layout is not None
                assert layout.fields == fields


@both_profiles
@pytest.mark.parametrize("status", ["denied", "busy", 99])
def test_a_response_that_refuses_has_an_empty_payload_whatever_its_operation(profile: WireProfile, status: str | int) -> None:
    for service in profile.services.values():
        for operation in service.operations.values():
            header = head(service.name, operation.name, response=True, status=status)
            reading = read_payload(profile, header, b"")
            assert reading is not None
            assert (reading.record, problems(profile, header, b"")) == ({}, [])
            assert problems(profile, header, b"ab") == [("payload-not-empty", "2 bytes follow a status that is not ok")]


@pytest.mark.parametrize(
    ("status", "response", "refused"),
    [
        ("ok", True, False),
        ("denied", True, True),
        (99, True, True),
        (None, True, False),
        ("denied", False, False),
        ("ok", False, False),
    ],
)
def test_what_refuses_is_a_response_with_a_status_that_is_not_ok(status: str | None, response: bool, refused: bool) -> None:
    assert refuses(head("power", "release", status=status, response=response)) == refused


def test_a_command_with_a_status_still_has_its_payload() -> None:
    reading = read_payload(REFERENCE, head("power", "port_state", status="denied"), b"\x05")
    assert reading is not None
    assert reading.record == {"port": 5}


def test_where_headers_have_no_status_every_response_has_its_payload() -> None:
    profile = altered(
        "reference-1", ('{ name = "status", at = 3, bits = 8, values = "status" }', '{ name = "x_status", at = 3, bits = 8 }')
    )
    header = head("power", "port_state", status=None, response=True)
    assert problems(profile, header, b"\x01\x00\x05") == []
    assert problems(profile, header, b"\x01\x00\x05\x06") == [
        ("malformed-payload", "Undecoded at byte 3: more bytes than the fields explain")
    ]


@both_profiles
@pytest.mark.parametrize("call", [(7, 1), ("power", 99), ("power", "read"), ("nothing", "release"), (None, None)])
def test_an_unknown_service_or_operation_has_no_payload_that_could_be_wrong(profile: WireProfile, call: tuple[Any, Any]) -> None:
    header = head(*call)
    assert read_payload(profile, header, b"\x01\x02") is None
    assert problems(profile, header, b"\x01\x02") == []


@pytest.mark.parametrize(
    ("call", "payload", "expected"),
    [
        (("power", "port_state"), "", ["Port at byte 0: the data ends before this field"]),
        (("power", "request"), "000032 0000", ["Duration at byte 3: the data ends inside this field"]),
        (("power", "port_state"), "0102", ["Undecoded at byte 1: more bytes than the fields explain"]),
        (("objects", "write"), "01 00420001 7E 00", ["Value at byte 5: no type has the number 0x7E"]),
    ],
)
def test_a_payload_of_another_layout_is_malformed_and_told_by_field_and_byte(
    call: tuple[str, str], payload: str, expected: list[str]
) -> None:
    found = problems(REFERENCE, head(*call), bytes.fromhex(payload))
    assert [text for _, text in found] == expected
    assert {code for code, _ in found} == {"malformed-payload"}


@both_profiles
@given(st.data(), st.binary(max_size=80))
def test_no_payload_raises_and_its_fields_are_json(profile: WireProfile, data: st.DataObject, payload: bytes) -> None:
    service = data.draw(st.sampled_from(sorted(profile.services)))
    operation = data.draw(st.sampled_from(sorted(profile.services[service].operations)))
    names = profile.service_name(service), profile.operation_name(service, operation)
    statuses: list[str | int] = ["ok", "busy", 44]
    header = head(*names, response=data.draw(st.booleans()), status=data.draw(st.sampled_from(statuses)))
    reading = read_payload(profile, header, payload)
    assert reading is not None
    json.dumps(reading.record, allow_nan=False)
    assert reading.end_bit == len(payload) * 8
    payload_problems(header, reading)


def test_the_fields_of_every_known_packet(vectors: Path) -> None:
    lines = (vectors / "packets.jsonl").read_text(encoding="utf-8").splitlines()
    assert lines
    for line in lines:
        known = json.loads(line)
        reading = read_payload(REFERENCE, known, bytes.fromhex(known["payload"]))
        assert reading is not None
        assert json.dumps(reading.record, sort_keys=True) == json.dumps(known["fields"], sort_keys=True)
        assert payload_problems(known, reading) == []
