"""Packet headers: what they may not say, and the order of counters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decoders.core.finding import Finding
from decoders.core.span import Span
from decoders.packet import CounterOrder, PacketBytes, header_findings, packet_headers, packet_tree
from decoders.profile.wire_profile import WireProfile
from tests.helpers.umi import HOST, METER, PROFILES, VALVE, altered, header, packet, shipped

both_profiles = pytest.mark.parametrize("profile", [shipped(name) for name in PROFILES], ids=PROFILES)
REFERENCE = shipped("reference-1")


def packets(*contents: bytes, first_no: int = 1, **columns: Any) -> PacketBytes:
    """Whole packets, each in a frame of its own; columns override."""
    size = np.array([len(content) for content in contents], np.int64)
    count = len(contents)
    usual: dict[str, Any] = {
        "has_header": np.ones(count, np.bool_), "whole": np.ones(count, np.bool_), "cut": np.zeros(count, np.bool_),
        "relayed": np.zeros(count, np.bool_), "start": np.arange(count) * 100, "end": np.arange(count) * 100 + 50,
        "first_frame": np.arange(count) + 1,
    }  # fmt: skip
    given = {name: np.array(column) for name, column in columns.items()}
    data = np.frombuffer(b"".join(contents), np.uint8)
    return PacketBytes(first_no, data, np.cumsum(size) - size, size, **(usual | given))


def found(profile: WireProfile, batch: PacketBytes) -> list[Finding]:
    return header_findings(profile, batch, packet_headers(profile, batch))


def said(profile: WireProfile, content: bytes, **columns: Any) -> list[tuple[str, str]]:
    """The findings of one packet as (code, text)."""
    return [(one.code.name, one.text) for one in found(profile, packets(content, **columns))]


# Headers.


@both_profiles
def test_a_command_and_its_answer_are_as_they_should_be(profile: WireProfile) -> None:
    assert said(profile, packet(profile, "power.port_state", {"port": 3})) == []
    answer = packet(profile, "power.port_state", {"rail": "off", "measured_ma": 0}, response=True)
    assert said(profile, answer) == []


@both_profiles
@pytest.mark.parametrize("size", [0, 1, 2, 15, 20])
def test_what_is_shorter_than_a_header_is_no_packet(profile: WireProfile, size: int) -> None:
    content = packet(profile, "power.release")[:size]
    text = "no packet has only 1 byte" if size == 1 else f"no packet has only {size} bytes"
    assert said(profile, content) == [("short-packet", text)]


@both_profiles
@pytest.mark.parametrize(("claimed", "came"), [(4, 3), (4, 5), (0, 1), (300, 0), (1, 2)])
def test_a_body_of_another_length_than_the_header_says(profile: WireProfile, claimed: int, came: int) -> None:
    content = header(profile, "images.verify", size=claimed) + bytes(came)
    amount = "1 byte" if claimed == 1 else f"{claimed} bytes"
    assert said(profile, content) == [("body-length", f"the header says {amount} of body and {came} came")]


@pytest.mark.parametrize(("name", "version", "must_be"), [("reference-1", 2, 1), ("variant-a", 6, 5)])
def test_a_version_that_is_not_the_profile_s(name: str, version: int, must_be: int) -> None:
    content = header(shipped(name), "power.release", size=0, version=version)
    assert said(shipped(name), content) == [("wrong-header-constant", f"version is {version} and must be {must_be}")]


def test_a_reserved_bit_that_is_set() -> None:
    content = header(REFERENCE, "power.release", size=0, reserved=1)
    assert said(REFERENCE, content) == [("wrong-header-constant", "reserved is 1 and must be 0")]


def test_a_constant_of_bytes_is_told_in_hexadecimal() -> None:
    time = '{ name = "time", at = 28, kind = "time", label = "Time (UTC)" }'
    mark = '{ name = "x_mark", at = 28, kind = "bytes", bytes = 4, const = "CAFE0001" }'
    profile = altered("reference-1", (time, mark))
    content = profile.packet.write(
        {**REFERENCE.packet.read(header(REFERENCE, "power.release", size=0)).record, "operation": 2, "x_mark": "cafe0002"}
    )
    assert said(profile, content) == [("wrong-header-constant", "x_mark is cafe0002 and must be cafe0001")]


def test_a_constant_counts_only_where_its_field_is_present() -> None:
    line = '{ name = "status", bytes = 1, values = "status", when = { field = "response", is = [1] } },'
    mark = '{ name = "x_mark", bytes = 1, const = 7, when = { field = "response", is = [1] } },'
    profile = altered("variant-a", (line, line + mark))
    assert said(profile, packet(profile, "power.release")) == []
    assert said(profile, packet(profile, "power.release", response=True, x_mark=7)) == []
    assert said(profile, packet(profile, "power.release", response=True, x_mark=8)) == [
        ("wrong-header-constant", "x_mark is 8 and must be 7")
    ]


@pytest.mark.parametrize(("name", "service"), [("reference-1", 0), ("reference-1", 7), ("reference-1", 255), ("variant-a", 7)])
def test_a_service_that_the_profile_does_not_know(name: str, service: int) -> None:
    content = header(shipped(name), "power.release", size=0, service=service)
    assert said(shipped(name), content) == [("unknown-service", f"no service has the number {service}")]


@pytest.mark.parametrize(("name", "operation"), [("reference-1", 0), ("reference-1", 4), ("variant-a", 4), ("variant-a", 15)])
def test_an_operation_that_its_service_does_not_have(name: str, operation: int) -> None:
    content = header(shipped(name), "power.release", size=0, operation=operation)
    assert said(shipped(name), content) == [("unknown-operation", f"power has no operation {operation}")]


def test_an_operation_of_another_service_is_none_of_this_one() -> None:
    seven = header(REFERENCE, "security.install", size=0)
    assert said(REFERENCE, seven) == []
    assert [code for code, _ in said(REFERENCE, header(REFERENCE, "images.abort", size=0, operation=7))] == ["unknown-operation"]


@both_profiles
def test_an_answer_that_refuses_its_command(profile: WireProfile) -> None:
    assert said(profile, packet(profile, "objects.read", b"", response=True, status="denied")) == [
        ("operation-failed", "the answer is denied")
    ]


@pytest.mark.parametrize(("name", "status"), [("reference-1", 14), ("reference-1", 255), ("variant-a", 0), ("variant-a", 99)])
def test_an_answer_with_a_status_without_a_name(name: str, status: int) -> None:
    content = packet(shipped(name), "objects.read", b"", response=True, status=status)
    assert said(shipped(name), content) == [("unknown-status", f"no status has the number {status}")]


@pytest.mark.parametrize(("status", "text"), [("denied", "denied"), (14, "14")])
def test_a_command_with_a_status(status: str | int, text: str) -> None:
    content = packet(REFERENCE, "power.release", status=status)
    assert said(REFERENCE, content) == [("status-in-command", f"the command has the status {text}")]


def test_ok_is_what_the_profile_calls_so() -> None:
    profile = altered("reference-1", ("values = { ok = 0, unknown_service", "values = { ok = 32, unknown_service"))
    assert said(profile, packet(profile, "power.release", response=True, status=32)) == []
    assert said(profile, packet(profile, "power.release", response=True, status=0)) == [
        ("unknown-status", "no status has the number 0")
    ]
    assert said(profile, packet(profile, "power.release", status=0)) == []
    assert said(profile, packet(profile, "power.release", status=32)) == []


@both_profiles
def test_a_packet_that_the_recording_cuts_is_not_judged(profile: WireProfile) -> None:
    broken = header(profile, "power.release", size=9, service=7)
    assert [code for code, _ in said(profile, broken)] == ["body-length", "unknown-service"]
    assert said(profile, broken, whole=[False], cut=[True]) == []
    assert said(profile, broken[:9], whole=[False], cut=[True]) == []


@both_profiles
def test_a_packet_without_its_first_fragment_has_no_header(profile: WireProfile) -> None:
    batch = packets(b"\xff" * 40, has_header=[False], whole=[False], cut=[True])
    headers = packet_headers(profile, batch)
    assert not headers.complete.any()
    assert not any(column.any() for column in headers.numbers.values())
    assert found(profile, batch) == []


@both_profiles
def test_a_packet_that_is_incomplete_for_another_reason_is_judged_by_its_header_alone(profile: WireProfile) -> None:
    broken = header(profile, "power.release", size=9, service=7)
    assert [code for code, _ in said(profile, broken, whole=[False])] == ["unknown-service"]


def test_findings_are_in_order_of_the_packets_and_carry_their_number_and_place() -> None:
    contents = [packet(REFERENCE, "power.release"), b"\x10", header(REFERENCE, "power.release", size=3, service=9, version=3)]
    findings = found(REFERENCE, packets(*contents, first_no=40))
    assert [(one.code.name, one.record, one.span) for one in findings] == [
        ("short-packet", 41, Span(100, 151)),
        ("body-length", 42, Span(200, 251)),
        ("wrong-header-constant", 42, Span(200, 251)),
        ("unknown-service", 42, Span(200, 251)),
    ]


@both_profiles
@given(st.lists(st.binary(max_size=60), max_size=6), st.data())
def test_no_bytes_make_a_header_raise(profile: WireProfile, contents: list[bytes], data: st.DataObject) -> None:
    flags = st.lists(st.booleans(), min_size=len(contents), max_size=len(contents))
    has_header, whole, cut = (np.array(data.draw(flags), np.bool_) for _ in range(3))
    batch = packets(*contents, has_header=has_header, whole=whole & has_header, cut=cut & ~whole)
    for finding in found(profile, batch):
        assert finding.record is not None
        assert not batch.cut[finding.record - 1]
        assert batch.whole[finding.record - 1] or finding.code.name not in {"short-packet", "body-length"}


def test_a_header_s_tree_names_its_fields() -> None:
    tree = packet_tree(REFERENCE, packet(REFERENCE, "power.port_state", b"\x01"))
    assert [node.name for node in tree.children] == [field.name for field in REFERENCE.packet.fields]
    assert (tree.text, tree.children[0].provenance, tree.children[10].provenance) == ("33 bytes", "P", "A")


# Counters.


def counted(
    order: CounterOrder,
    rows: Sequence[tuple[int, int]],
    settled: int | None,
    first_no: int = 1,
    pair: tuple[str, str] = (METER, HOST),
) -> list[tuple[int | None, str]]:
    """Feed packets given as (first frame, counter); what is found as (number, text)."""
    contents = [packet(REFERENCE, "power.release", counter=counter, source=pair[0], destination=pair[1]) for _, counter in rows]
    batch = packets(*contents, first_no=first_no, first_frame=np.array([frame for frame, _ in rows], np.int64))
    return [(one.record, one.text) for one in order.feed(batch, packet_headers(REFERENCE, batch), settled)]


def test_a_counter_that_grows_is_right_by_however_much() -> None:
    assert counted(CounterOrder(), [(1, 0), (2, 1), (3, 900), (4, 0xFFFFFFFF)], None) == []


@pytest.mark.parametrize("next_counter", [4, 5])
def test_a_counter_that_stays_or_goes_back_is_told(next_counter: int) -> None:
    assert counted(CounterOrder(), [(1, 5), (2, next_counter), (3, 6)], None) == [(2, f"the counter is {next_counter} after 5")]


def test_after_one_that_went_back_the_highest_still_counts() -> None:
    assert [no for no, _ in counted(CounterOrder(), [(1, 9), (2, 3), (3, 4), (4, 10)], None)] == [2, 3]


def test_every_pair_of_source_and_destination_counts_by_itself() -> None:
    order = CounterOrder()
    assert counted(order, [(1, 9)], None) == []
    assert counted(order, [(2, 3)], None, 2, (HOST, METER)) == []
    assert counted(order, [(3, 3)], None, 3, (METER, VALVE)) == []
    assert counted(order, [(4, 9)], None, 4) == [(4, "the counter is 9 after 9")]


def test_packets_count_in_order_of_their_first_frames_whichever_is_complete_first() -> None:
    assert counted(CounterOrder(), [(7, 3), (2, 1), (5, 2)], None) == []
    assert counted(CounterOrder(), [(7, 1), (2, 2), (5, 3)], None) == [(1, "the counter is 1 after 3")]


def test_nothing_is_judged_while_one_that_began_earlier_may_still_come() -> None:
    order = CounterOrder()
    assert counted(order, [(8, 2)], settled=3) == []
    assert counted(order, [(3, 5)], settled=9, first_no=2) == [(1, "the counter is 2 after 5")]


def test_what_is_left_is_judged_at_the_end() -> None:
    order = CounterOrder()
    assert counted(order, [(1, 5), (2, 5)], settled=1) == []
    assert counted(order, [], None) == [(2, "the counter is 5 after 5")]


def test_a_packet_seen_only_where_the_host_sent_it_on_is_no_regression_but_counts() -> None:
    contents = [packet(REFERENCE, "power.release", counter=counter) for counter in (5, 5, 7, 6)]
    batch = packets(*contents, relayed=[False, True, True, False])
    findings = CounterOrder().feed(batch, packet_headers(REFERENCE, batch), None)
    assert [(one.record, one.text) for one in findings] == [(4, "the counter is 6 after 7")]


def test_a_packet_whose_header_is_missing_is_left_out() -> None:
    contents = [packet(REFERENCE, "power.release", counter=5), b"\0" * 40, b"\x10\x01"]
    batch = packets(*contents, has_header=[True, False, True])
    assert CounterOrder().feed(batch, packet_headers(REFERENCE, batch), None) == []


def test_a_profile_without_counters_has_none_to_judge() -> None:
    profile = altered("variant-a", ('{ name = "counter", bytes = 6, order = "little" },', ""))
    batch = packets(packet(profile, "power.release"), packet(profile, "power.release"))
    assert CounterOrder().feed(batch, packet_headers(profile, batch), None) == []


@given(
    st.lists(st.tuples(st.integers(0, 6), st.sampled_from([(METER, HOST), (HOST, METER)]), st.integers(0, 5)), max_size=12),
    st.data(),
)
def test_batches_of_any_size_give_the_same_verdicts(rows: list[tuple[int, tuple[str, str], int]], data: st.DataObject) -> None:
    """`rows` are counters, pairs, and by how many places a packet completes later than it began."""
    completed = sorted(range(len(rows)), key=lambda row: (row + rows[row][2], row))
    contents = [
        packet(REFERENCE, "power.release", counter=rows[row][0], source=rows[row][1][0], destination=rows[row][1][1])
        for row in completed
    ]
    whole = packets(*contents, first_frame=np.array(completed, np.int64) + 1)
    at_once = CounterOrder().feed(whole, packet_headers(REFERENCE, whole), None)
    last: dict[tuple[str, str], int] = {}
    expected = []
    for row, (counter, pair, _) in enumerate(rows):
        if counter <= last.get(pair, -1):
            expected.append(completed.index(row) + 1)
        last[pair] = max(counter, last.get(pair, -1))
    assert [one.record for one in at_once] == expected
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(rows) - 1)))) | {0, len(rows)})
    order = CounterOrder()
    streamed: list[Finding] = []
    for start, end in pairwise(cuts):
        if start >= end:
            continue
        part = packets(*contents[start:end], first_no=start + 1, first_frame=np.array(completed[start:end], np.int64) + 1)
        part = replace(part, start=part.start + start * 100, end=part.end + start * 100)
        open_since = min((row + 1 for row in completed[end:]), default=None)
        streamed += order.feed(part, packet_headers(REFERENCE, part), open_since)
    streamed += order.feed(packets(), packet_headers(REFERENCE, packets()), None)
    assert streamed == at_once
