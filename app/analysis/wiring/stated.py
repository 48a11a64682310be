"""The wiring that a recording states itself."""

from __future__ import annotations

from app.analysis.wiring.power import power_to_text, with_power
from app.analysis.wiring.wiring import wiring_from_names, wiring_from_options, wiring_to_text
from capture.formats.base import LogicRecording
from capture.session.reader import SessionRecording
from decoders.bus.wiring import Wiring

_SPI, _UART, _POWER = "--spi ", "--uart ", "--power "


def wiring_of(recording: LogicRecording) -> Wiring:
    """What a session file says of its wiring, else what the names of channels and traces speak of. Raises UsageError for either."""
    lines = recording.wiring if isinstance(recording, SessionRecording) else ()
    spi = [line.removeprefix(_SPI) for line in lines if line.startswith(_SPI)]
    uart = [line.removeprefix(_UART) for line in lines if line.startswith(_UART)]
    power = [line.removeprefix(_POWER) for line in lines if line.startswith(_POWER)]
    wiring = wiring_from_options(spi, uart, recording.channels) if spi or uart else wiring_from_names(recording.channels)
    return with_power(wiring, power, recording.analog_channels)


def stated_text(wiring: Wiring, channels: tuple[str, ...], traces: tuple[str, ...] = ()) -> str:
    """A wiring as a session file keeps it: one option of the command line a line; `traces` are the analogue channels."""
    spi, uart = wiring_to_text(wiring, channels)
    power = power_to_text(wiring, traces)
    options = ((_SPI, spi), (_UART, uart), (_POWER, power))
    return "\n".join(prefix + text for prefix, texts in options for text in texts)
