"""A device's objects: read, written and listed as the objects service says (wire-format 6)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from capture.simulator.packets import BadPacketError, Packet, Status, Typed, TypeTag, read_typed
from capture.simulator.talker import Answer

READ, WRITE, LIST = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Variable:
    """One object: how it is read now, and what to do with a value written to it; without `write` nobody may.

    Nobody reads what is `write_only`; then `read` says no more than the type.
    """

    read: Callable[[], Typed]
    write: Callable[[Typed], Status] | None = None
    write_only: bool = False


def read_command(codes: list[int]) -> bytes:
    """The payload of a read."""
    return struct.pack(f">B{len(codes)}I", len(codes), *codes)


def write_command(items: dict[int, Typed]) -> bytes:
    """The payload of a write."""
    return bytes((len(items),)) + b"".join(struct.pack(">I", code) + value.encode() for code, value in items.items())


def read_answer(payload: bytes) -> dict[int, Typed | Status]:
    """What a response to a read says, by code."""
    found: dict[int, Typed | Status] = {}
    at = 1
    for _ in range(payload[0]):
        code, result = struct.unpack_from(">IB", payload, at)
        at += 5
        if result == Status.OK:
            found[code], at = read_typed(payload, at)
        else:
            found[code] = Status(result)
    return found


class Objects:
    """The objects of one device by their codes."""

    def __init__(self, variables: dict[int, Variable]) -> None:
        self._variables = variables

    def answer(self, packet: Packet) -> Answer:
        """The answer to a command of the objects service."""
        try:
            match packet.operation:
                case 1:
                    return self._read(packet.payload)
                case 2:
                    return self._write(packet.payload)
                case 3:
                    return self._list(packet.payload)
        except (BadPacketError, struct.error, IndexError):
            return Answer(status=Status.BAD_VALUE)
        return Answer(status=Status.UNKNOWN_OPERATION)

    def _read(self, payload: bytes) -> Answer:
        codes = struct.unpack(f">{payload[0]}I", payload[1:])
        items = bytearray((len(codes),))
        for code in codes:
            variable = self._variables.get(code)
            if variable is None:
                items += struct.pack(">IB", code, Status.UNKNOWN_CODE)
            elif variable.write_only:
                items += struct.pack(">IB", code, Status.DENIED)
            else:
                items += struct.pack(">IB", code, Status.OK) + variable.read().encode()
        return Answer(bytes(items))

    def _write(self, payload: bytes) -> Answer:
        """Write all that may be written; a command of which nothing may be is denied as a whole."""
        results, at = list[tuple[int, Status]](), 1
        for _ in range(payload[0]):
            code = int.from_bytes(payload[at : at + 4], "big")
            value, at = read_typed(payload, at + 4)
            results.append((code, self._written(code, value)))
        if {result for _, result in results} == {Status.DENIED}:
            return Answer(status=Status.DENIED)
        return Answer(bytes((len(results),)) + b"".join(struct.pack(">IB", *result) for result in results))

    def _written(self, code: int, value: Typed) -> Status:
        variable = self._variables.get(code)
        if variable is None:
            return Status.UNKNOWN_CODE
        if variable.write is None:
            return Status.DENIED
        return variable.write(value) if value.tag is variable.read().tag else Status.BAD_TYPE

    def _list(self, payload: bytes) -> Answer:
        bank, first = struct.unpack(">HH", payload)
        codes = sorted(code for code in self._variables if code >> 16 == bank and code & 0xFFFF >= first)
        return Answer(struct.pack(f">H{len(codes)}I", len(codes), *codes))


def constant(tag: TypeTag, value: float | str | bytes) -> Variable:
    """An object that never changes."""
    typed = Typed(tag, value)
    return Variable(lambda: typed)
