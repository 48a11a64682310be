"""The profile's payload layouts against payloads written by hand."""

from __future__ import annotations

import pytest

from decoders.profile.layout import Layout
from decoders.profile.wire_profile import WireProfile
from tests.handwritten.answers import Fields, Flawed, Payload, TypedValue, as_json, typed
from tests.handwritten.flawed import FLAWED
from tests.handwritten.payloads import SERVICES
from tests.handwritten.payloads_security import SECURITY
from tests.handwritten.typed_values import TYPED_VALUES

PAYLOADS = [*SERVICES, *SECURITY]
ONE_WRITE = bytes.fromhex("01 00420001")
"""An objects.write of one code; a typed value goes behind it."""


def _layout(profile: WireProfile, service: str, operation: str, *, response: bool) -> Layout:
    layout = profile.payload(service, operation, response=response)
    assert layout is not None
    return layout


def _one_write(known: TypedValue) -> Fields:
    return {"count": 1, "items": [{"code": "00420001", "value": typed(known.type, known.value)}]}


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda p: p.title)
def test_a_payload_says_what_its_bytes_say(profile: WireProfile, payload: Payload) -> None:
    reading = _layout(profile, payload.service, payload.operation, response=payload.response).read(payload.data)
    assert as_json(reading.record) == as_json(payload.fields)
    assert reading.problems == []
    assert reading.end_bit == 8 * len(payload.data)


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda p: p.title)
def test_the_fields_of_a_payload_are_written_as_its_bytes(profile: WireProfile, payload: Payload) -> None:
    layout = _layout(profile, payload.service, payload.operation, response=payload.response)
    assert layout.write(payload.fields) == payload.data


@pytest.mark.parametrize("known", TYPED_VALUES, ids=lambda v: v.title)
def test_a_typed_value_says_what_its_bytes_say(profile: WireProfile, known: TypedValue) -> None:
    reading = _layout(profile, "objects", "write", response=False).read(ONE_WRITE + known.data)
    assert as_json(reading.record) == as_json(_one_write(known))
    assert reading.problems == []
    assert reading.end_bit == 8 * len(ONE_WRITE + known.data)


@pytest.mark.parametrize("known", TYPED_VALUES, ids=lambda v: v.title)
def test_a_typed_value_is_written_as_its_bytes(profile: WireProfile, known: TypedValue) -> None:
    layout = _layout(profile, "objects", "write", response=False)
    record = _one_write(known)
    written = layout.write(record)
    if known.lossy:
        assert as_json(layout.read(written).record) == as_json(record)
    else:
        assert written == ONE_WRITE + known.data


@pytest.mark.parametrize("flawed", FLAWED, ids=lambda f: f"{f.service}.{f.operation}: {f.why}")
def test_a_flaw_is_told_and_what_stands_before_it_is_kept(profile: WireProfile, flawed: Flawed) -> None:
    reading = _layout(profile, flawed.service, flawed.operation, response=flawed.response).read(flawed.data)
    assert reading.problems
    as_json(reading.record)
    for name, value in flawed.fields.items():
        kept = reading.record[name]
        if isinstance(value, list):
            assert isinstance(kept, list)
            assert as_json(kept[: len(value)]) == as_json(value)
        else:
            assert as_json(kept) == as_json(value)


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda p: p.title)
def test_a_payload_that_breaks_off_or_goes_on_loses_no_byte(profile: WireProfile, payload: Payload) -> None:
    layout = _layout(profile, payload.service, payload.operation, response=payload.response)
    for data in (*(payload.data[:size] for size in range(min(len(payload.data), 200))), payload.data + b"\xa5"):
        _assert_every_bit_stands_in_a_field(layout, data)


@pytest.mark.parametrize("known", TYPED_VALUES, ids=lambda v: v.title)
def test_a_typed_value_that_breaks_off_or_goes_on_loses_no_byte(profile: WireProfile, known: TypedValue) -> None:
    layout = _layout(profile, "objects", "write", response=False)
    for data in (*(known.data[:size] for size in range(min(len(known.data), 100))), known.data + b"\x21"):
        _assert_every_bit_stands_in_a_field(layout, ONE_WRITE + data)


def _assert_every_bit_stands_in_a_field(layout: Layout, data: bytes) -> None:
    reading = layout.read(data)
    as_json(reading.record)
    at = 0
    for node in reading.tree.children:
        assert node.start_bit == at
        at = node.end_bit
    assert at == 8 * len(data)


@pytest.mark.parametrize("step", ["21 01", "20 20 0001", "20 21 0001 01"])
def test_values_nested_without_end_are_told_and_never_raise(profile: WireProfile, step: str) -> None:
    nested = bytes.fromhex(step) * (65000 // len(bytes.fromhex(step)))
    reading = _layout(profile, "objects", "write", response=False).read(ONE_WRITE + nested)
    assert reading.problems
    as_json(reading.record)
