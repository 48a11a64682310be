"""Simulating a metering system into a file: which scenarios there are, what may be asked for, and the ledger beside the capture."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.analysis.material import text_of
from app.analysis.timeline.value_axis import UNITS, kind_of
from app.analysis.wiring.stated import stated_text
from app.analysis.wiring.wiring import wiring_from_names
from capture.formats.csv_writer import write_csv
from capture.formats.files import replacing
from capture.formats.signals import AnalogTrace, Piece, Signals
from capture.formats.sigrok_writer import write_sr_pieces
from capture.session.writer import SessionNotes, write_umi
from capture.simulator.faults import BY_NAME, known
from capture.simulator.kernel import NS_PER_S
from capture.simulator.logic_recorder import tick_of
from capture.simulator.scenario import LEAST_SAMPLES, MOST_RATE_HZ, FaultPlan, Scenario, load_scenario
from capture.simulator.simulation import Simulation
from decoders.core.document import suggestion
from decoders.core.errors import RecordingError, UsageError

SCENARIOS = Path(__file__).resolve().parent.parent.parent / "resources" / "scenarios"
EXTENSIONS = (".umi", ".sr", ".csv")
LEDGER_EXTENSION = ".ledger.jsonl"
LONGEST_S = 366 * 86_400
GAP = "gap"
"""The finding of faults that lose a stretch, which .sr has no word for."""


@dataclass(frozen=True, slots=True)
class Request:
    """A capture to simulate into `path`, whose extension says its format; None for what the scenario says, and for no ledger.

    An `analog_rate_hz` of 0 leaves the traces of voltage and current out.
    """

    scenario: Scenario
    path: Path
    seconds: float | None = None
    seed: int = 0
    faults: tuple[FaultPlan, ...] = ()
    rate_hz: int | None = None
    analog_rate_hz: int | None = None
    ledger: Path | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was simulated: how long, and how many entries of each kind the ledger has."""

    duration_ns: int
    entries: dict[str, int]


def shipped_scenarios() -> list[str]:
    """The names of the scenarios that come with the program."""
    return sorted(path.stem for path in SCENARIOS.glob("*.toml"))


def read_scenario(name: str) -> Scenario:
    """A shipped scenario by its name, else the one in the file of this name.

    Raises UsageError where there is neither, MaterialError for a mistake in it, RecordingError for a file that cannot be read.
    """
    if name in shipped_scenarios():
        return load_scenario(text_of(SCENARIOS / f"{name}.toml"), f"{name}.toml", known())
    path = Path(name)
    if not path.exists() and path.parent == Path() and not path.suffix:
        remedy = suggestion(name, shipped_scenarios(), "choose from")
        raise UsageError(f"there is no scenario '{name}'", "--scenario", f"{remedy}, or name a file")
    return load_scenario(text_of(path), str(path), known())


def ledger_beside(path: Path) -> Path:
    """Where the ledger of a capture lies unless somebody says otherwise."""
    return path.with_name(path.name + LEDGER_EXTENSION)


def seconds_of(request: Request) -> float:
    """How long is simulated; UsageError for what is no duration."""
    seconds = request.scenario.seconds if request.seconds is None else request.seconds
    if not 1e-9 <= seconds <= LONGEST_S:
        raise UsageError(f"{seconds:g} s is no duration", "--seconds", f"give more than 0 and at most {LONGEST_S}")
    return seconds


def simulate(request: Request, progress: Callable[[int], None]) -> Outcome:
    """Write the capture and its ledger; an error leaves both places as they were.

    `progress` is called with the nanoseconds that are simulated. Raises UsageError for what does not go together, and RecordingError
    for a format that cannot hold it and for what cannot be written.
    """
    _check(request)
    scenario, seconds = request.scenario, seconds_of(request)
    simulation = Simulation(scenario, seconds, request.seed, request.faults, request.rate_hz, request.analog_rate_hz)
    signals = signals_of(simulation)
    counts: dict[str, int] = {}
    with ExitStack() as stack:
        ledger = stack.enter_context(replacing(request.ledger)) if request.ledger is not None else None
        pieces = _told(simulation, ledger, counts, progress)
        match _format(request.path):
            case ".umi":
                wiring = stated_text(wiring_from_names(signals.channels), signals.channels)
                write_umi(request.path, signals, pieces, SessionNotes(scenario.epoch_s * NS_PER_S, wiring))
            case ".sr":
                write_sr_pieces(request.path, signals, pieces)
            case _:
                write_csv(request.path, signals, pieces)
    return Outcome(simulation.end_ns, counts)


def signals_of(simulation: Simulation) -> Signals:
    """The lines and traces that a simulation gives."""
    step = simulation.analog_step
    traces = tuple(AnalogTrace(name, UNITS[kind_of(name)], step) for name in simulation.analog_channels)
    return Signals(simulation.channels, simulation.rate_hz, traces, tick_of(simulation.end_ns, simulation.rate_hz))


def _told(
    simulation: Simulation, ledger: BinaryIO | None, counts: dict[str, int], progress: Callable[[int], None]
) -> Iterator[Piece]:
    """The pieces of a capture, while the ledger is written beside them."""
    for piece in simulation.pieces():
        for entry in piece.ledger:
            counts[entry["kind"]] = counts.get(entry["kind"], 0) + 1
        if ledger is not None:
            ledger.write("".join(json.dumps(entry) + "\n" for entry in piece.ledger).encode())
        yield piece.logic, piece.analog
        progress(simulation.system.kernel.now_ns)


def _format(path: Path) -> str:
    return path.suffix.lower()


def _check(request: Request) -> None:
    """Refuse what cannot go well before any time is spent on it."""
    path = request.path
    if _format(path) not in EXTENSIONS:
        raise UsageError(f"'{path.name}' has no extension that says a format", "--output", f"end it with {', '.join(EXTENSIONS)}")
    if path == request.ledger:
        raise UsageError("the ledger cannot be in the same file as the capture", "--ledger", "choose another file")
    _check_rates(request)
    gaps = [fault.name for fault in (*request.scenario.faults, *request.faults) if GAP in BY_NAME[fault.name].findings]
    if gaps and _format(path) == ".sr":
        raise RecordingError(f"a .sr file cannot say what {gaps[0]} loses", str(path), "save as .umi or .csv, which can")


def _check_rates(request: Request) -> None:
    scenario = request.scenario
    rate_hz = scenario.rate_hz if request.rate_hz is None else request.rate_hz
    least = -(-LEAST_SAMPLES * NS_PER_S // (2 * scenario.timing.half_bit_ns))
    if not least <= rate_hz <= MOST_RATE_HZ:
        remedy = f"{scenario.name} needs {least} to {MOST_RATE_HZ} samples a second"
        raise UsageError(f"{rate_hz} Hz does not suit the bus clock", "--rate", remedy)
    analog_hz = scenario.analog_rate_hz if request.analog_rate_hz is None else request.analog_rate_hz
    if analog_hz and (analog_hz > rate_hz or rate_hz % analog_hz):
        remedy = "give a rate that divides it, or 0 for no traces"
        raise UsageError(f"{analog_hz} Hz does not divide the logic rate of {rate_hz} Hz", "--analog-rate", remedy)
