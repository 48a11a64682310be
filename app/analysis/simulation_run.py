"""Simulating in a process of its own, so that the window never waits for it; and where simulated recordings are kept."""

from __future__ import annotations

import contextlib
import multiprocessing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import platformdirs

from app.analysis.simulating import LEDGER_EXTENSION, Request, ledger_beside, read_scenario, seconds_of, shipped_scenarios, simulate
from capture.simulator.faults import FAULTS, fault_plan
from decoders.core.errors import UserError

LIMIT_BYTES = 1 << 30
"""Simulated recordings that nobody gave a place to take no more; the oldest go first."""
EXTENSION = ".umi"
STANDARD = "gas-meter"
NO_WORD = "the simulation ended without a word; start it again"


@dataclass(frozen=True, slots=True)
class Order:
    """What to simulate, in words that any process understands; `seconds` None for as long as the scenario lasts."""

    path: Path
    scenario: str = STANDARD
    seconds: float | None = None
    seed: int = 0
    faults: tuple[str, ...] = ()

    def request(self) -> Request:
        """The same for the simulator. Raises UserError for what it does not know."""
        plans = tuple(map(fault_plan, self.faults))
        return Request(read_scenario(self.scenario), self.path, self.seconds, self.seed, plans, ledger=ledger_beside(self.path))


@dataclass(frozen=True, slots=True)
class Stage:
    """How far a simulation is: a share from 0 to 1; `error` says what went wrong."""

    share: float = 0.0
    is_done: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several that can be simulated, or go wrong: its name, what happens, and how long it lasts where that is known."""

    name: str
    description: str
    seconds: float = 0.0


def scenario_choices() -> list[Choice]:
    """All shipped scenarios, that of the start page first."""
    scenarios = [(name, read_scenario(name)) for name in sorted(shipped_scenarios(), key=lambda name: (name != STANDARD, name))]
    return [Choice(name, scenario.description, scenario.seconds) for name, scenario in scenarios]


def fault_choices() -> list[Choice]:
    """All faults that a simulation can have."""
    return [Choice(fault.name, fault.description) for fault in FAULTS]


def simulated_folder() -> Path:
    """Where simulated recordings are kept that nobody gave another place."""
    return platformdirs.user_cache_path("umiscope", appauthor=False) / "simulated"


def place_for(scenario: str, folder: Path | None = None, limit_bytes: int = LIMIT_BYTES) -> Path:
    """A file in the folder that is not there yet; the oldest of the others go where there are too many. Raises OSError."""
    folder = folder or simulated_folder()
    folder.mkdir(parents=True, exist_ok=True)
    _make_room(folder, limit_bytes)
    name = Path(scenario).stem
    path, number = folder / f"{name}{EXTENSION}", 1
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}{EXTENSION}"
    return path


def _make_room(folder: Path, limit_bytes: int) -> None:
    files = sorted(folder.glob(f"*{EXTENSION}"), key=lambda path: path.stat().st_mtime_ns)
    sizes = {path: path.stat().st_size for path in files}
    for path in files:
        if sum(sizes.values()) <= limit_bytes:
            return
        del sizes[path]
        with contextlib.suppress(OSError):  # another program may have it open
            path.unlink()
            path.with_name(path.name + LEDGER_EXTENSION).unlink(missing_ok=True)


class SimulationRun:
    """One simulation, running; `look` says how far it is. Raises UserError for what is known to be impossible at once."""

    def __init__(self, order: Order) -> None:
        self._whole_ns = seconds_of(order.request()) * 10**9
        self._latest = Stage()
        context = multiprocessing.get_context("spawn")
        self._news, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_work, args=(theirs, order), name="simulation", daemon=True)
        self._process.start()
        theirs.close()

    def look(self) -> Stage:
        """The latest stage."""
        try:
            while not self._is_over and self._news.poll():
                told = self._news.recv()
                self._latest = Stage(min(1.0, told / self._whole_ns)) if isinstance(told, int) else told
        except (EOFError, OSError):
            self._latest = Stage(error=NO_WORD)
        return self._latest

    @property
    def _is_over(self) -> bool:
        return self._latest.is_done or bool(self._latest.error)

    @property
    def is_alive(self) -> bool:
        """Whether its process still does something."""
        return self._process.is_alive()

    def close(self) -> None:
        """End the simulation, wherever it is; it takes away what is not finished, and nobody waits for that."""
        self._news.close()


def _work(window: Connection, order: Order) -> None:
    """Simulate, and tell how far it is; where nobody listens any more that fails, and the file is taken back."""
    try:
        simulate(order.request(), window.send)
        last = Stage(1.0, is_done=True)
    except (UserError, OSError) as error:
        last = Stage(error=str(error))
    with contextlib.suppress(OSError):
        window.send(last)
    window.close()
