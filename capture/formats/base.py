"""What every file format offers of a recording of logic channels, whatever the file looks like inside."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from decoders.core.chunk import LogicChunk


class LogicRecording(Protocol):
    """A recording of logic channels, read as a stream; it can be read several times and is never written to.

    `name` is what a person calls it. `channels` are the names of the bits of a logic word, bit 0 first, at most 64; an empty name
    is a bit that the recording does not use. `analog_channels` are the names of its analogue traces, and `analog_steps`
    the ticks that one sample of each lasts. `rate_hz` is samples in a second and `length` the samples of one channel; None where
    the file does not say. `notes` are plain sentences about oddities.
    """

    @property
    def name(self) -> str: ...
    @property
    def channels(self) -> tuple[str, ...]: ...
    @property
    def analog_channels(self) -> tuple[str, ...]: ...
    @property
    def analog_steps(self) -> tuple[int, ...]: ...
    @property
    def rate_hz(self) -> int | None: ...
    @property
    def length(self) -> int | None: ...
    @property
    def notes(self) -> tuple[str, ...]: ...

    def chunks(self) -> Iterator[LogicChunk]:
        """All samples in order from tick 0, each chunk beginning where the one before ended.

        A damaged file raises `RecordingError` after its good part has been yielded.
        """
        ...

    def window(self, start: int, end: int) -> list[LogicChunk]:
        """The samples of ticks [start, end), without reading the others more than is needed; may be called from any thread.

        Chunks follow one another from `start` on. They end earlier where the recording does, or where it is damaged; damaged from
        `start` on it is `Lost`.
        """
        ...

    def analog_chunks(self, channel: int) -> Iterator[NDArray[np.float32]]:
        """The samples of analogue trace `channel`, an index into `analog_channels`, in order, each as long as its step."""
        ...

    def close(self) -> None:
        """Let go of the file; afterwards nothing more is read from it."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None, /) -> None: ...
