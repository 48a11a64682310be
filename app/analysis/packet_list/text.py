"""What stands in a row: its cells as text, made once and kept for the rows that were looked at last."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from app.analysis.capture import Packet
from app.analysis.frame_table import Frame
from app.analysis.packet_list.rows import Kind, Rows, kind_of, number_of
from app.analysis.packet_list.severity import Severities
from app.analysis.tables.snapshot import Snapshot
from app.analysis.text.packet_info import packet_info
from app.analysis.text.words import clean, duration_text, port_text, time_text
from decoders.core.finding import Severity
from decoders.core.span import NS_PER_S, Timebase
from decoders.services.words import Names

KEPT_ROWS = 4096
THIN_SPACE = "\u2009"
SHOWN_BYTES = 24
_MICROSECONDS_HZ = 1_000_000


class Column(enum.StrEnum):
    """A list's columns in the order in which they stand at first."""

    NO = "no"
    TIME = "time"
    DELTA = "delta"
    PORT = "port"
    SOURCE = "source"
    DESTINATION = "destination"
    SERVICE = "service"
    OPERATION = "operation"
    STATUS = "status"
    SECURITY = "security"
    LENGTH = "length"
    ENERGY = "energy"
    CHARGE = "charge"
    INFO = "info"


COLUMNS = tuple(Column)
SUPPLY = (Column.ENERGY, Column.CHARGE)
"""Columns whose cells are measured when somebody looks at them, not when the row is made."""


class TimeStyle(enum.StrEnum):
    """What the time column counts from."""

    START = "start"
    PREVIOUS = "previous"
    REFERENCE = "reference"
    UTC = "utc"


class Protection(enum.StrEnum):
    """How a packet is protected, as far as is known without keys."""

    NONE = ""
    OPEN = "open"
    SIGNED = "signed"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class RowText:
    """One row: cells in the order of `COLUMNS`, those of `SUPPLY` empty; `tick` its time, `dim` for what carries no message of its own."""

    code: int
    tick: int
    cells: tuple[str, ...]
    severity: Severity | None
    protection: Protection
    dim: bool

    def cell(self, column: Column) -> str:
        return self.cells[COLUMNS.index(column)]


class RowTexts:
    """Rows as text. `streams` names the links that ports are numbered in, `reference` is the tick of a time reference."""

    def __init__(self, snapshot: Snapshot, timebase: Timebase, names: Names, streams: tuple[str, ...] = ()) -> None:
        self.time_style = TimeStyle.START
        self.reference = 0
        self.severities = Severities(snapshot)
        self._snapshot = snapshot
        self._timebase = timebase
        self._names = names
        self._streams = streams if len(streams) > 1 else ()
        self._digits = 9 if timebase.rate_hz > _MICROSECONDS_HZ else 6
        self._kept: dict[tuple[int, int], RowText] = {}

    @property
    def kept_rows(self) -> int:
        return len(self._kept)

    def forget(self) -> None:
        """Make every row anew, after what rows are made of has changed."""
        self._kept.clear()

    def row(self, rows: Rows, row: int) -> RowText:
        """The text of a row of a list; its distance in time is to the row above, frames of another packet left out."""
        code = int(rows.codes[row])
        above = row - 1 if kind_of(code) is Kind.MEMBER or not row else rows.owner(row - 1)
        before = int(rows.codes[above]) if row else -1
        kept = self._kept.get((code, before))
        if kept is None:
            if len(self._kept) >= KEPT_ROWS:
                for key in list(self._kept)[: KEPT_ROWS // 2]:
                    del self._kept[key]
            kept = self._kept[code, before] = self._made(code, rows.time_of(code), None if before < 0 else rows.time_of(before))
        return kept

    def time_text(self, tick: int, before: int | None) -> str:
        """A time as the time column writes it."""
        timebase = self._timebase
        match self.time_style:
            case TimeStyle.UTC if timebase.start_utc_ns is not None:
                return _utc_text(timebase.start_utc_ns + timebase.ns(tick), self._digits)
            case TimeStyle.PREVIOUS:
                ns = 0 if before is None else timebase.ns(tick) - timebase.ns(before)
            case TimeStyle.REFERENCE:
                ns = timebase.ns(tick) - timebase.ns(self.reference)
            case _:
                ns = timebase.ns(tick)
        text = time_text(ns)
        return (text if self._digits == 9 else text[:-4]).replace(" ", THIN_SPACE) + " s"

    def _made(self, code: int, tick: int, before: int | None) -> RowText:
        delta = "" if before is None else duration_text(self._timebase.ns(tick) - self._timebase.ns(before))
        no, port, *rest = self.said(code)
        cells = (no, self.time_text(tick, before), delta, port, *rest[:-1], *("" for _ in SUPPLY), rest[-1])
        kind = kind_of(code)
        severity = self.severities.of(code)
        protection = Protection(cells[COLUMNS.index(Column.SECURITY)])
        return RowText(code, tick, cells, severity, protection, dim=kind is not Kind.PACKET)

    def said(self, code: int) -> tuple[str, ...]:
        """The cells of a record without its times and what it took; not kept, since a search asks for every row once."""
        no = number_of(code)
        match kind_of(code):
            case Kind.PACKET:
                return self._packet(self._snapshot.packet(no))
            case Kind.GAP:
                return self._gap(no)
            case _:
                return self._frame(no)

    def _packet(self, packet: Packet) -> tuple[str, ...]:
        header = packet.reading.header
        return (
            str(packet.no),
            self._port(packet.stream, packet.port, packet.direction),
            str(header.get("source", "")),
            str(header.get("destination", "")),
            str(header.get("service", "")),
            str(header.get("operation", "")),
            str(header.get("status", "")) if header.get("response") else "command" if header else "",
            str(_protection(packet)),
            f"{len(packet.content)} B",
            clean(packet_info(packet, self._timebase, self._names)),
        )

    def _frame(self, no: int) -> tuple[str, ...]:
        frame = self._snapshot.frame(no)
        header, row = frame.header, no - 1
        resent = bool(self._snapshot.column("frames", "resent")[row])
        status = str(header.get("link_status", ""))
        return (
            f"f{no}",
            self._port(frame.stream, frame.port, frame.direction),
            _end(header.get("src_port")),
            _end(header.get("dst_port")),
            "link",
            frame.malformed.replace("_", " ") if frame.malformed else str(header.get("type", "frame")),
            status if status != "ok" or header.get("type") == "ack" else "",
            "",
            f"{len(frame.content)} B",
            clean(self._frame_info(frame, resent=resent)),
        )

    def _frame_info(self, frame: Frame, *, resent: bool) -> str:
        if frame.malformed:
            return _bytes_text(frame.content)
        header = frame.header
        said = [f"seq {header['seq']}"] if "seq" in header else []
        if header.get("type") == "data":
            ends = [word for word in ("first", "last") if header.get(word)]
            said.append("whole packet" if len(ends) == 2 else " ".join([f"fragment {header.get('fragment', '')}", *ends]))
        said += ["sent again"] if resent else []
        other = self._other_sighting(frame.no)
        said += [f"forwarded, see f{other}"] if other else []
        layout = self._snapshot.profile.frame_payloads.get(str(header.get("type")))
        if layout is not None:
            said += [f"{node.label.lower()} {node.text}" for node in layout.read(frame.payload).tree.children]
        return ", ".join(said)

    def _other_sighting(self, no: int) -> int:
        found = (self._snapshot.column("hops", "frame") == no).nonzero()[0]
        return int(self._snapshot.column("hops", "other")[found[0]]) if len(found) else 0

    def _gap(self, no: int) -> tuple[str, ...]:
        start, end = (int(self._snapshot.column("gaps", name)[no - 1]) for name in ("start", "end"))
        lost = duration_text(self._timebase.ns(end) - self._timebase.ns(start))
        return ("", "", "", "", "", "gap", "", "", "", f"{lost} of the recording are missing")

    def _port(self, stream: int, port: int, direction: str) -> str:
        text = port_text(port, direction)
        return f"{self._streams[stream]} {text}" if stream < len(self._streams) else text


def _protection(packet: Packet) -> Protection:
    header = packet.reading.header
    if header.get("encrypted"):
        return Protection.LOCKED
    if header.get("signed"):
        return Protection.SIGNED
    return Protection.OPEN if header else Protection.NONE


def _end(port: object) -> str:
    """One end of a link frame; port 0 is the host (wire-format 1, placeholder)."""
    return "" if port is None else "host" if port == 0 else f"port {port}"


def _bytes_text(data: bytes) -> str:
    return data.hex(" ") if len(data) <= SHOWN_BYTES else data[: SHOWN_BYTES - 1].hex(" ") + " …"


def _utc_text(ns: int, digits: int) -> str:
    seconds, rest = divmod(ns, NS_PER_S)
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)
    parts = [f"{rest:09d}"[at : at + 3] for at in range(0, digits, 3)]
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + THIN_SPACE.join(parts)
