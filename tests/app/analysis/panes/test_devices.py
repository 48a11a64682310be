"""Who is on the bus, counted from columns."""

from __future__ import annotations

import math

import pytest

from app.analysis.panes.device_list import DeviceList, power_text
from app.analysis.panes.devices import Device, DeviceStatistics, Power, place_of_sender, star
from decoders.bus.wiring import SpiPort, Wiring
from decoders.core.span import Timebase
from decoders.profile.wire_profile import WireProfile
from tests.helpers import growing, umi

HOST, INDEX, VALVE, MODEM = "acde480000000001", "acde48000000a001", "acde48000000b002", "acde48000000c003"
DEMO_WIRING = Wiring(tuple(SpiPort(0, 1, 2, 2 + port, port=port) for port in (1, 2, 3)))


def counted(statistics: DeviceStatistics) -> list[Device]:
    while statistics.grow():
        pass
    return statistics.devices()


@pytest.fixture(scope="module")
def demo() -> list[Device]:
    return counted(DeviceStatistics(growing.whole(umi.shipped("reference-1"), growing.demo()), DEMO_WIRING))


def test_each_port_is_named_by_the_packets_that_came_from_it(demo: list[Device]) -> None:
    assert [(device.title, device.identity) for device in demo] == [
        ("Host", HOST), ("Port 1", INDEX), ("Port 2", VALVE), ("Port 3", MODEM),
    ]  # fmt: skip


def test_traffic_is_what_was_seen_on_the_port_and_in_all_for_the_host(demo: list[Device]) -> None:
    snapshot = growing.whole(umi.shipped("reference-1"), growing.demo())
    host, *ports = demo
    frames = [snapshot.frame(no) for no in range(1, snapshot.count("frames") + 1)]
    for device in ports:
        own = [frame for frame in frames if frame.port == device.port]
        assert device.frames == len(own)
        assert device.malformed == sum(frame.malformed is not None for frame in own)
        assert device.size == sum(len(frame.content) for frame in own)
        assert device.last_seen == max(frame.end for frame in own if frame.direction == "p2h")
        assert device.packets == sum(snapshot.packet(no).port == device.port for no in range(1, snapshot.count("packets") + 1))
    assert (host.frames, host.packets, host.size) == (len(frames), snapshot.count("packets"), sum(len(f.content) for f in frames))
    assert host.last_seen == max(frame.end for frame in frames if frame.direction == "h2p")


def test_a_device_leads_to_the_last_packet_that_it_sent(demo: list[Device]) -> None:
    snapshot = growing.whole(umi.shipped("reference-1"), growing.demo())
    sources = {no: snapshot.packet(no).reading.header["source"] for no in range(1, snapshot.count("packets") + 1)}
    for device in demo:
        assert device.last_packet == max(no for no, source in sources.items() if source == device.identity)


def test_the_last_power_notice_of_a_port_counts(demo: list[Device]) -> None:
    assert [device.power and (device.power.rail, device.power.limit_ma) for device in demo] == [
        None,
        ("low", 50),
        ("low", 50),
        ("low", 50),
    ]
    profile = umi.shipped("reference-1")
    bench = umi.Bench(profile)
    for rail, limit in ((2, 900), (0, 0), (1, 40)):
        bench.frame(1, "power", (0, 1), bytes([1, rail]) + limit.to_bytes(2, "big"))
    bench.frame(2, "power", (0, 2), bytes([2, 2, 0x03, 0x84]))
    devices = counted(DeviceStatistics(growing.whole(profile, umi.decoded(bench.chunks(), profile, bench.wiring)), bench.wiring))
    assert [device.power for device in devices[1:]] == [Power("low", 40, 3), Power("high", 900, 4)]


def test_ports_that_are_wired_and_silent_are_there_too() -> None:
    profile = umi.shipped("reference-1")
    bench = umi.Bench(profile)
    bench.data(1, (0, 1), umi.packet(profile, "objects.read", {"codes": []}, source=HOST, destination=INDEX))
    devices = counted(DeviceStatistics(growing.whole(profile, umi.decoded(bench.chunks(), profile, bench.wiring)), bench.wiring))
    assert [(device.title, device.last_seen is None, device.identity) for device in devices] == [
        ("Host", False, HOST), ("Port 1", True, INDEX), ("Port 2", True, None),
    ]  # fmt: skip
    assert devices[1].last_packet == 1
    assert devices[2].last_packet is None


@pytest.mark.parametrize("profile", [umi.shipped(name) for name in umi.PROFILES], ids=umi.PROFILES)
def test_counting_piece_by_piece_gives_the_same_as_counting_once(profile: WireProfile) -> None:
    pieces = growing.busy(profile)
    tables = growing.GrowingTables(profile, pieces)
    step_by_step = DeviceStatistics(tables.snapshot, Wiring())
    while tables.left:
        tables.add()
        counted(step_by_step)
    once = DeviceStatistics(growing.whole(profile, pieces), Wiring())
    assert step_by_step.devices() == counted(once)
    assert [(device.title, device.identity) for device in step_by_step.devices()] == [
        ("Host", umi.HOST), ("Port 1", umi.METER), ("Port 2", umi.VALVE),
    ]  # fmt: skip


def test_nothing_seen_and_nothing_wired_is_no_device() -> None:
    statistics = DeviceStatistics(growing.whole(umi.shipped("reference-1"), []), Wiring())
    assert not statistics.grow()
    assert statistics.devices() == []


def test_ports_stand_evenly_around_their_host_from_the_top() -> None:
    assert star(0) == []
    assert star(1) == [(0.0, -1.0)]
    places = star(15)
    assert all(math.isclose(math.hypot(x, y), 1) for x, y in places)
    assert len({(round(x, 6), round(y, 6)) for x, y in places}) == 15


def test_a_device_is_a_row_in_words(demo: list[Device]) -> None:
    listing = DeviceList(Timebase(2_000_000))
    listing.devices = demo
    assert listing.order().tolist() == [1, 2, 3, 4]
    row = listing.row(3)
    assert row.cells[:2] == ("Port 2", "AC-DE-48-00-00-00-B0-02")
    assert row.cells[5:7] == ("1", "low 3 V, 50 mA")
    assert listing.summary() == "3 ports, 3 of them heard"


def test_a_rail_is_named_with_its_voltage_and_limit() -> None:
    assert power_text(Power("high", 900, 1)) == "high 12 V, 900 mA"
    assert power_text(Power("off", 0, 1)) == "off"
    assert power_text(Power("7", None, 1)) == "7"
    assert power_text(None) == ""


def test_the_sender_of_a_record_is_found_by_its_route_and_of_a_broken_one_by_its_direction(demo: list[Device]) -> None:
    snapshot = growing.whole(umi.shipped("reference-1"), growing.demo())
    places = {device.identity: at for at, device in enumerate(demo)}
    for no in range(1, snapshot.count("packets") + 1):
        source = snapshot.packet(no).reading.header["source"]
        assert place_of_sender(snapshot, demo, "packets", no) == places[str(source)]
    assert snapshot.frame(22).malformed
    assert place_of_sender(snapshot, demo, "frames", 22) == 1
    assert place_of_sender(snapshot, demo, "frames", 1) == 0
    assert place_of_sender(snapshot, demo, "frames", 999) is None


def test_devices_are_named_with_their_stream_only_where_there_are_several() -> None:
    listing = DeviceList(Timebase(1))
    listing.devices = [Device("left", 0, 0), Device("left", 0, 1)]
    assert [listing.row(no).cells[0] for no in (1, 2)] == ["Host", "Port 1"]
    narrow = listing.columns[0].sample
    listing.devices.append(Device("right", 1, 12))
    assert [listing.row(no).cells[0] for no in (1, 3)] == ["left · Host", "right · Port 12"]
    assert len(listing.columns[0].sample) > len(narrow)
