"""How long a decoder takes to end when its user no longer wants it, on a dense recording and on one long chunk of runs."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np

from app.analysis.material import profile_text, shipped_profiles
from app.analysis.tables import decode_process
from app.analysis.tables.decode_process import DecodeJob, DecodeRun, decode, start_decoding
from app.analysis.tables.progress import State
from app.analysis.wiring.wiring import wiring_from_names, wiring_to_text
from bench.conversation import Conversation, batches
from bench.report import Row, digits, scaled
from bench.waveform import BYTE_TICKS, CHANNELS, RATE_HZ, draw
from bench.window_plots import Recording
from capture.formats.opening import open_recording
from decoders.core.chunk import Runs
from decoders.profile.wire_profile import WireProfile, load_profile

TIMES = 8
WAIT_S = 0.13
"""Longer each time by so much does the decoder work before it is stopped."""
MOST_S = 0.2
BATCH = 128
PATIENCE_S = 60
HOW = f"from the wish to the end of the process, the longest of {TIMES} at different moments"


def cancel_rows(recording: Path, cache: Path, runs: int) -> Iterator[Row]:
    """The rows for a recording of samples, and for a chunk of so many runs."""
    text = profile_text(shipped_profiles()[0])
    profile = load_profile(text.text, text.name)
    with open_recording(recording) as opened:
        spi, uart = wiring_to_text(wiring_from_names(opened.channels), opened.channels)
        job = DecodeJob(recording, tuple(spi), tuple(uart), text.text, text.name, opened.rate_hz or 1)
        samples = opened.length or 0
    longest = _longest(partial(start_decoding, job, profile), cache / "samples")
    yield _row(f"stopping the decoder of {scaled(samples, ' busy samples')}", longest)
    longest = _longest(partial(_start_on_runs, runs, job, profile), cache / "runs")
    yield _row(f"stopping the decoder of one chunk of {scaled(runs, ' runs')}", longest)


def _longest(start: Callable[[Path], DecodeRun], cache: Path) -> float:
    """The longest time that a decoder took to end, each with a cache of its own, in which it can find nothing."""
    return max(_seconds_to_end(start(cache / str(number)), WAIT_S * number) for number in range(TIMES))


def _seconds_to_end(run: DecodeRun, decoding_s: float) -> float:
    """From the wish to the end of the process, once it has decoded for a while."""
    (process,) = multiprocessing.active_children()
    patience = time.perf_counter() + PATIENCE_S
    while (progress := run.look()).tick == 0 and progress.state is State.RUNNING and time.perf_counter() < patience:
        time.sleep(0.01)
    time.sleep(decoding_s)
    begin = time.perf_counter()
    run.stop()
    process.join()
    took = time.perf_counter() - begin
    run.close()
    return took


def _start_on_runs(runs: int, job: DecodeJob, profile: WireProfile, cache: Path) -> DecodeRun:
    """Runs are in no file format, so that the process gets them in another way."""
    with patch.object(decode_process, "decode", partial(_decode_runs, runs)):
        return start_decoding(job, profile, cache)


def _decode_runs(runs: int, job: DecodeJob, folder: Path) -> None:
    recording = Recording(_conversation(runs), 0)
    recording.channels = CHANNELS
    recording.rate_hz = RATE_HZ
    with patch.object(decode_process, "open_recording", lambda _path: recording):
        decode(job, folder)


def _conversation(runs: int) -> Runs:
    """A busy conversation of so many runs or more; said again and again, since what it says does not matter here."""
    _, traffic = next(batches(Conversation(seed=1), BATCH, BYTE_TICKS))
    first = draw(traffic, 0)
    times = -(-runs // len(first.ticks))
    ticks = (first.ticks + first.end * np.arange(times)[:, None]).reshape(-1)
    return Runs(0, first.end * times, ticks, np.tile(first.words, times).astype(np.uint8))


def _row(subject: str, seconds: float) -> Row:
    return Row(subject, f"{digits(seconds * 1000)} ms", f"≤ {MOST_S * 1000:.0f} ms", seconds <= MOST_S, HOW)
