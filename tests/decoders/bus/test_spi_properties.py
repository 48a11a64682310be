from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decoders.bus import edges, spi_port
from decoders.bus.spi import SpiDecoder
from decoders.bus.wiring import SpiPort
from decoders.core.chunk import LogicChunk, Lost, Samples
from tests.decoders.bus.drawing import Record, records, runs_of, split
from tests.decoders.bus.spi_by_sample import decode_by_sample

KINDS = st.sampled_from([np.uint8, np.uint16, np.uint32, np.uint64])
LIMIT = 9


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spi_port, "MAX_TRANSFER_BYTES", LIMIT)
    monkeypatch.setattr(spi_port, "_PIECES", 2)
    monkeypatch.setattr(edges, "_STEP", 7)
    monkeypatch.setattr(edges, "_BLOCK", 21)


@st.composite
def wirings(draw: st.DrawFn) -> list[SpiPort]:
    channels = st.sampled_from([0, 1, 2, 3, 4, 5, 7])
    maybe = st.one_of(st.none(), channels)
    clocks = draw(st.lists(channels, min_size=1, max_size=2))
    selects = draw(st.lists(maybe, min_size=1, max_size=3))
    return [
        SpiPort(
            sck=draw(st.sampled_from(clocks)),
            mosi=draw(maybe),
            miso=draw(maybe),
            cs=draw(st.sampled_from(selects)),
            port=number + 1,
            stream=draw(st.integers(0, 1)),
            mode=draw(st.integers(0, 3)),
            lsb_first=draw(st.booleans()),
            cs_active_high=draw(st.booleans()),
            word_bits=draw(st.one_of(st.sampled_from([1, 8]), st.integers(1, 64))),
            idle_ns=draw(st.sampled_from([0, 1, 2000, 4500, 20000])),
        )
        for number in range(draw(st.integers(1, 4)))
    ]


@st.composite
def recordings(draw: st.DrawFn) -> list[Samples | Lost]:
    """Stretches of a restless and of a quiet kind, some of them lost, in 8 channels of which some hold long."""
    kind = draw(KINDS)
    tick, chunks = draw(st.sampled_from([0, 0, 1000])), list[Samples | Lost]()
    if tick:
        chunks.append(Lost(0, tick, "not recorded"))
    for _ in range(draw(st.integers(1, 5))):
        random = np.random.default_rng(draw(st.integers(0, 2**32)))
        length = draw(st.integers(1, 150))
        if draw(st.integers(0, 5)) == 0:
            chunks.append(Lost(tick, tick + length, "overrun"))
            tick += length
            continue
        rates = draw(st.lists(st.sampled_from([0.0, 0.02, 0.1, 0.5]), min_size=8, max_size=8))
        flips = random.random((length, 8)) < np.array(rates)
        levels = np.cumsum(flips, axis=0) + random.integers(0, 2, 8)
        words = ((levels & 1) << np.arange(8)).sum(axis=1).astype(kind)
        chunks.append(Samples(tick, words))
        tick += length
    return chunks


def decoded(ports: Sequence[SpiPort], chunks: Sequence[LogicChunk]) -> list[Record]:
    decoder = SpiDecoder(ports, 1_000_000)
    return records([decoder.feed(chunk) for chunk in chunks] + [decoder.finish()])


STEADY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@STEADY
@given(wirings(), recordings())
def test_transfers_are_those_found_sample_by_sample(ports: list[SpiPort], recording: list[Samples | Lost]) -> None:
    assert decoded(ports, recording) == decode_by_sample(ports, 1_000_000, recording, LIMIT)


@STEADY
@given(wirings(), recordings(), st.lists(st.integers(0, 2000), max_size=12), st.booleans())
def test_any_split_gives_the_same_transfers(
    ports: list[SpiPort], recording: list[Samples | Lost], cuts: list[int], as_runs: bool
) -> None:
    chunks = [runs_of(chunk) for chunk in recording] if as_runs else recording
    pieces = [piece for chunk in chunks for piece in split(chunk, cuts)]
    assert decoded(ports, pieces) == decoded(ports, recording)


@settings(STEADY, max_examples=40)
@given(wirings(), recordings(), st.booleans())
def test_one_sample_at_a_time_gives_the_same_transfers(
    ports: list[SpiPort], recording: list[Samples | Lost], as_runs: bool
) -> None:
    chunks = [runs_of(chunk) for chunk in recording] if as_runs else recording
    pieces = [piece for chunk in chunks for piece in split(chunk, range(chunk.start, chunk.end))]
    assert decoded(ports, pieces) == decoded(ports, recording)


@STEADY
@given(wirings(), recordings())
def test_samples_and_runs_say_the_same(ports: list[SpiPort], recording: list[Samples | Lost]) -> None:
    assert decoded(ports, [runs_of(chunk) for chunk in recording]) == decoded(ports, recording)


@STEADY
@given(wirings(), recordings(), KINDS)
def test_the_width_of_the_words_does_not_matter(
    ports: list[SpiPort], recording: list[Samples | Lost], kind: type[np.uint64]
) -> None:
    widened: list[LogicChunk] = [
        chunk if isinstance(chunk, Lost) else Samples(chunk.start, chunk.words.astype(kind)) for chunk in recording
    ]
    assert decoded(ports, widened) == decoded(ports, recording)
