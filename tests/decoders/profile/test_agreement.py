"""Field tree, encoder and column extractor are one layout and say the same, whatever the profile."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decoders.profile.columns import extract, value_at
from decoders.profile.layout import Layout, Record
from decoders.profile.wire_profile import WireProfile
from tests.decoders.profile.altered import ALTERED, altered_profiles
from tests.decoders.profile.records import records
from tests.decoders.profile.shipped import SHIPPED

HEADERS = ("frame", "packet")
PAYLOADS = [(name, *key) for name, profile in SHIPPED.items() for key in profile.payloads]


def header(profile: WireProfile, which: str) -> Layout:
    return profile.frame if which == "frame" else profile.packet


def check_round_trip(layout: Layout, record: Record) -> None:
    data = layout.write(record)
    reading = layout.read(data)
    assert reading.problems == []
    assert reading.record == record
    assert layout.write(reading.record) == data
    assert layout.write(without_measures(layout, record)) == data


def without_measures(layout: Layout, record: Record) -> Record:
    """The record without constants, and without counts and lengths of what is there."""
    measures = {name for f in layout.fields if f.name in record for name in (f.length_field, f.count_field) if name}
    constants = {f.name for f in layout.fields if f.constant is not None}
    return {name: value for name, value in record.items() if name not in measures | constants}


def check_columns(layout: Layout, pieces: list[bytes]) -> None:
    gap = b"\xa5\x5a"
    data = gap + gap.join(pieces) + gap
    size = np.array([len(piece) for piece in pieces], np.int64)
    offset = np.cumsum(size + len(gap)) - size
    columns = extract(layout, np.frombuffer(data, np.uint8), offset.astype(np.int64), size)
    readings = [layout.read(piece, whole=False) for piece in pieces]
    complete = [all(node.value is not None for node, _ in reading.problems) for reading in readings]
    assert columns.complete.tolist() == complete
    assert set(columns.numbers) == {f.name for f in layout.fields if f.bits is not None}
    for name, column in columns.numbers.items():
        assert column.tolist() == [
            reading.numbers.get(name, 0) if whole else 0 for reading, whole in zip(readings, complete, strict=True)
        ], name
        if name in columns.present:
            there = [whole and name in reading.numbers for reading, whole in zip(readings, complete, strict=True)]
            assert columns.present[name].tolist() == there
    for row in np.flatnonzero(columns.complete).tolist():
        check_row(layout, readings[row].record, {name: int(column[row]) for name, column in columns.numbers.items()})
        assert columns.size[row] == -(-readings[row].end_bit // 8)


def check_row(layout: Layout, record: Record, numbers: dict[str, int]) -> None:
    for field in layout.fields:
        if field.name in numbers and field.name in record and field.name != "reserved":
            assert value_at(field, numbers[field.name]) == record[field.name]


@pytest.mark.parametrize(("name", "service", "operation", "response"), PAYLOADS)
@settings(max_examples=20)
@given(data=st.data())
def test_every_payload_reads_as_it_was_written(
    name: str, service: int, operation: int, response: bool, data: st.DataObject
) -> None:
    profile = SHIPPED[name]
    layout = profile.payloads[service, operation, response]
    check_round_trip(layout, data.draw(records(layout.fields, profile.types)))


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("which", HEADERS)
@given(data=st.data())
def test_headers_read_as_they_were_written_and_their_columns_agree(name: str, which: str, data: st.DataObject) -> None:
    layout = header(SHIPPED[name], which)
    some = data.draw(st.lists(records(layout.fields, SHIPPED[name].types), min_size=1, max_size=4))
    for record in some:
        check_round_trip(layout, record)
    tails = [data.draw(st.binary(max_size=3)) for _ in some]
    pieces = [layout.write(record) + tail for record, tail in zip(some, tails, strict=True)]
    cut = data.draw(st.integers(0, len(pieces[0])))
    check_columns(layout, [*pieces, pieces[0][:cut], b""])


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("which", HEADERS)
@given(pieces=st.lists(st.binary(max_size=60), max_size=5))
def test_columns_of_random_bytes_agree_with_the_tree(name: str, which: str, pieces: list[bytes]) -> None:
    check_columns(header(SHIPPED[name], which), pieces)


@given(data=st.data(), profile=altered_profiles())
def test_an_altered_profile_keeps_headers_and_columns_in_agreement(data: st.DataObject, profile: WireProfile) -> None:
    for which in HEADERS:
        layout = header(profile, which)
        some = data.draw(st.lists(records(layout.fields, profile.types), min_size=1, max_size=3))
        for record in some:
            check_round_trip(layout, record)
        pieces = [layout.write(record) for record in some]
        cut = data.draw(st.integers(0, len(pieces[0])))
        check_columns(layout, [*pieces, pieces[0][:cut], data.draw(st.binary(max_size=30))])


@given(data=st.data(), profile=altered_profiles())
def test_an_altered_profile_keeps_payloads_in_agreement(data: st.DataObject, profile: WireProfile) -> None:
    for response in (False, True):
        layout = profile.payload(*ALTERED, response=response)
        assert layout is not None
        check_round_trip(layout, data.draw(records(layout.fields, profile.types)))
    layout = profile.payloads[data.draw(st.sampled_from(sorted(profile.payloads)))]
    check_round_trip(layout, data.draw(records(layout.fields, profile.types)))
