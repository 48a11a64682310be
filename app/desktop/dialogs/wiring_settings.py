"""How each port and serial link is read: a row each, or one for all ports of a stream that are read alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from app.analysis.wiring.table import (
    SPI_ROLES,
    UART_ROLES,
    SpiSettings,
    UartSettings,
    WiringTable,
)
from app.analysis.wiring.words import FORMATS, baud_of, format_text, idle_ns_of, idle_text, ports_named
from app.desktop import theme
from app.desktop.dialogs.entry import ChoiceBox, EntryBox
from decoders.core.errors import UsageError

MODES = (
    ("0: rests low, sampled rising", 0),
    ("1: rests low, sampled falling", 1),
    ("2: rests high, sampled falling", 2),
    ("3: rests high, sampled rising", 3),
)
ORDERS = (("msb first", False), ("lsb first", True))
LEVELS = (("low", False), ("high", True))
PROTOCOLS = (("EN 62056-21", "flag"), ("UMI link frames", "raw"))
SENSES = (("rests high", False), ("rests low (inverted)", True))
BAUDS = ("auto", "300", "600", "1200", "2400", "4800", "9600", "19200", "38400", "57600", "115200")
IDLES = ("20us", "100us", "500us", "1ms", "10ms", "0")
Port = tuple[str, tuple[int, ...]]


class SettingsGrid(QWidget):
    """Shows a table's settings; `changed` carries the table with another, `complained` why a text cannot be one."""

    changed = Signal(object)
    complained = Signal(str)

    def __init__(self, table: WiringTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = table
        self._shown: tuple[object, ...] = ()
        self._rows: list[_PortRow | _LinkRow] = []
        self._alike = QCheckBox("All ports of a stream are read alike")
        self._alike.setChecked(table.is_uniform())
        self._alike.toggled.connect(self._share)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(6, 0, 6, 0)
        self._layout.setSpacing(4)
        self._layout.addWidget(self._alike)
        self._body = QWidget()
        self._layout.addWidget(self._body)

    def show_table(self, table: WiringTable) -> None:
        """Show another table; rows are made anew only where there are others."""
        self._table = table
        if not table.is_uniform():
            self._alike.setChecked(False)
        ports, links = self._ports(), table.streams(UART_ROLES)
        if (tuple(ports), tuple(links)) != self._shown:
            self._shown = (tuple(ports), tuple(links))
            self._make_rows(ports, links)
        self._alike.setVisible(any(len(table.ports(stream)) > 1 for stream in table.streams(SPI_ROLES)))
        for row in self._rows:
            row.show_table(table)

    def take(self, table: WiringTable) -> None:
        """Have a row's change told."""
        self.changed.emit(table)

    def complain(self, text: str) -> None:
        """Have a text refused, and the row show what was there before."""
        self.show_table(self._table)
        self.complained.emit(text)

    @property
    def table(self) -> WiringTable:
        return self._table

    def _ports(self) -> list[Port]:
        streams = [(stream, tuple(self._table.ports(stream))) for stream in self._table.streams(SPI_ROLES)]
        if self._alike.isChecked():
            return streams
        return [(stream, (port,)) for stream, ports in streams for port in ports]

    def _share(self, alike: bool) -> None:  # noqa: FBT001  # Qt's signature
        """Ports that become alike are read as the first of their stream."""
        table = self._table
        for stream in table.streams(SPI_ROLES) if alike else ():
            ports = table.ports(stream)
            table = table.with_spi(stream, ports, table.spi_settings(stream, ports[0]))
        if table != self._table:
            self.changed.emit(table)
        else:
            self.show_table(table)

    def _make_rows(self, ports: Sequence[Port], links: Sequence[str]) -> None:
        body = QWidget()
        layout = QGridLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(10)
        layout.setVerticalSpacing(3)
        self._rows = []
        if ports:
            _headings(layout, 0, ("Port", "Mode", "Bit order", "cs selects", "Word bits", "Pause that ends a transfer"))
            self._rows += [_PortRow(self, layout, line, *port) for line, port in enumerate(ports, 1)]
        if links:
            first = layout.rowCount() + 1
            _headings(layout, first, ("Serial link", "Protocol", "Speed", "Format", "Line"))
            self._rows += [_LinkRow(self, layout, first + line, link) for line, link in enumerate(links, 1)]
        layout.setColumnStretch(6, 1)
        self._layout.replaceWidget(self._body, body)
        self._body.setParent(None)
        self._body.deleteLater()
        self._body = body


class _PortRow:
    """The settings of some ports of one stream."""

    def __init__(self, grid: SettingsGrid, layout: QGridLayout, line: int, stream: str, ports: tuple[int, ...]) -> None:
        self._grid, self._stream, self._ports = grid, stream, ports
        name = ports_named(stream, ports)
        self._mode = ChoiceBox(f"Mode of {name}", MODES)
        self._order = ChoiceBox(f"Bit order of {name}", ORDERS)
        self._level = ChoiceBox(f"Level at which cs selects {name}", LEVELS)
        self._word = QSpinBox()
        self._word.setRange(1, 64)
        self._word.setKeyboardTracking(False)
        self._word.setAccessibleName(f"Word bits of {name}")
        self._word.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._idle = EntryBox(f"Pause that ends a transfer of {name}", IDLES)
        for widget, key in zip(self._widgets(), ("mode", "order", "level", "word", "idle"), strict=True):
            widget.setObjectName(f"{key}-of-{stream}-{ports[0]}")
        for column, widget in enumerate((QLabel(name), *self._widgets())):
            layout.addWidget(widget, line, column)
        self._mode.chosen.connect(lambda mode: self._tell(replace(self._settings, mode=int(mode))))
        self._order.chosen.connect(lambda lsb: self._tell(replace(self._settings, lsb_first=bool(lsb))))
        self._level.chosen.connect(lambda high: self._tell(replace(self._settings, cs_active_high=bool(high))))
        self._word.valueChanged.connect(lambda bits: self._tell(replace(self._settings, word_bits=bits)))
        self._idle.entered.connect(self._take_idle)

    def _widgets(self) -> tuple[QWidget, ...]:
        return self._mode, self._order, self._level, self._word, self._idle

    @property
    def _settings(self) -> SpiSettings:
        return self._grid.table.spi_settings(self._stream, self._ports[0])

    def show_table(self, table: WiringTable) -> None:
        how = table.spi_settings(self._stream, self._ports[0])
        self._mode.show_value(how.mode)
        self._order.show_value(how.lsb_first)
        self._level.show_value(how.cs_active_high)
        self._word.blockSignals(True)  # Qt's signature
        self._word.setValue(how.word_bits)
        self._word.blockSignals(False)  # Qt's signature
        self._idle.show_text(idle_text(how.idle_ns))
        with_cs = [bool(table.lines(self._stream, "cs", port)) for port in self._ports]
        self._level.setEnabled(any(with_cs))
        self._idle.setEnabled(not all(with_cs))
        self._idle.setToolTip("Matters only where a port has no cs; 0 means that no pause ends a transfer")

    def _take_idle(self, text: str) -> None:
        try:
            self._tell(replace(self._settings, idle_ns=idle_ns_of(text)))
        except UsageError as error:
            self._grid.complain(f"{error.what}: {error.remedy}.")

    def _tell(self, settings: SpiSettings) -> None:
        self._grid.take(self._grid.table.with_spi(self._stream, self._ports, settings))


class _LinkRow:
    """The settings of one serial link."""

    def __init__(self, grid: SettingsGrid, layout: QGridLayout, line: int, stream: str) -> None:
        self._grid, self._stream = grid, stream
        self._protocol = ChoiceBox(f"Protocol of {stream}", PROTOCOLS)
        self._baud = EntryBox(f"Speed of {stream}, in baud", BAUDS)
        self._baud.setMinimumContentsLength(9)
        self._format = ChoiceBox(f"Format of {stream}", [(format_text(one), one) for one in FORMATS])
        self._sense = ChoiceBox(f"Resting level of {stream}", SENSES)
        for widget, key in zip(self._widgets(), ("protocol", "baud", "format", "sense"), strict=True):
            widget.setObjectName(f"{key}-of-{stream}")
        for column, widget in enumerate((QLabel(stream), *self._widgets())):
            layout.addWidget(widget, line, column)
        self._protocol.chosen.connect(self._take_protocol)
        self._baud.entered.connect(self._take_baud)
        self._format.chosen.connect(self._take_format)
        self._sense.chosen.connect(lambda inverted: self._tell(replace(self._settings, inverted=bool(inverted))))

    def _widgets(self) -> tuple[QWidget, ...]:
        return self._protocol, self._baud, self._format, self._sense

    @property
    def _settings(self) -> UartSettings:
        return self._grid.table.uart_settings(self._stream)

    def show_table(self, table: WiringTable) -> None:
        how = table.uart_settings(self._stream)
        self._protocol.show_value(how.protocol)
        self._baud.show_text("auto" if how.baud is None else str(how.baud))
        self._format.show_value((how.data_bits, how.parity, how.stop_bits))
        self._sense.show_value(how.inverted)

    def _take_protocol(self, protocol: object) -> None:
        self._tell(self._settings.speaking("flag" if protocol == "flag" else "raw"))

    def _take_baud(self, text: str) -> None:
        try:
            self._tell(replace(self._settings, baud=baud_of(text)))
        except UsageError as error:
            self._grid.complain(f"{error.what}: {error.remedy}.")

    def _take_format(self, chosen: object) -> None:
        data_bits, parity, stop_bits = next(one for one in FORMATS if one == chosen)
        self._tell(replace(self._settings, data_bits=data_bits, parity=parity, stop_bits=stop_bits))

    def _tell(self, settings: UartSettings) -> None:
        self._grid.take(self._grid.table.with_uart(self._stream, settings))


def _headings(layout: QGridLayout, line: int, texts: Sequence[str]) -> None:
    for column, text in enumerate(texts):
        label = QLabel(text)
        theme.tone(label, "muted")
        layout.addWidget(label, line, column)
