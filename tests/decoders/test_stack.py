"""The whole stack: the same records for any chunks, every byte in one record, and every finding in its situation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.capture import LAYERS, Capture
from decoders.bus import buses, spi_port
from decoders.bus.wiring import SpiPort, UartLine, Wiring
from decoders.core.chunk import LogicChunk, Lost, Runs, Samples
from decoders.core.finding import Severity
from decoders.core.transfers import Line
from decoders.power import codes as power
from decoders.profile.framing import find_frames
from decoders.profile.layout import Record
from decoders.profile.wire_profile import WireProfile
from decoders.stack import ALL_CODES, Decoded
from tests.decoders.bus.drawing import runs_of, split
from tests.decoders.bus.serial_drawing import bits_of
from tests.helpers.spi_waveform import FIRST_CS, MISO, MOSI, SCK
from tests.helpers.umi import (
    HOST,
    METER,
    PROFILES,
    RATE_HZ,
    VALVE,
    Bench,
    codes,
    decode,
    decoded,
    dense,
    frame,
    header,
    layers,
    packet,
    shipped,
    without,
)

REFERENCE, VARIANT = (shipped(name) for name in PROFILES)
both_profiles = pytest.mark.parametrize("profile", [REFERENCE, VARIANT], ids=PROFILES)
READ = packet(REFERENCE, "objects.read", {"codes": ["00420001"]}, source=HOST, destination=METER)
NO_VALUES: Record = {"items": []}
SECOND = RATE_HZ


def answer(call: str = "objects.read", payload: Record | bytes = b"\x00", **fields: object) -> bytes:
    usual: dict[str, object] = {"source": METER, "destination": HOST, "response": True}
    return packet(REFERENCE, call, payload, **(usual | fields))


def asked(bench: Bench, content: bytes = READ) -> None:
    bench.data(1, (0, 1), content)


def answered(bench: Bench, content: bytes | None = None) -> None:
    bench.data(1, (1, 0), answer() if content is None else content)


# Every finding in its situation: what is drawn, and all that is found, as (code, record).

Found = list[tuple[str, int | None]]
Drawing = Callable[[Bench], list[LogicChunk] | None]
SITUATIONS: dict[str, tuple[Drawing, Found]] = {}


def situation(*found: tuple[str, int | None]) -> Callable[[Drawing], Drawing]:
    """Registers a drawing and what is found in it."""

    def register(draw: Drawing) -> Drawing:
        SITUATIONS[draw.__name__] = (draw, list(found))
        return draw

    return register


@situation()
def nothing_is_wrong(bench: Bench) -> None:
    asked(bench)
    answered(bench)
    bench.wave.wait(3 * SECOND)


@situation(("partial-word", 1))
def bits_that_fill_no_byte(_bench: Bench) -> list[LogicChunk]:
    low, high = 0b10000, 0b10001  # cs of port 1 active, that of port 2 not
    words = [0b11000] * 9 + [low, high] * 3 + [0b11000] * 9
    return [Samples(0, np.array(words, np.uint8))]


@situation(("cut-transfer", 1))
def a_transfer_that_the_recording_begins_in(_bench: Bench) -> list[LogicChunk]:
    return [Samples(0, np.array([0b10000] * 9 + [0b11000] * 9, np.uint8))]


@situation(("endless-transfer", 1))
def a_transfer_without_end(bench: Bench) -> None:
    bench.say(1, bytes(100))


@situation(("gap", None))
def a_gap(_bench: Bench) -> list[LogicChunk]:
    idle = np.full(50, 0b11000, np.uint8)
    return [Samples(0, idle), Lost(50, 90, "the buffer was full"), Samples(90, idle)]


@situation(("bad-crc", 1))
def a_frame_with_a_flipped_bit(bench: Bench) -> None:
    hit = bytearray(frame(REFERENCE, "poll", (0, 1)))
    hit[2] ^= 0x40
    bench.say(1, bytes(hit), to_device=True)


@situation(("truncated-frame", 1))
def a_frame_without_its_end(bench: Bench) -> None:
    bench.say(1, frame(REFERENCE, "poll", (0, 1))[:-2], to_device=True)


@situation(("garbage", 1))
def bytes_that_are_no_frame(bench: Bench) -> None:
    bench.say(1, b"\x5a\x7e")


@situation(("truncated-frame", 1), ("frame-inside-failed-frame", 2))
def a_frame_in_what_a_failed_one_claims(bench: Bench) -> None:
    bench.say(1, b"\xa5\x40" + frame(REFERENCE, "poll", (0, 1)), to_device=True)


@situation(("unknown-frame-type", 1))
def a_frame_of_a_reserved_type(bench: Bench) -> None:
    bench.frame(1, "data", (0, 1), type=7)


@situation(("route-not-of-port", 1))
def a_frame_on_another_port_than_its_own(bench: Bench) -> None:
    bench.say(2, frame(REFERENCE, "poll", (0, 1)), to_device=True)


@situation(("nak", 2), ("retransmission", 3))
def a_frame_that_is_refused_and_sent_again(bench: Bench) -> None:
    bench.frame(1, "data", (0, 1), READ)
    bench.frame(1, "nak", (1, 0), link_status="busy")
    bench.frame(1, "data", (0, 1), READ)


@situation(("packet-refused", 1), ("nak", 2))
def a_packet_that_is_refused_for_good(bench: Bench) -> None:
    bench.frame(1, "data", (0, 1), packet(REFERENCE, "tunnelling.data", bytes(300))[:248], last=False)
    bench.frame(1, "nak", (1, 0), link_status="no_route")


def refused_at_once(bench: Bench, ports: tuple[int, int]) -> None:
    """The device sends a packet and the host refuses it in the same transfer."""
    data, nak = frame(REFERENCE, "data", ports, READ), frame(REFERENCE, "nak", ports[::-1], link_status="no_route")
    bench.wave.transfer(1, b"\xff" * len(data) + nak, data + b"\xff" * len(nak))
    bench.wave.wait(3 * SECOND)


@situation(("nak", 1), ("packet-refused", 1))
def a_packet_that_is_refused_in_its_own_transfer(bench: Bench) -> None:
    refused_at_once(bench, (1, 0))


@situation(("packet-refused", 1), ("nak", 1))
def a_packet_that_the_host_refuses_to_send_on_in_its_own_transfer(bench: Bench) -> None:
    refused_at_once(bench, (1, 2))


@situation(("bad-crc", 2), ("nak", 1), ("retransmission", 3))
def a_frame_that_is_sent_again_in_the_transfer_of_its_refusal(bench: Bench) -> None:
    data, nak = frame(REFERENCE, "data", (1, 0), READ), frame(REFERENCE, "nak", (0, 1), link_status="bad_crc")
    bad = data[:-1] + bytes((data[-1] ^ 1,))
    filler = b"\xff" * len(data)
    bench.wave.transfer(1, filler + nak + filler, bad + b"\xff" * len(nak) + data)


@situation(("sequence-jump", 3))
def a_sequence_number_that_jumps(bench: Bench) -> None:
    bench.frame(1, "data", (0, 1), READ, seq=1)
    bench.frame(1, "data", (1, 0), answer(), seq=6)
    bench.frame(1, "data", (0, 1), packet(REFERENCE, "power.release", source=HOST, destination=METER, counter=2), seq=4)


@situation(
    ("nak", 2), *[(code, no) for no in (4, 6, 8) for code, no in (("retransmission", no - 1), ("nak", no))], ("stuck-busy", 8)
)
def a_receiver_that_stays_busy(bench: Bench) -> None:
    for _ in range(4):
        bench.frame(1, "data", (0, 1), READ)
        bench.frame(1, "nak", (1, 0), link_status="busy")


@situation(("first-with-index", 1))
def a_first_fragment_with_an_index(bench: Bench) -> None:
    bench.frame(1, "data", (0, 1), READ, fragment=1)


@situation(("short-fragment", 1))
def a_fragment_that_is_short(bench: Bench) -> None:
    content = packet(REFERENCE, "tunnelling.data", bytes(100))
    bench.frame(1, "data", (1, 0), content[:90], last=False)
    bench.frame(1, "data", (1, 0), content[90:], first=False, fragment=1, seq=1)


@situation(("incomplete-packet", 1))
def a_packet_that_another_one_cuts_off(bench: Bench) -> None:
    bench.frame(1, "data", (0, 1), READ + bytes(248 - len(READ)), last=False)
    bench.frame(1, "data", (0, 1), packet(REFERENCE, "power.release", counter=2), seq=1)


@situation(("partial-packet", 1))
def a_packet_that_the_recording_ends_in(bench: Bench) -> None:
    bench.data(1, (1, 0), packet(REFERENCE, "tunnelling.data", bytes(400)), only=[0])


@situation(("partial-packet", 1))
def a_packet_that_the_recording_begins_in(bench: Bench) -> None:
    bench.data(1, (1, 0), packet(REFERENCE, "tunnelling.data", b"\xff" * 400), only=[1])


@situation(("lost-in-forwarding", 1))
def a_packet_that_the_host_does_not_send_on(bench: Bench) -> None:
    bench.wave.wait(3 * SECOND)
    bench.data(1, (1, 2), packet(REFERENCE, "power.release", destination=VALVE))
    bench.wave.wait(SECOND * 5 // 2)
    bench.frame(2, "poll", (0, 2))


@situation(("lost-in-forwarding", 1))
def a_packet_that_is_not_sent_on_and_silence_to_the_end(bench: Bench) -> None:
    bench.wave.wait(3 * SECOND)
    bench.data(1, (1, 2), packet(REFERENCE, "power.release", destination=VALVE))
    bench.wave.wait(3 * SECOND)


@situation(("altered-in-forwarding", 1))
def a_packet_that_the_host_changes(bench: Bench) -> None:
    bench.wave.wait(3 * SECOND)
    content = packet(REFERENCE, "power.release", destination=VALVE)
    bench.data(1, (1, 2), content)
    bench.data(2, (1, 2), content + b"\x01")


@situation(("forwarded-from-nowhere", 1))
def a_packet_that_only_leaves(bench: Bench) -> None:
    bench.wave.wait(3 * SECOND)
    bench.data(2, (1, 2), packet(REFERENCE, "power.release", destination=VALVE))


@situation(("short-packet", 1))
def a_packet_shorter_than_its_header(bench: Bench) -> None:
    answered(bench, READ[:31])


@situation(("body-length", 1), ("malformed-payload", 1))
def a_body_of_another_length(bench: Bench) -> None:
    asked(bench, READ[:-1])


@situation(("wrong-header-constant", 1))
def a_version_that_is_not_the_profile_s(bench: Bench) -> None:
    asked(bench, packet(REFERENCE, "power.release", version=2))


@situation(("unknown-service", 1))
def a_service_without_a_name(bench: Bench) -> None:
    asked(bench, packet(REFERENCE, "power.release", service=9))


@situation(("unknown-operation", 1))
def an_operation_without_a_name(bench: Bench) -> None:
    asked(bench, packet(REFERENCE, "power.release", operation=9))


@situation(("unknown-status", 2))
def a_status_without_a_name(bench: Bench) -> None:
    asked(bench)
    answered(bench, answer(payload=b"", status=77))


@situation(("status-in-command", 1))
def a_command_with_a_status(bench: Bench) -> None:
    asked(bench, packet(REFERENCE, "power.release", status="busy"))


@situation(("operation-failed", 2))
def a_command_that_is_refused(bench: Bench) -> None:
    asked(bench)
    answered(bench, answer(payload=b"", status="denied"))


@situation(("counter-not-increasing", 2))
def a_counter_that_stays(bench: Bench) -> None:
    asked(bench)
    asked(bench)


@situation(("malformed-payload", 1))
def a_payload_of_another_layout(bench: Bench) -> None:
    asked(bench, packet(REFERENCE, "power.port_state", b"\x01\x02"))


@situation(("operation-failed", 2), ("payload-not-empty", 2))
def a_refusal_with_a_payload(bench: Bench) -> None:
    asked(bench)
    answered(bench, answer(payload=b"\x00", status="busy"))


@situation(("malformed-body", 1))
def a_body_too_short_for_its_tag(bench: Bench) -> None:
    asked(bench, packet(REFERENCE, "power.release", bytes(19), encrypted=True))


@situation(("no-response", 1))
def a_command_without_an_answer(bench: Bench) -> None:
    asked(bench)
    bench.wave.wait(3 * SECOND)


@situation(("wrong-transaction", 1))
def an_answer_under_another_number(bench: Bench) -> None:
    asked(bench)
    answered(bench, answer(transaction=2))
    bench.wave.wait(3 * SECOND)


@situation(("clock-drift", 9))
def a_clock_that_runs_fast(bench: Bench) -> None:
    for no in range(1, 7):
        asked(bench, packet(REFERENCE, "power.release", source=HOST, destination=METER, time=1_700_000_000 + 11 * no, counter=no))
        answered(bench, answer("power.release", b"", time=0, counter=no))
        bench.wave.wait(10 * SECOND)


@situation(("late-response", 1))
def an_answer_that_is_late(bench: Bench) -> None:
    asked(bench)
    bench.wave.wait(SECOND * 5 // 2)
    answered(bench)


@situation(("response-without-command", 1))
def an_answer_to_nothing(bench: Bench) -> None:
    answered(bench)


@situation(("response-mismatch", 1))
def an_answer_to_another_operation(bench: Bench) -> None:
    asked(bench)
    answered(bench, answer("power.release", b""))


@pytest.mark.parametrize("name", SITUATIONS)
def test_every_finding_is_made_in_its_situation_and_no_other(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spi_port, "MAX_TRANSFER_BYTES", 1 << 20 if name != "a_transfer_without_end" else 64)
    draw, expected = SITUATIONS[name]
    bench = Bench(REFERENCE)
    chunks = draw(bench) or bench.chunks()
    assert codes(decode(chunks, REFERENCE, bench.wiring)) == expected


def test_a_link_header_s_constant_is_wrong() -> None:
    bench = Bench(VARIANT)
    bench.frame(1, "poll", (0, 1), reserved=1)
    assert codes(bench.decode()) == [("wrong-constant", 1)]


@pytest.mark.parametrize(("bit", "code"), [(9, "parity-error"), (10, "framing-error")])
def test_damaged_characters_of_a_serial_burst_are_told_and_their_bytes_kept(bit: int, code: str) -> None:
    line = UartLine(rx=0, baud=9600, parity="even", protocol="raw")
    poll = frame(REFERENCE, "poll", (0, 1))
    characters = [bits_of(line, byte) for byte in poll]
    characters[-1][bit] ^= 1
    levels = [1] * 30 + [level for character in characters for level in [*character, 1]] + [1] * 300
    words = np.repeat(np.array(levels, np.uint8), 10)
    capture = decode([Samples(0, words)], REFERENCE, Wiring(uart=(line,), streams=("serial",)), rate_hz=96_000)
    assert [(finding.code.name, finding.record) for finding in capture.findings] == [(code, 1)]
    assert [one.content for one in capture.frames()] == [poll]


def test_every_code_has_a_situation() -> None:
    told = {code for _, found in SITUATIONS.values() for code, _ in found} | {"wrong-constant", "parity-error", "framing-error"}
    of_the_supply = {code.name for code in power.CODES}
    assert told == {code.name for code in ALL_CODES} - of_the_supply, "those of the supply have tests of their own"


def test_every_code_has_a_name_of_its_own_a_layer_and_a_meaning() -> None:
    assert len({code.name for code in ALL_CODES}) == len(ALL_CODES)
    for code in ALL_CODES:
        assert code.layer in LAYERS
        assert code.meaning.endswith(".")
        assert code.meaning[0].isupper()
        assert code.name == code.name.lower().replace(" ", "-")


# Gaps and other cuts.


def long_packet(counter: int = 1, **fields: object) -> bytes:
    return packet(REFERENCE, "tunnelling.data", bytes(600), counter=counter, **fields)


def gap_before(chunk: Samples, tick: int, length: int = 10) -> list[LogicChunk]:
    return without(chunk, tick, tick + length)


def test_a_gap_between_frames_cuts_the_packet_and_judges_nothing_in_it() -> None:
    bench = Bench(REFERENCE)
    broken = header(REFERENCE, "tunnelling.data", size=999, service=9, status="busy") + bytes(300)
    bench.data(1, (1, 0), broken, only=[0])
    at = bench.wave.now
    bench.wave.wait(50)
    bench.frame(1, "data", (1, 0), broken[248:], first=False, fragment=1, seq=1)
    bench.wave.wait(3 * SECOND)
    capture = decode(gap_before(dense(bench.wave.runs()), at), REFERENCE, bench.wiring)
    assert codes(capture) == [("partial-packet", 1), ("gap", None), ("partial-packet", 2)]
    first, second = capture.packets()
    assert (first.reading.header["service"], first.reading.whole) == (9, False)
    assert (second.reading.header, second.reading.has_header) == ({}, False)


def test_middle_fragments_alone_have_no_header_however_they_end() -> None:
    bench = Bench(REFERENCE)
    bench.data(1, (1, 0), b"\x19" * 900, only=[1, 2])
    bench.data(1, (1, 0), packet(REFERENCE, "power.release"))
    capture = bench.decode()
    assert codes(capture) == [("incomplete-packet", 1), ("sequence-jump", 3)]
    one, two = capture.packets()
    assert (one.reading.header, one.reading.has_header, one.content) == ({}, False, b"\x19" * 496)
    assert two.reading.header["operation"] == "release"
    assert [(one.command.no if one.command else None) for one in capture.transactions] == [2]


def test_wherever_a_recording_begins_ends_or_has_a_gap_nothing_is_wrong_with_what_was_sent() -> None:
    bench = Bench(REFERENCE)
    bench.frame(1, "reset", (0, 1))
    asked(bench)
    bench.frame(1, "ack", (1, 0))
    answered(bench)
    whole = dense(bench.wave.runs())
    for at in range(0, len(whole.words), 13):
        for chunks in (
            [Samples(0, whole.words[:at])],
            [Samples(0, whole.words[at:])],
            without(whole, at, min(at + 100, len(whole.words))),
        ):
            capture = decode(chunks, REFERENCE, bench.wiring)
            assert {one.code.name for one in capture.findings if one.code.severity > Severity.CHAT} <= {"gap"}, at


def test_a_gap_hides_answers() -> None:
    bench = Bench(REFERENCE)
    asked(bench)
    at = bench.wave.now
    bench.wave.wait(3 * SECOND)
    chunks = without(dense(bench.wave.runs()), at, at + 10)
    assert codes(decode(chunks, REFERENCE, bench.wiring)) == [("gap", None)]


def test_a_packet_waiting_to_be_sent_on_when_the_gap_comes_is_no_unanswered_command() -> None:
    bench = Bench(REFERENCE)
    bench.wave.wait(3 * SECOND)
    bench.data(1, (1, 2), packet(REFERENCE, "power.release", destination=VALVE))
    at = bench.wave.now
    bench.wave.wait(3 * SECOND)
    chunks = without(dense(bench.wave.runs()), at, at + 10)
    assert codes(decode(chunks, REFERENCE, bench.wiring)) == [("gap", None)]


def test_a_forwarded_packet_is_no_regression_even_where_a_gap_parts_its_sightings() -> None:
    bench = Bench(REFERENCE)
    contents = [packet(REFERENCE, "power.release", destination=VALVE, counter=counter, transaction=counter) for counter in (5, 6)]
    bench.data(1, (1, 2), contents[0])
    bench.data(2, (1, 2), contents[0])
    bench.data(1, (1, 2), contents[1])
    at = bench.wave.now
    bench.wave.wait(20)
    bench.data(2, (1, 2), contents[1])
    chunks = without(dense(bench.wave.runs()), at, at + 5)
    capture = decode(chunks, REFERENCE, bench.wiring)
    assert codes(capture) == [("gap", None)]
    assert [one.hop.name for one in capture.packets()] == ["FORWARDED", "UNKNOWN", "UNKNOWN"]


def test_counters_are_judged_in_order_of_first_frames_although_ports_complete_out_of_order() -> None:
    bench = Bench(REFERENCE)
    early, late = long_packet(1), packet(REFERENCE, "power.release", counter=2)
    bench.frame(1, "data", (1, 0), early[:248], last=False)
    bench.frame(2, "data", (2, 0), late)
    bench.frame(1, "data", (1, 0), early[248:496], first=False, last=False, fragment=1, seq=1)
    bench.frame(1, "data", (1, 0), early[496:], first=False, fragment=2, seq=2)
    capture = bench.decode()
    assert [one.reading.header["counter"] for one in capture.packets()] == [2, 1]
    assert codes(capture) == []


def test_a_hole_between_chunks_is_a_gap() -> None:
    bench = Bench(REFERENCE)
    asked(bench)
    whole = dense(bench.wave.runs())
    chunks: list[LogicChunk] = [whole, Samples(whole.end + 40, np.full(30, 0b11000, np.uint8))]
    capture = decode(chunks, REFERENCE, bench.wiring)
    assert codes(capture) == [("gap", None)]
    assert capture.gaps == [Lost(whole.end, whole.end + 40, "the recording leaves out a stretch")]


def test_gaps_for_different_reasons_are_different_gaps() -> None:
    chunks: list[LogicChunk] = [Lost(0, 10, "one"), Lost(10, 30, "one"), Lost(30, 35, "another"), Lost(35, 40, "one")]
    capture = decode(chunks, REFERENCE, Bench(REFERENCE).wiring)
    assert capture.gaps == [Lost(0, 30, "one"), Lost(30, 35, "another"), Lost(35, 40, "one")]
    assert codes(capture) == [("gap", None)] * 3


def test_a_recording_of_nothing_has_no_records() -> None:
    for wiring in (Wiring(), Bench(REFERENCE).wiring):
        capture = decode([], REFERENCE, wiring)
        assert (capture.frame_count, capture.packet_count, capture.findings) == (0, 0, [])


# The same records for any chunks.


def busy(profile: WireProfile) -> Bench:
    """A short recording with a bit of everything."""
    bench = Bench(profile)
    call = {"source": HOST, "destination": METER}
    bench.data(1, (0, 1), packet(profile, "objects.read", {"codes": ["00420001"]}, **call))
    bench.frame(1, "ack", (1, 0))
    bench.data(1, (1, 0), packet(profile, "objects.read", b"", response=True, status="denied"))
    bench.say(2, b"\x5a\x5a\x12")
    bench.data(1, (1, 2), packet(profile, "power.release", counter=2, destination=VALVE))
    bench.data(2, (1, 2), packet(profile, "power.release", counter=2, destination=VALVE))
    bench.data(2, (2, 0), packet(profile, "tunnelling.data", bytes(260), counter=1, source=VALVE))
    bench.say(1, frame(profile, "poll", (0, 1))[:-2], to_device=True)
    bench.data(2, (2, 0), packet(profile, "power.release", counter=1, source=VALVE))
    return bench


def uart_wave(line: UartLine, rate_hz: int, data: bytes) -> list[int]:
    """The levels of one line, some quiet before and behind."""
    assert line.baud is not None
    bits = [1] * 30 + [bit for byte in data for bit in bits_of(line, byte)] + [1] * 250
    return [bit for bit in bits for _ in range(rate_hz // line.baud)]


def two_buses(profile: WireProfile) -> tuple[Samples, Wiring]:
    """SPI and a serial link, busy at the same time."""
    bench = Bench(profile)
    bench.data(1, (1, 2), packet(profile, "power.release", counter=2, destination=VALVE))
    bench.data(2, (1, 2), packet(profile, "power.release", counter=2, destination=VALVE))
    bench.say(2, b"\x5a\x5a\x12")
    line = UartLine(5, baud=RATE_HZ // 2, protocol="raw", stream=1)
    wiring = Wiring(bench.wiring.spi, (line,), ("spi", "opto"))
    request = packet(profile, "objects.read", {"codes": ["00420001"]}, source=HOST, destination=METER, transaction=9)
    spoken = frame(profile, "data", (0, 1), request) + b"\x13\x37" + frame(profile, "ack", (1, 0))
    levels = uart_wave(line, RATE_HZ, spoken)
    words = dense(bench.wave.runs()).words
    both = np.full(max(len(levels), len(words)), 0b11000, np.uint8)
    both[: len(words)] = words
    serial = np.ones(len(both), np.uint8)
    serial[: len(levels)] = levels
    return Samples(0, both | serial << np.uint8(5)), wiring


def said(chunks: Sequence[LogicChunk], profile: WireProfile, wiring: Wiring) -> dict[str, list[Record]]:
    return layers(decoded(chunks, profile, wiring), profile, wiring)


def assert_says_something(found: dict[str, list[Record]]) -> None:
    for layer, recorded in found.items():
        assert recorded, layer
        assert [record["no"] for record in recorded] == list(range(1, len(recorded) + 1))


@both_profiles
def test_one_bus_gives_the_same_sample_by_sample(profile: WireProfile) -> None:
    bench = busy(profile)
    whole = dense(bench.wave.runs())
    expected = said([whole], profile, bench.wiring)
    assert_says_something(expected)
    assert said(split(whole, range(whole.end)), profile, bench.wiring) == expected
    assert said(bench.chunks(), profile, bench.wiring) == expected


@both_profiles
def test_several_buses_give_the_same_sample_by_sample(profile: WireProfile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buses, "WINDOW", 1000)
    whole, wiring = two_buses(profile)
    expected = said([whole], profile, wiring)
    assert_says_something(expected)
    assert {record["stream"] for record in expected["frames"]} == {"spi", "opto"}
    assert said(split(whole, range(whole.end)), profile, wiring) == expected
    assert said([runs_of(whole)], profile, wiring) == expected


@pytest.mark.parametrize("window", [100, 1000, 1 << 22])
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_chunks_of_any_size_and_form_give_the_same(window: int, data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buses, "WINDOW", window)
        whole, wiring = two_buses(REFERENCE)
        start = data.draw(st.integers(0, whole.end))
        end = data.draw(st.integers(start, whole.end))
        chunks = without(whole, start, end)
        cuts = data.draw(st.lists(st.integers(0, whole.end), max_size=30))
        pieces = [piece for chunk in chunks for piece in split(chunk, cuts)]
        pieces = [runs_of(piece) if data.draw(st.booleans()) else piece for piece in pieces]
        assert said(pieces, REFERENCE, wiring) == said(chunks, REFERENCE, wiring)


def test_the_transfers_of_several_buses_come_in_order_of_their_ends() -> None:
    whole, wiring = two_buses(REFERENCE)
    found = said([whole], REFERENCE, wiring)["transfers"]
    ends = [sum(time for time in (record["time_ns"], record["duration_ns"]) if isinstance(time, int)) for record in found]
    assert ends == sorted(ends)
    assert [record["stream"] for record in found] != sorted(str(record["stream"]) for record in found)


def test_several_buses_give_what_each_gives_alone() -> None:
    whole, wiring = two_buses(REFERENCE)
    both = said([whole], REFERENCE, wiring)
    spi = said([whole], REFERENCE, Wiring(wiring.spi))
    opto = said([whole], REFERENCE, Wiring((), wiring.uart, wiring.streams))
    unnumbered = ("no", "packet", "hop")
    for layer in ("transfers", "frames"):
        for alone, stream in ((spi, "spi"), (opto, "opto")):
            mine = [record for record in both[layer] if record["stream"] == stream]
            assert [{**record, **dict.fromkeys(unnumbered)} for record in mine] == [
                {**record, **dict.fromkeys(unnumbered)} for record in alone[layer]
            ]


def test_on_a_serial_link_the_route_says_who_speaks() -> None:
    whole, wiring = two_buses(REFERENCE)
    found = said([whole], REFERENCE, Wiring((), wiring.uart, wiring.streams))["frames"]
    assert [(record["direction"], record["type"]) for record in found] == [("h2p", "data"), ("p2h", None), ("p2h", "ack")]


# Noise.


def bytes_on_the_lines(pieces: Sequence[Decoded]) -> Iterator[tuple[Line, list[tuple[int, int]]]]:
    """Each line of each batch with the places of its records, as first and last tick."""
    for piece in pieces:
        for direction, line in enumerate((piece.transfers.h2p, piece.transfers.p2h)):
            mine = piece.frames.direction == direction
            yield line, list(zip(piece.frames.start[mine].tolist(), piece.frames.end[mine].tolist(), strict=True))


@both_profiles
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_every_byte_of_noise_is_in_one_record_or_filler(profile: WireProfile, data: st.DataObject) -> None:
    bench = Bench(profile)
    valid = [frame(profile, "poll", (0, 1)), frame(profile, "data", (1, 0), packet(profile, "power.release"))]
    token = st.sampled_from([*valid, *(one[:-1] for one in valid), b"\xa5", b"\x7e", b"\x7d", b"\0\0", b"\xff\xff"])
    noise = st.lists(st.binary(max_size=12) | token, max_size=8).map(b"".join)
    for port in data.draw(st.lists(st.sampled_from([1, 2]), max_size=5)):
        bench.wave.transfer(port, data.draw(noise), data.draw(noise))
    pieces = decoded(bench.chunks(), profile, bench.wiring)
    filler = profile.framing.filler | ({profile.framing.flag} if profile.framing.strategy == "hdlc" else set())
    for line, places in bytes_on_the_lines(pieces):
        owners = [sum(start <= tick <= end for start, end in places) for tick in line.first.tolist()]
        assert max(owners, default=0) <= 1
        loose = {byte for byte, owned in zip(line.data.tolist(), owners, strict=True) if not owned}
        assert loose <= filler
        found = find_frames(profile, line)
        assert len(places) == len(found.offset) + len(found.bad_start)
    layers(pieces, profile, bench.wiring)


@both_profiles
@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=600), st.data())
def test_noise_on_all_lines_raises_nothing_and_is_the_same_in_pieces(
    profile: WireProfile, noise: bytes, data: st.DataObject
) -> None:
    lines = UartLine(5, 6, baud=RATE_HZ // 4, protocol="raw", stream=1)
    loose = SpiPort(7, MOSI, MISO, port=3)
    wiring = Wiring((*Bench(profile).wiring.spi, loose), (lines,), ("spi", "opto"))
    whole = Samples(0, np.frombuffer(noise, np.uint8))
    cuts = data.draw(st.lists(st.integers(0, len(noise)), max_size=9))
    assert said(split(whole, cuts), profile, wiring) == said([whole], profile, wiring)


def test_the_lines_of_the_bench_are_where_the_wiring_says() -> None:
    assert (SCK, MOSI, MISO, FIRST_CS) == (0, 1, 2, 3)


def test_what_a_capture_holds_is_what_the_stack_gave() -> None:
    bench = busy(REFERENCE)
    pieces = decoded(bench.chunks(), REFERENCE, bench.wiring)
    capture: Capture = bench.decode()
    assert capture.frame_count == sum(len(piece.frames) for piece in pieces)
    assert capture.packet_count == sum(len(piece.packets) for piece in pieces)
    assert isinstance(bench.wave.runs(), Runs)
