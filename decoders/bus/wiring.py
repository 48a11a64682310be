"""Which channel of a recording is which line of which port.

Channels are bit numbers of a logic word, 0 to 63; analogue traces are numbered by themselves, from 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Parity = Literal["none", "odd", "even", "mark", "space"]
RailName = Literal["low", "high"]
DEFAULT_IDLE_NS = 100_000


@dataclass(frozen=True, slots=True)
class SpiPort:
    """The lines of one UMI-spi port, or of any SPI bus.

    Without `cs` a pause of `idle_ns` without a clock edge ends a transfer; 0 means that no pause does.
    `stream` is an index into `Wiring.streams`; `mode` 0 to 3; `word_bits` 1 to 64.
    Default polarity, order and mode are placeholders (wire-format 1).
    """

    sck: int
    mosi: int | None = None
    miso: int | None = None
    cs: int | None = None
    attn: int | None = None
    ready: int | None = None
    port: int = 1
    stream: int = 0
    mode: int = 0
    lsb_first: bool = False
    cs_active_high: bool = False
    word_bits: int = 8
    idle_ns: int = DEFAULT_IDLE_NS


@dataclass(frozen=True, slots=True)
class UartLine:
    """The lines of one asynchronous serial link, such as an optical port.

    `rx` carries what the device sends, or everything where there is one receiver; `tx` what the reading tool sends.
    `baud` None means that it is found from the shortest pulse. `data_bits` 5 to 9, `stop_bits` 1 or 2.
    """

    rx: int
    tx: int | None = None
    baud: int | None = None
    data_bits: int = 8
    parity: Parity = "none"
    stop_bits: int = 1
    inverted: bool = False
    protocol: Literal["flag", "raw"] = "flag"
    stream: int = 0


@dataclass(frozen=True, slots=True)
class PowerRail:
    """The analogue traces of one supply rail of one port: `current` and `voltage` are their numbers, one of them may be missing.

    Without a voltage the nominal one of the rail stands in (article: 3 V low, 12 V high). Amperes are sample × `scale` + `offset`;
    voltages are in volts as they are. `stream` is an index into `Wiring.streams`.
    """

    current: int | None
    voltage: int | None = None
    port: int = 1
    stream: int = 0
    rail: RailName = "low"
    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Wiring:
    """All ports, serial links and measured rails of one recording; `streams` names each link that ports are numbered in."""

    spi: tuple[SpiPort, ...] = ()
    uart: tuple[UartLine, ...] = ()
    streams: tuple[str, ...] = ("spi",)
    power: tuple[PowerRail, ...] = ()
