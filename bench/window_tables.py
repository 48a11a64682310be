"""A large decoded recording, written straight into tables: what the window would map after hours of traffic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.analysis.tables.schema import HEADER_PREFIX, tables
from app.analysis.tables.snapshot import Snapshot
from app.analysis.tables.store import Store, StoreReader
from decoders.core.frames import H2P, P2H
from decoders.profile.layout import Record
from decoders.profile.wire_profile import WireProfile

Rows = dict[str, NDArray[Any]]
FRAME_TICKS = 4_000
HOST, METER = "acde480000000001", "acde48000000a001"
BATCH = 1 << 20


def write_frames(profile: WireProfile, folder: Path, frames: int) -> Snapshot:
    """Reads and their answers without end: of four frames two are packets and two acknowledge them; every thousandth is malformed."""
    store = Store(profile, folder)
    contents = [_read(profile, response=False), _read(profile, response=True)]
    store.append("bytes", {"data": np.frombuffer(b"".join(contents), np.uint8)})
    at = np.array([0, len(contents[0])])
    sizes = np.array([len(content) for content in contents])
    for first in range(0, frames, BATCH):
        fill(profile, store, first, min(BATCH, frames - first), at, sizes)
    counts = store.flush()
    store.close()
    reader = StoreReader(profile, folder)
    reader.advance(counts)
    return Snapshot(profile, reader)


def fill(profile: WireProfile, store: Store, first: int, count: int, at: NDArray[np.int64], sizes: NDArray[np.int64]) -> None:
    """Frames number `first` + 1 and on, with the packets that they complete."""
    numbers = np.arange(first, first + count)
    malformed = numbers % 1000 == 999
    is_data = (numbers % 2 == 0) & ~malformed
    types = profile.enumerations["frame_type"].by_name
    side = numbers // 2 % 2
    packet = np.zeros(count, np.uint32)
    packets = store.counts["packets"] + np.arange(1, int(is_data.sum()) + 1)
    packet[is_data] = packets
    start = numbers * FRAME_TICKS
    store.append("frames", _complete(profile, "frames", count, {
        "start": start, "duration": np.full(count, FRAME_TICKS // 2), "at": at[side], "size": sizes[side], "port": np.ones(count),
        "direction": np.where(side ^ (numbers % 2), P2H, H2P), "malformed": malformed, "packet": packet,
        HEADER_PREFIX + "type": np.where(is_data, types["data"], types["ack"]),
    }))  # fmt: skip
    data, sides = start[is_data], side[is_data]
    headers = {name: np.array([_header(profile, response=bool(side))[name] for side in (0, 1)], np.uint64)[sides] for name in (
        "source", "destination", "service", "operation", "response")}  # fmt: skip
    store.append("packets", _complete(profile, "packets", len(data), {
        "start": data, "end": data + FRAME_TICKS // 2, "at": at[sides], "size": sizes[sides], "port": np.ones(len(data)),
        "direction": sides, "has_header": np.ones(len(data)), "hop_start": np.full(len(data), -1),
        "frames_at": store.counts["members"] + np.arange(len(data)), "frame_count": np.ones(len(data)),
        "first_frame": numbers[is_data] + 1,
    } | {HEADER_PREFIX + name: column for name, column in headers.items()}))  # fmt: skip
    store.append("members", {"frame": (numbers[is_data] + 1).astype(np.uint32)})


def _complete(profile: WireProfile, table: str, count: int, given: Rows) -> Rows:
    """All columns of a table, zeros where nothing is given."""
    return {name: np.asarray(given.get(name, np.zeros(count)), dtype) for name, dtype in tables(profile)[table].items()}


def _header(profile: WireProfile, *, response: bool) -> dict[str, int]:
    objects = profile.services[profile.enumerations["service"].by_name["objects"]]
    read = next(one.code for one in objects.operations.values() if one.name == "read")
    host, meter = int(HOST, 16), int(METER, 16)
    source, destination = (meter, host) if response else (host, meter)
    return {"source": source, "destination": destination, "service": objects.code, "operation": read, "response": int(response)}


def _read(profile: WireProfile, *, response: bool) -> bytes:
    """A read of two objects, or its answer."""
    value: Record = {"code": "00420100", "result": "ok", "value": {"type": "uint32", "value": 12_481_377}}
    payload: Record = {"count": 2, "items": [value, value]} if response else {"count": 2, "codes": ["00420100", "00420102"]}
    layout = profile.payload("objects", "read", response=response)
    if layout is None:
        raise ValueError(f"{profile.name} has no objects.read to measure with")
    body = layout.write(payload)
    numbers = _header(profile, response=response)
    return profile.packet.write({
        "response": response, "signed": False, "encrypted": False, "service": "objects", "operation": numbers["operation"],
        "status": "ok", "transaction": 1, "body_length": len(body), "source": METER if response else HOST,
        "destination": HOST if response else METER, "counter": 1, "time": 1_700_000_000,
    }) + body  # fmt: skip
