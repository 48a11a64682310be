"""The host: it switches the ports' power, greets what is plugged in, answers its devices and forwards between them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from capture.simulator.frames import HOST_PORT, Frame, Kind, Route, Sighting
from capture.simulator.host_link import HostLink
from capture.simulator.kernel import NS_PER_MS, NS_PER_S, Kernel, Timer
from capture.simulator.link import Delivery, LinkEnd, LinkRules
from capture.simulator.packets import BadPacketError, Packet, Service, Status, Typed, TypeTag, decode_packet
from capture.simulator.port import Port
from capture.simulator.rails import HIGH, LOW
from capture.simulator.spi_bus import SpiBus
from capture.simulator.talker import Answer, OnAnswer, Talker

THINK_NS = 600_000
STAGGER_NS = 30 * NS_PER_MS
"""Between the switching of two ports, so that inrush currents do not add up."""
CLOCK_CODE = 0x0042_0400
RAILS = {"off": 0, "low": 1, "high": 2}
CLASS_HIGH = 1
NOTIFY, READ = 1, 1
SILENT_POLLS = 3
"""A device that leaves so many polls without an answer is gone."""
POLL_AGAIN_NS = 100 * NS_PER_MS
LONGEST_DOUBLING = 6
QUIET_AGAIN_NS, CALM_NS, HOLD_UP_NS = 1 * NS_PER_MS, 20 * NS_PER_MS, 300 * NS_PER_MS


@dataclass(slots=True)
class Place:
    """What the host knows of a port: its ID once the device has answered the greeting, and what it asked for; `up_ns` is when it came up."""

    port: Port
    link: LinkEnd
    driver: HostLink
    umi_id: int | None = None
    silent_polls: int = 0
    up_ns: int = 0
    high_until_ns: int = 0
    tunnels: dict[int, int] = field(default_factory=dict)


class Host:
    """The host of one system. `epoch_s` is its UTC clock at time 0; quiet ports are polled every `poll_ns`.

    `known` are the values that it has read last.
    """

    def __init__(
        self, kernel: Kernel, umi_id: int, buses: dict[int, SpiBus], ports: list[Port], rules: LinkRules, epoch_s: int, counter: int,
        poll_ns: int = 60 * NS_PER_S,
    ) -> None:  # fmt: skip
        self.kernel = kernel
        self.epoch_s = epoch_s
        self.drift_ppm = 0.0
        self.drifts_from_ns = 0
        self.is_up = False
        self.think_ns = THINK_NS
        self.on_tunnel: Callable[[Place, int, bytes], None] | None = None
        self.on_event: Callable[[Place, Packet], None] | None = None
        self.on_delivery: Callable[[int, Delivery, Packet], None] | None = None
        self.on_forward: Callable[[Port, Sighting], Sighting | None] | None = None
        self.on_tunnel_closed: Callable[[Place, int], None] | None = None
        self.known: dict[int, Typed] = {}
        self.talker = Talker(kernel, umi_id, self.utc, counter)
        self._poll_ns = poll_ns
        self._timers: list[Timer] = []
        self._fails_ns: int | None = None
        drivers = {
            id(bus): HostLink(
                kernel, bus, rules, self._deliver, self._greeted, self._forward, self._restarted, self._polled
            )
            for bus in buses.values()
        }  # fmt: skip
        self.drivers = list(drivers.values())
        self.places: dict[int, Place] = {}
        for port in ports:
            driver = drivers[id(buses[port.number])]
            self.places[port.number] = Place(port, driver.attach(port), driver)

    def utc(self) -> int:
        """The host's clock, which runs `drift_ppm` fast from `drifts_from_ns` on."""
        now = self.kernel.now_ns
        return self.epoch_s + (now + int((now - self.drifts_from_ns) * self.drift_ppm * 1e-6)) // NS_PER_S

    def start(self) -> None:
        """Come up: switch the ports on one after the other."""
        if self.is_up:
            return
        self.is_up = True
        for driver in self.drivers:
            driver.is_running = True
        for index, number in enumerate(self.places):
            self._after(index * STAGGER_NS, lambda number=number: self.power_up(number))  # type: ignore[misc] # bound now
            share = self._poll_ns * (index + 1) // len(self.places)
            self._after(self._poll_ns + share, lambda number=number: self._poll(number))  # type: ignore[misc] # bound now

    def fail(self, duration_ns: int) -> None:
        """Lose power for a while: all ports go off and all that is not kept is gone.

        What is under way ends first, as long as the supply holds.
        """
        if not self.is_up:
            return
        now = self.kernel.now_ns
        self._fails_ns = now + HOLD_UP_NS if self._fails_ns is None else self._fails_ns
        if now >= self._fails_ns or all(self._is_calm(place) for place in self.places.values()):
            for driver in self.drivers:
                driver.is_running = False
        if any(driver.is_running or now < driver.busy_until_ns for driver in self.drivers):
            self.kernel.after(QUIET_AGAIN_NS, lambda: self.fail(duration_ns))
            return
        self._fails_ns = None
        self.is_up = False
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        for driver in self.drivers:
            driver.reset()
        self.talker.forget()
        self.known.clear()
        for place in self.places.values():
            self._forget(place)
            place.port.switch(low=False, high=False)
        self.kernel.after(duration_ns, self.start)

    def _after(self, delay_ns: int, action: Callable[[], None]) -> None:
        """Do something later, unless the power fails before."""
        self._timers = [timer for timer in self._timers if timer.action is not None]
        self._timers.append(self.kernel.after(delay_ns, action))

    def power_up(self, number: int) -> None:
        """Switch the low rail of a port on and greet what is there, or what will be."""
        if self.is_up:
            self.places[number].up_ns = self.kernel.now_ns
            self.places[number].port.switch(low=True, high=False)
            self.greet(number)

    def _forget(self, place: Place) -> None:
        place.umi_id = None
        place.tunnels.clear()
        place.driver.forget(place.port)

    def _restarted(self, port: Port) -> None:
        """A port is ready anew: whoever was known there has to be greeted again."""
        if self.places[port.number].umi_id is not None:
            self.greet(port.number)

    def _poll(self, number: int) -> None:
        """Poll a port that was quiet, and again later; one that has just come up is greeted first."""
        place = self.places[number]
        self._after(self._poll_ns, lambda: self._poll(number))
        busy_ns = max(place.driver.last_served_ns(place.port), place.up_ns)
        if place.port.low.is_on and self.kernel.now_ns - busy_ns >= self._poll_ns // 2:
            place.driver.poll(place.port)

    def _polled(self, port: Port, answered: bool) -> None:  # noqa: FBT001  # a callback of the driver
        """A device that does not answer any more is asked again soon, and then forgotten; a mute one is greeted ever more rarely."""
        place = self.places[port.number]
        place.silent_polls = 0 if answered else place.silent_polls + 1
        if place.umi_id is None:
            if port.is_ready:
                wait_ns = POLL_AGAIN_NS << min(place.silent_polls, LONGEST_DOUBLING)
                self._after(wait_ns, lambda: self._greet_again(place))
            return
        if answered:
            return
        if place.silent_polls < SILENT_POLLS:
            self._after(POLL_AGAIN_NS, lambda: place.driver.poll(port))
        else:
            self.greet(port.number)

    def _greet_again(self, place: Place) -> None:
        if place.umi_id is None and place.port.low.is_on:
            self.greet(place.port.number)

    def greet(self, number: int) -> None:
        """Send RESET with the host's ID as soon as the port is ready, and say what the port gives."""
        place = self.places[number]
        self._forget(place)
        greeting = Frame(Kind.RESET, Route(HOST_PORT, number), payload=self.talker.umi_id.to_bytes(8, "big"))
        place.driver.notify(place.port, greeting)
        self._tell_power(place, place.port.rail_name)

    def power_down(self, number: int) -> None:
        """Tell the device as soon as nothing is under way, and switch its port off after that."""
        place = self.places[number]

        def off() -> None:
            place.port.switch(low=False, high=False)
            self._forget(place)

        def tell() -> None:
            self._tell_power(place, "off")
            place.umi_id = None
            self._when_quiet(place, off)

        self._when_quiet(place, tell)

    def _when_quiet(self, place: Place, action: Callable[[], None]) -> None:
        if self._is_calm(place):
            action()
        else:
            self._after(QUIET_AGAIN_NS, lambda: self._when_quiet(place, action))

    def _is_calm(self, place: Place) -> bool:
        """Whether nothing is under way with a device, and nothing has been for so long that nobody still thinks about an answer."""
        is_calm = self.kernel.now_ns - place.driver.last_served_ns(place.port) >= CALM_NS
        return is_calm and place.driver.is_quiet(place.port) and not self.talker.waits_for(place.umi_id or 0)

    def command(self, number: int, service: Service, operation: int, payload: bytes, on_answer: OnAnswer | None = None) -> None:
        """Send a command to the device in a port; without effect while nobody is known there."""
        place = self.places[number]
        if place.umi_id is not None:
            self.talker.command(
                lambda raw: place.driver.send(place.port, raw), place.umi_id, service, operation, payload, on_answer
            )

    def _tell_power(self, place: Place, rail: str) -> None:
        limit = {"off": 0.0, "low": LOW.limit_a, "high": HIGH.limit_a}[rail]
        payload = struct.pack(">BBH", place.port.number, RAILS[rail], round(limit * 1000))
        place.driver.notify(place.port, Frame(Kind.POWER, Route(HOST_PORT, place.port.number), payload=payload))

    def _greeted(self, port: Port, umi_id: int) -> None:
        place = self.places[port.number]
        place.umi_id = umi_id
        place.silent_polls = 0

    def _forward(self, port: Port, sighting: Sighting) -> bool:
        """Take a data frame from one port to another; False where there is nobody."""
        target = self.places.get(sighting.frame.route.destination)
        if target is None or not target.port.low.is_on or target.umi_id is None:
            return False
        onward = sighting if self.on_forward is None else self.on_forward(port, sighting)
        if onward is not None:
            frame, driver, link = onward.frame, target.driver, target.link

            def pass_on() -> None:
                link.forward(frame)
                driver.wake()

            self.kernel.at(sighting.end_ns + self.think_ns, pass_on)
        return True

    def _deliver(self, port: Port, delivery: Delivery) -> None:
        self.kernel.at(delivery.taken_ns, lambda: self._take(port, delivery))

    def _take(self, port: Port, delivery: Delivery) -> None:
        if not self.is_up:
            return
        try:
            packet = decode_packet(delivery.packet)
        except BadPacketError:
            return
        place = self.places[port.number]
        if self.on_delivery is not None:
            self.on_delivery(port.number, delivery, packet)
        if packet.response:
            self.talker.take_response(packet)
            return
        answer = self._answer(place, packet)
        self._after(
            self.think_ns,
            lambda: self.talker.respond(lambda raw: place.driver.send(place.port, raw), packet, answer),
        )

    def _answer(self, place: Place, packet: Packet) -> Answer:
        match packet.service:
            case Service.POWER:
                return self._power(place, packet)
            case Service.EVENTS if packet.operation == NOTIFY:
                if self.on_event is not None:
                    self.on_event(place, packet)
                return Answer()
            case Service.OBJECTS if packet.operation == READ:
                return self._read(packet.payload)
            case Service.TUNNELLING:
                return self._tunnel(place, packet.operation, packet.payload)
        return Answer(status=Status.UNKNOWN_OPERATION)

    def _power(self, place: Place, packet: Packet) -> Answer:
        match packet.operation:
            case 1:
                return self._power_request(place, packet.payload)
            case 2:
                self._after(20 * NS_PER_MS, lambda: self._high_rail(place, on=False))
                return Answer()
            case 3:
                return self._port_state(packet.payload)
        return Answer(status=Status.UNKNOWN_OPERATION)

    def _power_request(self, place: Place, payload: bytes) -> Answer:
        """Grant what the port can give; nothing to a device of the class high where there is no 12 V."""
        wanted, current_ma, duration_s = struct.unpack(">BHI", payload)
        gives_high = place.port.high is not None
        limit_a = LOW.limit_a if wanted != CLASS_HIGH else HIGH.limit_a if gives_high else 0.0
        granted = min(current_ma, round(limit_a * 1000))
        if wanted == CLASS_HIGH and gives_high:
            place.high_until_ns = self.kernel.now_ns + duration_s * NS_PER_S
            self._after(10 * NS_PER_MS, lambda: self._high_rail(place, on=True))
            self._after(duration_s * NS_PER_S, lambda: self._end_grant(place))
        return Answer(struct.pack(">HI", granted, self.utc() + duration_s))

    def _end_grant(self, place: Place) -> None:
        if self.kernel.now_ns >= place.high_until_ns:
            self._high_rail(place, on=False)

    def _high_rail(self, place: Place, *, on: bool) -> None:
        if place.port.high is not None and place.port.low.is_on and place.port.high.is_on != on:
            self._tell_power(place, "high" if on else "low")
            self._after(3 * NS_PER_MS, lambda: place.port.switch(low=place.port.low.is_on, high=on and place.port.low.is_on))

    def _port_state(self, payload: bytes) -> Answer:
        place = self.places.get(payload[0])
        if place is None:
            return Answer(status=Status.BAD_VALUE)
        return Answer(struct.pack(">BH", RAILS[place.port.rail_name], place.port.measured_ma))

    def _read(self, payload: bytes) -> Answer:
        """The host's own objects: its clock."""
        codes = [code for (code,) in struct.iter_unpack(">I", payload[1:])]
        items = b"".join(
            struct.pack(">IB", code, Status.OK) + Typed(TypeTag.TIME, self.utc()).encode()
            if code == CLOCK_CODE
            else struct.pack(">IB", code, Status.UNKNOWN_CODE)
            for code in codes
        )
        return Answer(bytes((len(codes),)) + items)

    def _tunnel(self, place: Place, operation: int, payload: bytes) -> Answer:
        tunnel = int.from_bytes(payload[:2], "big")
        match operation:
            case 1:
                place.tunnels[tunnel] = payload[2]
            case 2 if tunnel not in place.tunnels:
                return Answer(status=Status.BAD_VALUE)
            case 2:
                if self.on_tunnel is not None:
                    self.on_tunnel(place, tunnel, payload[2:])
            case _:
                place.tunnels.pop(tunnel, None)
                if self.on_tunnel_closed is not None:
                    self.on_tunnel_closed(place, tunnel)
        return Answer()
