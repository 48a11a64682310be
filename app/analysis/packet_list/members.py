"""The frames of many packets at once, those that repeat others included."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.analysis.tables.snapshot import Snapshot

Numbers = NDArray[Any]
"""Record numbers, from 1."""


def members_of(snapshot: Snapshot, packets: Numbers) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The frames of packets, packet by packet in ascending order, and how many each packet has."""
    rows = packets.astype(np.int64) - 1
    counts = snapshot.column("packets", "frame_count")[rows].astype(np.int64)
    before = np.cumsum(counts) - counts
    places = np.arange(int(counts.sum())) + np.repeat(snapshot.column("packets", "frames_at")[rows] - before, counts)
    frames = snapshot.column("members", "frame")[places]
    return _with_repeats(snapshot, packets, frames, counts)


def packets_of_repeats(snapshot: Snapshot, since: int = 0) -> tuple[Numbers, Numbers]:
    """Frames that repeat others, from row `since` on, and the packets that the originals belong to; 0 for those without."""
    originals = snapshot.column("repeats", "original")[since:].astype(np.int64)
    return snapshot.column("repeats", "frame")[since:], snapshot.column("frames", "packet")[originals - 1]


def _with_repeats(
    snapshot: Snapshot, packets: Numbers, frames: NDArray[np.uint32], counts: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    repeats, owners = packets_of_repeats(snapshot)
    if not len(repeats) or not len(packets):
        return frames, counts
    order = np.argsort(packets, kind="stable")
    nth = order[np.minimum(np.searchsorted(packets, owners, sorter=order), len(packets) - 1)]
    mine = packets[nth] == owners
    extra = np.sort(nth[mine] << 32 | repeats[mine])
    keys = np.repeat(np.arange(len(packets)), counts) << 32 | frames
    frames = np.insert(frames, np.searchsorted(keys, extra), (extra & 0xFFFF_FFFF).astype(np.uint32))
    return frames, counts + np.bincount(extra >> 32, minlength=len(packets))
