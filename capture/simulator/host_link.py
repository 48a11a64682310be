"""The host's end of the links: it runs the transfers of one bus, port after port, and forwards between ports."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from capture.simulator.frames import FILLER, HOST_PORT, Frame, FrameReader, Kind, Route, Sighting
from capture.simulator.kernel import NS_PER_MS, Kernel, Timer
from capture.simulator.link import Delivery, LinkEnd, LinkRules
from capture.simulator.port import Port
from capture.simulator.spi_bus import SpiBus, Transfer

PATIENCE_BYTES, SHORT_PATIENCE_BYTES = 48, 16
"""Filler that the host clocks while it waits for an answer in the same transfer; less where the port is not even ready."""
STEP_BYTES = 8
SILENT_NS, LONGEST_DOUBLING = 1 * NS_PER_MS, 10
"""After a transfer in which nothing came back, and twice as long after each more, up to a second."""
MOST_FRAMES = 6
"""Frames that the host sends in one transfer before others have their turn."""


@dataclass(slots=True)
class _Served:
    """A port as the driver sees it; `notices` are frames without acknowledgement to send before all else.

    `is_polled` asks for a transfer although nothing is to be sent; `served_ns` is when the last one began. After `silent` transfers in
    which nothing came back the next one waits until `not_before_ns`.
    """

    port: Port
    link: LinkEnd
    notices: deque[Frame] = field(default_factory=deque)
    is_polled: bool = False
    served_ns: int = 0
    silent: int = 0
    not_before_ns: int = 0


class HostLink:
    """The links of all ports that share a bus.

    `deliver` gets packets for the host with the port that they came in on; `greeted` the ID that a device answers RESET with.
    `forward` hands a data frame to the link of another port, on whichever bus, and says whether there is one. `restarted` hears of a
    port that becomes ready, `polled` whether somebody answered a poll.
    """

    def __init__(
        self, kernel: Kernel, bus: SpiBus, rules: LinkRules, deliver: Callable[[Port, Delivery], None],
        greeted: Callable[[Port, int], None], forward: Callable[[Port, Sighting], bool], restarted: Callable[[Port], None],
        polled: Callable[[Port, bool], None],
    ) -> None:  # fmt: skip
        self.is_running = True
        self._kernel, self._bus, self._rules = kernel, bus, rules
        self._deliver, self._greeted, self._forward = deliver, greeted, forward
        self._restarted, self._polled = restarted, polled
        self._ports: list[_Served] = []
        self._turn = 0
        self._due: Timer | None = None

    def attach(self, port: Port) -> LinkEnd:
        """Serve a port."""
        link = LinkEnd(
            HOST_PORT, self._rules, lambda delivery: self._deliver(port, delivery), lambda sighting: self._forward(port, sighting)
        )
        self._ports.append(_Served(port, link))
        port.on_attention = self.wake
        port.on_ready = lambda: self._is_ready(port)
        return link

    def _is_ready(self, port: Port) -> None:
        if self.is_running:
            self._restarted(port)
            self.wake()

    def notify(self, port: Port, frame: Frame) -> None:
        """Send a frame that is not acknowledged."""
        self._served(port).notices.append(frame)
        self.wake()

    def send(self, port: Port, packet: bytes) -> None:
        """Queue a packet for the device in a port."""
        self._served(port).link.send(Route(HOST_PORT, port.number), packet)
        self.wake()

    def poll(self, port: Port) -> None:
        """Ask a device for what it has, although it did not ask for a transfer."""
        self._served(port).is_polled = True
        self.wake()

    def forget(self, port: Port) -> None:
        """Drop all that is under way on a port."""
        served = self._served(port)
        served.link.reset()
        served.notices.clear()
        served.is_polled = False
        served.not_before_ns = 0

    @property
    def busy_until_ns(self) -> int:
        """When the last transfer ends that has begun."""
        return self._bus.free_ns

    def last_served_ns(self, port: Port) -> int:
        """When the last transfer on a port began."""
        return self._served(port).served_ns

    def is_quiet(self, port: Port) -> bool:
        """Whether nothing is under way on a port, and the bus is free."""
        served, now = self._served(port), self._kernel.now_ns
        waits = served.link.next_due_ns(now) is not None or port.wants_attention or bool(served.notices)
        return now >= self._bus.free_ns and not (waits and port.is_ready)

    def reset(self) -> None:
        """The host starts anew."""
        for served in self._ports:
            self.forget(served.port)

    def wake(self) -> None:
        """Look soon what there is to do."""
        self._look_at(max(self._kernel.now_ns, self._bus.free_ns))

    def _served(self, port: Port) -> _Served:
        return next(served for served in self._ports if served.port is port)

    def _look_at(self, time_ns: int) -> None:
        if self._due is not None and self._due.action is not None:
            self._due.cancel()
        self._due = self._kernel.at(time_ns, self._look)

    def _look(self) -> None:
        """Serve the next port that needs it, or wait until one will."""
        if not self.is_running:
            return
        now = self._kernel.now_ns
        if now < self._bus.free_ns:
            self._look_at(self._bus.free_ns)
            return
        order = self._ports[self._turn :] + self._ports[: self._turn]
        for served in order:
            if self._needs(served, now):
                self._turn = (self._ports.index(served) + 1) % len(self._ports)
                self._serve(served)
                self._look_at(self._bus.free_ns)
                return
        times = [due for served in self._ports if (due := self._due_ns(served, now)) is not None]
        if times:
            self._look_at(max(now + 1, min(times)))

    def _needs(self, served: _Served, now_ns: int) -> bool:
        due = self._due_ns(served, now_ns)
        return due is not None and due <= now_ns

    def _due_ns(self, served: _Served, now_ns: int) -> int | None:
        """When a port is to be served next; one that is not ready wakes the host when it is, and can only be polled before."""
        if not served.port.low.is_on:
            return None
        if served.is_polled:
            return now_ns
        if not served.port.is_ready:
            return None
        due_ns = now_ns if served.port.wants_attention or served.notices else served.link.next_due_ns(now_ns)
        return None if due_ns is None else max(due_ns, served.not_before_ns)

    def _serve(self, served: _Served) -> None:
        """One transfer on one port, as long as either side has something to say."""
        transfer = served.port.begin(max(self._kernel.now_ns, self._bus.free_ns))
        reader = FrameReader()
        served.served_ns, was_polled, served.is_polled = transfer.start_ns, served.is_polled, False
        may_send = served.port.is_ready
        patience = PATIENCE_BYTES if may_send else SHORT_PATIENCE_BYTES
        silence, sent, expects, heard = 0, 0, False, False
        while not transfer.is_cut:
            frame = self._next_frame(served, transfer, may_send=may_send and not expects and sent < MOST_FRAMES)
            if frame is None and not sent:
                frame = Frame(Kind.POLL, Route(HOST_PORT, served.port.number))
            if frame is not None:
                sent += 1
                expects = expects or frame.kind in {Kind.DATA, Kind.POLL, Kind.RESET}
                back = transfer.clock(frame.encode())
            elif expects and silence < patience:
                count = reader.wanted or STEP_BYTES
                silence += 0 if reader.wanted else count
                back = transfer.clock(FILLER * count)
            else:
                break
            if self._take(served, transfer, reader, back):
                expects, silence, heard = False, 0, True
        end = transfer.end()
        served.silent = 0 if heard else served.silent + 1
        served.not_before_ns = 0 if heard else end + (SILENT_NS << min(served.silent, LONGEST_DOUBLING))
        if was_polled or not heard:
            self._polled(served.port, heard)

    def _next_frame(self, served: _Served, transfer: Transfer, *, may_send: bool) -> Frame | None:
        reply = served.link.next_reply()
        if reply is not None or not may_send:
            return reply
        if served.notices:
            return served.notices.popleft()
        return served.link.next_data(transfer.now_ns)

    def _take(self, served: _Served, transfer: Transfer, reader: FrameReader, back: bytes) -> bool:
        """Whether a frame came."""
        came = False
        for received in reader.feed(back):
            came = True
            if not received.is_good:
                served.link.take_damaged(received.frame)
                continue
            start, end = transfer.first_bit_ns(received.start), transfer.last_bit_ns(received.end - 1)
            if received.frame.kind is Kind.IDLE and len(received.frame.payload) == 8:
                own_id = int.from_bytes(received.frame.payload, "big")
                self._kernel.at(end, lambda own_id=own_id: self._greeted(served.port, own_id))  # type: ignore[misc] # bound now
            else:
                served.link.take(Sighting(received.frame, start, end))
        return came
