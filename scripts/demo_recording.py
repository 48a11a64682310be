"""Makes the recording that ships with the program: `python -m scripts.demo_recording`; a test holds the shipped file against it."""

from __future__ import annotations

from pathlib import Path

from app.analysis.simulating import Request, read_scenario, simulate

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "demo"
SCENARIO, RECORDING = FOLDER / "gas-meter.toml", FOLDER / "gas-meter.umi"
SEED = 4


def make(path: Path) -> None:
    """Simulate it into a file."""
    simulate(Request(read_scenario(str(SCENARIO)), path, seed=SEED), lambda _: None)


if __name__ == "__main__":
    make(RECORDING)
