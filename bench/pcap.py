"""Frames as a pcap file with nanoseconds and link type USER0, for tshark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from struct import Struct

FILE = Struct("<IHHiIII")
RECORD = Struct("<IIII")
MAGIC_NS = 0xA1B23C4D
USER0 = 147


def write_pcap(path: Path, frames: Sequence[bytes], spacing_ns: int = 100_000) -> None:
    """One record a frame, evenly spaced in time."""
    with path.open("wb") as file:
        file.write(FILE.pack(MAGIC_NS, 2, 4, 0, 0, 1 << 16, USER0))
        for number, content in enumerate(frames):
            seconds, nanoseconds = divmod(number * spacing_ns, 1_000_000_000)
            file.write(RECORD.pack(seconds, nanoseconds, len(content), len(content)) + content)
