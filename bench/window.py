"""The window without a screen, part by part, each in a process of its own: Qt and its memory disturb no other figure."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from bench.process import measured, own
from bench.program import MIB, record_conversation
from bench.progress import say
from bench.report import Row, scaled
from bench.sizes import FULL, QUICK, Sizes

MOST_MEMORY = 1 << 30
PARTS = {
    "list": "showing and scrolling the packet list",
    "timeline": "panning the timeline",
    "write": "writing the tables of a large recording",
    "cached": "opening a large recording in the window",
    "decoding": "opening a recording in the window while it is decoded",
    "cancel": "stopping a decoder",
}
SIZES = {"full": FULL, "quick": QUICK}


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """Every figure of the window."""
    yield from _part("list", folder, sizes)[0]
    yield from _part("timeline", folder, sizes)[0]
    _part("write", folder, sizes)
    found, peak_bytes = _part("cached", folder, sizes)
    yield from found
    yield Row(
        f"the same window: peak memory with {scaled(sizes.window_frames, ' frames')}", f"{peak_bytes / MIB:.0f} MiB",
        f"≤ {MOST_MEMORY / MIB:.0f} MiB", peak_bytes <= MOST_MEMORY, "resident, with the pages of the tables that it looked at",
    )  # fmt: skip
    say("drawing a long recording for the window")
    record_conversation(_recording(folder), sizes.window_recording, 0.95)
    yield from _part("decoding", folder, sizes)[0]
    yield from _part("cancel", folder, sizes)[0]


def _part(name: str, folder: Path, sizes: Sizes) -> tuple[list[Row], int]:
    """The rows of one part and the most memory that its process held."""
    say(PARTS[name])
    output = folder / f"window-{name}.json"
    size = next(size for size, known in SIZES.items() if known == sizes)
    run = measured(own("bench.window", name, str(folder), size), output, {"QT_QPA_PLATFORM": "offscreen"})
    return [Row(**row) for row in json.loads(output.read_text(encoding="utf-8"))], run.peak_bytes


def _recording(folder: Path) -> Path:
    return folder / "window.sr"


def _measure(part: str, folder: Path, sizes: Sizes) -> Iterable[Row]:
    """What a process does for one part; each imports its own Qt."""
    from bench import window_cancel, window_list, window_open, window_plots  # noqa: PLC0415 - whoever starts the parts needs no Qt

    tables = folder / "tables"
    cache = folder / "cache"
    match part:
        case "list":
            tables.mkdir()
            return window_list.list_rows(tables, sizes.window_frames)
        case "timeline":
            return window_plots.rows(sizes.window_samples, sizes.window_edges, sizes.window_repeats)
        case "write":
            window_open.write_cached(cache, sizes.window_frames)
            return []
        case "cached":
            return window_open.cached_rows(cache, sizes.window_frames)
        case "cancel":
            return window_cancel.cancel_rows(_recording(folder), folder / "stopped", sizes.window_runs)
        case _:
            return window_open.decoding_rows(_recording(folder), cache)


def main() -> None:
    """Arguments: the part, a folder to work in, and the sizes by name."""
    part, folder, sizes = sys.argv[1:]
    if part not in PARTS:
        sys.exit(f"{part} is no part; there are {', '.join(PARTS)}")
    json.dump([asdict(row) for row in _measure(part, Path(folder), SIZES[sizes])], sys.stdout)


if __name__ == "__main__":
    main()
