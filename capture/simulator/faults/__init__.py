"""Faults that act on the wire or in one device: their names, what they should be found as, and how they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from capture.simulator.faults import application, link, power, recording, wire
from capture.simulator.faults.chance import Chance
from capture.simulator.kernel import NS_PER_S
from capture.simulator.scenario import MOST_PORTS, FaultPlan
from decoders.core.document import suggestion
from decoders.core.errors import UsageError

if TYPE_CHECKING:
    from capture.simulator.system import System


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault: what it does, the codes of the findings that it raises, and what it waits for."""

    name: str
    description: str
    findings: tuple[str, ...]
    arm: Callable[[Chance], None]
    waits_for: str = "a device that the host knows"


FAULTS = (
    Fault("bad-crc", "A data frame of the host's has a wrong checksum", ("bad-crc",), wire.bad_crc),
    Fault("bit-noise", "Single bits fall over, in frames and between them", ("bad-crc", "garbage"), wire.bit_noise),
    Fault("lost-fragment", "A device leaves out a fragment of a long packet", ("incomplete-packet",), link.lost_fragment),
    Fault("lost-ack", "An acknowledgement does not come through, so that a frame is sent again", (), wire.lost_ack),
    Fault("garbage", "A device puts bytes on its line that are no frame", ("garbage",), wire.garbage),
    Fault("cut-transfer", "Cs is released in the middle of a frame", ("truncated-frame",), wire.cut_transfer),
    Fault(
        "lost-forwarding",
        "The host forgets a command that it should forward",
        ("lost-in-forwarding",),
        link.lost_forwarding,
        "a command from one device to another",
    ),
    Fault(
        "altered-forwarding",
        "The host alters a packet that it forwards",
        ("altered-in-forwarding",),
        link.altered_forwarding,
        "a packet from one device to another",
    ),
    Fault("stuck-busy", "A device refuses a frame as busy again and again", ("stuck-busy",), link.stuck_busy),
    Fault("over-current", "A device draws more than its port may give", ("over-current",), power.over_current),
    Fault("brown-out", "The voltage gives way during a transfer", ("brown-out",), power.brown_out),
    Fault("leakage", "Current flows on a rail that is off", ("leakage",), power.leakage, "a port that can be switched off"),
    Fault("slow-response", "A device answers too late", ("late-response",), application.slow_response),
    Fault("no-response", "A device does not answer a command", ("no-response",), application.no_response),
    Fault("wrong-transaction", "A device answers under another number", ("wrong-transaction",), application.wrong_transaction),
    Fault("counter-reset", "A device forgets its counter", ("counter-not-increasing",), application.counter_reset),
    Fault("clock-drift", "The host's clock runs 5 % fast", ("clock-drift",), application.clock_drift),
    Fault("capture-gap", "The logic analyser loses 50 ms", ("gap",), recording.capture_gap),
)
BY_NAME = {fault.name: fault for fault in FAULTS}


def known() -> frozenset[str]:
    """The names of all faults."""
    return frozenset(BY_NAME)


def arm(system: System, gaps: list[tuple[int, int]], plans: tuple[FaultPlan, ...], end_ns: int) -> list[Chance]:
    """Arm faults; one without a time strikes after a third of the whole."""
    chances = []
    for plan in plans:
        fault = BY_NAME[plan.name]
        at_ns = end_ns // 3 if plan.at_ns is None else plan.at_ns
        if at_ns >= end_ns:
            what = f"the fault {plan.name} should strike from {at_ns / NS_PER_S:g} s on, but all ends at {end_ns / NS_PER_S:g} s"
            raise UsageError(what, "--fault", "name an earlier time or simulate for longer")
        if plan.port is not None and plan.port not in system.ports:
            raise UsageError(f"there is no port {plan.port} for the fault {plan.name}", "--fault", _ports_text(system))
        chance = Chance(system, fault.name, fault.findings, at_ns, plan.port, gaps)
        fault.arm(chance)
        chances.append(chance)
    return chances


def _ports_text(system: System) -> str:
    return f"{system.scenario.name} has {', '.join(map(str, system.ports))}"


def check_struck(chances: list[Chance]) -> None:
    """Raise UsageError for a fault that never had its chance."""
    for chance in chances:
        if not chance.has_struck:
            place = "" if chance.port is None else f" on port {chance.port}"
            what = f"the fault {chance.name} found no chance: from {chance.at_ns / NS_PER_S:g} s on there was{place} never "
            remedy = "simulate for longer or choose another scenario, time or port"
            raise UsageError(what + BY_NAME[chance.name].waits_for, "--fault", remedy)


def fault_plan(text: str) -> FaultPlan:
    """A fault as the command line names it: `NAME`, `NAME@SECONDS`, `NAME:port=N` or `NAME@SECONDS:port=N`; else UsageError."""
    name, _, rest = text.partition(":")
    name, at, seconds = name.partition("@")
    if name not in BY_NAME:
        raise UsageError(f"there is no fault '{name}'", "--fault", suggestion(name, BY_NAME, "choose from"))
    key, equals, number = rest.partition("=")
    if rest and not (key == "port" and equals and number.isdecimal() and 1 <= int(number) <= MOST_PORTS):
        raise UsageError(f"'{rest}' is no port", "--fault", f"write {name}:port=1 with a port from 1 to {MOST_PORTS}")
    return FaultPlan(name, _time_ns(name, seconds) if at else None, int(number) if rest else None)


def _time_ns(name: str, seconds: str) -> int:
    try:
        time_ns = round(float(seconds) * NS_PER_S)
    except (ValueError, OverflowError):
        time_ns = -1
    if time_ns < 0:
        raise UsageError(f"'{seconds}' is no time", "--fault", f"write {name}@2.5 for the first chance from 2.5 s on")
    return time_ns
