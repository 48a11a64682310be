from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.analysis.timeline.annotations import Annotations
from app.analysis.timeline.rows import OctetKey
from app.analysis.timeline.stretch import MOST_VISIBLE, Stretch, Wanted, read_stretch, wanted_stretch
from app.analysis.timeline.viewport import Viewport
from capture.formats.sigrok import open_sr
from decoders.bus.spi import SpiDecoder
from decoders.bus.wiring import SpiPort, UartLine, Wiring
from decoders.core.chunk import LogicChunk, Lost, Samples
from decoders.core.transfers import Line
from tests.helpers import timelines
from tests.helpers.timelines import Decoding, InMemory

Listed = list[tuple[int, int, int]]


@pytest.fixture(scope="module")
def demo() -> Decoding:
    return timelines.demo().decode()


@pytest.fixture(scope="module")
def taken(demo: Decoding) -> Annotations:
    made = Annotations()
    while made.update(demo.snapshot):
        pass
    return made


def all_octets(demo: Decoding) -> dict[OctetKey, Listed]:
    """Every byte of the recording as value, first and last tick, decoded in one go."""
    decoder = SpiDecoder(demo.wiring.spi, demo.timebase.rate_hz)
    batches = [*(decoder.feed(chunk) for chunk in demo.recording.chunks()), decoder.finish()]
    found: dict[OctetKey, Listed] = {}
    for batch in batches:
        for row in range(len(batch)):
            for direction, line in enumerate((batch.h2p, batch.p2h)):
                key = OctetKey(int(batch.stream[row]), int(batch.port[row]), direction)
                found.setdefault(key, []).extend(_listed(line, int(line.offset[row]), int(line.offset[row + 1])))
    return found


def _listed(line: Line, low: int, high: int) -> Listed:
    columns = (line.data[low:high].tolist(), line.first[low:high].tolist(), line.last[low:high].tolist())
    return list(zip(*columns, strict=True))


def octets_of(stretch: Stretch, start: int, end: int) -> dict[OctetKey, Listed]:
    found: dict[OctetKey, Listed] = {}
    for key, octets in stretch.octets.items():
        part = octets.within(start, end)
        if len(part.value):
            found[key] = list(zip(part.value.tolist(), part.first.tolist(), part.last.tolist(), strict=True))
    return found


@pytest.mark.parametrize("ticks", [50, 900, 30_000, 400_000])
def test_the_bytes_of_any_stretch_are_those_of_the_whole_recording(demo: Decoding, taken: Annotations, ticks: int) -> None:
    whole = all_octets(demo)
    total = demo.recording.length or 0
    for start in np.linspace(0, total - ticks, 25).astype(int).tolist():
        view = Viewport.whole(total, 1000).between(start, start + ticks)
        wanted = wanted_stretch(view, taken, demo.wiring)
        assert wanted is not None
        stretch = read_stretch(demo.recording, demo.wiring, demo.timebase.rate_hz, wanted)
        # A byte whose last bit is behind the stretch was not read to its end.
        expected = {key: [one for one in octets if one[2] >= start and one[2] < start + ticks] for key, octets in whole.items()}
        assert octets_of(stretch, start, start + ticks) == {key: octets for key, octets in expected.items() if octets}
        assert stretch.changes.end == start + ticks
        assert stretch.fault == ""


def test_edges_are_read_from_where_the_first_transfer_begins(demo: Decoding, taken: Annotations) -> None:
    start = int(demo.snapshot.column("transfers", "start")[5])
    view = Viewport.whole(demo.recording.length or 0, 1000).between(start + 100, start + 200)
    wanted = wanted_stretch(view, taken, demo.wiring)
    assert wanted is not None
    assert (wanted.start, wanted.end, wanted.read_from) == (start + 100, start + 200, start - 1)
    assert {key: starts.tolist() for key, starts in wanted.transfers.items()} == {
        (0, int(demo.snapshot.column("transfers", "port")[5])): [start]
    }


def test_far_out_no_samples_are_wanted(taken: Annotations) -> None:
    view = Viewport.whole(10 * MOST_VISIBLE, 1000)
    assert wanted_stretch(view, taken, Wiring()) is None
    assert wanted_stretch(view.between(0, MOST_VISIBLE), taken, Wiring()) is not None


def test_a_margin_stays_within_the_recording(taken: Annotations) -> None:
    view = Viewport.whole(1000, 100).between(100, 300)
    wanted = wanted_stretch(view, taken, Wiring(), 1.0)
    assert wanted is not None
    assert (wanted.start, wanted.end) == (0, 500)


def test_a_stretch_covers_another_only_with_its_transfers() -> None:
    none: dict[tuple[int, int], np.ndarray[tuple[int], np.dtype[np.int64]]] = {}
    wide = Wanted(0, 100, 0, {(0, 1): np.array([5, 50])})
    assert wide.covers(Wanted(10, 60, 4, {(0, 1): np.array([50])}))
    assert not wide.covers(Wanted(10, 60, 4, {(0, 1): np.array([50, 58])}))
    assert not wide.covers(Wanted(10, 60, 4, {(0, 2): np.array([50])}))
    assert not wide.covers(Wanted(10, 101, 10, none))


class Damaged(InMemory):
    def window(self, start: int, end: int) -> list[LogicChunk]:
        return [Lost(start, end, "part 3 is damaged") if start >= 50 else Samples(start, self._words[start:50])]


def test_a_damaged_stretch_says_what_is_wrong_and_shows_no_edges() -> None:
    recording = Damaged(np.arange(100, dtype=np.uint8), ["a"])
    lost = read_stretch(recording, Wiring(), 1, Wanted(60, 90, 60, {}))
    assert (lost.fault, len(lost.changes.ticks)) == ("part 3 is damaged", 0)
    part = read_stretch(recording, Wiring(), 1, Wanted(10, 90, 10, {}))
    assert (part.fault, part.changes.end) == ("the samples end here", 50)


def line_of(*values: int, ticks_per_bit: int) -> list[int]:
    """The levels of a line that says some bytes and then rests."""
    bits = [bit for value in values for bit in (0, *((value >> place) & 1 for place in range(8)), 1)]
    return np.repeat(np.array(bits, np.uint8), ticks_per_bit).tolist() + [1] * 30_000


def read_serial(levels: list[int], line: UartLine) -> Stretch:
    words = np.array(levels, np.uint8)
    made = Decoding(InMemory(words, ["rx", "tx"]), Wiring((), (line,), ("spi", "serial"))).decode()
    taken = Annotations()
    taken.update(made.snapshot)
    wanted = wanted_stretch(Viewport.whole(len(words), 1000), taken, made.wiring)
    assert wanted is not None
    assert len(wanted.transfers[1, 1]) == made.snapshot.count("transfers")
    return read_stretch(made.recording, made.wiring, 1_000_000, wanted)


@pytest.mark.parametrize("baud", [100_000, None])
def test_serial_bytes_are_decoded_at_the_given_speed_or_at_that_which_was_found(baud: int | None) -> None:
    line = UartLine(0, baud=baud, protocol="raw", stream=1)
    stretch = read_serial([1] * 500 + line_of(0x55, 0xA3, ticks_per_bit=10), line)
    octets = stretch.octets[OctetKey(1, 1, 1)]
    assert octets.value.tolist() == [0x55, 0xA3]
    assert ((octets.last - octets.first) == 70).all()
    assert stretch.octets[OctetKey(1, 1, 0)].value.tolist() == []
    assert stretch.unread == frozenset()


def test_each_burst_of_a_line_is_decoded_at_its_own_speed() -> None:
    said = [1] * 500 + line_of(0x55, 0xA3, 0x5A, ticks_per_bit=10) + line_of(0x55, 0xC4, 0x5A, ticks_per_bit=104)
    stretch = read_serial(said, UartLine(0, protocol="raw", stream=1))
    assert stretch.octets[OctetKey(1, 1, 1)].value.tolist() == [0x55, 0xA3, 0x5A, 0x55, 0xC4, 0x5A]
    assert stretch.unread == frozenset()


def test_a_burst_that_the_end_of_the_recording_cuts_is_decoded_too() -> None:
    said = [1] * 500 + line_of(0x55, 0xA3, ticks_per_bit=10)[:200]
    stretch = read_serial(said, UartLine(0, protocol="raw", stream=1))
    assert stretch.octets[OctetKey(1, 1, 1)].value.tolist() == [0x55, 0xA3]
    assert stretch.unread == frozenset()


def test_real_serial_lines_are_decoded_without_their_speed(samples: Path) -> None:
    for name, text in (("hello_world_8n1_1200", b"Hello World!\r\n"), ("hello_world_7e1_115200", b"Hello")):
        with open_sr(samples / "uart" / f"{name}.sr") as recording:
            made = Decoding(recording, Wiring((), (UartLine(0, protocol="raw", stream=1),), ("spi", "serial"))).decode()
            taken = Annotations()
            taken.update(made.snapshot)
            wanted = wanted_stretch(Viewport.whole(recording.length or 0, 1000), taken, made.wiring)
            assert wanted is not None
            octets = read_stretch(recording, made.wiring, recording.rate_hz or 0, wanted).octets[OctetKey(1, 1, 1)]
        column = made.snapshot.column("bytes", "data")
        assert octets.value.tobytes() == bytes(column[: len(octets.value)])
        assert octets.value.tobytes().startswith(text)
        assert len(octets.value) == 56


def test_bytes_of_both_directions_come_into_their_rows() -> None:
    tool, device = line_of(0x55, 0x31, ticks_per_bit=10), line_of(0x55, 0x32, ticks_per_bit=10)
    rest = [1] * len(tool)
    levels = [high | low << 1 for high, low in zip(rest + device, tool + rest, strict=True)]
    stretch = read_serial([3] * 500 + levels, UartLine(0, tx=1, protocol="raw", stream=1))
    assert stretch.octets[OctetKey(1, 1, 0)].value.tolist() == [0x55, 0x31]
    assert stretch.octets[OctetKey(1, 1, 1)].value.tolist() == [0x55, 0x32]


def test_a_line_whose_speed_is_not_found_says_so() -> None:
    levels = np.array([1] * 500 + line_of(0x55, 0xA3, ticks_per_bit=10), np.uint8)
    line = UartLine(0, protocol="raw", stream=1)
    # The decoder told of a transfer that no speed explains.
    wanted = Wanted(0, len(levels), 0, {(1, 1): np.array([507])}, {(1, 1): np.array([693])})
    stretch = read_stretch(InMemory(levels, ["rx"]), Wiring((), (line,), ("spi", "serial")), 1_000_000, wanted)
    assert stretch.octets[OctetKey(1, 1, 1)].value.tolist() == []
    assert stretch.unread == {OctetKey(1, 1, 1)}


def test_a_port_without_cs_is_decoded_from_the_pause_before_it() -> None:
    clock = [0] * 400 + [0, 1] * 16 + [0] * 400 + [0, 1] * 8 + [0] * 400
    words = np.repeat(np.array(clock, np.uint8), 3) | np.uint8(2)
    port = SpiPort(0, mosi=1, idle_ns=300_000)
    made = Decoding(InMemory(words, ["sck", "mosi"]), Wiring((port,))).decode()
    taken = Annotations()
    taken.update(made.snapshot)
    second = int(made.snapshot.column("transfers", "start")[1])
    wanted = wanted_stretch(Viewport.whole(len(words), 1000).between(second + 10, second + 100), taken, made.wiring)
    assert wanted is not None
    stretch = read_stretch(made.recording, made.wiring, 1_000_000, wanted)
    assert stretch.octets[OctetKey(0, 1, 0)].value.tolist() == [0xFF]


def test_a_recording_on_disk_is_read_the_same_way() -> None:
    with open_sr(timelines.STORY) as recording:
        stretch = read_stretch(recording, Wiring(), 1, Wanted(1000, 2000, 1000, {}))
    assert (stretch.changes.start, stretch.changes.end, stretch.octets) == (1000, 2000, {})


def test_no_byte_is_read_across_a_lost_stretch(demo: Decoding, taken: Annotations) -> None:
    key = OctetKey(0, 1, 0)
    whole = all_octets(demo)[key]
    lost = (whole[2][1] + 1, whole[4][2] - 1)
    recording = InMemory(np.concatenate([chunk.words for chunk in demo.recording.chunks() if isinstance(chunk, Samples)]), [], lost)
    wanted = wanted_stretch(Viewport.whole(recording.length or 0, 1000).between(whole[0][1], whole[8][2]), taken, demo.wiring)
    assert wanted is not None
    stretch = read_stretch(recording, demo.wiring, demo.timebase.rate_hz, wanted)
    assert octets_of(stretch, whole[0][1], whole[8][2] + 1)[key] == whole[:2]
    assert stretch.fault == ""
    assert stretch.changes.end == wanted.end
