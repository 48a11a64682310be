"""The application's end of a device: transaction numbers, counters, and what waits for an answer (wire-format 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from capture.simulator.kernel import NS_PER_S, Kernel, Timer
from capture.simulator.packets import Packet, Status

Send = Callable[[bytes], None]
"""Hands a packet to the link."""
OnAnswer = Callable[[Packet | None], None]
"""Gets the response, or None where none came in time."""
PATIENCE_NS = 5 * NS_PER_S


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device says to a command, and how long it thinks before; `number_off` is how far it is off with the transaction's number."""

    payload: bytes = b""
    status: Status = Status.OK
    think_ns: int | None = None
    number_off: int = 0


@dataclass(slots=True)
class _Waiting:
    command: Packet
    on_answer: OnAnswer | None
    timer: Timer


class Talker:
    """Makes and matches the packets of one device; `clock` gives its UTC time in seconds, 0 where it does not know it."""

    def __init__(self, kernel: Kernel, umi_id: int, clock: Callable[[], int], counter: int) -> None:
        self.umi_id = umi_id
        self.counter = counter
        self._kernel, self._clock = kernel, clock
        self._transaction = counter & 0xFFF
        self._waiting: dict[tuple[int, int], _Waiting] = {}

    def command(
        self, send: Send, destination: int, service: int, operation: int, payload: bytes = b"", on_answer: OnAnswer | None = None
    ) -> Packet:
        """Send a command; `on_answer` hears of its response."""
        self._transaction = (self._transaction + 1) & 0xFFFF
        packet = self._packet(destination, service, operation, self._transaction, payload)
        timer = self._kernel.after(PATIENCE_NS, lambda: self._settle(packet, None))
        self._waiting[destination, packet.transaction] = _Waiting(packet, on_answer, timer)
        send(packet.encode())
        return packet

    def respond(self, send: Send, command: Packet, answer: Answer) -> None:
        """Send the response to a command."""
        number = (command.transaction + answer.number_off) & 0xFFFF
        payload = answer.payload if answer.status is Status.OK else b""
        packet = self._packet(command.source, command.service, command.operation, number, payload, answer.status)
        send(packet.encode())

    def take_response(self, packet: Packet) -> None:
        """A response has come; one that nobody waits for is forgotten."""
        waiting = self._waiting.get((packet.source, packet.transaction))
        if waiting is not None:
            self._settle(waiting.command, packet)

    def waits_for(self, umi_id: int | None = None) -> bool:
        """Whether a command to somebody, or to anybody, is not answered yet."""
        return any(umi_id in {None, destination} for destination, _ in self._waiting)

    def forget(self) -> None:
        """The power fails: nobody waits any more."""
        for waiting in self._waiting.values():
            waiting.timer.cancel()
        self._waiting.clear()

    def _settle(self, command: Packet, response: Packet | None) -> None:
        waiting = self._waiting.pop((command.destination, command.transaction), None)
        if waiting is None:
            return
        waiting.timer.cancel()
        if waiting.on_answer is not None:
            waiting.on_answer(response)

    def _packet(
        self, destination: int, service: int, operation: int, number: int, payload: bytes, status: Status | None = None
    ) -> Packet:
        self.counter += 1
        return Packet(
            self.umi_id, destination, service, operation, number, self.counter, self._clock(), payload, status is not None,
            Status.OK if status is None else status,
        )  # fmt: skip
