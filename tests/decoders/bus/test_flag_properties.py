"""What holds for every stream of bytes, however it is fed."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from capture.formats.bytelog import read_byte_log
from decoders.bus.flag import NOTES, Direction, FlagDecoder, FlagMessage
from tests.decoders.bus.flag_lines import checked, even

SIDES: list[Direction | None] = [None, "h2p", "p2h"]
PHRASES = [
    b"/?!\r\n", b"/ABC5X\r\n", b"/ABC5\\U\\2X\r\n", b"/ABC3X\r\n\r\n1.8.0(1*kWh)\r\n!\r\n", b"/ABC5X\r\n\r\n1(1)\r\n!1234\r\n",
    b"\x06050\r\n", b"\x06257\r\n", b"\x06252\r\n", b"\x06", b"\x15", bytes(7), b"\xa5\x07\x01", b"\x7e\xa0\x7e",
    checked(b"\x02A(1*kWh)\r\n!\r\n\x03"), checked(b"\x02A(1)\x04"), b"\x02A(1)\x03", b"1.8.0(1)\r\n",
    checked(b"\x01R1\x02A()\x03"), checked(b"\x01P0\x02(1)\x03"), checked(b"\x01B0\x03"),
]  # fmt: skip
GRAMMAR = st.sampled_from(b"\x00\x01\x02\x03\x04\x06\x15\r\n/?!()*\\PWREB012579UAa\x81\x82\xaf\xff")
SPEECH = st.one_of(
    st.sampled_from(PHRASES),
    st.sampled_from(PHRASES).map(even),
    st.binary(max_size=8),
    st.lists(GRAMMAR, max_size=12).map(bytes),
)
TURNS = st.lists(st.tuples(st.sampled_from(SIDES), SPEECH), max_size=24)
PAUSES = st.sampled_from([0, 1, 15_000_000, 25_000_000, 2_000_000_000])


def run(pieces: list[tuple[Direction | None, bytes, list[int] | None]]) -> list[FlagMessage]:
    decoder = FlagDecoder()
    messages = []
    for direction, data, ticks in pieces:
        messages += decoder.feed(direction, data, None if ticks is None else np.array(ticks, np.int64))
    return messages + decoder.finish()


def assert_whole(messages: list[FlagMessage], turns: list[tuple[Direction | None, bytes]]) -> None:
    """Every byte is in one message of its line, in order; and what a message says can be shown."""
    total = sum(len(data) for _, data in turns)
    assert sum(len(message.raw) for message in messages) == total
    spoken = {side: b"".join(data for line, data in turns if line == side) for side in SIDES}
    for message in messages:
        assert message.raw
        assert len(message.text) == len(message.raw)
        assert set(message.notes) <= set(NOTES)
        assert list(message.notes) == sorted(message.notes)
        end = message.offset + len(message.raw)
        lines = [message.direction] if message.direction is not None and not spoken[None] else SIDES
        assert any(spoken[line][message.offset : end] == message.raw for line in lines)
        for _, node in message.tree().walk():
            assert 0 <= node.start_bit <= node.end_bit <= 8 * len(message.raw)


def one_by_one(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


@given(TURNS)
def test_every_byte_is_in_exactly_one_message(turns: list[tuple[Direction | None, bytes]]) -> None:
    assert_whole(run([(side, data, None) for side, data in turns]), turns)


@given(TURNS)
def test_two_lines_keep_their_bytes_in_order(turns: list[tuple[Direction | None, bytes]]) -> None:
    turns = [(side or "p2h", data) for side, data in turns]
    messages = run([(side, data, None) for side, data in turns])
    for side in ("h2p", "p2h"):
        mine = sorted((message for message in messages if message.direction == side), key=lambda message: message.offset)
        assert b"".join(message.raw for message in mine) == b"".join(data for line, data in turns if line == side)
        assert all(before.offset + len(before.raw) == after.offset for before, after in pairwise(mine))


@given(TURNS, st.booleans())
def test_feeding_byte_by_byte_changes_nothing(turns: list[tuple[Direction | None, bytes]], joined: bool) -> None:
    if joined:
        turns = [(None, b"".join(data for _, data in turns))]
    whole = run([(side, data, None) for side, data in turns])
    assert run([(side, byte, None) for side, data in turns for byte in one_by_one(data)]) == whole


@given(TURNS, st.data())
def test_feeding_timed_bytes_in_any_pieces_changes_nothing(
    turns: list[tuple[Direction | None, bytes]], data: st.DataObject
) -> None:
    now = 0
    pieces = []
    for side, said in turns:
        ticks = []
        for _ in said:
            now += 1_000_000 + data.draw(PAUSES)
            ticks.append(now)
        pieces.append((side, said, ticks))
    cut: list[tuple[Direction | None, bytes, list[int] | None]] = []
    for side, said, ticks in pieces:
        at = data.draw(st.integers(0, len(said)))
        cut += [(side, said[:at], ticks[:at]), (side, said[at:], ticks[at:])]
    whole = run([(side, said, ticks) for side, said, ticks in pieces])
    assert_whole(whole, turns)
    assert run(cut) == whole
    assert run([(side, said[at : at + 1], ticks[at : at + 1]) for side, said, ticks in pieces for at in range(len(said))]) == whole


@given(st.data())
def test_a_damaged_sample_is_read_to_its_last_byte(samples: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(p for p in (samples / "iec62056").iterdir() if p.suffix != ".csv")))
    turns: list[tuple[Direction | None, bytes]] = []
    for entry in read_byte_log(path):
        said = bytearray(entry.data[:1200])
        for _ in range(data.draw(st.integers(0, 3)) if said else 0):
            at = data.draw(st.integers(0, len(said) - 1))
            said[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
            said = said or bytearray(b"\x00")
        turns.append((entry.direction, bytes(said)))
    if data.draw(st.booleans()):
        turns = [(None, said) for _, said in turns]
    whole = run([(side, said, None) for side, said in turns])
    assert_whole(whole, turns)
    assert run([(side, byte, None) for side, said in turns for byte in one_by_one(said)]) == whole


@given(st.lists(st.binary(min_size=1, max_size=300)))
def test_noise_is_read_to_its_last_byte(pieces: list[bytes]) -> None:
    turns: list[tuple[Direction | None, bytes]] = [(None, piece) for piece in pieces]
    messages = run([(None, piece, None) for piece in pieces])
    assert b"".join(message.raw for message in messages) == b"".join(pieces)
    assert_whole(messages, turns)
    assert run([(None, b"".join(pieces), None)]) == messages
