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
Mask = NDArray[np.bool_]
FRAME_TICKS = 4_000
HOST, METER = "acde480000000001", "acde48000000a001"
BATCH = 1 << 20


class LargeTables:
    """Reads and their answers without end: of four frames two are packets and two acknowledge them; every thousandth is malformed.

    `snapshot` maps the files as the window does.
    """

    def __init__(self, profile: WireProfile, folder: Path) -> None:
        self._profile = profile
        self._store = Store(profile, folder)
        self._reader = StoreReader(profile, folder)
        self.snapshot = Snapshot(profile, self._reader)
        contents = [_read(profile, response=False), _read(profile, response=True)]
        self._store.append("bytes", {"data": np.frombuffer(b"".join(contents), np.uint8)})
        self._at = np.array([0, len(contents[0])])
        self._sizes = np.array([len(content) for content in contents])
        self._headers = [_header(profile, response=response) for response in (False, True)]

    def add(self, frames: int) -> None:
        """So many frames more, with the packets that they complete, visible in the snapshot."""
        first = self._store.counts["frames"]
        for begin in range(first, first + frames, BATCH):
            self._fill(np.arange(begin, min(begin + BATCH, first + frames)))
        self._reader.advance(self._store.flush())

    def close(self) -> None:
        self._reader.close()
        self._store.close()

    def _fill(self, numbers: NDArray[np.int64]) -> None:
        malformed = numbers % 1000 == 999
        is_data = (numbers % 2 == 0) & ~malformed
        side = numbers // 2 % 2
        packet = np.where(is_data, np.cumsum(is_data) + self._store.counts["packets"], 0)
        self._add_frames(numbers, side, malformed, is_data, packet)
        self._add_packets(numbers[is_data], side[is_data])

    def _add_frames(
        self, numbers: NDArray[np.int64], side: NDArray[np.int64], malformed: Mask, is_data: Mask, packet: NDArray[np.int64]
    ) -> None:
        types = self._profile.enumerations["frame_type"].by_name
        self._append("frames", len(numbers), {
            "start": numbers * FRAME_TICKS, "duration": np.full(len(numbers), FRAME_TICKS // 2), "at": self._at[side],
            "size": self._sizes[side], "port": np.ones(len(numbers)), "direction": np.where(side ^ (numbers % 2), P2H, H2P),
            "malformed": malformed, "packet": packet, HEADER_PREFIX + "type": np.where(is_data, types["data"], types["ack"]),
        })  # fmt: skip

    def _add_packets(self, numbers: NDArray[np.int64], side: NDArray[np.int64]) -> None:
        count, start = len(numbers), numbers * FRAME_TICKS
        headers = {
            HEADER_PREFIX + name: np.array([header[name] for header in self._headers], np.uint64)[side] for name in self._headers[0]
        }
        self._append("packets", count, headers | {
            "start": start, "end": start + FRAME_TICKS // 2, "at": self._at[side], "size": self._sizes[side], "port": np.ones(count),
            "direction": side, "has_header": np.ones(count), "hop_start": np.full(count, -1), "frame_count": np.ones(count),
            "frames_at": self._store.counts["members"] + np.arange(count), "first_frame": numbers + 1,
        })  # fmt: skip
        self._append("members", count, {"frame": numbers + 1})

    def _append(self, table: str, count: int, given: Rows) -> None:
        """All columns of a table, zeros where nothing is given."""
        columns = tables(self._profile)[table].items()
        self._store.append(table, {name: np.asarray(given.get(name, np.zeros(count)), dtype) for name, dtype in columns})


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
