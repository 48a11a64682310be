"""Faults of the link layer: fragments that are not sent, receivers that stay busy, and a host that forwards badly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from capture.simulator.devices.objects import read_command
from capture.simulator.faults.chance import READ, SOME_CODE, Chance
from capture.simulator.frames import Frame, Reason, Sighting
from capture.simulator.packets import HEADER, Service
from capture.simulator.port import Port

FEWEST_FRAGMENTS = 3
"""The last but one is left out, so that the receiver sees its index jump."""
CODES_FOR_FRAGMENTS = 100
"""Of which even refusals fill so many fragments."""
BUSY_TIMES = 5
RESPONSE_FLAG = 8
OnForward = Callable[[Port, Sighting], Sighting | None]


def lost_fragment(chance: Chance) -> None:
    """A device leaves out a fragment of a long packet."""

    def arm(number: int) -> None:
        end = chance.system.devices[number].pins.link
        inner = end.skip

        def skip(frames: list[Frame]) -> list[Frame]:
            left = frames if inner is None else inner(frames)
            if left is not frames or not chance.is_due or len(frames) < FEWEST_FRAGMENTS:
                return left
            chance.strike(chance.system.kernel.now_ns, number)
            return [*frames[:-2], frames[-1]]

        end.skip = skip

    for number in chance.ports():
        arm(number)
    chance.prompt(lambda: chance.read(CODES_FOR_FRAGMENTS))


def stuck_busy(chance: Chance) -> None:
    """A device refuses a data frame as busy, again and again, before it takes it."""
    refused: list[Frame] = []

    def arm(number: int) -> None:
        end = chance.system.devices[number].pins.link
        inner = end.accept

        def accept(frame: Frame) -> Reason:
            if inner is not None and (refusal := inner(frame)) is not Reason.OK:
                return refusal
            if not chance.is_due and frame not in refused:
                return Reason.OK
            if not refused:
                chance.strike(chance.system.kernel.now_ns, number)
            if len(refused) == BUSY_TIMES:
                return Reason.OK
            refused.append(frame)
            return Reason.BUSY

        end.accept = accept

    for number in chance.ports():
        arm(number)
    chance.prompt()


def lost_forwarding(chance: Chance) -> None:
    """The host takes a command from one port for another and forgets it."""
    lost: list[Sighting] = []

    def swallow(_: Port, sighting: Sighting) -> Sighting | None:
        route = sighting.frame.route
        begins = sighting.frame.first and not sighting.frame.payload[0] & RESPONSE_FLAG
        if not lost and begins and chance.is_due and chance.port in {None, route.source}:
            chance.strike(sighting.start_ns, route.source)
            lost.append(sighting)
        if not lost or lost[0].frame.route != route or (lost[-1].frame.last and lost[-1] is not sighting):
            return sighting
        lost.append(sighting)
        if sighting.frame.last:
            chance.system.ledger.never_left(route)
        return None

    _on_forwarding(chance, swallow)


def altered_forwarding(chance: Chance) -> None:
    """The host changes a bit of a packet's time as it sends it on; the receiver cannot notice."""

    def alter(_: Port, sighting: Sighting) -> Sighting | None:
        frame = sighting.frame
        if not chance.is_due or not frame.first or chance.port not in {None, frame.route.source}:
            return sighting
        chance.strike(sighting.start_ns, frame.route.source)
        payload = bytearray(frame.payload)
        payload[HEADER.size - 1] ^= 1
        return replace(sighting, frame=replace(frame, payload=bytes(payload)))

    _on_forwarding(chance, alter)


def _on_forwarding(chance: Chance, act: OnForward) -> None:
    host = chance.system.host
    inner = host.on_forward

    def forward(port: Port, sighting: Sighting) -> Sighting | None:
        onward = sighting if inner is None else inner(port, sighting)
        return act(port, sighting) if onward is sighting else onward

    host.on_forward = forward
    chance.prompt(lambda: _ask_a_peer(chance))


def _ask_a_peer(chance: Chance) -> None:
    """One device reads from another, as those do that were introduced to each other once."""
    met = [number for number in chance.system.ports if chance.is_met(number)]
    asking = next((number for number in met if chance.port in {None, number}), None)
    asked = next((number for number in met if number != asking), None)
    if asking is None or asked is None:
        return
    peer = chance.system.devices[asked].talker.umi_id
    device = chance.system.devices[asking]
    device.command(Service.OBJECTS, READ, read_command([SOME_CODE]), to=(asked, peer))
