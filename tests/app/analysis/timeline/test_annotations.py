from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.timeline.annotations import BOTH_WAYS, Annotations, SpanIndex, StripKey
from app.analysis.timeline.viewport import Viewport
from decoders.profile.wire_profile import WireProfile, load_profile
from tests.helpers.table_rows import Tables

PROFILE = Path(__file__).resolve().parents[4] / "resources" / "profiles" / "reference-1.toml"

Spans = list[tuple[int, int]]
spans = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 300)), max_size=60)


def index_of(*batches: Spans) -> tuple[SpanIndex, dict[int, tuple[int, int]]]:
    """An index of batches of (start, length), and the spans by number."""
    index, first = SpanIndex(), 1
    known: dict[int, tuple[int, int]] = {}
    for batch in batches:
        numbers = np.arange(first, first + len(batch))
        start = np.array([start for start, _ in batch], np.int64)
        end = start + np.array([length for _, length in batch], np.int64)
        index.add(start, end, numbers)
        known |= {int(no): (int(one), int(other)) for no, one, other in zip(numbers, start, end, strict=True)}
        first += len(batch)
    return index, known


@given(batches=st.lists(spans, max_size=4), start=st.integers(0, 2500), length=st.integers(1, 800))
def test_exactly_the_records_that_reach_into_a_stretch_are_visible(batches: list[Spans], start: int, length: int) -> None:
    index, known = index_of(*batches)
    starts, ends = index.spans(start, start + length)
    expected = sorted((one, other) for one, other in known.values() if (one < start < other) or start <= one < start + length)
    assert sorted(zip(starts.tolist(), ends.tolist(), strict=True)) == expected


@given(batches=st.lists(spans, max_size=3), start=st.integers(0, 2000), length=st.integers(1, 2500), width=st.integers(1, 300))
def test_near_or_far_the_same_pixels_are_covered(batches: list[Spans], start: int, length: int, width: int) -> None:
    index, known = index_of(*batches)
    view = Viewport.whole(5000, width).between(start, start + length)
    near = index.drawn(view)
    far = index._all_narrow(view, index.visible(view.first_tick, view.end_tick)[0])
    touched = near.bar.copy()
    for left, right in zip(near.left, near.right, strict=True):
        touched[max(0, int(left)) : int(np.ceil(right))] = True
    missing = touched & ~far.bar
    extra = far.bar & ~touched
    # Far out a record begins at the left edge of its pixel, so its end may differ by one.
    assert not missing.any()
    assert not (extra & ~np.append(touched[1:], False) & ~np.append(False, touched[:-1])).any()
    assert {int(no) for no in near.no} <= known.keys()
    assert (
        int(near.blocks.count.sum()) + len(near.no)
        == int(far.blocks.count.sum())
        == len(index.spans(view.first_tick, view.end_tick)[0])
    )
    assert not len(far.no)


def test_wide_records_are_drawn_each_and_narrow_ones_as_a_bar() -> None:
    index, _ = index_of([(0, 100), (110, 3), (114, 2), (300, 50)])
    drawn = index.drawn(Viewport.whole(1000, 1000))
    assert (drawn.no.tolist(), drawn.left.tolist(), drawn.right.tolist()) == ([1, 4], [0.0, 300.0], [100.0, 350.0])
    assert np.flatnonzero(drawn.bar).tolist() == [110, 111, 112, 114, 115]
    assert (drawn.blocks.left.tolist(), drawn.blocks.right.tolist(), drawn.blocks.count.tolist()) == ([110.0], [116.0], [2])


def test_more_records_than_pixels_are_one_bar_without_names() -> None:
    index, _ = index_of([(place * 10, 10) for place in range(100_000)])
    drawn = index.drawn(Viewport.whole(2_000_000, 100))
    assert len(drawn.no) == 0
    assert (drawn.blocks.left.tolist(), drawn.blocks.right.tolist(), drawn.blocks.count.tolist()) == ([0.0], [50.0], [100_000])
    assert drawn.bar.tolist() == [True] * 50 + [False] * 50


@given(batches=st.lists(spans, max_size=3), tick=st.integers(0, 2500), within=st.integers(0, 50))
def test_a_pointer_hits_the_shortest_record_under_it_else_the_nearest(batches: list[Spans], tick: int, within: int) -> None:
    index, known = index_of(*batches)
    apart = {no: max(start - tick, tick - max(end, start + 1) + 1, 0) for no, (start, end) in known.items()}
    best = min(((apart[no], end - start) for no, (start, end) in known.items() if apart[no] <= within), default=None)
    hit = index.at(tick, within)
    assert best == (None if hit is None else (apart[hit], known[hit][1] - known[hit][0]))


def test_one_pass_and_the_pyramid_draw_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(4)
    starts, lengths = draw.integers(0, 100_000, 5000), draw.integers(0, 900, 5000)
    index, _ = index_of(list(zip(starts.tolist(), lengths.tolist(), strict=True)))
    for first, end in ((0, 101_000), (40_000, 90_000)):
        view = Viewport.whole(101_000, 300).between(first, end)
        once = index.drawn(view)
        with monkeypatch.context() as patched:
            patched.setattr("app.analysis.timeline.annotations.FEW_ROWS", 0)
            far = index.drawn(view)
        assert once.bar.tolist() == far.bar.tolist()
        assert [getattr(once.blocks, name).tolist() for name in ("left", "right", "count")] == [
            getattr(far.blocks, name).tolist() for name in ("left", "right", "count")
        ]


def test_a_record_that_gets_a_later_end_is_found_behind_it() -> None:
    index, _ = index_of([(place * 10, 5) for place in range(100)])
    index.lengthen(np.array([3]), np.array([20]), np.array([5000]))
    assert index.at(4000, 0) == 3


@pytest.fixture(scope="module")
def profile() -> WireProfile:
    return load_profile(PROFILE.read_text(encoding="utf-8"), "reference-1")


def listed(taken: Annotations, key: StripKey) -> Spans:
    starts, ends = taken.strip(key).spans(0, 10**9)
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def test_records_come_into_the_strip_of_their_port_and_direction(profile: WireProfile) -> None:
    made = Tables(profile)
    made.add("frames", start=[10, 20, 30], duration=[5, 6, 7], stream=[0, 0, 1], port=[1, 1, 0], direction=[0, 1, 1])
    made.add("packets", start=[10, 5], end=[15, 40], port=[1, 2])
    made.add("transfers", start=[8], end=[50], port=[1])
    taken = Annotations()
    assert not taken.update(made.snapshot)
    assert listed(taken, StripKey("frames", 0, 1, 0)) == [(10, 15)]
    assert listed(taken, StripKey("frames", 0, 1, 1)) == [(20, 26)]
    assert listed(taken, StripKey("frames", 1, 0, 1)) == [(30, 37)]
    assert listed(taken, StripKey("packets", 0, 1, 0)) == [(10, 15)]
    assert listed(taken, StripKey("packets", 0, 2, 0)) == [(5, 40)]
    assert listed(taken, StripKey("transfers", 0, 1, BOTH_WAYS)) == [(8, 50)]
    assert listed(taken, StripKey("packets", 0, 3, 0)) == []
    assert listed(taken, StripKey("packets", 0, 1, BOTH_WAYS)) == [(10, 15)]
    made.add("frames", start=[15], duration=[1], port=[1])
    taken.update(made.snapshot)
    assert listed(taken, StripKey("frames", 0, 1, 0)) == [(10, 15), (15, 16)]


def test_a_transaction_ends_with_its_response_however_late_it_comes(profile: WireProfile) -> None:
    made = Tables(profile)
    taken = Annotations()
    key = StripKey("transactions", 0, 1, BOTH_WAYS)
    made.add("packets", start=[10, 100], end=[20, 110], port=[1, 1])
    made.add("transactions", command=[1, 2], response=[0, 0])
    taken.update(made.snapshot)
    assert listed(taken, key) == [(10, 20), (100, 110)]
    made.add("packets", start=[300], end=[350], port=[1])
    made.store.patch("transactions", "response", np.array([0]), np.array([3]))
    taken.update(made.snapshot)
    assert listed(taken, key) == [(10, 350), (100, 110)]
    assert taken.strip(key).at(200, 0) == 1


def test_a_response_without_a_command_is_a_transaction_of_its_own(profile: WireProfile) -> None:
    made = Tables(profile)
    taken = Annotations()
    made.add("packets", start=[10], end=[20], port=[4])
    made.add("transactions", command=[0], response=[1])
    taken.update(made.snapshot)
    assert listed(taken, StripKey("transactions", 0, 4, BOTH_WAYS)) == [(10, 20)]


def test_a_transaction_waits_for_packets_that_are_not_published(profile: WireProfile) -> None:
    made = Tables(profile)
    taken = Annotations()
    made.add("transactions", command=[1], response=[0])
    assert not taken.update(made.snapshot)
    made.add("packets", start=[10], end=[20], port=[1])
    taken.update(made.snapshot)
    assert listed(taken, StripKey("transactions", 0, 1, BOTH_WAYS)) == [(10, 20)]


def test_many_rows_are_taken_in_slices(profile: WireProfile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.analysis.timeline.annotations.SLICE_ROWS", 10)
    made = Tables(profile)
    made.add("packets", start=list(range(25)), end=list(range(1, 26)), port=[1] * 25)
    taken = Annotations()
    assert [taken.update(made.snapshot) for _ in range(3)] == [True, True, False]
    assert len(taken.strip(StripKey("packets", 0, 1, 0))) == 25
