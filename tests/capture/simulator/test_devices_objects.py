"""Writing to a device's objects: what may be written is, and a command of which nothing may be is refused as a whole."""

from __future__ import annotations

import pytest

from capture.simulator.devices.objects import WRITE, Objects, Variable, constant, write_command
from capture.simulator.packets import Packet, Service, Status, Typed, TypeTag

INDEX, TARIFF, UNKNOWN = 0x0042_0100, 0x0042_0303, 0x0042_0999
NUMBER = Typed(TypeTag.UINT8, 2)


class Device:
    """Two objects, of which one may be written."""

    def __init__(self) -> None:
        self.tariff = Typed(TypeTag.UINT8, 1)
        self.objects = Objects({INDEX: constant(TypeTag.UINT8, 7), TARIFF: Variable(lambda: self.tariff, self._write)})

    def _write(self, value: Typed) -> Status:
        self.tariff = value
        return Status.OK


@pytest.mark.parametrize(
    ("items", "status", "payload"),
    [
        ({INDEX: NUMBER}, Status.DENIED, ""),
        ({TARIFF: NUMBER}, Status.OK, "01 00420303 00"),
        ({TARIFF: NUMBER, INDEX: NUMBER}, Status.OK, "02 00420303 00 00420100 06"),
        ({UNKNOWN: NUMBER}, Status.OK, "01 00420999 03"),
        ({UNKNOWN: NUMBER, INDEX: NUMBER}, Status.OK, "02 00420999 03 00420100 06"),
        ({TARIFF: Typed(TypeTag.BOOL, value=True)}, Status.OK, "01 00420303 04"),
        ({}, Status.OK, "00"),
    ],
)
def test_a_write_of_nothing_that_may_be_written_is_denied(items: dict[int, Typed], status: Status, payload: str) -> None:
    device = Device()
    answer = device.objects.answer(command(items))
    assert (answer.status, answer.payload) == (status, bytes.fromhex(payload))
    assert device.tariff == (NUMBER if items.get(TARIFF) == NUMBER else Typed(TypeTag.UINT8, 1))


def command(items: dict[int, Typed]) -> Packet:
    return Packet(1, 2, Service.OBJECTS, WRITE, transaction=1, counter=1, time=0, payload=write_command(items))
