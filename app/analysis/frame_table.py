"""Frames kept in memory: narrow columns, about 40 bytes a frame, and one frame as a record when it is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.core.frames import DIRECTIONS, FrameBatch
from decoders.core.tree import Value
from decoders.link import MALFORMED_NAMES
from decoders.profile.columns import Column, value_at
from decoders.profile.framing import Malformed
from decoders.profile.wire_profile import WireProfile


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame or malformed stretch; ticks of its first and last sampled bit, header fields as record values."""

    no: int
    start: int
    end: int
    stream: int
    port: int
    direction: str
    malformed: str | None
    header: dict[str, Value]
    content: bytes
    payload: bytes


def narrow(column: NDArray[Any]) -> NDArray[Any]:
    """The same numbers in the narrowest unsigned type that holds them."""
    if not len(column) or column.dtype == object or column.min() < 0:
        return column
    return column.astype(np.min_scalar_type(int(column.max())))


class FrameTable:
    """The frames of one batch, in narrow columns; their bytes stay where the link layer found them."""

    def __init__(self, profile: WireProfile, frames: FrameBatch) -> None:
        self._profile = profile
        self.first_no = frames.first_no
        self.start = frames.start
        self.stream, self.port, self.direction, self.malformed = frames.stream, frames.port, frames.direction, frames.malformed
        self._duration = narrow(frames.end - frames.start)
        self._offset = narrow(frames.offset)
        self._size = narrow(frames.size)
        self._header_size = narrow(frames.payload_offset - frames.offset)
        self._payload_size = narrow(frames.payload_size)
        self._header: dict[str, Column] = {name: narrow(column) for name, column in frames.header.items()}
        self._data = frames.data

    def __len__(self) -> int:
        return len(self.start)

    @property
    def resident_bytes(self) -> int:
        """Memory of the columns, without the frames' bytes."""
        columns: list[NDArray[Any]] = [
            self.start,
            self.stream,
            self.port,
            self.direction,
            self.malformed,
            self._duration,
            self._offset,
            self._size,
        ]
        columns += [self._header_size, self._payload_size, *self._header.values()]
        return sum(column.nbytes for column in columns)

    @property
    def end(self) -> NDArray[np.int64]:
        """The ticks of the frames' last bits."""
        end: NDArray[np.int64] = self.start + self._duration.astype(np.int64)
        return end

    def frame(self, row: int) -> Frame:
        """One frame in full."""
        offset, size = int(self._offset[row]), int(self._size[row])
        content = self._data[offset : offset + size].tobytes()
        start = int(self.start[row])
        reason = int(self.malformed[row])
        header_size, payload_size = int(self._header_size[row]), int(self._payload_size[row])
        return Frame(
            self.first_no + row,
            start,
            start + int(self._duration[row]),
            int(self.stream[row]),
            int(self.port[row]),
            DIRECTIONS[int(self.direction[row])],
            MALFORMED_NAMES[Malformed(reason)] if reason else None,
            {} if reason else self._values(row),
            content,
            b"" if reason else content[header_size : header_size + payload_size],
        )

    def _values(self, row: int) -> dict[str, Value]:
        """The header's fields; those whose condition is not met are not there, and their columns say nothing."""
        values: dict[str, Value] = {}
        numbers: dict[str, int] = {}
        for field in self._profile.frame.fields:
            if field.name not in self._header:
                continue
            if field.condition and numbers.get(field.condition.field) not in field.condition.numbers:
                continue
            numbers[field.name] = number = int(self._header[field.name][row])
            values[field.name] = value_at(field, number)
        return values
