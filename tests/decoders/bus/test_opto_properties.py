"""Whatever comes over an optical link, and in whatever pieces it is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from decoders.bus.flag import Direction
from decoders.bus.opto import OptoDecoder
from decoders.bus.wiring import UartLine
from decoders.core.chunk import LogicChunk, Lost, Samples
from tests.decoders.bus.drawing import runs_of, split
from tests.decoders.bus.flag_lines import checked
from tests.decoders.bus.opto_drawing import BOTH, ONE, Said, collected, decoded, drawn

RATE_HZ = 9600  # 32 samples a bit at 300 Bd, 2 at 4800 Bd
WORDS = [
    b"/?!\r\n", b"/?", bytes(5), b"/ABC1X\r\n", b"/ABC4\\UX\r\n", b"/ABC2\\2X\r\n", b"/ABCDX\r\n", b"/ABC1X\r",
    b"\x06010\r\n", b"\x06010\r", b"\x06020\r\n", b"\x06247\r\n", b"\x06222\r\n", b"\x06", b"\x15",
    checked(b"\x01B0\x03"), checked(b"\x02A(1)\x03"), b"\x02A(1)\r\n!\r\n", b"\xa5\x07\x10\x18\0\0\x01\x02", b"\x7e\xa0\x7e",
]  # fmt: skip
lines = st.sampled_from([BOTH, ONE, replace(BOTH, baud=None), replace(ONE, baud=None), replace(BOTH, baud=600)])


@st.composite
def conversations(draw: st.DrawFn) -> list[Said]:
    """Words of the protocol at any speed, not always when the other side has ended, mostly where they belong."""
    said: list[Said] = []
    ms = 50.0
    for _ in range(draw(st.integers(1, 7))):
        side: Direction = draw(st.sampled_from(["h2p", "p2h"]))
        baud, link = draw(st.sampled_from([(300, False), (300, False), (600, False), (1200, False), (4800, True)]))
        said.append(Said(ms, side, draw(st.sampled_from(WORDS)), baud, link))
        ms = max(0, said[-1].end_ms + draw(st.sampled_from([-40, 0, 5, 19, 21, 45, 45, 200, 200, 1600])))
    return said


@st.composite
def signed_on(draw: st.DrawFn) -> list[Said]:
    """An exchange that goes over to another speed, and what comes after that."""
    kind, baud, link = draw(
        st.sampled_from([(b"\x06010\r\n", 600, False), (b"\x06247\r\n", 4800, True), (b"\x06222\r\n", 1200, True)])
    )
    meter = {b"1": b"/ABC1X\r\n", b"4": b"/ABC4\\UX\r\n", b"2": b"/ABC2\\2X\r\n"}[kind[2:3]]
    said = [Said(50, "p2h", meter), Said(400, "h2p", kind)]
    if link:
        said.append(Said(900, "p2h", kind, 1200 if baud == 1200 else 300))
    delay = draw(st.sampled_from([None, 0, 3.7, 19]))
    if delay is not None:
        said.append(Said(400 + delay, "p2h", kind))
    return said + [replace(one, start_ms=one.start_ms + 1100, baud=baud, link=link) for one in draw(conversations())]


@st.composite
def recordings(draw: st.DrawFn) -> tuple[UartLine, list[Samples | Lost]]:
    line = draw(lines)
    said = draw(st.one_of(conversations(), signed_on()))
    words = drawn(said, one_receiver=line.tx is None, rate_hz=RATE_HZ, tail_ms=draw(st.sampled_from([0, 60]))).words
    for tick in draw(st.lists(st.integers(0, max(0, len(words) - 1)), max_size=3)):
        words[tick : tick + draw(st.integers(1, 40))] ^= np.uint8(draw(st.integers(1, 3)))
    if not draw(st.booleans()):
        return line, [Samples(0, words)]
    at = draw(st.integers(0, len(words)))
    return line, [Samples(0, words[:at]), Lost(at, at + 100, "overrun"), Samples(at + 100, words[at:])]


@settings(deadline=None, max_examples=150)
@given(recordings(), st.lists(st.integers(0, 30_000), max_size=15), st.booleans())
def test_any_split_of_samples_or_runs_gives_the_same(
    recording: tuple[UartLine, list[Samples | Lost]], cuts: list[int], as_runs: bool
) -> None:
    line, chunks = recording
    told: list[LogicChunk] = [runs_of(chunk) for chunk in chunks] if as_runs else [*chunks]
    pieces = [piece for chunk in told for piece in split(chunk, cuts)]
    assert decoded(line, pieces, RATE_HZ) == decoded(line, chunks, RATE_HZ)


@settings(deadline=None, max_examples=8)
@given(recordings())
def test_sample_by_sample_gives_the_same(recording: tuple[UartLine, list[Samples | Lost]]) -> None:
    line, chunks = recording
    pieces = [piece for chunk in chunks for piece in split(runs_of(chunk), range(0, chunk.end, 7))]
    assert decoded(line, pieces, RATE_HZ) == decoded(line, chunks, RATE_HZ)


@settings(deadline=None)
@given(
    lines, st.lists(st.tuples(st.integers(1, 700), st.integers(0, 3)), max_size=200), st.lists(st.integers(0, 40_000), max_size=9)
)
@example(ONE, [(1, 1), (1, 0)] * 3000, [])
def test_any_waveform_is_read_without_a_fault(line: UartLine, runs: list[tuple[int, int]], cuts: list[int]) -> None:
    words = np.repeat(np.array([word for _, word in runs], np.uint8), [length for length, _ in runs])
    chunk = Samples(0, words)
    found = decoded(line, split(chunk, cuts), RATE_HZ)
    assert found == decoded(line, [runs_of(chunk)], RATE_HZ)
    for message in found.messages:
        assert message.start is not None
        assert message.end is not None
        assert 0 <= message.start < message.end


@settings(deadline=None, max_examples=40)
@given(recordings())
def test_messages_of_a_line_follow_each_other(recording: tuple[UartLine, list[Samples | Lost]]) -> None:
    line, chunks = recording
    decoder = OptoDecoder(line, RATE_HZ)
    found = collected([decoder.feed(chunk) for chunk in chunks] + [decoder.finish()])
    sides = ["h2p", "p2h"] if line.tx is not None else [None]
    for side in sides:
        told = [message for message in found.messages if side in (None, message.direction)]
        assert [message.offset for message in told] == [sum(len(one.raw) for one in told[:i]) for i in range(len(told))]
        starts = [message.start for message in told]
        assert starts == sorted(starts, key=lambda start: start or 0)
