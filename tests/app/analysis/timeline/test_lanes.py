from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.tables.activity import BLOCK, ActivityBuilder
from app.analysis.timeline.lanes import ActivityLanes, Lane, LaneGroup, changes_of, lane_groups
from app.analysis.timeline.viewport import Viewport
from decoders.bus.wiring import SpiPort, UartLine, Wiring
from decoders.core.chunk import Lost, Runs, Samples

stretches = st.lists(st.tuples(st.integers(0, 7), st.integers(1, 900)), min_size=1, max_size=20)


def words_of(stretches: list[tuple[int, int]]) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.concatenate([np.full(ticks, word, np.uint8) for word, ticks in stretches])


def moved(words: np.ndarray[tuple[int], np.dtype[np.uint8]], low: int, high: int) -> int:
    """Which bits change at ticks [low, high)."""
    bits = 0
    for tick in range(max(low, 1), min(high, len(words))):
        bits |= int(words[tick] ^ words[tick - 1])
    return bits


@given(stretches=stretches, places=st.lists(st.integers(0, 20_000), min_size=2, max_size=20))
def test_near_by_each_pixel_has_the_state_before_it_and_what_moves_in_it(
    stretches: list[tuple[int, int]], places: list[int]
) -> None:
    words = words_of(stretches)
    edges = np.sort(np.array(places).clip(0, len(words)))
    columns = changes_of(Samples(0, words)).columns(edges)
    for pixel, (low, high) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)):
        assert columns.word[pixel] == words[max(low - 1, 0)]
        assert columns.toggled[pixel] == moved(words, low, high)


@given(stretches=stretches, step=st.integers(BLOCK, 3000), offset=st.integers(0, 500))
def test_far_out_a_pixel_is_exact_to_a_block(stretches: list[tuple[int, int]], step: int, offset: int) -> None:
    words = words_of(stretches)
    builder, lanes = ActivityBuilder(), ActivityLanes()
    first, last = builder.feed(Samples(0, words)), builder.finish()
    lanes.extend(*(np.concatenate([getattr(first, name), getattr(last, name)]) for name in ("start", "word", "toggled")))
    edges = np.arange(offset, len(words) + step, step).clip(0, len(words))
    columns = lanes.columns(edges)
    for pixel, (low, high) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)):
        toggled = int(columns.toggled[pixel])
        assert moved(words, low, high) & ~toggled == 0
        assert toggled & ~moved(words, low // BLOCK * BLOCK, -(-high // BLOCK) * BLOCK) == 0
        still = ~toggled & 7
        assert int(columns.word[pixel]) & still == int(words[min(low, len(words) - 1)]) & still


def test_between_two_ticks_a_lane_keeps_its_state_until_the_pixel_of_the_edge() -> None:
    edges = Viewport.whole(4, 12).edges()
    columns = changes_of(Samples(0, np.array([0, 0, 1, 1], np.uint8))).columns(edges)
    assert columns.word.tolist() == [0] * 7 + [1] * 5
    assert np.flatnonzero(columns.toggled).tolist() == [6]


def test_a_lane_without_samples_is_empty() -> None:
    edges = np.array([0, 5, 10])
    assert ActivityLanes().columns(edges).toggled.tolist() == [0, 0]
    assert changes_of(Lost(0, 10, "overrun")).columns(edges).word.tolist() == [0, 0]


def test_runs_and_samples_change_at_the_same_ticks() -> None:
    samples = changes_of(Samples(10, np.array([1, 1, 3, 3, 0], np.uint8)))
    runs = changes_of(Runs(10, 15, np.array([10, 12, 14]), np.array([1, 3, 0], np.uint8)))
    for changes in (samples, runs):
        assert (changes.start, changes.end) == (10, 15)
        assert changes.ticks.tolist() == [10, 12, 14]
        assert changes.words.tolist() == [1, 3, 0]
        assert changes.toggled.tolist() == [0, 2, 3, 0]


@pytest.mark.parametrize(
    ("tick", "within", "found"), [(12, 0, 12), (13, 1, 12), (14, 3, 14), (20, 3, None), (10, 1, None), (9, 3, 12)]
)
def test_the_nearest_edge_is_found_where_there_is_one(tick: int, within: int, found: int | None) -> None:
    assert changes_of(Samples(10, np.array([1, 1, 3, 3, 0], np.uint8))).nearest(tick, within) == found


CHANNELS = ("sck", "mosi", "miso", "cs1", "cs2", "spare", "opto", "")


def test_lines_are_grouped_by_port_and_those_that_ports_share_are_listed_once() -> None:
    wiring = Wiring((SpiPort(0, 1, 2, cs=3, port=1), SpiPort(0, 1, 2, cs=4, port=2)), (UartLine(6, stream=1),), ("spi", "opto"))
    assert lane_groups(wiring, CHANNELS) == [
        LaneGroup("shared", (Lane(0, "sck", "sck"), Lane(1, "mosi", "mosi"), Lane(2, "miso", "miso"))),
        LaneGroup("port 1", (Lane(3, "cs1", "cs"),), 0, 1),
        LaneGroup("port 2", (Lane(4, "cs2", "cs"),), 0, 2),
        LaneGroup("opto", (Lane(6, "opto", "rx"),), 1, 1),
    ]


def test_a_single_port_owns_its_lines() -> None:
    (group,) = lane_groups(Wiring((SpiPort(0, 1, 7, cs=3, port=5),)), CHANNELS)
    assert (group.title, group.stream, group.port) == ("port 5", 0, 5)
    assert [(lane.name, lane.role) for lane in group.lanes] == [
        ("cs1", "cs"),
        ("sck", "sck"),
        ("mosi", "mosi"),
        ("channel 7", "miso"),
    ]


def test_without_wiring_every_named_channel_is_a_lane() -> None:
    (group,) = lane_groups(Wiring(), CHANNELS)
    assert group.title == "not wired"
    assert [lane.channel for lane in group.lanes] == [0, 1, 2, 3, 4, 5, 6]
    assert lane_groups(Wiring(), ()) == []
