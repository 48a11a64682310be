from __future__ import annotations

import numpy as np
import pytest

from app.analysis.timeline.annotations import StripKey
from app.analysis.timeline.markers import time_at
from app.analysis.timeline.rows import OctetKey, TraceKey, folded_at_first, folded_rows, placed, ports_of, timeline_rows
from app.analysis.timeline.stretch import read_stretch, wanted_stretch
from app.analysis.timeline.timeline import Hit, Timeline, octets_in, transfers_of
from app.analysis.timeline.viewport import Viewport
from decoders.bus.wiring import SpiPort, Wiring
from decoders.core.finding import Severity
from decoders.core.span import Span
from tests.helpers import timelines
from tests.helpers.timelines import Decoding, InMemory


@pytest.fixture(scope="module")
def timeline() -> Timeline:
    made = Timeline(timelines.demo().decode())
    assert not made.refresh()
    return made


def whole(timeline: Timeline) -> Viewport:
    return Viewport.whole(timeline.total, 1000)


def test_rows_are_the_shared_lines_then_each_port_from_transactions_to_its_own_lines() -> None:
    wiring = Wiring((SpiPort(0, 1, 2, cs=3, port=1), SpiPort(0, 1, 2, cs=4, port=2)))
    rows = timeline_rows(wiring, ("sck", "mosi", "miso", "cs1", "CS#"), ("A0",))
    layers = ["transactions", "packets ▸", "packets ◂", "frames ▸", "frames ◂", "bytes ▸", "bytes ◂"]
    said = [(row.group, f"{row.name} {row.note}".strip()) for row in rows]
    assert said == [
        *(("shared", name) for name in ("sck", "mosi", "miso")),
        *(("port 1", name) for name in (*layers, "cs1 cs")),
        *(("port 2", name) for name in (*layers, "CS# cs")),
        ("traces", "A0"),
    ]
    assert rows[3].shows == StripKey("transactions", 0, 1, 2)
    assert rows[5].shows == StripKey("packets", 0, 1, 1)
    assert rows[8].shows == OctetKey(0, 1, 0)
    assert rows[-1].shows == TraceKey(0)


def test_rows_lie_below_each_other_with_a_gap_before_each_further_group() -> None:
    rows = timeline_rows(Wiring(), ("a", "b"), ("A0",))
    places = placed(rows, 10, 3)
    assert [(place.top, place.height, place.opens) for place in places.rows] == [(0, 10, True), (10, 10, False), (23, 40, True)]
    assert places.height == 63
    assert [place.row.name if (place := places.at(y)) else None for y in (0, 15, 21, 23, 62, 63)] == [
        "a",
        "b",
        None,
        "A0",
        "A0",
        None,
    ]


def test_a_row_comes_into_sight_with_as_much_of_its_group_as_fits() -> None:
    wiring = Wiring((SpiPort(0, cs=3, port=1), SpiPort(1, cs=4, port=2)))
    places = placed(timeline_rows(wiring, ("a", "b", "c", "d", "e"), ()), 10, 5)
    assert places.height == 90 + 5 + 90
    packets = StripKey("packets", 0, 2, 0)
    assert places.scrolled_to(packets, 0, 100) == 85
    assert places.scrolled_to(packets, 90, 100) == 90
    assert places.scrolled_to(packets, 0, 40) == 95
    assert places.scrolled_to(StripKey("frames", 0, 2, 1), 0, 40) == 95 + 40
    assert places.scrolled_to(StripKey("packets", 0, 1, 0), 50, 100) == 0
    assert places.scrolled_to(StripKey("packets", 0, 9, 0), 50, 100) == 50


def test_a_folded_port_has_one_row_for_packets_and_other_groups_say_how_many_rows_they_hide() -> None:
    wiring = Wiring((SpiPort(0, 1, 2, cs=3, port=1), SpiPort(0, 1, 2, cs=4, port=2)))
    rows = timeline_rows(wiring, ("sck", "mosi", "miso", "cs1", "cs2"), ("A0",))
    folded = folded_rows(rows, frozenset(["shared", "port 1", "traces"]))
    assert [(row.group, row.name) for row in folded if row.group != "port 2"] == [
        ("shared", "3 lines"),
        ("port 1", "packets"),
        ("traces", "1 trace"),
    ]
    assert len([row for row in folded if row.group == "port 2"]) == 8
    assert folded_rows(rows, frozenset()) == rows
    assert ports_of(rows) == ["port 1", "port 2"]


def test_what_a_folded_port_hides_is_found_in_its_row_of_packets() -> None:
    wiring = Wiring((SpiPort(0, cs=3, port=1), SpiPort(1, cs=4, port=2)))
    rows = timeline_rows(wiring, ("a", "b", "c", "d", "e"), ())
    places = placed(folded_rows(rows, frozenset(["port 2"])), 10, 5)
    for hidden in (StripKey("frames", 0, 2, 1), StripKey("packets", 0, 2, 0), OctetKey(0, 2, 0)):
        row = places.row_of(hidden)
        assert row is not None
        assert row.row.shows == StripKey("packets", 0, 2, 2)
    shown = places.row_of(StripKey("frames", 0, 1, 1))
    assert shown is not None
    assert shown.row.shows == StripKey("frames", 0, 1, 1)
    assert places.row_of(StripKey("frames", 0, 3, 1)) is None


def test_ports_are_folded_at_first_only_where_there_are_many() -> None:
    channels = tuple(f"D{channel}" for channel in range(20))
    few, many = (
        timeline_rows(Wiring(tuple(SpiPort(0, cs=1 + port, port=1 + port) for port in range(count))), channels, ())
        for count in (4, 5)
    )
    assert folded_at_first(few) == frozenset()
    assert folded_at_first(many) == {"port 1", "port 2", "port 3", "port 4", "port 5"}


def test_folded_groups_stand_closer() -> None:
    wiring = Wiring(tuple(SpiPort(0, cs=1 + port, port=1 + port) for port in range(3)))
    rows = timeline_rows(wiring, ("sck", "a", "b", "c"), ())
    places = placed(folded_rows(rows, frozenset(ports_of(rows))), 10, 8)
    assert [(place.top, place.gap) for place in places.rows] == [(0, 0), (12, 2), (24, 2), (36, 2)]


def test_a_tip_says_which_record_it_is_what_it_says_when_and_how_long(timeline: Timeline) -> None:
    span = timeline.span_of(Hit("transactions", 4))
    assert span is not None
    which, when = timeline.tip(Hit("transactions", 4)).split("\n")
    assert which.startswith("transaction 4: objects read → ok · ")
    assert when.endswith(" long")
    assert time_at(span.start, timeline.source.timebase) in when


def test_chosen_records_are_found_by_the_strips_in_which_they_stand(timeline: Timeline) -> None:
    chosen = timeline.related(Hit("packets", 7))
    spans = timeline.chosen_spans(chosen)
    strip = timeline.strip_of(Hit("packets", 7))
    assert spans.pop(strip) == spans.pop(strip._replace(direction=2)) == [timeline.span_of(Hit("packets", 7))]
    (transaction,) = (hit for hit in chosen if hit.layer == "transactions")
    assert spans.pop(StripKey("transactions", 0, 3, 2)) == [timeline.span_of(transaction)]
    frames = [Hit("frames", no) for no in timeline.source.snapshot.frames_of_packet(7)]
    assert spans == {timeline.strip_of(frame): [timeline.span_of(frame)] for frame in frames}
    assert timeline.chosen_spans(set()) == timeline.chosen_spans({Hit("packets", 10_000)}) == {}


def test_a_record_is_found_where_it_was_on_the_wire(timeline: Timeline) -> None:
    snapshot = timeline.source.snapshot
    for layer in ("frames", "packets"):
        for no in range(1, snapshot.count(layer) + 1):
            span = timeline.span_of(Hit(layer, no))
            assert span is not None
            hit = timeline.hit(timeline.strip_of(Hit(layer, no)), span.start, 0)
            assert hit == Hit(layer, no)
    assert timeline.span_of(Hit("packets", 0)) is None
    assert timeline.span_of(Hit("packets", 10_000)) is None


def test_a_transaction_lasts_from_its_command_to_its_response(timeline: Timeline) -> None:
    exchange = timeline.source.snapshot.transaction(3)
    assert exchange.command
    assert exchange.response
    command, response = (timeline.span_of(Hit("packets", no)) for no in (exchange.command, exchange.response))
    span = timeline.span_of(Hit("transactions", 3))
    assert command
    assert response
    assert span == Span(command.start, response.end)
    assert timeline.selectable(Hit("transactions", 3)) == Hit("packets", exchange.command)
    assert timeline.selectable(Hit("frames", 3)) == Hit("frames", 3)


def test_a_packet_goes_with_its_frames_and_its_transaction_and_a_frame_with_its_packet(timeline: Timeline) -> None:
    snapshot = timeline.source.snapshot
    frames = snapshot.frames_of_packet(7)
    transaction = snapshot.transaction_of_packet(7)
    assert transaction is not None
    expected = {Hit("packets", 7), Hit("transactions", transaction), *(Hit("frames", no) for no in frames)}
    assert timeline.related(Hit("packets", 7)) == expected
    expected = {Hit("frames", frames[0]), Hit("packets", 7), Hit("transactions", transaction)}
    assert timeline.related(Hit("frames", frames[0])) == expected
    assert timeline.related(Hit("frames", 10_000)) == set()


def test_a_byte_belongs_to_the_frame_that_holds_it_and_a_lane_to_none(timeline: Timeline) -> None:
    snapshot = timeline.source.snapshot
    span = timeline.span_of(Hit("frames", 5))
    assert span is not None
    port, direction = (int(snapshot.column("frames", name)[4]) for name in ("port", "direction"))
    assert timeline.hit(OctetKey(0, port, direction), span.start + 1, 0) == Hit("frames", 5)
    assert timeline.hit(TraceKey(0), span.start, 0) is None
    assert transfers_of(OctetKey(0, port, direction)) == StripKey("transfers", 0, port, 2)


def test_bytes_are_there_only_where_they_were_read(timeline: Timeline) -> None:
    source = timeline.source
    span = timeline.span_of(Hit("frames", 5))
    assert span is not None
    key = OctetKey(0, int(source.snapshot.column("frames", "port")[4]), int(source.snapshot.column("frames", "direction")[4]))
    view = whole(timeline).between(span.start, span.end + 1)
    wanted = wanted_stretch(view, timeline.annotations, source.wiring)
    assert wanted is not None
    stretch = read_stretch(source.recording, source.wiring, source.timebase.rate_hz, wanted)
    octets = octets_in(stretch, key, view)
    assert octets is not None
    assert octets.value.tobytes() == source.snapshot.frame_content(5)
    assert octets_in(stretch, key, whole(timeline)) is None
    assert octets_in(None, key, view) is None
    assert octets_in(stretch, OctetKey(0, 99, 0), view) is None


def test_labels_say_the_same_in_several_lengths_and_how_grave_it_is(timeline: Timeline) -> None:
    label = timeline.labels.label("packets", 7)
    assert label.texts == ("objects read · 00420100, forwarded after 3.45 ms", "objects read", "read", "OB")
    assert label.severity is None
    assert timeline.labels.label("transactions", 4).texts[1:] == ("objects read → ok", "objects read", "read", "OB")
    malformed = int(np.flatnonzero(timeline.source.snapshot.column("frames", "malformed"))[0]) + 1
    label = timeline.labels.label("frames", malformed)
    assert label.texts[-1] == "bad crc"
    assert label.severity is Severity.WARNING
    assert timeline.labels.label("frames", malformed) is label


def test_an_exchange_without_an_answer_says_so() -> None:
    decoding = timelines.demo().decode()
    command = int(decoding.snapshot.column("transactions", "command")[0])
    decoding.store.patch("transactions", "response", np.array([0]), np.array([0]))
    decoding.store.patch("transactions", "latency", np.array([0]), np.array([np.iinfo(np.int64).min]))
    timeline = Timeline(decoding)
    timeline.refresh()
    assert timeline.labels.label("transactions", 1).texts[0].endswith("· no answer seen")
    assert timeline.span_of(Hit("transactions", 1)) == timeline.span_of(Hit("packets", command))


def test_it_grows_with_its_recording() -> None:
    words = np.zeros(5000, np.uint8)
    words[1000:] = 1
    decoding = Decoding(InMemory(words, ["a"], lost=(2000, 3000)), Wiring())
    timeline = Timeline(decoding)
    timeline.refresh()
    view = whole(timeline)
    assert (timeline.total, timeline.lines_end, timeline.gaps(view)) == (5000, 0, [])
    decoding.decode(1)
    timeline.refresh()
    assert timeline.lines_end == 2000
    decoding.decode()
    timeline.refresh()
    assert timeline.lines_end == 5000
    assert timeline.gaps(view) == [Span(2000, 3000)]
    assert timeline.gaps(view.between(0, 2000)) == []
    columns = timeline.activity.columns(np.array([0, 500, 1500, 4000]))
    assert columns.toggled.tolist() == [0, 1, 0]
    assert columns.word.tolist() == [0, 0, 1]
