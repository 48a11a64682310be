"""Measures how fast UMIscope is and prints its tables: `python -m bench [--quick] [--write-readme]`."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench import against_sigrok, against_tshark, program, session_files, virtual_meter, window
from bench.process import ROOT
from bench.report import BEGIN, END, Row, placed, table
from bench.sizes import FULL, QUICK, Sizes

QUIET = 0.5
"""A lower load average than this is that of a machine with nothing else to do."""
README = ROOT / "README.md"


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """Every figure, measured one after the other."""
    dense, recorded = against_sigrok.dense_spi(folder, sizes)
    yield dense
    yield program.printing(recorded)
    yield against_sigrok.sparse_spi(folder, sizes)
    yield against_sigrok.uart(folder, sizes)
    yield from against_tshark.frame_rows(folder, sizes)
    yield from program.long_recordings(folder, sizes)
    yield from session_files.rows(folder, sizes)
    yield from virtual_meter.rows(sizes)
    yield program.start_up(folder)


def report(decoding: Sequence[Row], shown: Sequence[Row], load: float) -> str:
    """Both groups as tables, and what they were measured on; `load` is the average before it began."""
    return f"{table(decoding)}\n\n### The window, offscreen\n\n{table(shown)}\n\n{machine()}{shared(load)}"


def machine() -> str:
    """What it was measured on, in one sentence."""
    return (
        f"Measured on {os.cpu_count()} cores ({_processor()}) with Python {platform.python_version()} and numpy {np.__version__}; "
        "all files lay in the page cache."
    )


def load_average() -> float:
    """How many programs wanted a core in the last minute; nothing where the system does not tell."""
    if sys.platform == "win32":
        return 0.0
    else:  # noqa: RET505 - so that types are checked as on each system
        return os.getloadavg()[0]


def shared(load: float) -> str:
    """A further sentence where others used the machine as well."""
    if load < QUIET:
        return ""
    return f" The machine was shared: its load average was {load:.1f} before the measurement began."


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def main() -> None:
    """Print the table, and put it into the readme where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that everything works; the figures mean little")
    parser.add_argument("--write-readme", action="store_true", help=f"put the table between {BEGIN} and {END} in README.md")
    options = parser.parse_args()
    if options.quick and options.write_readme:
        parser.error("quick figures mean little and do not belong in the readme: leave out --quick")
    load = load_average()
    sizes = QUICK if options.quick else FULL
    with TemporaryDirectory(prefix="umiscope-bench-") as folder:
        text = report(list(rows(Path(folder), sizes)), list(window.rows(Path(folder), sizes)), load)
    print(text)
    if options.write_readme:
        readme = placed(README.read_text(encoding="utf-8"), text)
        if readme is None:
            sys.exit(f"README.md lacks the markers {BEGIN} and {END}: put them where the table should be")
        README.write_text(readme, encoding="utf-8")


if __name__ == "__main__":
    main()
