"""The device's end of its port: an SPI slave that reads frames from mosi and puts its own onto miso."""

from __future__ import annotations

from collections.abc import Callable

from capture.simulator.frames import FILLER, Frame, FrameReader, Kind, Received, Route, Sighting
from capture.simulator.kernel import Kernel, Timer
from capture.simulator.link import Delivery, LinkEnd, LinkRules
from capture.simulator.port import Port

TURNAROUND_BYTES = 3
"""Filler that a device sends before an answer in the same transfer, while it computes."""


class DeviceLink:
    """Pins and link of one device; what is plugged in but has no power does not drive its lines.

    `own_id` is told to the host after a RESET, whose payload is the host's; `deliver` gets packets and `on_reset` the host's ID.
    """

    def __init__(
        self, kernel: Kernel, port: Port, own_id: int, rules: LinkRules, deliver: Callable[[Delivery], None],
        on_reset: Callable[[int], None],
    ) -> None:  # fmt: skip
        self.is_awake = False
        self.on_transfer: Callable[[int, int], None] | None = None
        self.link = LinkEnd(port.number, rules, deliver)
        self._kernel, self._port, self._own_id, self._on_reset = kernel, port, own_id, on_reset
        self._reader = FrameReader()
        self._out = bytearray()
        self._received = 0
        self._selected_ns = self._first_ns = 0
        self._due: Timer | None = None

    def send(self, destination_port: int, packet: bytes) -> None:
        """Queue a packet for the host or another port and ask for a transfer."""
        self.link.send(Route(self._port.number, destination_port), packet)
        self.update_attention()

    def wake(self, *, awake: bool) -> None:
        """The device has booted, or has lost its power."""
        self.is_awake = awake
        self.link.reset()
        self._out.clear()
        self._port.set_ready(ready=awake)
        self.update_attention()

    def update_attention(self) -> None:
        """Attn is low while there is something to send, and falls again when something is to be sent once more."""
        now = self._kernel.now_ns
        due = self.link.next_due_ns(now) if self.is_awake else None
        self._port.set_attention(wanted=due is not None and due <= now)
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if due is not None and due > now:
            self._due = self._kernel.at(due, self.update_attention)

    def select(self, time_ns: int) -> None:
        self._reader = FrameReader()
        self._out.clear()
        self._received = 0
        self._selected_ns = time_ns

    def shift(self, count: int) -> bytes:
        if not self.is_awake:
            return bytes(count)
        given = bytes(self._out[:count]).ljust(count, FILLER)
        del self._out[:count]
        return given

    def sample(self, time_ns: int, byte_ns: int, data: bytes) -> None:
        if not self.is_awake:
            return
        if not self._received:
            self._first_ns = time_ns
        self._received += len(data)
        for received in self._reader.feed(data):
            if not received.is_good:
                self.link.take_damaged(received.frame)
            else:
                self._take(self._sighting(received, byte_ns))
            while (reply := self.link.next_reply()) is not None:
                self._put(reply)

    def release(self, time_ns: int) -> None:
        """What was not fetched is lost; data frames come again after their time."""
        self._kernel.at(time_ns, self.update_attention)
        if self.on_transfer is not None and self.is_awake:
            self.on_transfer(self._selected_ns, time_ns)

    def _take(self, sighting: Sighting) -> None:
        frame = sighting.frame
        match frame.kind:
            case Kind.POLL:
                data = self.link.next_data(sighting.end_ns)
                self._put(data if data is not None else self._idle())
            case Kind.RESET:
                self.link.reset()
                host_id = int.from_bytes(frame.payload, "big")
                self._kernel.at(sighting.end_ns, lambda: self._on_reset(host_id))
                self._put(self._idle(self._own_id.to_bytes(8, "big")))
            case _:
                self.link.take(sighting)

    def _sighting(self, received: Received, byte_ns: int) -> Sighting:
        half = self._port.bus.timing.half_bit_ns
        start = self._first_ns + received.start * byte_ns + half
        return Sighting(received.frame, start, self._first_ns + (received.end - 1) * byte_ns + 15 * half)

    def _idle(self, payload: bytes = b"") -> Frame:
        return Frame(Kind.IDLE, Route(self._port.number, 0), payload=payload)

    def _put(self, frame: Frame) -> None:
        self._out += FILLER * TURNAROUND_BYTES + frame.encode()
