"""Faults: each acts on the wire or in one device, and tells the ledger what it should be found as."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from capture.simulator.frames import Kind
from capture.simulator.scenario import FaultPlan
from capture.simulator.spi_bus import Transfer
from capture.simulator.system import System

Gaps = list[tuple[int, int]]
Strike = Callable[[System, FaultPlan, int, Gaps], None]
"""Arms one fault from a time on; a fault of the capture itself adds to the gaps."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault: what it does, and the codes of the findings that it should raise."""

    name: str
    description: str
    findings: tuple[str, ...]
    strike: Strike


def arm(system: System, gaps: Gaps, plans: tuple[FaultPlan, ...], end_ns: int) -> None:
    """Arm faults; one without a time strikes after a third of the whole."""
    by_name = {fault.name: fault for fault in FAULTS}
    for plan in plans:
        by_name[plan.name].strike(system, plan, end_ns // 3 if plan.at_ns is None else plan.at_ns, gaps)


def known() -> frozenset[str]:
    """The names of all faults."""
    return frozenset(fault.name for fault in FAULTS)


class _OnFrame:
    """Waits on the wire of a port for a data frame of the device's, and alters its bytes once."""

    def __init__(self, system: System, port: int, from_ns: int, name: str, alter: Callable[[bytearray, int], bytearray]) -> None:
        self._system, self._port, self._from_ns, self._name, self._alter = system, port, from_ns, name, alter
        self._done = False

    def strike(self, transfer: Transfer, mosi: bytes, miso: bytes) -> tuple[bytes, bytes]:
        if self._done or transfer.now_ns < self._from_ns:
            return mosi, miso
        begin = mosi.find(0xA5)
        if begin < 0 or len(mosi) < begin + 8 or mosi[begin + 3] >> 5 != Kind.DATA:
            return mosi, miso
        self._done = True
        fault = next(fault for fault in FAULTS if fault.name == self._name)
        self._system.ledger.fault(transfer.now_ns, self._name, self._port, fault.findings)
        return bytes(self._alter(bytearray(mosi), begin)), miso


def _bad_crc(system: System, plan: FaultPlan, at_ns: int, _gaps: Gaps) -> None:
    def alter(data: bytearray, begin: int) -> bytearray:
        data[begin + data[begin + 1]] ^= 0xFF
        return data

    for number, port in system.ports.items():
        if plan.port in {None, number}:
            port.disturbance = _OnFrame(system, number, at_ns, "bad-crc", alter)
            return


FAULTS = (Fault("bad-crc", "The host sends a data frame with a wrong checksum.", ("bad-crc",), _bad_crc),)
