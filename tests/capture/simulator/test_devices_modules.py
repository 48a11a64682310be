"""ZigBee, wM-Bus and GSM modules: what their tunnels carry, checked by other means than it was made with, and what they draw."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import pairwise

import pytest

from capture.simulator.ledger import Entry
from tests.capture.simulator.live import HOST_ID, Life, device_id, live, port, task

READ_INDEX = port(1, "gas-index") + task("read", 1, "port = 1\ncodes = [0x0042_0100]\nevery_s = 2")
WMBUS = port(2, "wmbus")
ZIGBEE = port(3, "zigbee")
GSM = port(4, "gsm", 'power = "high"')


def carried(life: Life, number: int) -> Iterator[tuple[str, bytes]]:
    """What went through the tunnels of a port, and who said it."""
    for entry in life.packets("tunnelling data", response=False):
        if device_id(number) in {entry["source"], entry["destination"]}:
            yield "host" if entry["source"] == HOST_ID else "device", bytes.fromhex(entry["payload"])[2:]


def opened(life: Life) -> list[tuple[str, str]]:
    """Commands that open and close tunnels, with their sources."""
    found = [*life.packets("tunnelling open", response=False), *life.packets("tunnelling close", response=False)]
    return [(entry["operation"], entry["source"]) for entry in sorted(found, key=lambda entry: entry["time_ns"])]


def mbus_records(frame: bytes) -> dict[int, int]:
    """The decimals of an M-Bus answer by their VIF, after all that the standard says of such a frame was checked."""
    start, length, again, start_again = frame[:4]
    assert (start, start_again, frame[-1]) == (0x68, 0x68, 0x16)
    assert length == again == len(frame) - 6
    assert sum(frame[4:-2]) % 256 == frame[-2]
    assert (frame[4], frame[6]) == (0x08, 0x72)
    found, at = {}, 19
    while at < len(frame) - 2:
        size = frame[at] & 0x07
        assert frame[at] >> 3 == 1, "binary-coded decimals"
        digits = frame[at + 2 : at + 2 + size][::-1].hex()
        assert digits.isdigit()
        found[frame[at + 1]] = int(digits)
        at += 2 + size
    assert at == len(frame) - 2
    return found


def test_a_master_reads_the_meters_that_a_wmbus_module_has_heard() -> None:
    life = live(WMBUS + task("tunnel", 25, "port = 2\nprotocol = 'mbus'\nfor_s = 5"), 32)
    said = list(carried(life, 2))
    pairs = [(frame.hex(), answer) for (who, frame), (_, answer) in pairwise(said) if who == "host"]
    assert pairs[0] == ("1040014116", b"\xe5")
    asked = [answer for frame, answer in pairs if frame.startswith("105b")]
    assert len(asked) == 3
    assert [answer[5] for answer in asked] == [1, 2, 3]
    water, _, heat = map(mbus_records, asked)
    assert set(water) == {0x13, 0x3B}
    assert set(heat) == {0x06, 0x2B, 0x5A, 0x5E}
    assert ("host", bytes.fromhex("1040044416")) in said, "nobody is at address 4"
    assert opened(life) == [("open", HOST_ID), ("close", HOST_ID)]


def test_telegrams_are_passed_on_while_a_tunnel_is_open() -> None:
    life = live(WMBUS + task("tunnel", 1, "port = 2\nprotocol = 'mbus'"), 45)
    told = [frame for who, frame in carried(life, 2) if who == "device" and len(frame) > 1]
    assert len(told) >= 7
    assert {frame[5] for frame in told} == {1, 2, 3}
    for number in 1, 2, 3:
        meter = [frame for frame in told if frame[5] == number]
        assert len({frame[7:11] for frame in meter}) == 1
        counted = [frame[15] for frame in meter]
        assert counted == sorted(counted) or 255 in counted
        assert all(mbus_records(frame) for frame in meter)


def test_a_module_without_a_tunnel_keeps_telegrams_to_itself_and_counts_them() -> None:
    life = live(WMBUS + task("read", 40, "port = 2\ncodes = [0x0043_0100, 0x0043_0101]"), 41)
    assert list(carried(life, 2)) == []
    (answer,) = life.packets("objects read", response=True)
    heard, telegrams = bytes.fromhex(answer["payload"])[7], int.from_bytes(bytes.fromhex(answer["payload"])[-4:], "big")
    assert heard == 3
    assert telegrams >= 6


def test_a_wmbus_module_sends_in_bursts() -> None:
    life = live(WMBUS, 20)
    assert 34e-3 < life.greatest("current2", 2, 20) < 36e-3
    assert life.mean("current2", 2, 20) < 0.2e-3


def zcl_attributes(frame: bytes) -> dict[int, int | None]:
    """What a read response tells, None for what there is not."""
    sizes = {0x22: 3, 0x25: 6, 0x30: 1}
    found: dict[int, int | None] = {}
    at = 3
    while at < len(frame):
        number, status = struct.unpack_from("<HB", frame, at)
        at += 3
        found[number] = None
        if status == 0:
            size = sizes[frame[at]]
            found[number] = int.from_bytes(frame[at + 1 : at + 1 + size], "little")
            at += 1 + size
    return found


def last_volume(life: Life, before_ns: int) -> int:
    """The index that the host had read last before a time."""
    read = [
        entry
        for entry in life.packets("objects read", response=True)
        if entry["end_ns"] < before_ns and entry["source"] == device_id(1)
    ]
    return int.from_bytes(bytes.fromhex(read[-1]["payload"])[-8:], "big")


def data_packets(life: Life, source: str) -> list[Entry]:
    """What one end says in tunnels."""
    return [entry for entry in life.packets("tunnelling data", response=False) if entry["source"] == source]


def test_a_node_asks_through_zigbee_and_the_host_answers_with_what_it_has_read() -> None:
    life = live(READ_INDEX + ZIGBEE + task("tunnel", 3, "port = 3\nprotocol = 'zcl'\nfor_s = 8"), 12)
    said = list(carried(life, 3))
    assert [who for who, _ in said] == ["device", "host"] * (len(said) // 2)
    assert len(said) >= 4
    for (_, question), (_, answer), packet in zip(said[::2], said[1::2], data_packets(life, HOST_ID), strict=True):
        assert question[0] == 0x00
        assert question[3:].hex() == "0000000301030203"
        assert answer[:3] == bytes((0x18, question[1], 0x01))
        volume = last_volume(life, packet["time_ns"])
        assert zcl_attributes(answer) == {0x0000: volume, 0x0300: 1, 0x0301: 1, 0x0302: 1000}


def test_what_the_host_has_not_read_it_does_not_make_up() -> None:
    life = live(ZIGBEE + task("tunnel", 3, "port = 3\nprotocol = 'zcl'\nfor_s = 4"), 8)
    assert zcl_attributes(next(data for who, data in carried(life, 3) if who == "host"))[0x0000] is None


def test_a_zigbee_module_tells_of_the_node_and_transmits_at_thirty_milliamperes() -> None:
    life = live(ZIGBEE, 10)
    (joined,) = (detail for code, detail in life.events(3) if code == 0x0100)
    assert joined[0] == 0x0D
    assert 29e-3 < life.greatest("current3", 3, 10) < 31e-3
    assert life.mean("current3", 3, 10) < 0.2e-3


DIALLED = READ_INDEX + GSM + task("tunnel", 5, "port = 4\nprotocol = 'dlms'")


def ber_is_whole(data: bytes) -> bool:
    """Whether tag, length and content fit, inside constructed ones too."""
    at = 0
    while at < len(data):
        tag, length = data[at], data[at + 1]
        content = data[at + 2 : at + 2 + length]
        if len(content) != length or (tag & 0x20 and not ber_is_whole(content)):
            return False
        at += 2 + length
    return True


def test_a_head_end_associates_gets_what_it_wants_and_releases() -> None:
    life = live(DIALLED, 14)
    said = list(carried(life, 4))
    assert [who for who, _ in said] == ["device", "host"] * 6
    tags = [apdu[0] for _, apdu in said]
    assert tags == [0x60, 0x61, *[0xC0, 0xC4] * 4, 0x62, 0x63]
    assert all(ber_is_whole(apdu) for _, apdu in said if apdu[0] < 0x64)
    requests, responses = ([apdu for _, apdu in said if apdu[0] == tag] for tag in (0xC0, 0xC4))
    for number, (request, response) in enumerate(zip(requests, responses, strict=True), 1):
        assert request[:3] == bytes((0xC0, 0x01, 0xC0 | number))
        assert len(request) == 13
        assert response[:4] == bytes((0xC4, 0x01, 0xC0 | number, 0x00))
    assert opened(life) == [("open", HOST_ID), ("close", device_id(4))]


def test_the_register_that_a_head_end_gets_is_the_volume_that_the_host_has_read() -> None:
    life = live(DIALLED, 14)
    at = next(entry["time_ns"] for entry in data_packets(life, HOST_ID) if entry["payload"][4:14] == "c401c40006")
    apdu = next(apdu for _, apdu in carried(life, 4) if apdu[:5].hex() == "c401c40006")
    assert int.from_bytes(apdu[5:], "big") == last_volume(life, at)
    asked = next(apdu for _, apdu in carried(life, 4) if apdu[:3].hex() == "c001c4")
    assert asked[3:].hex() == "0003" + "0700030000ff" + "02" + "00"


def test_a_gsm_module_asks_for_twelve_volts_and_sends_in_slots() -> None:
    life = live(GSM, 5)
    (request,) = life.packets("power request", response=False)
    assert request["payload"] == "0102bc00000e10"
    assert [entry["rail"] for entry in life.ledger if entry["kind"] == "power"] == ["low", "high"]
    trace = life.traces["current4_12v"]
    sending = trace[int(0.8 * 20_000) : int(1.6 * 20_000)] > 0.3
    starts = (~sending[:-1] & sending[1:]).nonzero()[0]
    assert (starts[-1] - starts[0]) / (len(starts) - 1) / 20_000 == pytest.approx(60 / 13 / 1000, rel=1e-3)
    assert sending.mean() == pytest.approx(1 / 8, abs=0.01)
    assert life.greatest("current4_12v", 3, 5) < 0.02


def test_a_registered_module_says_so_and_asks_what_its_port_gives() -> None:
    life = live(GSM, 4)
    assert [code for code, _ in life.events(4)] == [0x0021, 0x0101]
    (state,) = life.packets("power port_state", response=True)
    assert state["payload"][:2] == "02"


def test_a_gsm_module_in_a_low_power_port_stays_off_the_air_and_complains() -> None:
    life = live(port(4, "gsm") + task("tunnel", 3, "port = 4\nprotocol = 'dlms'"), 5)
    assert [code for code, _ in life.events(4)] == [0x0021, 0x0102]
    assert [entry["status"] for entry in life.packets("tunnelling open", response=True)] == ["busy"]


def test_a_grant_is_renewed_before_it_ends() -> None:
    life = live(GSM, 3700, measured=False)
    assert len(life.packets("power request", response=False)) == 2
    assert [entry["rail"] for entry in life.ledger if entry["kind"] == "power"] == ["low", "high"]


def test_a_module_refuses_a_protocol_that_it_does_not_speak() -> None:
    life = live(
        ZIGBEE + WMBUS + task("tunnel", 2, "port = 3\nprotocol = 'dlms'") + task("tunnel", 2, "port = 2\nprotocol = 'zcl'"), 4
    )
    assert [entry["status"] for entry in life.packets("tunnelling open", response=True)] == ["bad_value", "bad_value"]
