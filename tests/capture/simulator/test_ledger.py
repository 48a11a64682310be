"""What the ledger writes down, of what those who took part tell it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from capture.simulator.frames import Frame, Kind, Route, Sighting, fragments
from capture.simulator.ledger import Ledger, PortWitness
from capture.simulator.link import Delivery
from capture.simulator.packets import Packet, Service, Status

HOST, METER, VALVE = 0xACDE480000000001, 0xACDE48000000A001, 0xACDE48000000B002
READ = Packet(HOST, METER, Service.OBJECTS, 1, 7, 20, 1_700_000_000, b"\1\0\x42\0\1")
ANSWER = Packet(METER, HOST, Service.OBJECTS, 1, 7, 30, 0, b"\0", response=True)
DOWN, UP, ACROSS = Route(0, 1), Route(1, 0), Route(1, 2)


def delivery(route: Route, packet: Packet, start_ns: int, end_ns: int) -> Delivery:
    return Delivery(route, packet.encode(), start_ns, end_ns, end_ns + 5)


def enter(ledger: Ledger, port: int, packet: Packet, start_ns: int) -> None:
    """A packet comes in at the host, frame by frame."""
    parts = fragments(packet.encode())
    for index, part in enumerate(parts):
        frame = Frame(Kind.DATA, ACROSS, index % 8, index == 0, index == len(parts) - 1, index, payload=part)
        ledger.entered(port, Sighting(frame, start_ns + 100 * index, start_ns + 100 * index + 90))


def of_kind(entries: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [entry for entry in entries if entry["kind"] == kind]


def test_a_packet_and_its_answer_are_told_with_all_their_fields_and_paired() -> None:
    ledger = Ledger()
    ledger.delivered(1, delivery(DOWN, READ, 100, 200), READ)
    ledger.delivered(1, delivery(UP, ANSWER, 250, 300), ANSWER)
    entries = ledger.take()
    assert entries == [
        {
            "kind": "packet", "time_ns": 100, "no": 1, "end_ns": 200, "port": 1, "source": "acde480000000001",
            "destination": "acde48000000a001", "service": "objects", "operation": "read", "response": False, "status": "ok",
            "transaction": 7, "counter": 20, "time_utc": 1_700_000_000, "payload": "0100420001", "delivered": True,
        },
        {
            "kind": "packet", "time_ns": 250, "no": 2, "end_ns": 300, "port": 1, "source": "acde48000000a001",
            "destination": "acde480000000001", "service": "objects", "operation": "read", "response": True, "status": "ok",
            "transaction": 7, "counter": 30, "time_utc": 0, "payload": "00", "delivered": True,
        },
        {
            "kind": "transaction", "time_ns": 250, "command": 1, "response": 2, "latency_ns": 50,
            "initiator": "acde480000000001", "responder": "acde48000000a001",
        },
    ]  # fmt: skip
    assert json.loads(json.dumps(entries)) == entries
    assert ledger.take() == []


def test_a_forwarded_packet_is_told_as_it_came_in_and_ends_where_it_arrives() -> None:
    ledger = Ledger()
    packet = replace(READ, source=METER, destination=VALVE, payload=bytes(300))
    enter(ledger, 1, packet, 1_000)
    altered = replace(packet, time=packet.time ^ 1)
    ledger.delivered(2, delivery(ACROSS, altered, 5_000, 6_000), altered)
    (entry,) = ledger.take()
    assert (entry["port"], entry["time_ns"], entry["end_ns"], entry["time_utc"]) == (1, 1_000, 6_000, packet.time)
    assert (entry["delivered"], entry["payload"]) == (True, bytes(300).hex())


def test_of_two_packets_on_their_way_the_first_arrives_first_and_the_last_may_be_lost() -> None:
    ledger = Ledger()
    first, second = (replace(READ, source=METER, destination=VALVE, transaction=no, counter=no) for no in (1, 2))
    enter(ledger, 1, first, 0)
    enter(ledger, 1, second, 1_000)
    ledger.never_left(ACROSS)
    ledger.delivered(2, delivery(ACROSS, first, 5_000, 6_000), first)
    assert [(entry["transaction"], entry["delivered"], entry["end_ns"]) for entry in of_kind(ledger.take(), "packet")] == [
        (2, False, 1_090), (1, True, 6_000),
    ]  # fmt: skip


def test_a_lost_command_is_answered_by_nothing() -> None:
    ledger = Ledger()
    enter(ledger, 1, replace(READ, source=METER, destination=VALVE), 0)
    ledger.never_left(ACROSS)
    enter(ledger, 1, replace(ANSWER, source=METER, destination=VALVE, counter=50), 1_000)
    response = replace(ANSWER, source=VALVE, destination=METER)
    ledger.delivered(1, delivery(DOWN, response, 2_000, 2_100), response)
    assert of_kind(ledger.take(), "transaction") == []


def test_a_counter_that_does_not_grow_is_told_with_its_finding() -> None:
    ledger = Ledger()
    for counter in (5, 6, 6, 1, 7):
        packet = replace(READ, counter=counter)
        ledger.delivered(1, delivery(DOWN, packet, counter, counter + 1), packet)
    other = replace(READ, counter=1, destination=VALVE)
    ledger.delivered(2, delivery(Route(0, 2), other, 90, 91), other)
    for counter in (7, 8):
        ledger.broken(1, 100, 101, replace(READ, counter=counter).encode()[:40])
    told = of_kind(ledger.take(), "old-counter")
    assert [(entry["time_ns"], entry["counter"]) for entry in told] == [(6, 6), (1, 1), (100, 7)]
    assert all(entry["findings"] == ["counter-not-increasing"] and entry["source"] == "acde480000000001" for entry in told)


def test_power_energy_links_and_faults_are_told() -> None:
    ledger = Ledger()
    ledger.power(1, 3, "low")
    ledger.energy(2, 3, "low", 0.5, 1.5)
    witness = PortWitness(ledger, 3)
    witness.link_event("nak", Sighting(Frame(Kind.NAK, UP), 4, 5))
    witness.broken(6, 7, b"")
    ledger.fault(8, "bad-crc", 3, ("bad-crc",))
    assert ledger.take() == [
        {"kind": "power", "time_ns": 1, "port": 3, "rail": "low"},
        {"kind": "energy", "time_ns": 2, "port": 3, "rail": "low", "charge_c": 0.5, "energy_j": 1.5},
        {"kind": "nak", "time_ns": 4, "end_ns": 5, "port": 3},
        {"kind": "broken-packet", "time_ns": 6, "end_ns": 7, "port": 3},
        {"kind": "fault", "time_ns": 8, "name": "bad-crc", "port": 3, "findings": ["bad-crc"]},
    ]


def test_every_operation_of_every_service_has_its_name() -> None:
    ledger = Ledger()
    for no, (service, operation) in enumerate(((Service.POWER, 3), (Service.IMAGES, 5), (Service.SECURITY, 7)), 1):
        packet = replace(READ, service=service, operation=operation, counter=no, status=Status.OK)
        ledger.delivered(1, delivery(DOWN, packet, no, no), packet)
    assert [entry["operation"] for entry in ledger.take()] == ["port_state", "abort", "install"]
