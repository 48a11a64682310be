"""The list of findings: in order of time, of chosen severities and of one code where that is wanted."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from app.analysis.panes.listing import Column, Numbers, Row, Target
from app.analysis.tables.filling import CODE_NUMBERS
from app.analysis.tables.snapshot import Snapshot
from app.analysis.text.words import SIGNS, clean, count_text, grouped, time_text
from decoders.core.finding import Code, Severity
from decoders.core.span import Timebase
from decoders.power.codes import CODES as SUPPLY_CODES
from decoders.stack import ALL_CODES

_PORT = re.compile(r"port (\d+),")
"""Findings about a port's supply begin with it."""
SEVERITY_OF_CODE = np.array([code.severity for code in ALL_CODES])
COLUMNS = (
    Column("Severity", sample="! warning"),
    Column("Time s", right=True, sample="1 234.000 000 000", spare=2),
    Column("Code", sample="frame-inside-failed-frame", spare=1),
    Column("Record", sample="transaction 1234"),
    Column("Finding", sample="9 999 bytes belong to no frame"),
)


class FindingList:
    """Findings by the time of their first bit; `least` and `code` say which, `code` None for all of them."""

    columns = COLUMNS

    def __init__(self, snapshot: Snapshot, timebase: Timebase) -> None:
        self.least = Severity.CHAT
        self.code: str | None = None
        self._snapshot = snapshot
        self._timebase = timebase

    def order(self) -> Numbers:
        start, code = (self._snapshot.column("findings", name) for name in ("start", "code"))
        keep = SEVERITY_OF_CODE[code] >= self.least
        if self.code is not None:
            keep &= code == CODE_NUMBERS[self.code]
        rows = np.flatnonzero(keep)
        return rows[np.argsort(start[rows], kind="stable")] + 1

    def row(self, no: int) -> Row:
        found = self._snapshot.finding(no)
        severity = found.code.severity
        word = severity.name.lower()
        record = f"{found.code.layer.removesuffix('s')} {grouped(found.record)}" if found.record else ""
        time = time_text(self._timebase.ns(found.start))
        cells = (f"{SIGNS[word]} {word}", time, found.code.name, record, clean(found.text))
        return Row(cells, found.code.meaning, severity, (0,))

    def about(self, layer: str, no: int) -> list[int]:
        """The shown findings that are about a record itself, or about its packet's transaction."""
        code, record = (self._snapshot.column("findings", name) for name in ("code", "record"))
        exchange = self._snapshot.transaction_of_packet(no) if layer == "packets" else None
        hits = [(row, layer) for row in np.flatnonzero(record == no).tolist()]
        if exchange is not None:
            hits += [(row, "transactions") for row in np.flatnonzero(record == exchange).tolist()]
        return sorted(row + 1 for row, kind in hits if self._is_shown(ALL_CODES[code[row]]) and ALL_CODES[code[row]].layer == kind)

    def _is_shown(self, code: Code) -> bool:
        return code.severity >= self.least and self.code in {None, code.name}

    def sort_by(self, column: int, *, descending: bool) -> None:
        """Findings are always in order of time."""

    def counts(self) -> dict[str, int]:
        """How many findings there are of each code that occurs, whatever is chosen."""
        counts = np.bincount(self._snapshot.column("findings", "code"), minlength=len(ALL_CODES)).tolist()
        return {code.name: count for code, count in zip(ALL_CODES, counts, strict=True) if count}

    def target(self, no: int) -> Target:
        """The record that a finding is about: its frame or packet, a transaction's opening packet, a transfer's place in time, a port's supply."""
        found = self._snapshot.finding(no)
        if found.record is None or found.code.layer == "transfers":
            port = _PORT.match(found.text) if found.code in SUPPLY_CODES else None
            return Target("", 0, found.start) if port is None else Target("", 0, found.start, found.end, int(port[1]))
        if found.code.layer == "transactions":
            exchange = self._snapshot.transaction(found.record)
            return Target("packets", exchange.command or exchange.response or 0, found.start)
        return Target("frames" if found.code.layer == "frames" else "packets", found.record, found.start)


def counts_text(counts: dict[str, int]) -> str:
    """What was found in all: 14 findings: 2 errors, 5 warnings, 7 notes."""
    by_severity = _by_severity(counts)
    said = [_amount(severity, number) for severity, number in by_severity.items() if number]
    return f"{count_text(sum(by_severity.values()), 'finding')}: {', '.join(said)}" if said else ""


def signs_text(counts: dict[str, int]) -> str:
    """The same in as little room as possible: ✕ 2 · ! 5 · i 7."""
    return " · ".join(
        f"{SIGNS[severity.name.lower()]} {grouped(number)}" for severity, number in _by_severity(counts).items() if number
    )


def _by_severity(counts: dict[str, int]) -> dict[Severity, int]:
    """Findings of each severity, errors first."""
    numbers = dict.fromkeys(sorted(Severity, reverse=True), 0)
    for code in ALL_CODES:
        numbers[code.severity] += counts.get(code.name, 0)
    return numbers


def _amount(severity: Severity, number: int) -> str:
    return f"{grouped(number)} chat" if severity is Severity.CHAT else count_text(number, severity.name.lower())


def codes_by_weight(names: Iterable[str]) -> list[str]:
    """Codes, the most severe first, then by name."""
    return sorted(names, key=lambda name: (-ALL_CODES[CODE_NUMBERS[name]].severity, name))
