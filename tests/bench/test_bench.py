"""The benchmark: its traffic is what it says, every program finds it, and its table is well formed. No speed is judged here."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from bench import against_sigrok, against_tshark, program, serial_traffic, spi_traffic, waveform
from bench.__main__ import main, rows
from bench.conversation import Conversation, Sent, batches, transfers
from bench.process import ProgramError, measured
from bench.report import BEGIN, END, Row, placed, scaled, table
from bench.sizes import QUICK
from decoders.bus.spi import SpiDecoder
from decoders.bus.uart import CharBatch, UartDecoder
from decoders.core.transfers import Line, TransferBatch
from decoders.link import LinkDecoder
from decoders.profile.wire_profile import WireProfile

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="what a process used cannot be measured there")


@pytest.fixture(scope="module")
def profile() -> WireProfile:
    return against_tshark.reference_profile()


def bytes_of(batches: Sequence[TransferBatch]) -> list[tuple[bytes, bytes]]:
    def of(line: Line, row: int) -> bytes:
        return line.data[line.offset[row] : line.offset[row + 1]].tobytes()

    return [(of(batch.h2p, row), of(batch.p2h, row)) for batch in batches for row in range(len(batch))]


def drawn(traffic: waveform.Traffic) -> list[tuple[bytes, bytes]]:
    bounds = list(zip(traffic.offset[:-1].tolist(), traffic.offset[1:].tolist(), strict=True))
    return [(traffic.mosi[start:end].tobytes(), traffic.miso[start:end].tobytes()) for start, end in bounds]


@pytest.mark.parametrize("busy", [0.95, 0.3, 0.01])
def test_spi_traffic_holds_its_bytes_and_is_as_busy_as_it_says(busy: float) -> None:
    decoder = SpiDecoder([waveform.PORT], waveform.RATE_HZ)
    sent, found, end, clocked = [], [], 0, 0
    for traffic, runs in spi_traffic.bursts(30_000_000, busy, seed=7):
        assert runs.start == end
        end = runs.end
        clocked += len(traffic.mosi) * waveform.BYTE_TICKS
        sent += drawn(traffic)
        found.append(decoder.feed(runs))
    found.append(decoder.finish())
    assert bytes_of(found) == sent
    assert end >= 30_000_000
    assert clocked / end == pytest.approx(busy, rel=0.3)


def test_a_bit_lasts_about_eight_samples() -> None:
    halves = waveform.half_bit_ticks(1000)
    assert set(halves.tolist()) == {4, 5}
    assert 8 < 2 * halves.mean() < 8.3


def test_serial_traffic_holds_its_bytes() -> None:
    decoder = UartDecoder(0, serial_traffic.LINE, serial_traffic.RATE_HZ)
    sent, found, end = b"", [], 0
    for data, runs in serial_traffic.characters(1_000_000, seed=7):
        assert runs.start == end
        end = runs.end
        sent += data.tobytes()
        found.append(decoder.feed(runs))
    found.append(decoder.finish())
    characters = CharBatch.joined(found)
    assert characters.value.astype(np.uint8).tobytes() == sent
    assert not characters.flags.any()


def test_a_conversation_is_half_data_half_answers_and_a_thousandth_damaged() -> None:
    conversation = Conversation(seed=7)
    sent = list(islice(conversation.sent(), 20_000))
    good = [one.content for one in sent if one.good]
    kinds = [content[3] >> 5 for content in good]
    assert (len(good), len(sent) - len(good)) == (conversation.frames, conversation.damaged)
    assert conversation.damaged / kinds.count(0) == pytest.approx(0.001, rel=0.8)
    assert kinds.count(2) == conversation.damaged
    assert kinds.count(0) == pytest.approx(kinds.count(1) + kinds.count(2), abs=kinds.count(2) + 1)
    payloads = [len(content) - 8 for content in good if content[3] >> 5 == 0 and content[3] >> 3 & 3 == 3]
    assert min(payloads) >= 35
    assert max(payloads) <= 80
    assert any(content[5] == 2 for content in good), "some packets have three fragments"


def test_each_frame_of_a_conversation_stands_alone_in_its_transfer(profile: WireProfile) -> None:
    for sent, traffic in islice(batches(Conversation(seed=7), 2000, 100), 2):
        frames = LinkDecoder(profile, waveform.RATE_HZ).feed(transfers(traffic, 0))
        found = [
            Sent(frames.data[at : at + size].tobytes(), direction, good=not malformed)
            for at, size, direction, malformed in zip(
                frames.offset.tolist(), frames.size.tolist(), frames.direction.tolist(), frames.malformed.tolist(), strict=True
            )
        ]
        assert [one for one in found if one.good] == [one for one in sent if one.good]
        assert frames.transfer.tolist() == list(range(2000))


def test_stored_transfers_are_those_that_the_bus_would_show() -> None:
    _, traffic = next(batches(Conversation(seed=7), 500, 100))
    decoder = SpiDecoder([waveform.PORT], waveform.RATE_HZ)
    seen = [decoder.feed(waveform.draw(traffic, 0)), decoder.finish()]
    assert bytes_of(seen) == bytes_of([transfers(traffic, 0)]) == drawn(traffic)


def spi_file(folder: Path) -> against_sigrok.Recorded:
    return against_sigrok.record(folder / "spi.sr", against_sigrok.SPI, against_sigrok.spi_pieces(50_000, 0.95))


def uart_file(folder: Path) -> against_sigrok.Recorded:
    return against_sigrok.record(folder / "uart.sr", against_sigrok.UART, against_sigrok.uart_pieces(100_000))


@pytest.mark.parametrize(("bus", "file"), [(against_sigrok.SPI, spi_file), (against_sigrok.UART, uart_file)], ids=["spi", "uart"])
def test_both_programs_find_the_bytes_that_were_sent_and_other_bytes_are_noticed(
    tmp_path: Path, bus: against_sigrok.Bus, file: Callable[[Path], against_sigrok.Recorded]
) -> None:
    recorded = file(tmp_path)
    other = replace(recorded, tally=recorded.tally.replace(recorded.tally[-1], "x"))
    against_sigrok.own_run(bus, recorded)
    with pytest.raises(against_sigrok.DifferentBytesError):
        against_sigrok.own_run(bus, other)
    sigrok = shutil.which("sigrok-cli")
    if sigrok is None:
        pytest.skip("sigrok-cli is not installed: the comparison needs it (package sigrok-cli)")
    against_sigrok.sigrok_run(sigrok, bus, recorded)
    with pytest.raises(against_sigrok.DifferentBytesError):
        against_sigrok.sigrok_run(sigrok, bus, other)


def test_tshark_finds_the_frames_that_were_sent_and_other_frames_are_noticed(tmp_path: Path) -> None:
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("tshark is not installed: the comparison needs it (package tshark)")
    sent = list(islice(Conversation(seed=7).sent(), 6000))
    assert not all(one.good for one in sent)
    assert against_tshark.tshark_speed(tshark, tmp_path, sent) > 0
    with pytest.raises(against_tshark.DifferentFramesError):
        against_tshark.tshark_speed(tshark, tmp_path, [replace(one, good=True) for one in sent])


def test_a_long_recording_gives_as_many_packets_as_were_sent(tmp_path: Path) -> None:
    conversation, samples = program.record_conversation(tmp_path / "long.sr", 1_000_000, 0.95)
    assert 1_000_000 <= samples < 2_000_000
    run = program.decode(tmp_path / "long.sr", "packets", conversation.packets)
    assert run.peak_bytes > 1_000_000
    with pytest.raises(program.WrongOutputError):
        program.decode(tmp_path / "long.sr", "packets", conversation.packets + 1)


def test_the_memory_of_a_program_is_its_own_not_that_of_whoever_starts_it(tmp_path: Path) -> None:
    large = np.ones(300_000_000, np.uint8)
    assert measured(["true"], tmp_path / "out").peak_bytes < len(large) / 4


def test_a_program_that_fails_is_no_figure(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="ended with 3: sorry"):
        measured(["sh", "-c", "echo sorry >&2; exit 3"], tmp_path / "out")


def test_every_row_of_the_table_has_its_figure_and_programs_that_are_missing_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    found = list(rows(tmp_path, QUICK))
    with_target = [row for row in found if row.target != "–"]
    assert len(with_target) == 12
    assert [row.reached is None for row in with_target] == ["sigrok-cli is not installed" in row.value for row in with_target]
    assert sum("sigrok-cli is not installed" in row.value for row in found) == 3
    assert sum("tshark is not installed" in row.value for row in found) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "bench: " in err


def test_a_table_has_a_line_for_each_row_and_is_put_between_the_markers() -> None:
    text = table(
        [Row("a | b", "2 MS/s", "≥ 1 MS/s", reached=True, how="so"), Row("c", "1 s", "≤ 0.5 s", reached=False), Row("d", "3")]
    )
    assert text.splitlines() == [
        "| What | Measured | Target | Reached | How |",
        "|---|---|---|---|---|",
        r"| a \| b | 2 MS/s | ≥ 1 MS/s | yes | so |",
        "| c | 1 s | ≤ 0.5 s | **no** |  |",
        "| d | 3 | – | – |  |",
    ]
    readme = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert placed(readme, "new") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    assert placed("before", "new") is None
    assert placed(f"{END}{BEGIN}", "new") is None


def test_quick_figures_are_kept_out_of_the_readme(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["bench", "--quick", "--write-readme"])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "leave out --quick" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(1.234e9, "S/s", "1.23 GS/s"), (37_400, " frames", "37.4 k frames"), (512, " frames", "512 frames"), (0.5, "S/s", "0.50 S/s")],
)
def test_figures_have_three_digits(value: float, unit: str, text: str) -> None:
    assert scaled(value, unit) == text
