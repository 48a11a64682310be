"""What the rows of a list took from the supply of their port: measured some at a time, and kept for those looked at last."""

from __future__ import annotations

from app.analysis.packet_list.rows import Kind, kind_of, number_of
from app.analysis.packet_list.text import SUPPLY, Column
from app.analysis.power.energies import Energies
from app.analysis.power.meter import Measured
from app.analysis.power.text import charge_text, energy_text, measured_text

KEPT_ROWS = 4096
AT_ONCE = 8
"""Rows measured by one step, some milliseconds' work where transfers are dense."""
SHARED_SIGN = "* "
"""Before what is shared with another record that overlaps it."""


class RowSupplies:
    """Energy and charge of rows as text; blank until they are known. Call `measure` until it has nothing more to do."""

    def __init__(self, energies: Energies | None = None) -> None:
        self._energies = energies
        self._kept: dict[int, Measured | None] = {}
        self._wanted: dict[int, None] = {}

    @property
    def is_wired(self) -> bool:
        """Whether there can be any."""
        return self._energies is not None and self._energies.is_wired

    @property
    def is_behind(self) -> bool:
        """Whether rows were asked for that are not measured."""
        return bool(self._wanted)

    def cell(self, code: int, column: Column) -> str:
        """What is known of a row by now; what was not measured yet is measured next."""
        found = self._found(code) if column in SUPPLY else None
        if found is None:
            return ""
        return (SHARED_SIGN if found.shared else "") + (energy_text(found) if column is Column.ENERGY else charge_text(found))

    def tip(self, code: int) -> str:
        """What is known of a row in words."""
        found = self._found(code)
        return "" if found is None else measured_text(found)

    def _found(self, code: int) -> Measured | None:
        if not self.is_wired or kind_of(code) is Kind.GAP:
            return None
        if code not in self._kept:
            # What was asked for last is in sight and measured first.
            self._wanted.pop(code, None)
            self._wanted[code] = None
            while len(self._wanted) > KEPT_ROWS:
                del self._wanted[next(iter(self._wanted))]
        return self._kept.get(code)

    def measure(self) -> list[int]:
        """Measure some of the rows that were asked for, the last first; those of which something is known."""
        if self._energies is None:
            return []
        codes = [self._wanted.popitem()[0] for _ in range(min(AT_ONCE, len(self._wanted)))]
        for code in codes:
            if len(self._kept) >= KEPT_ROWS:
                for key in list(self._kept)[: KEPT_ROWS // 2]:
                    del self._kept[key]
            self._kept[code] = self._energies.of("packets" if kind_of(code) is Kind.PACKET else "frames", number_of(code))
        return [code for code in codes if self._kept[code] is not None]

    def look_again(self) -> None:
        """More is known: rows of which nothing was are measured again when they are asked for."""
        self._kept = {code: found for code, found in self._kept.items() if found is not None}
