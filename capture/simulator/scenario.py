"""Scenarios: which devices are in which ports, what the host does with them, and what goes wrong, as a TOML text says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from capture.simulator.kernel import NS_PER_S
from capture.simulator.logic_recorder import MOST_CHANNELS
from capture.simulator.packets import Typed, TypeTag
from capture.simulator.spi_bus import SpiTiming
from decoders.core.document import Table, parse

DEVICES = ("gas-index", "zigbee", "wmbus", "gsm", "display", "valve")
TASKS = (
    "read",
    "write",
    "clock",
    "list",
    "log",
    "upgrade",
    "tunnel",
    "introduce",
    "valve",
    "acknowledge",
    "power-fail",
    "port-off",
)
PROTOCOLS = ("mbus", "dlms", "zcl")
VALVE_COMMANDS = ("close", "arm", "open")
CLOCK, FIRMWARE, VOLUME = 0x0042_0400, 0x0042_0002, 0x0042_0100
"""What tasks are about that name no codes: objects of the example datasheet."""
WRITTEN_BYTES = {
    TypeTag.UINT8: 1, TypeTag.UINT16: 2, TypeTag.UINT32: 4, TypeTag.UINT64: 8,
    TypeTag.INT8: 1, TypeTag.INT16: 2, TypeTag.INT32: 4, TypeTag.INT64: 8, TypeTag.BOOL: 0, TypeTag.TIME: 4,
}  # fmt: skip
"""Types of values that a task can write, with their size."""
MOST_READ = 32
SHORTEST_OFF_S = 0.1
DAY_S, LATEST_UTC = 86_400, 4_000_000_000
"""Clocks on the wire have 32 bits and tell of no time with 0."""
CLOCKED = ("SCK", "MOSI", "MISO")
MOST_PORTS = 15
LEAST_SAMPLES = 4
"""In a period of the bus clock, so that every edge falls into a sample of its own."""
MOST_RATE_HZ = 500_000_000
EPOCH = datetime(2026, 3, 1, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PortPlan:
    """What is in a port; times in nanoseconds, None for never. `host_gives_high` makes it a high-power port."""

    number: int
    gives_high: bool
    device: str
    umi_id: int
    plugged_ns: int
    unplugged_ns: int | None


@dataclass(frozen=True, slots=True)
class Task:
    """Something that the host does: once at `first_ns`, or again every `every_ns`; the rest is for the kinds that have such a key.

    `codes` are the objects that it is about, `value` is written to one, `size` and `block` are the bytes of an image and its parts,
    `command` is a valve's, `most` a number of events.
    """

    kind: str
    port: int
    first_ns: int
    every_ns: int | None
    codes: tuple[int, ...] = ()
    value: Typed | None = None
    to_port: int = 0
    bank: int = 0
    size: int = 0
    block: int = 0
    most: int = 0
    command: int = 0
    protocol: str = ""
    duration_ns: int = 0


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """A fault to strike on a port at the first chance from `at_ns` on; port None where the fault chooses."""

    name: str
    at_ns: int | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario; `lines` are recorded. `shared` lines sck, mosi and miso serve all ports, otherwise each port has its own."""

    name: str
    description: str
    seconds: int
    rate_hz: int
    analog_rate_hz: int
    lines: tuple[str, ...]
    shared: bool
    timing: SpiTiming
    host_id: int
    epoch_s: int
    poll_ns: int
    ports: tuple[PortPlan, ...]
    tasks: tuple[Task, ...]
    faults: tuple[FaultPlan, ...]


def load_scenario(text: str, name: str, known_faults: frozenset[str]) -> Scenario:
    """Read a scenario; MaterialError, naming line and key, for a mistake in it. `name` is what messages call the file."""
    root = parse(text, name)
    timing = _timing(root.table("bus"))
    capture = root.table("capture")
    rate_hz = capture.integer("rate_hz", low=1_000, high=MOST_RATE_HZ)
    analog_rate_hz = capture.integer("analog_rate_hz", 0, low=0, high=rate_hz)
    if analog_rate_hz and rate_hz % analog_rate_hz:
        raise capture.fault(f"{analog_rate_hz} Hz does not divide the logic rate of {rate_hz} Hz", "analog_rate_hz")
    if rate_hz * 2 * timing.half_bit_ns < LEAST_SAMPLES * NS_PER_S:
        remedy = f"sample at least {LEAST_SAMPLES} times in a period of the bus clock"
        raise capture.fault(f"{rate_hz} Hz is too slow for the bus clock", "rate_hz", remedy)
    host = root.table("host")
    ports = tuple(_port(table) for table in root.tables("ports"))
    host_id = int.from_bytes(host.hexbytes("id", size=8), "big")
    _check_ports(root, ports, host_id)
    known = {port.number for port in ports}
    shared = capture.boolean("shared_lines", True)
    scenario = Scenario(
        root.string("name"),
        root.string("description"),
        root.integer("seconds", low=1),
        rate_hz,
        analog_rate_hz,
        _lines(capture, all_lines(ports, shared=shared)),
        shared,
        timing,
        host_id,
        host.integer("utc", int(EPOCH.timestamp()), low=DAY_S, high=LATEST_UTC),
        round(host.number("poll_s", 60, low=0.1) * NS_PER_S),
        ports,
        tuple(_task(table, known) for table in (root.tables("tasks") if "tasks" in root else [])),
        tuple(_fault(table, known, known_faults) for table in (root.tables("faults") if "faults" in root else [])),
    )
    capture.finish()
    host.finish()
    root.finish()
    return scenario


def _timing(table: Table) -> SpiTiming:
    clock_hz = table.integer("clock_hz", low=1_000, high=50_000_000)
    timing = SpiTiming(
        half_bit_ns=NS_PER_S // (2 * clock_hz),
        lead_ns=table.integer("lead_us", 4, low=1) * 1_000,
        byte_gap_ns=table.integer("byte_gap_us", 1, low=0) * 1_000,
        trail_ns=table.integer("trail_us", 4, low=1) * 1_000,
        rest_ns=table.integer("rest_us", 40, low=1) * 1_000,
        mode=table.integer("mode", 0, low=0, high=3),
        lsb_first=table.choice("bit_order", ("msb", "lsb"), "msb") == "lsb",
        cs_active_high=table.choice("cs_active", ("low", "high"), "low") == "high",
    )
    table.finish()
    return timing


def _port(table: Table) -> PortPlan:
    plugged = table.number("plugged_s", 0, low=0)
    unplugged = table.number("unplugged_s", None, low=0)
    if unplugged is not None and unplugged <= plugged:
        raise table.fault("a device cannot be unplugged before it is plugged in", "unplugged_s")
    port = PortPlan(
        table.integer("port", low=1, high=MOST_PORTS),
        table.choice("power", ("low", "high"), "low") == "high",
        table.choice("device", DEVICES),
        int.from_bytes(table.hexbytes("id", size=8), "big"),
        round(plugged * NS_PER_S),
        None if unplugged is None else round(unplugged * NS_PER_S),
    )
    table.finish()
    return port


def all_lines(ports: tuple[PortPlan, ...], *, shared: bool) -> tuple[str, ...]:
    """All lines of these ports, in the order of a logic analyser's channels."""
    numbers = [port.number for port in ports]
    clocked = CLOCKED if shared else tuple(f"{line}{number}" for number in numbers for line in CLOCKED)
    return (*clocked, *(f"{line}{number}" for line in ("CS", "ATTN", "READY") for number in numbers))


def _lines(capture: Table, there: tuple[str, ...]) -> tuple[str, ...]:
    """The lines to record: those that are named, or all."""
    named = tuple(capture.strings("lines", []))
    for line in named:
        if line not in there:
            raise capture.fault(f"there is no line {line}", "lines", f"name some of {', '.join(there)}")
        if named.count(line) > 1:
            raise capture.fault(f"the line {line} is there twice", "lines")
    lines = named or there
    if len(lines) > MOST_CHANNELS:
        remedy = f"name up to {MOST_CHANNELS} of them in lines"
        raise capture.fault(f"{len(lines)} lines are too many to record", "lines" if named else "shared_lines", remedy)
    return lines


def _check_ports(root: Table, ports: tuple[PortPlan, ...], host_id: int) -> None:
    if not ports:
        raise root.fault("there are no ports", "ports", "plug at least one device in")
    for at, port in enumerate(ports):
        if port.umi_id == host_id:
            raise root.fault(f"{port.umi_id:016x} is the host's", ("ports", at, "id"))
        if any(port.number == other.number for other in ports[:at]):
            raise root.fault(f"port {port.number} is there twice", ("ports", at, "port"))
        if any(port.umi_id == other.umi_id for other in ports[:at]):
            raise root.fault(f"{port.umi_id:016x} is there twice", ("ports", at, "id"))


def _task(table: Table, known: set[int]) -> Task:
    kind = table.choice("do", TASKS)
    every = table.number("every_s", None, low=0.001)
    task = Task(
        kind,
        0 if kind == "power-fail" else _known_port(table, "port", known),
        round(table.number("first_s", 1, low=0) * NS_PER_S),
        None if every is None else round(every * NS_PER_S),
    )
    match kind:
        case "read":
            task = replace(task, codes=_codes(table))
        case "write":
            task = replace(task, codes=(table.integer("code", low=0, high=0xFFFF_FFFF),), value=_value(table))
        case "list":
            task = replace(task, bank=table.integer("bank", low=0, high=0xFFFF))
        case "log":
            task = replace(task, most=table.integer("most", 16, low=1, high=0xFF))
        case "tunnel":
            task = replace(task, protocol=table.choice("protocol", PROTOCOLS), duration_ns=_duration(table, 0, 0))
        case "valve":
            task = replace(task, command=VALVE_COMMANDS.index(table.choice("command", VALVE_COMMANDS)))
        case "power-fail" | "port-off":
            task = replace(task, duration_ns=_duration(table, SHORTEST_OFF_S))
        case "clock" | "introduce" | "upgrade":
            task = _about_one_object(table, task, known)
    table.finish()
    return task


def _about_one_object(table: Table, task: Task, known: set[int]) -> Task:
    default = {"clock": CLOCK, "introduce": VOLUME, "upgrade": FIRMWARE}[task.kind]
    task = replace(task, codes=(table.integer("code", default, low=0, high=0xFFFF_FFFF),))
    if task.kind == "introduce":
        return replace(task, to_port=_known_port(table, "to", known))
    if task.kind == "upgrade":
        size, block = table.integer("bytes", low=1, high=1 << 24), table.integer("block", 200, low=1, high=65_000)
        return replace(task, size=size, block=block)
    return task


def _codes(table: Table) -> tuple[int, ...]:
    codes = tuple(table.integers("codes", low=0, high=0xFFFF_FFFF))
    if not 1 <= len(codes) <= MOST_READ:
        raise table.fault(f"{len(codes)} codes cannot be read at once", "codes", f"name 1 to {MOST_READ} codes")
    return codes


def _value(table: Table) -> Typed:
    tag = TypeTag[table.choice("type", [tag.name.lower() for tag in WRITTEN_BYTES]).upper()]
    if tag is TypeTag.BOOL:
        return Typed(tag, table.boolean("value"))
    bits = 8 * WRITTEN_BYTES[tag]
    low = -1 << bits - 1 if tag.name.startswith("INT") else 0
    return Typed(tag, table.integer("value", low=low, high=low + (1 << bits) - 1))


def _duration(table: Table, low: float, default: float | None = None) -> int:
    seconds = table.number("for_s", low=low) if default is None else table.number("for_s", default, low=low)
    return round(seconds * NS_PER_S)


def _fault(table: Table, known: set[int], known_faults: frozenset[str]) -> FaultPlan:
    at_s = table.number("at_s", None, low=0)
    plan = FaultPlan(
        table.choice("name", known_faults),
        None if at_s is None else round(at_s * NS_PER_S),
        _known_port(table, "port", known) if "port" in table else None,
    )
    table.finish()
    return plan


def _known_port(table: Table, key: str, known: set[int]) -> int:
    port = table.integer(key)
    if port not in known:
        raise table.fault(f"there is nothing in port {port}", key, "name a port that the scenario has")
    return port
