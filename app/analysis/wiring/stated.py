"""The wiring that a recording states itself."""

from __future__ import annotations

from app.analysis.wiring.wiring import wiring_from_names, wiring_from_options, wiring_to_text
from capture.formats.base import LogicRecording
from capture.session.reader import SessionRecording
from decoders.bus.wiring import Wiring

_SPI, _UART = "--spi ", "--uart "


def wiring_of(recording: LogicRecording) -> Wiring:
    """What a session file says of its wiring, else what the names of the channels speak of. Raises UsageError for either."""
    lines = recording.wiring if isinstance(recording, SessionRecording) else ()
    spi = [line.removeprefix(_SPI) for line in lines if line.startswith(_SPI)]
    uart = [line.removeprefix(_UART) for line in lines if line.startswith(_UART)]
    return wiring_from_options(spi, uart, recording.channels) if spi or uart else wiring_from_names(recording.channels)


def stated_text(wiring: Wiring, channels: tuple[str, ...]) -> str:
    """A wiring as a session file keeps it: one option of the command line a line."""
    spi, uart = wiring_to_text(wiring, channels)
    return "\n".join([*(_SPI + option for option in spi), *(_UART + option for option in uart)])
