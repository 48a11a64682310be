"""Frames that have a row of their own because no packet stands for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.analysis.tables.snapshot import Snapshot

Numbers = NDArray[np.uint32]
QUIET_TYPES = ("ack", "poll", "idle")
"""Link control frames that say only that the link works."""


def alone(snapshot: Snapshot, begin: int, end: int, *, quiet: bool) -> Numbers:
    """Malformed stretches and link control frames of rows [begin, end) of the frames, those of `QUIET_TYPES` only where `quiet`."""
    found = snapshot.column("frames", "malformed")[begin:end] != 0
    types = snapshot.header_column("frames", "type")
    names = snapshot.profile.enumerations["frame_type"].by_name
    hidden = [names[name] for name in ("data", *(() if quiet else QUIET_TYPES)) if name in names]
    if types is not None:
        found |= np.isin(types[begin:end], hidden, invert=True)
    return _numbers(found, begin)


def strays(snapshot: Snapshot, begin: int, end: int) -> Numbers:
    """Data frames of rows [begin, end) that no packet took and that repeat none, which is known once all is decoded."""
    types = snapshot.header_column("frames", "type")
    data = snapshot.profile.enumerations["frame_type"].by_name.get("data", -1)
    packet, malformed = (snapshot.column("frames", name)[begin:end] for name in ("packet", "malformed"))
    found = (packet == 0) & (malformed == 0)
    if types is not None:
        found &= types[begin:end] == data
    repeated = snapshot.column("repeats", "frame").astype(np.int64) - 1 - begin
    found[repeated[(repeated >= 0) & (repeated < end - begin)]] = False
    return _numbers(found, begin)


def _numbers(found: NDArray[np.bool_], begin: int) -> Numbers:
    return (np.flatnonzero(found) + (begin + 1)).astype(np.uint32)
