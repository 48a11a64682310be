"""How much is measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Samples in files, frames, and how often each thing is timed; the `sigrok_` files hold less of the same traffic.

    `window_recording` counts samples of a file, `window_runs` the runs of a chunk, `window_samples` those of a trace,
    `window_edges` those of each lane. `session_bytes` and `session_ticks` are what session files hold, `simulated_` ones
    how long the virtual meter lives.
    """

    dense: int
    sigrok_dense: int
    sparse: int
    sigrok_sparse: int
    serial: int
    sigrok_serial: int
    long: int
    frames: int
    batch_frames: int
    tshark_frames: int
    repeats: int
    sigrok_repeats: int
    window_frames: int
    window_samples: int
    window_edges: int
    window_repeats: int
    window_recording: int
    window_runs: int
    session_bytes: int
    session_ticks: int
    simulated_busy_s: int
    simulated_day_s: int


FULL = Sizes(
    dense=1_000_000_000,
    sigrok_dense=6_000_000,
    sparse=2_000_000_000,
    sigrok_sparse=100_000_000,
    serial=1_000_000_000,
    sigrok_serial=30_000_000,
    long=1_000_000_000,
    frames=10 * 65_536,
    batch_frames=65_536,
    tshark_frames=100_000,
    repeats=5,
    sigrok_repeats=3,
    window_frames=10_000_000,
    window_samples=100_000_000,
    window_edges=1_000_000,
    window_repeats=60,
    window_recording=200_000_000,
    window_runs=20_000_000,
    session_bytes=500_000_000,
    session_ticks=200_000_000,
    simulated_busy_s=10,
    simulated_day_s=86_400,
)
QUICK = Sizes(
    dense=400_000,
    sigrok_dense=100_000,
    sparse=4_000_000,
    sigrok_sparse=1_000_000,
    serial=400_000,
    sigrok_serial=100_000,
    long=2_000_000,
    frames=4_000,
    batch_frames=1_000,
    tshark_frames=2_000,
    repeats=1,
    sigrok_repeats=1,
    window_frames=4_000,
    window_samples=50_000,
    window_edges=200,
    window_repeats=2,
    window_recording=2_000_000,
    window_runs=500_000,
    session_bytes=4_000_000,
    session_ticks=2_000_000,
    simulated_busy_s=1,
    simulated_day_s=3_600,
)
