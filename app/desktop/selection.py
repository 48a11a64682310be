"""What is selected and where the time cursor is: shared by all panes, so that none needs to know another."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

NO_BITS = ("", 0, 0)


@dataclass(frozen=True, slots=True)
class Record:
    """A record by its layer ("frames" or "packets") and number, from 1."""

    layer: str
    no: int


@dataclass(frozen=True, slots=True)
class SupplyPlace:
    """A stretch [start, end) of ticks of a port's supply."""

    port: int
    start: int
    end: int


class Selection(QObject):
    """Panes call `select` and `point`, and follow the signals; a pane that hears its own choice does nothing.

    `record_changed` carries a `Record` or None; `bits_changed` the bytes ("frame", "packet",
    or "" for none) and the range of bits in them that the tree or the byte pane has chosen; `cursor_changed` a tick;
    `supply_shown` a `SupplyPlace` that is worth a look.
    """

    record_changed = Signal(object)
    bits_changed = Signal(str, int, int)
    supply_shown = Signal(object)
    cursor_changed = Signal("qint64")  # type: ignore[arg-type]  # PySide6 takes C++ type names too

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.record: Record | None = None
        self.is_first = False
        """Whether the record was chosen by no one, since a list that opens has to have a current row."""
        self.bits = NO_BITS
        self.cursor = 0

    def select(self, record: Record | None, *, is_first: bool = False) -> None:
        """Choose a record; its bits are forgotten. `is_first` says that it is merely the first of a recording."""
        if record != self.record:
            self.record, self.is_first = record, is_first
            self.choose_bits(*NO_BITS)
            self.record_changed.emit(record)

    def choose_bits(self, source: str, start: int, end: int) -> None:
        """Choose a range of bits [start, end) of some of the selected record's bytes."""
        if (source, start, end) != self.bits:
            self.bits = (source, start, end)
            self.bits_changed.emit(source, start, end)

    def point(self, tick: int) -> None:
        """Put the time cursor somewhere."""
        if tick != self.cursor:
            self.cursor = tick
            self.cursor_changed.emit(tick)
