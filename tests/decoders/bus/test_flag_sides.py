"""Who says what: echoes, one receiver, and where the exchange goes over to another speed or protocol."""

from __future__ import annotations

import numpy as np
import pytest

from decoders.bus.flag import Continuation, Direction, FlagDecoder, FlagMessage
from tests.decoders.bus.flag_lines import MS, Turn, bits, checked, decode, heard

REQUEST = b"/?!\r\n"
UMI_METER = b"/UMI5\\UMETER\r\n"
HDLC_METER = b"/ABC5\\2METER\r\n"
UMI_SELECT = b"\x06257\r\n"
HDLC_SELECT = b"\x06252\r\n"
FRAME = bytes.fromhex("a5070100000000" + "1234")
TO_UMI = Continuation("umi_link", 9600, "8N1")


def timed(*turns: tuple[Direction | None, bytes, float]) -> list[FlagMessage]:
    """Turns that begin at a millisecond each, at 300 Bd."""
    decoder = FlagDecoder()
    messages = [
        message for direction, data, start_ms in turns for message in decoder.feed(direction, data, *bits(start_ms, len(data)))
    ]
    return messages + decoder.finish()


def sides(messages: list[FlagMessage]) -> list[tuple[str, Direction | None, tuple[str, ...]]]:
    return [(message.kind, message.direction, message.notes) for message in messages]


def test_a_message_spans_its_first_and_last_bit() -> None:
    [message] = timed(("h2p", REQUEST, 100))
    first, last = bits(100, 5)
    assert (message.start, message.end, message.offset) == (first[0], last[-1], 0)


def test_one_tick_a_byte_will_do() -> None:
    [message] = FlagDecoder().feed("h2p", REQUEST, np.arange(5, dtype=np.int64))
    assert (message.start, message.end) == (0, 4)


def test_ticks_must_be_as_many_as_the_bytes() -> None:
    with pytest.raises(ValueError, match="5 bytes need as many ticks"):
        FlagDecoder().feed("h2p", REQUEST, np.arange(4, dtype=np.int64))


def test_a_refused_feed_leaves_nothing_behind() -> None:
    decoder = FlagDecoder()
    with pytest.raises(ValueError, match="as many ticks"):
        decoder.feed("h2p", REQUEST, np.arange(4, dtype=np.int64))
    assert [message.raw for message in decoder.feed("h2p", REQUEST)] == [REQUEST]


def test_parity_errors_are_counted_where_they_are() -> None:
    wrong = np.array([0, 1, 0, 0, 0, 1, 1], np.bool_)
    assert [message.parity_errors for message in FlagDecoder().feed("h2p", REQUEST + b"\x15\x15", parity_errors=wrong)] == [1, 1, 1]


def test_framing_errors_are_counted_where_they_are() -> None:
    wrong = np.array([0, 1, 0, 0, 1, 0, 1], np.bool_)
    messages = FlagDecoder().feed("h2p", REQUEST + b"\x15\x15", framing_errors=wrong)
    assert [(message.framing_errors, message.parity_errors) for message in messages] == [(2, 0), (0, 0), (1, 0)]
    with pytest.raises(ValueError, match="as many ticks and marks"):
        FlagDecoder().feed("h2p", REQUEST, framing_errors=wrong)


def test_one_receiver_tells_the_sides_apart_by_the_grammar() -> None:
    password, read = checked(b"\x01P1\x02(1)\x03"), checked(b"\x01R1\x02A()\x03")
    stream = bytes(9) + REQUEST + b"/ABC5X\r\n\x06051\r\n" + checked(b"\x01P0\x02(7)\x03") + password + b"\x06" + read
    stream += checked(b"\x02A(1)\x04") + b"\x06" + checked(b"\x02(2)\x03") + read + b"\x15" + read + checked(b"\x01B0\x03")
    assert sides(heard(stream)) == [
        ("wakeup", "h2p", ()), ("request", "h2p", ()), ("identification", "p2h", ()), ("option", "h2p", ()), ("command", "p2h", ()),
        ("command", "h2p", ()), ("ack", "p2h", ()), ("command", "h2p", ()), ("readout", "p2h", ()), ("ack", "h2p", ()),
        ("readout", "p2h", ()), ("command", "h2p", ()), ("nak", "p2h", ()), ("command", "h2p", ()), ("break", None, ()),
    ]  # fmt: skip


def test_an_acknowledgement_out_of_the_blue_has_no_known_side() -> None:
    assert sides(heard(b"\x06\x15")) == [("ack", None, ()), ("nak", None, ())]


def test_a_break_after_an_answer_is_the_tools() -> None:
    assert heard(checked(b"\x02A(1)\x03") + checked(b"\x01B0\x03"))[-1].direction == "h2p"


def test_a_message_on_the_wrong_line_is_noted() -> None:
    assert sides(decode(("p2h", REQUEST), ("h2p", b"/ABC5X\r\n"))) == [
        ("request", "p2h", ("unexpected-direction",)),
        ("identification", "h2p", ("unexpected-direction",)),
    ]


@pytest.mark.parametrize("delay_ms", [0, 3, 160, 170, 186])
def test_what_comes_back_while_or_within_20_ms_after_the_tool_sent_is_its_echo(delay_ms: float) -> None:
    request, echo = timed(("h2p", REQUEST, 0), ("p2h", REQUEST, delay_ms))
    assert sides([request, echo]) == [("request", "h2p", ()), ("request", "p2h", ("echo",))]


def test_one_receiver_hears_the_echo_as_the_tools_words() -> None:
    assert sides(timed((None, REQUEST, 0), (None, REQUEST, 180)))[1] == ("request", "h2p", ("echo",))
    assert sides(timed((None, REQUEST, 0), (None, REQUEST, 3000)))[1] == ("request", "h2p", ())


def test_what_differs_by_a_bit_is_no_echo() -> None:
    _, other = timed(("h2p", b"/?1!\r\n", 0), ("p2h", b"/?3!\r\n", 5))
    assert other.notes == ("unexpected-direction",)


def test_an_echo_interleaves_byte_by_byte_with_what_it_echoes() -> None:
    decoder = FlagDecoder()
    said = bytes(5) + REQUEST
    first, last = bits(0, len(said))
    messages = []
    for at in range(len(said)):
        for direction in ("h2p", "p2h"):
            messages += decoder.feed(direction, said[at : at + 1], first[at : at + 1], last[at : at + 1])
    messages += decoder.finish()
    assert sorted(sides(messages)) == sorted(
        [("wakeup", "h2p", ()), ("request", "h2p", ()), ("wakeup", "p2h", ("echo",)), ("request", "p2h", ("echo",))]
    )


def test_an_acknowledgement_is_echoed_before_its_end_is_sure() -> None:
    block, rest = checked(b"\x02A(1)\x04"), checked(b"\x02(2)\x03")
    assert sides(decode(("p2h", block), ("h2p", b"\x06"), ("p2h", b"\x06" + rest))) == [
        ("readout", "p2h", ()), ("ack", "h2p", ()), ("ack", "p2h", ("echo",)), ("readout", "p2h", ()),
    ]  # fmt: skip


def test_a_log_with_one_time_a_message_still_shows_the_echo() -> None:
    decoder = FlagDecoder()
    turns: list[tuple[Direction, int]] = [("h2p", 0), ("p2h", 215), ("p2h", 800)]
    messages = [m for side, ms in turns for m in decoder.feed(side, UMI_SELECT, np.full(6, ms * MS, np.int64))] + decoder.finish()
    assert sides(messages) == [("option", "h2p", ()), ("option", "p2h", ("echo",)), ("option", "p2h", ("no-escape-seen",))]


def test_a_select_is_echoed_at_the_speed_before_it_takes_effect() -> None:
    decoder = FlagDecoder()
    decoder.feed("p2h", b"/ABC5X\r\n", np.zeros(8, np.int64))
    turns: list[tuple[Direction, int]] = [("h2p", 1000), ("p2h", 1215)]
    messages = [
        m for side, ms in turns for m in decoder.feed(side, b"\x06050\r\n", np.full(6, ms * MS, np.int64))
    ] + decoder.finish()
    assert sides(messages)[-2:] == [("option", "h2p", ()), ("option", "p2h", ("echo",))]


def test_nuls_in_mid_exchange_do_not_forget_what_the_device_offered() -> None:
    *_, select = heard(b"/ABC5X\r\n" + bytes(1) + b"\x06040\r\n")
    assert select.notes == ("baud-not-confirmed",)


def test_without_times_a_request_that_comes_back_is_an_echo_since_no_device_asks() -> None:
    assert sides(decode(("h2p", REQUEST), ("p2h", REQUEST)))[1] == ("request", "p2h", ("echo",))


def test_without_times_one_receiver_cannot_tell_an_echo_from_a_second_try() -> None:
    assert sides(heard(REQUEST * 2))[1] == ("request", "h2p", ("echo-ambiguous",))


@pytest.mark.parametrize(("line", "side"), [("p2h", "p2h"), (None, None)])
def test_without_times_a_single_repeated_option_select_is_ambiguous(line: Direction | None, side: Direction | None) -> None:
    tool: Direction | None = None if line is None else "h2p"
    readout = checked(b"\x02A(1)\r\n!\r\n\x03")
    messages = decode((None if line is None else "p2h", b"/ABC5X\r\n"), (tool, b"\x06050\r\n"), (line, b"\x06050\r\n" + readout))
    assert sides(messages)[1:] == [("option", "h2p", ()), ("option", side, ("echo-ambiguous",)), ("readout", "p2h", ())]


@pytest.mark.parametrize("line", ["p2h", None])
def test_an_option_select_heard_three_times_is_said_echoed_and_confirmed(line: Direction | None) -> None:
    tool: Direction | None = None if line is None else "h2p"
    _, said, echo, confirmed = decode((line, UMI_METER), (tool, UMI_SELECT), (line, UMI_SELECT), (line, UMI_SELECT))
    assert sides([said, echo, confirmed]) == [
        ("option", "h2p", ()),
        ("option", "h2p" if line is None else "p2h", ("echo",)),
        ("option", "p2h", ()),
    ]
    assert (said.then, echo.then, confirmed.then) == (None, None, TO_UMI)


def test_a_request_ends_what_the_other_side_left_open() -> None:
    readout, request = decode(("p2h", b"\x02A(1)\r\n"), ("h2p", REQUEST))
    assert (readout.kind, readout.notes) == ("readout", ("cut-short", "missing-etx"))
    assert request.kind == "request"


def test_a_pause_of_more_than_1500_ms_ends_a_message() -> None:
    early, late = timed((None, b"/?12", 0), (None, b"3!\r\n", 4 * 1000 / 30 + 1501))
    assert (early.kind, early.notes) == ("request", ("cut-short",))
    assert late.kind == "garbage"
    [whole] = timed((None, b"/?12", 0), (None, b"3!\r\n", 4 * 1000 / 30 + 1499))
    assert whole.notes == ()


def test_the_rate_of_the_ticks_is_the_callers() -> None:
    decoder = FlagDecoder(rate_hz=1000)
    messages = decoder.feed(None, b"/?/?!\r\n", np.array([0, 1, 2000, 2001, 2002, 2003, 2004], np.int64))
    assert [message.raw for message in messages] == [b"/?", REQUEST]


def sign_on(identification: bytes, select: bytes) -> list[tuple[Direction | None, bytes, float]]:
    return [("h2p", REQUEST, 0), ("p2h", identification, 400), ("h2p", select, 1200), ("p2h", select, 1200 + 200 + 220)]


def test_a_umi_device_confirms_at_300_bd_and_both_go_over_to_link_frames() -> None:
    *_, said, confirmed = timed(*sign_on(UMI_METER, UMI_SELECT))
    assert (said.direction, said.then) == ("h2p", None)
    assert (confirmed.direction, confirmed.notes, confirmed.then) == ("p2h", (), TO_UMI)
    assert confirmed.offset + len(confirmed.raw) == len(UMI_METER) + len(UMI_SELECT)


def test_the_echo_of_the_select_is_not_its_confirmation() -> None:
    turns = sign_on(UMI_METER, UMI_SELECT)
    echoed = [*turns[:3], ("p2h", UMI_SELECT, 1203.0)]
    *_, echo = timed(*echoed)
    assert (echo.notes, echo.then) == (("echo",), None)
    *_, echo, confirmed = timed(*echoed, turns[3])
    assert (echo.notes, confirmed.notes, confirmed.then) == (("echo",), (), TO_UMI)


def test_one_receiver_tells_the_confirmation_from_the_echo_by_its_time() -> None:
    *_, echo, confirmed = timed(
        *[
            (None, data, at)
            for _, data, at in [*sign_on(UMI_METER, UMI_SELECT)[:3], ("p2h", UMI_SELECT, 1405.0), ("p2h", UMI_SELECT, 1840.0)]
        ]
    )
    assert sides([echo, confirmed]) == [("option", "h2p", ("echo",)), ("option", "p2h", ())]
    assert confirmed.then == TO_UMI


def test_a_device_that_offers_no_escape_is_not_a_umi_device() -> None:
    *_, confirmed = timed(*sign_on(b"/ABC5METER\r\n", UMI_SELECT))
    assert confirmed.direction == "p2h"
    assert confirmed.then is None


def test_link_frames_after_the_switch_are_handed_on_whole() -> None:
    turns: list[Turn] = [("p2h", UMI_METER), ("h2p", UMI_SELECT), ("p2h", UMI_SELECT * 2)]
    *_, frame, answer = decode(*turns, ("h2p", FRAME + b"\x00\x02"), ("p2h", FRAME))
    assert sides([frame, answer]) == [("garbage", "h2p", ("umi-link",)), ("garbage", "p2h", ("umi-link",))]
    assert (frame.raw, answer.raw) == (FRAME + b"\x00\x02", FRAME)
    assert frame.fields == {"protocol": "umi_link"}


def test_a_pause_of_20_characters_ends_a_burst_of_link_frames() -> None:
    decoder = FlagDecoder()
    for direction, data, at in sign_on(UMI_METER, UMI_SELECT):
        decoder.feed(direction, data, *bits(at, len(data)))
    messages = [m for ms in (3000, 3020, 3052) for m in decoder.feed("h2p", FRAME, *bits(ms, len(FRAME), 9600))] + decoder.finish()
    assert [message.raw for message in messages] == [FRAME * 2, FRAME], "10 ms and 22 ms after the last character"


def test_a_request_leaves_the_link() -> None:
    turns: list[Turn] = [("p2h", UMI_METER), ("h2p", UMI_SELECT), ("p2h", UMI_SELECT * 2), ("h2p", FRAME), ("p2h", FRAME)]
    *_, request, identification = decode(*turns, ("h2p", REQUEST), ("p2h", b"/ABC5X\r\n"))
    assert sides([request, identification]) == [("request", "h2p", ()), ("identification", "p2h", ())]


def test_an_ambiguous_switch_is_taken_when_a_frame_follows() -> None:
    *_, confirmed, frame = heard(UMI_METER + UMI_SELECT * 2 + FRAME)
    assert confirmed.then == Continuation("umi_link", 9600, "8N1", certain=False)
    assert confirmed.notes == ("echo-ambiguous",)
    assert (frame.raw, frame.notes) == (FRAME, ("umi-link",))


def test_an_ambiguous_switch_is_dropped_when_the_exchange_goes_on() -> None:
    *_, repeated, readout = heard(UMI_METER + UMI_SELECT * 2 + checked(b"\x02A(1)\x03"))
    assert repeated.notes == ("echo-ambiguous",)
    assert (readout.kind, readout.bcc) == ("readout", "ok")


def test_mode_e_confirms_at_the_new_speed_and_goes_over_to_hdlc() -> None:
    *_, said, confirmed = timed(*sign_on(HDLC_METER, HDLC_SELECT))
    assert said.then == Continuation("flag", 9600, "7E1")
    assert confirmed.then == Continuation("hdlc", 9600, "8N1")
    turns: list[Turn] = [("p2h", HDLC_METER), ("h2p", HDLC_SELECT), ("p2h", HDLC_SELECT * 2), ("h2p", b"\x7e\xa0\x07\x7e")]
    assert decode(*turns)[-1].notes == ("hdlc",)


def test_a_break_goes_back_to_300_bd() -> None:
    *_, broken = heard(b"/ABC5X\r\n\x06051\r\n" + checked(b"\x02A(1)\x03") + checked(b"\x01B0\x03"))
    assert broken.then == Continuation("flag", 300, "7E1")
