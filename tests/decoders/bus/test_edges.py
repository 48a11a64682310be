from __future__ import annotations

import numpy as np
import pytest

from decoders.bus import edges
from decoders.bus.edges import Edges, EdgeScanner
from decoders.core.chunk import LogicChunk, Lost, Runs
from tests.decoders.bus.drawing import drawn, runs_of, samples

WORDS = drawn("__##_#__##", "_#_#_#_#_#", "####___###")


def scanned(scanner: EdgeScanner, *chunks: LogicChunk) -> list[tuple[int, int, int]]:
    """Tick, word and changed channels of all edges."""
    found = [event for chunk in chunks for event in scanner.feed(chunk) if isinstance(event, Edges)]
    return [row for one in found for row in zip(one.ticks.tolist(), one.words.tolist(), one.changed.tolist(), strict=True)]


def test_only_watched_edges_in_the_watched_direction_count() -> None:
    assert [tick for tick, _, _ in scanned(EdgeScanner(0b001, 0), samples(WORDS))] == [2, 5, 8]
    assert [tick for tick, _, _ in scanned(EdgeScanner(0, 0b001), samples(WORDS))] == [4, 6]
    assert [tick for tick, _, _ in scanned(EdgeScanner(0b001, 0b001), samples(WORDS))] == [2, 4, 5, 6, 8]


def test_an_edge_comes_with_the_word_and_the_channels_that_changed() -> None:
    assert scanned(EdgeScanner(0b101, 0b100), samples(WORDS)) == [(2, 5, 1), (4, 0, 4), (5, 3, 1), (7, 6, 4), (8, 5, 1)]


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.uint32, np.uint64])
@pytest.mark.parametrize(("step", "block"), [(1, 1), (2, 4), (3, 9), (1 << 18, 1 << 20)])
def test_steps_and_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch, kind: type[np.uint64], step: int, block: int) -> None:
    expected = scanned(EdgeScanner(0b101, 0b110), samples(WORDS))
    monkeypatch.setattr(edges, "_STEP", step)
    monkeypatch.setattr(edges, "_BLOCK", block)
    chunk = samples(WORDS, kind=kind)
    assert scanned(EdgeScanner(0b101, 0b110), chunk) == expected
    assert scanned(EdgeScanner(0b101, 0b110), runs_of(chunk)) == expected


def test_blocks_of_runs_cover_the_chunk_without_a_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edges, "_BLOCK", 2)
    runs = Runs(10, 100, np.array([10, 20, 30]), np.array([0, 1, 0], np.uint8))
    events = [*EdgeScanner(1, 1).feed(Lost(0, 10, "not recorded")), *EdgeScanner(1, 1).feed(runs)]
    assert [(event.start, event.end) for event in events] == [(0, 10), (0, 10), (10, 30), (30, 100)]


def test_only_the_first_block_and_the_first_after_a_gap_have_an_initial_word() -> None:
    scanner = EdgeScanner(1, 1)
    chunks: list[LogicChunk] = [
        samples([3, 2]),
        samples([2], start=2),
        Lost(3, 5, "overrun"),
        samples([1], start=5),
        samples([1], start=9),
    ]
    events = [event for chunk in chunks for event in scanner.feed(chunk)]
    found = [event.initial if isinstance(event, Edges) else (event.start, event.end) for event in events]
    assert found == [3, None, (3, 5), 1, (6, 9), 1]
    assert scanner.end == 10


def test_a_channel_that_the_words_do_not_have_reads_as_low() -> None:
    scanner = EdgeScanner(1 << 40, 1 << 40)
    assert scanned(scanner, samples([255, 0])) == []
    high = 1 << 40
    assert scanned(scanner, samples([high, high, 0], start=2, kind=np.uint64)) == [(2, high, high), (4, 0, high)]
