"""Optical links as waveforms: exchanges of EN 62056-21 in all modes, and UMI-opto."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from capture.formats.bytelog import read_byte_log
from decoders.bus.flag import FlagDecoder
from decoders.bus.opto import OptoDecoder
from decoders.bus.opto_umi import EchoFilter
from decoders.bus.wiring import UartLine
from decoders.core.chunk import Lost, Runs, Samples
from decoders.core.errors import UsageError
from decoders.core.frames import H2P, P2H
from decoders.core.transfers import Line, TransferBatch, TransferFlag
from decoders.link import LinkDecoder
from tests.decoders.bus.drawing import split
from tests.decoders.bus.flag_lines import checked
from tests.decoders.bus.opto_drawing import BOTH, ONE, RATE_HZ, RX, TX, Said, decoded, drawn, echoed, frame, heard
from tests.decoders.profile.shipped import REFERENCE

REQUEST = b"/?!\r\n"
METER = b"/ABC5METER\r\n"
SELECT = b"\x06050\r\n"
READOUT = checked(b"\x021.8.0(000123.4*kWh)\r\n2.8.0(000000.0*kWh)\r\n!\r\n\x03")
UMI_METER = b"/UMI5\\UMETER\r\n"
UMI_SELECT = b"\x06257\r\n"
HDLC_METER = b"/ABC5\\2METER\r\n"
HDLC_SELECT = b"\x06252\r\n"
QUESTION = frame(bytes(range(40)), from_tool=True)
ANSWER = frame(bytes(range(40, 60)), from_tool=False)
BREAK = checked(b"\x01B0\x03")

MODE_C = [
    Said(100, "h2p", REQUEST),
    Said(500, "p2h", METER),
    Said(1200, "h2p", SELECT),
    Said(1700, "p2h", READOUT, baud=9600),
]
MODE_C_SAID = [
    ("request", "h2p", REQUEST),
    ("identification", "p2h", METER),
    ("option", "h2p", SELECT),
    ("readout", "p2h", READOUT),
]
SIGN_ON = [
    Said(100, "h2p", REQUEST),
    Said(500, "p2h", UMI_METER),
    Said(1300, "h2p", UMI_SELECT),
    Said(1800, "p2h", UMI_SELECT),
]
SIGN_ON_SAID = [
    ("request", "h2p", REQUEST),
    ("identification", "p2h", UMI_METER),
    ("option", "h2p", UMI_SELECT),
    ("option", "p2h", UMI_SELECT),
]
UMI = [
    *SIGN_ON,
    Said(2100, "h2p", QUESTION, baud=9600, link=True),
    Said(2250, "p2h", ANSWER, baud=9600, link=True),
    Said(2400, "h2p", ANSWER, baud=9600, link=True),
]
lines = pytest.mark.parametrize("line", [BOTH, ONE], ids=["two receivers", "one receiver"])


def later(said: list[Said], by_ms: float) -> list[Said]:
    return [replace(one, start_ms=one.start_ms + by_ms) for one in said]


@lines
def test_a_mode_c_readout_is_followed_to_the_speed_that_was_agreed(line: UartLine) -> None:
    found = heard(*MODE_C, line=line)
    assert found.said == MODE_C_SAID
    assert [message.parity_errors for message in found.messages] == [0, 0, 0, 0]
    assert (found.messages[-1].bcc, found.transfers, found.echoes) == ("ok", [], [])


def test_a_message_spans_its_first_start_bit_and_its_last_stop_bit() -> None:
    readout = heard(*MODE_C).messages[-1]
    assert readout.start == 1700 * 48
    assert readout.end == 1700 * 48 + 50 * len(READOUT)


@lines
@pytest.mark.parametrize("z", range(1, 7))
def test_every_speed_of_mode_c_is_followed(line: UartLine, z: int) -> None:
    baud = 300 << z
    meter, select = b"/ABC%dMETER\r\n" % z, b"\x060%d0\r\n" % z
    said = [Said(100, "h2p", REQUEST), Said(500, "p2h", meter), Said(1200, "h2p", select), Said(1700, "p2h", READOUT, baud)]
    found = heard(*said, line=line, rate_hz=96_000)
    assert [message.raw for message in found.messages] == [REQUEST, meter, select, READOUT]


@lines
def test_in_mode_b_the_data_follow_at_the_speed_of_the_identification(line: UartLine) -> None:
    meter = b"/ABCEMETER\r\n"
    found = heard(Said(100, "h2p", REQUEST), Said(500, "p2h", meter), Said(1150, "p2h", READOUT, 9600), line=line)
    assert found.said == [("request", "h2p", REQUEST), ("identification", "p2h", meter), ("readout", "p2h", READOUT)]


def test_data_of_mode_b_that_come_without_a_pause_lose_no_character() -> None:
    meter = Said(500, "p2h", b"/ABCEMETER\r\n")
    found = heard(Said(100, "h2p", REQUEST), meter, Said(meter.end_ms + 1, "p2h", READOUT, 9600))
    assert [message.raw for message in found.messages] == [REQUEST, meter.data, READOUT]


def test_programming_goes_on_at_the_agreed_speed_and_a_break_ends_it() -> None:
    select, read, data = b"\x06051\r\n", checked(b"\x01R1\x02A()\x03"), checked(b"\x02A(1)\x03")
    found = heard(
        *MODE_C[:2],
        Said(1200, "h2p", select),
        Said(1700, "p2h", checked(b"\x01P0\x02(7)\x03"), 9600),
        Said(2000, "h2p", read, 9600),
        Said(2300, "p2h", data, 9600),
        Said(2600, "h2p", BREAK, 9600),
        Said(2630, "h2p", REQUEST),
    )
    assert found.kinds == "request identification option command command readout break request"
    assert {message.parity_errors for message in found.messages} == {0}


@lines
def test_exchanges_follow_each_other_in_one_recording(line: UartLine) -> None:
    again = later(MODE_C, 5000)
    found = heard(*MODE_C, Said(2500, "h2p", bytes(60)), *again, *later(UMI, 8000), *later(MODE_C, 12_000), line=line)
    assert found.said == [*MODE_C_SAID, ("wakeup", "h2p", bytes(60)), *MODE_C_SAID, *SIGN_ON_SAID, *MODE_C_SAID]
    assert len(found.transfers) == 3


def test_a_request_may_come_soon_after_a_readout() -> None:
    readout = MODE_C[-1]
    found = heard(*MODE_C, Said(readout.end_ms + 50, "h2p", REQUEST), line=ONE)
    assert found.said == [*MODE_C_SAID, ("request", "h2p", REQUEST)]


def test_a_select_that_is_sent_again_is_heard_at_the_speed_of_the_beginning() -> None:
    found = heard(*MODE_C[:3], *later(MODE_C[2:], 1000))
    assert found.said == [*MODE_C_SAID[:3], *MODE_C_SAID[2:]]


def test_a_device_whose_tool_is_not_heard_is_followed_by_its_answer() -> None:
    alone = [one for one in MODE_C if one.side == "p2h"]
    found = heard(*alone, *later(alone, 3000), line=ONE)
    assert found.said == [MODE_C_SAID[1], MODE_C_SAID[3]] * 2


@pytest.mark.parametrize("delay_ms", [0, 0.5, 11, 19])
def test_the_echo_of_a_select_comes_at_the_speed_before_it(delay_ms: float) -> None:
    found = heard(*echoed(MODE_C, delay_ms))
    assert [(message.raw, message.notes) for message in found.messages if message.direction == "p2h"] == [
        (REQUEST, ("echo",)),
        (METER, ()),
        (SELECT, ("echo",)),
        (READOUT, ()),
    ]
    assert [message.raw for message in found.messages if message.direction == "h2p"] == [REQUEST, SELECT]


def test_a_device_with_a_short_reaction_time_may_answer_right_after_the_echo() -> None:
    select = MODE_C[2]
    found = heard(*echoed(MODE_C[:3], 19), Said(select.end_ms + 21, "p2h", READOUT, 9600))
    assert found.messages[-1].raw == READOUT


def test_one_receiver_hears_the_echo_of_a_select_after_it() -> None:
    select = MODE_C[2]
    found = heard(*MODE_C[:3], Said(select.end_ms + 10, "p2h", SELECT), Said(1900, "p2h", READOUT, 9600), line=ONE)
    assert [(message.raw, message.notes) for message in found.messages] == [
        (REQUEST, ()),
        (METER, ()),
        (SELECT, ()),
        (SELECT, ("echo",)),
        (READOUT, ()),
    ]


def test_an_answer_that_begins_like_the_select_is_no_echo() -> None:
    select = MODE_C[2]
    found = heard(*MODE_C[:3], Said(select.end_ms + 15, "p2h", READOUT, 9600), line=ONE)
    assert found.said == MODE_C_SAID


def test_a_select_without_line_feed_is_known_by_what_follows() -> None:
    found = heard(*MODE_C[:2], Said(1200, "h2p", SELECT[:-1]), MODE_C[3], line=ONE)
    assert [message.raw for message in found.messages] == [REQUEST, METER, SELECT[:-1], READOUT]


@lines
def test_hdlc_of_mode_e_is_one_message_a_frame_that_is_no_link_frame(line: UartLine) -> None:
    hdlc = bytes.fromhex("7ea00802210393188f7e")
    found = heard(
        Said(100, "h2p", REQUEST),
        Said(500, "p2h", HDLC_METER),
        Said(1300, "h2p", HDLC_SELECT),
        Said(1800, "p2h", HDLC_SELECT, 9600),
        Said(2000, "h2p", hdlc, 9600, link=True),
        Said(2200, "p2h", hdlc[::-1], 9600, link=True),
        *later(MODE_C, 4000),
        line=line,
    )
    assert [(message.kind, message.raw, message.notes) for message in found.messages[4:6]] == [
        ("garbage", hdlc, ("hdlc",)),
        ("garbage", hdlc[::-1], ("hdlc",)),
    ]
    assert (found.said[6:], found.transfers) == (MODE_C_SAID, [])


@lines
def test_a_umi_device_goes_over_to_bursts_of_link_frames(line: UartLine) -> None:
    found = heard(*UMI, line=line)
    assert found.said == SIGN_ON_SAID
    tool, device = (QUESTION, b""), (b"", ANSWER)
    last = (ANSWER, b"")
    assert found.bursts == ([tool, device, last] if line.tx is not None else [(b"", QUESTION), device, device])
    assert [(one["start"], one["stream"], one["port"], one["flags"]) for one in found.transfers] == [
        (2100 * 48, 0, 1, 0),
        (2250 * 48, 0, 1, 0),
        (2400 * 48, 0, 1, 0),
    ]


@lines
def test_the_link_layer_finds_the_frames_and_nothing_else(line: UartLine) -> None:
    chunk = drawn(UMI, one_receiver=line.tx is None)
    decoder = OptoDecoder(line, RATE_HZ)
    frames = LinkDecoder(REFERENCE, RATE_HZ).feed(decoder.feed(chunk).transfers)
    assert len(decoder.finish().transfers) == 0
    assert frames.malformed.tolist() == [0, 0, 0]
    assert [frames.payload(row) for row in range(3)] == [QUESTION[6:-2], ANSWER[6:-2], ANSWER[6:-2]]
    assert frames.direction.tolist() == ([H2P, P2H, H2P] if line.tx is not None else [P2H, P2H, P2H])


@pytest.mark.parametrize("z", range(7))
def test_link_frames_are_found_at_every_speed(z: int) -> None:
    baud = 300 << z
    meter, select = b"/UMI%d\\UMETER\r\n" % z, b"\x062%d7\r\n" % z
    said = [Said(100, "h2p", REQUEST), Said(500, "p2h", meter), Said(1300, "h2p", select), Said(1800, "p2h", select)]
    said.append(Said(2100, "h2p", QUESTION, baud, link=True))
    found = heard(*said, Said(said[-1].end_ms + 2000, "h2p", REQUEST), rate_hz=96_000)
    assert [message.raw for message in found.messages] == [REQUEST, meter, select, select, REQUEST]
    assert found.bursts == [(QUESTION, b"")]


def test_a_burst_that_an_exchange_follows_has_ended() -> None:
    said = [replace(one, data=one.data.replace(b"5", b"1")) for one in SIGN_ON]
    question = Said(2300, "h2p", QUESTION, 600, link=True)
    found = heard(*said, question, Said(question.end_ms + 50, "h2p", REQUEST))
    assert (found.bursts, found.transfers[0]["flags"]) == ([(QUESTION, b"")], 0)
    assert found.messages[-1].raw == REQUEST


def test_link_bytes_that_look_like_a_request_begin_no_exchange() -> None:
    said = [Said(2100 + 100 * i, "p2h", data, 9600, link=True) for i, data in enumerate([REQUEST, bytes(300), b"/ABC5\r\n"])]
    found = heard(*SIGN_ON, *said[:2], replace(said[2], start_ms=2700))
    assert found.said == SIGN_ON_SAID
    assert found.bursts == [(b"", one.data) for one in said]


@pytest.mark.parametrize("delay_ms", [0, 0.3, 19])
def test_an_echoed_burst_is_left_out_of_the_transfers(delay_ms: float) -> None:
    found = heard(*echoed(UMI, delay_ms))
    assert found.bursts == [(QUESTION, b""), (b"", ANSWER), (ANSWER, b"")]
    starts = [one["p2h" if one["p2h"] else "h2p"][0][1] for one in found.transfers]
    shift = int(delay_ms * 48)
    assert [echo.start - shift for echo in found.echoes] == [pytest.approx(starts[row], abs=1) for row in (0, 2)]
    assert [message.notes for message in found.messages if message.kind == "option"] == [(), ("echo",), ()]


def test_what_comes_back_later_is_the_devices_own() -> None:
    question = UMI[4]
    found = heard(*SIGN_ON, question, replace(question, side="p2h", start_ms=question.end_ms + 21))
    assert found.bursts == [(QUESTION, b""), (b"", QUESTION)]
    assert found.echoes == []


def test_an_answer_in_one_burst_with_the_echo_is_kept() -> None:
    question = UMI[4]
    answer = Said(question.end_ms + 15, "p2h", ANSWER, 9600, link=True)
    found = heard(*echoed([*SIGN_ON, question], 1), answer)
    assert found.bursts == [(QUESTION, b""), (b"", ANSWER)]
    burst = found.transfers[1]
    assert abs(burst["start"] - answer.start_ms * 48) <= 1
    assert abs(burst["end"] - answer.end_ms * 48) <= 5
    assert len(found.echoes) == 1


def test_an_echo_that_differs_by_a_bit_is_kept() -> None:
    question = UMI[4]
    changed = bytes([*QUESTION[:-1], QUESTION[-1] ^ 1])
    found = heard(*SIGN_ON, question, replace(question, side="p2h", data=changed))
    assert found.bursts == [(QUESTION, b""), (b"", changed)]
    assert found.echoes == []


@pytest.mark.parametrize("size", [997, 9973])
@pytest.mark.parametrize("delay_ms", [0, 4])
def test_echoes_are_the_same_in_any_pieces(size: int, delay_ms: float) -> None:
    answer = Said(UMI[4].end_ms + delay_ms + 16, "p2h", ANSWER, 9600, link=True)
    chunk = drawn(echoed([*UMI[:5], answer, *UMI[6:], *later(UMI, 4000)], delay_ms))
    whole = decoded(BOTH, [chunk])
    assert len(whole.echoes) == 4
    assert whole.bursts == [(QUESTION, b""), (b"", ANSWER), (ANSWER, b""), (QUESTION, b""), (b"", ANSWER), (ANSWER, b"")]
    assert decoded(BOTH, split(chunk, range(0, chunk.end, size))) == whole


def test_what_the_tool_sent_is_not_remembered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("decoders.bus.opto_umi._MAX_UNECHOED", 3)
    echo = EchoFilter(char=10, delay=1000)

    def burst(data: bytes, at: int, *, from_tool: bool) -> TransferBatch:
        first = at + 10 * np.arange(len(data), dtype=np.int64)
        line = Line(np.frombuffer(data, np.uint8), np.array([0, len(data)]), first, first + 7)
        one, small = np.array([at]), np.zeros(1, np.uint8)
        silent = Line.silent(1)
        sides = (line, silent) if from_tool else (silent, line)
        return TransferBatch(one, one + 10 * len(data), small, small + np.uint8(1), small, small, *sides)

    for at in range(0, 500, 100):
        echo.feed(burst(b"ab", at, from_tool=True))
    batch, echoes = echo.feed(burst(b"ab", 30, from_tool=False))
    assert (len(batch), echoes) == (1, [])


def test_real_bytes_come_back_from_their_waveform(samples: Path) -> None:
    path = samples / "iec62056" / "smartmeter-obis_ISk_MT174.session.jsonl"
    entries = list(read_byte_log(path))
    said: list[Said] = []
    ms = 100.0
    for entry in entries:
        select = said[-1].data if said and said[-1].data.startswith(b"\x06") else b""
        if select and entry.data.startswith(select):
            said.append(Said(said[-1].start_ms + 5, "p2h", select))
            said.append(Said(said[-1].end_ms + 300, "p2h", entry.data.removeprefix(select), 9600))
        else:
            said.append(Said(ms, entry.direction, entry.data))
        ms = said[-1].end_ms + 400
    flag = FlagDecoder()
    expected = [message for entry in entries for message in flag.feed(entry.direction, entry.data)] + flag.finish()
    found = heard(*said)
    assert [(m.kind, m.raw, m.bcc, m.fields) for m in found.messages] == [(m.kind, m.raw, m.bcc, m.fields) for m in expected]
    assert [m.notes for m in found.messages if m.kind == "option"] == [(), ("echo",)]


SESSIONS = [
    "smartmeter-obis_ACE0_3k260",
    "smartmeter-obis_SIE_2WR5",
    "wirenboard_CE102M",
    "ek270_gas_corrector_commands",
    "energomera_CE301",
]


@pytest.mark.parametrize("name", SESSIONS)
@lines
def test_real_sessions_come_back_at_the_speeds_that_they_agree_on(samples: Path, name: str, line: UartLine) -> None:
    flag = FlagDecoder()
    entries = read_byte_log(samples / "iec62056" / f"{name}.session.jsonl")
    expected = [message for entry in entries for message in flag.feed(entry.direction, entry.data)] + flag.finish()
    said: list[Said] = []
    baud = 300
    for message in expected:
        assert message.direction is not None
        said.append(Said(said[-1].end_ms + 300 if said else 100, message.direction, message.raw, baud))
        baud = message.then.baud if message.then else baud
    found = heard(*said, line=line)
    assert [(m.kind, m.raw, m.bcc, m.parity_errors) for m in found.messages] == [(m.kind, m.raw, m.bcc, 0) for m in expected]


@lines
def test_a_device_that_did_not_get_the_select_goes_on_at_300_bd(line: UartLine) -> None:
    assert heard(*MODE_C[:3], Said(2900, "p2h", READOUT), line=line).said == MODE_C_SAID


@lines
@pytest.mark.parametrize("baud", [300, 2400, 9600])
def test_without_a_speed_the_first_edges_tell_it(line: UartLine, baud: int) -> None:
    found = heard(Said(100, "h2p", REQUEST, baud), Said(500, "p2h", METER, baud), line=replace(line, baud=None))
    assert found.said == MODE_C_SAID[:2]


@lines
def test_without_a_speed_a_recording_may_begin_anywhere(line: UartLine) -> None:
    line = replace(line, baud=None)
    assert heard(Said(0, "h2p", bytes(70)), *later(MODE_C, 4000), line=line).said[1:] == MODE_C_SAID
    assert heard(Said(0, "p2h", READOUT, 9600), *later(MODE_C, 1000), line=line).said[1:] == MODE_C_SAID
    assert heard(*UMI, line=line).said == SIGN_ON_SAID
    assert heard(line=line).said == []


def test_300_bd_is_understood_where_another_speed_was_named() -> None:
    assert heard(*MODE_C, line=replace(BOTH, baud=2400)).said == MODE_C_SAID


def test_pushed_data_of_mode_d_need_no_request() -> None:
    push = b"/ABC3METER\r\n\r\n1.8.0(000123.4*kWh)\r\n!\r\n"
    found = heard(Said(100, "p2h", push, 2400), Said(2000, "p2h", push, 2400), line=replace(ONE, baud=None))
    assert found.kinds == "identification readout identification readout"


def test_a_line_of_one_speed_stays_at_it() -> None:
    said = [replace(one, baud=9600) for one in MODE_C]
    assert heard(*said, *later(said, 3000), line=replace(BOTH, baud=9600)).said == MODE_C_SAID * 2


def test_characters_read_as_8n1_keep_their_parity_bit() -> None:
    found = heard(*MODE_C, line=replace(BOTH, data_bits=8, parity="none"))
    assert found.kinds == "request identification option readout"
    assert [message.notes for message in found.messages[1:]] == [("read-as-8n1",)] * 3


def test_channels_and_polarity_are_those_of_the_wiring() -> None:
    words = drawn(UMI).words.astype(np.uint16)
    turned = np.invert((words & 1) << 9 | (words & 2) << 1).astype(np.uint16)
    line = replace(BOTH, rx=9, tx=2, inverted=True, stream=3)
    found = decoded(line, [Samples(0, turned)])
    assert found.said == SIGN_ON_SAID
    assert [one["stream"] for one in found.transfers] == [3, 3, 3]
    assert found.bursts == heard(*UMI).bursts


def test_the_offset_of_a_message_counts_the_bytes_told_of_its_line() -> None:
    found = heard(*MODE_C, *later(UMI, 3000), *later(MODE_C, 8000))
    told = {"h2p": 0, "p2h": 0}
    for message in found.messages:
        assert message.direction is not None
        assert message.offset == told[message.direction]
        told[message.direction] += len(message.raw)


def test_parity_errors_are_counted() -> None:
    chunk = drawn([Said(100, "h2p", REQUEST)])
    chunk.words[100 * 48 + 160 * 8 : 100 * 48 + 160 * 9] ^= 2
    [message] = decoded(BOTH, [chunk]).messages
    assert (message.raw, message.parity_errors) == (REQUEST, 1)


def test_characters_without_a_stop_bit_are_counted_but_a_line_held_low_is_none() -> None:
    chunk = drawn([Said(100, "h2p", REQUEST), Said(600, "p2h", METER)])
    chunk.words[100 * 48 + 160 * 9 : 100 * 48 + 160 * 9 + 120] &= 1
    messages = decoded(BOTH, [chunk]).messages
    assert [(message.raw, message.framing_errors, message.parity_errors) for message in messages] == [
        (REQUEST, 1, 0),
        (METER, 0, 0),
    ]
    quiet = drawn([Said(100, "h2p", REQUEST)])
    quiet.words[400 * 48 : 500 * 48] &= 1
    assert {message.framing_errors for message in decoded(BOTH, [quiet]).messages} == {0}


def test_the_end_of_the_recording_ends_what_is_open() -> None:
    chunk = drawn(UMI[:5])
    end = 2120 * 48
    found = decoded(BOTH, [Samples(0, chunk.words[:end])])
    assert found.said == SIGN_ON_SAID
    assert [(one["end"], one["flags"]) for one in found.transfers] == [(end, TransferFlag.ENDED_AFTER)]
    identification = decoded(BOTH, [Samples(0, chunk.words[: 705 * 48])]).messages[-1]
    assert (identification.raw, identification.notes) == (b"/UMI5\\", ("cut-short",))


def test_the_end_of_the_recording_does_not_lose_an_echo() -> None:
    chunk = drawn(echoed(MODE_C[:3], 15), tail_ms=1)
    messages = decoded(BOTH, [chunk]).messages
    assert [(message.raw, message.notes) for message in messages[-2:]] == [(SELECT, ()), (SELECT, ("echo",))]


def test_a_gap_ends_what_is_open_and_the_speed_stays() -> None:
    words = drawn(UMI).words
    low, high = 2120 * 48, 2200 * 48
    gap = Lost(low, high, "overrun")
    found = decoded(BOTH, [Samples(0, words[:low]), gap, Samples(high, words[high:])])
    assert found.said == SIGN_ON_SAID
    cut = found.transfers[0]
    assert (cut["end"], cut["flags"]) == (low, TransferFlag.CUT_BY_GAP)
    assert found.bursts[1:] == [(b"", ANSWER), (ANSWER, b"")]
    assert decoded(BOTH, [Samples(0, words[:low]), Samples(high, words[high:])]) == found


@pytest.mark.parametrize("before", [MODE_C, UMI, [Said(0, "p2h", b"/ABC")], []], ids=["mode C", "UMI", "cut", "nothing"])
@pytest.mark.parametrize("baud", [300, None])
@lines
def test_after_a_gap_an_exchange_may_begin_at_once(line: UartLine, before: list[Said], baud: int | None) -> None:
    line = replace(line, baud=baud)
    first = drawn(before, one_receiver=line.tx is None, tail_ms=0)
    second = drawn([replace(one, start_ms=one.start_ms - 99) for one in MODE_C], one_receiver=line.tx is None)
    gap = Lost(first.end, first.end + 1000, "overrun")
    found = decoded(line, [first, gap, Samples(gap.end, second.words)])
    assert found.said[-4:] == MODE_C_SAID
    assert found.said[:-4] == decoded(line, [first]).said


def test_a_speed_that_the_samples_cannot_show_is_not_followed() -> None:
    found = heard(*MODE_C[:3], line=BOTH, rate_hz=12_000)
    assert found.said == MODE_C_SAID[:3]
    assert found.messages[-1].then is not None


def test_too_few_samples_for_the_first_speed_are_refused() -> None:
    with pytest.raises(UsageError, match="9600 baud cannot be read from 12000 samples a second"):
        OptoDecoder(replace(BOTH, baud=9600), 12_000)


def test_no_more_is_kept_than_may_be_read_again() -> None:
    chunk = drawn([*UMI, *later(MODE_C, 5000)])
    decoder = OptoDecoder(BOTH, RATE_HZ)
    for start in range(0, chunk.end, 4800):
        decoder.feed(Samples(start, chunk.words[start : start + 4800]))
        assert len(decoder._history._ticks) < 1200
        assert len(decoder._history.beginnings) < 10


def test_a_quiet_night_costs_nothing() -> None:
    decoder = OptoDecoder(BOTH, RATE_HZ)
    night = Runs(0, 8 * 3600 * RATE_HZ, np.array([0], np.int64), np.array([1 << TX | 1 << RX], np.uint8))
    assert decoder.feed(night).messages == []
    request = drawn([Said(100, "h2p", REQUEST)]).words
    found = decoder.feed(Samples(night.end, request)).messages + decoder.finish().messages
    assert [message.raw for message in found] == [REQUEST]
