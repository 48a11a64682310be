"""Transfers and frames as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from app.analysis.capture import Capture
from app.analysis.findings import Findings
from app.analysis.frame_table import Frame
from app.analysis.power.text import took_text
from app.analysis.records import transfer_records
from app.analysis.text.page import Page
from app.analysis.text.table import Column, Table
from app.analysis.text.words import duration_text, port_text, time_text
from decoders.core.span import Timebase
from decoders.core.transfers import TransferBatch
from decoders.link import frame_tree

_SHOWN_BYTES = 16
_BESIDE_BYTES = 48
"""What the other columns of a list of transfers take."""
_WIDE = 100


class TransferLines:
    """Transfers as they come; the widths do not depend on what comes later. `length` is the recording's, in ticks."""

    def __init__(self, page: Page, timebase: Timebase, streams: tuple[str, ...], length: int | None) -> None:
        self._page, self._timebase, self._streams = page, timebase, streams
        self._shown = _SHOWN_BYTES
        if page.width is not None:
            self._shown = min(max((page.width - _BESIDE_BYTES) // 6, 2), _SHOWN_BYTES)
        shown = 3 * self._shown - 1
        columns = [
            Column("No.", 6, right=True),
            Column("Time s", len(time_text(timebase.ns(length or 0))), right=True),
            Column("Duration", 8, right=True),
            Column("Port", 4, right=True),
            Column("Bytes", 5, right=True),
            Column("MOSI", shown),
            Column("MISO", shown),
        ]
        self._table = Table(columns, page.width, page.paint)

    def heading(self) -> str:
        return self._table.heading()

    def lines(self, batch: TransferBatch, first_no: int) -> Iterator[str]:
        """The lines of a batch whose first transfer has the number `first_no`."""
        for record in transfer_records(batch, first_no, self._timebase, self._streams):
            mosi, miso = bytes.fromhex(record["mosi"]), bytes.fromhex(record["miso"])
            bits = f" +{record['partial_bits']} bits" if record["partial_bits"] else ""
            yield self._table.row((
                str(record["no"]),
                time_text(record["time_ns"]),
                duration_text(record["duration_ns"]),
                str(record["port"]),
                str(max(len(mosi), len(miso))),
                _bytes_text(mosi, self._shown),
                _bytes_text(miso, self._shown) + bits,
            ))  # fmt: skip
            yield from self._page.below(self._table.indent, None, {"MOSI": mosi, "MISO": miso})


def _bytes_text(data: bytes, most: int) -> str:
    return data.hex(" ") if len(data) <= most else data[: most - 1].hex(" ") + " …"


def frame_lines(capture: Capture, page: Page) -> Iterator[str]:
    """All frames and malformed stretches with what was noticed about them."""
    findings = Findings(capture, "frames")
    frames = _FrameTable(capture, page)
    table = frames.table
    yield table.heading()
    before: int | None = None
    for frame in capture.frames():
        for loose in findings.before(frame.start):
            yield page.finding(table.indent, loose, findings.place(loose))
        yield frames.row(frame, before)
        before = frame.start
        for finding in findings.of(frame.no):
            yield page.finding(table.indent, finding)
        tree = frame_tree(capture.profile, frame.content) if page.trees and not frame.malformed else None
        yield from page.below(table.indent, tree, {"frame": frame.content}, took_text(capture.energies, "frames", frame.no))
    for loose in findings.before(None):
        yield page.finding(table.indent, loose, findings.place(loose))


class _FrameTable:
    """One line a frame; a narrow page leaves out what matters less."""

    def __init__(self, capture: Capture, page: Page) -> None:
        self._capture = capture
        columns = [
            Column("No.", len(str(capture.frame_count)), right=True),
            Column("Time s", len(time_text(capture.timebase.ns(capture.last_tick))), right=True),
            Column("Δt", 7, right=True),
            Column("Port", 4, right=True),
            Column("Type", 9),
            Column("Route", 7),
            Column("Seq", 3, right=True),
            Column("Fragment", 8),
            Column("Length", 6, right=True),
            Column("Packet", 6, right=True),
            Column("Info"),
        ]
        hidden = set() if page.fits(_WIDE) else {"Δt", "Length"}
        self._columns = [column for column in columns if column.title not in hidden]
        self.table = Table(self._columns, page.width, page.paint)

    def row(self, frame: Frame, before: int | None) -> str:
        header, timebase = frame.header, self._capture.timebase
        cells = {
            "No.": str(frame.no),
            "Time s": time_text(timebase.ns(frame.start)),
            "Δt": "" if before is None else duration_text(timebase.ns(frame.start) - timebase.ns(before)),
            "Port": port_text(frame.port, frame.direction),
            "Type": frame.malformed or str(header.get("type", "")),
            "Route": f"{header['src_port']} → {header['dst_port']}" if {"src_port", "dst_port"} <= header.keys() else "",
            "Seq": str(header.get("seq", "")),
            "Fragment": _fragment(frame),
            "Length": str(header.get("length", len(frame.content))),
            "Packet": str(self._capture.packet_of_frame(frame.no) or ""),
            "Info": _frame_info(self._capture, frame),
        }
        type_at = next(index for index, column in enumerate(self._columns) if column.title == "Type")
        return self.table.row([cells[column.title] for column in self._columns], {type_at: "warning"} if frame.malformed else {})


def _fragment(frame: Frame) -> str:
    header = frame.header
    if header.get("type") != "data":
        return ""
    words = [word for word in ("first", "last") if header.get(word)]
    return "whole" if len(words) == 2 else " ".join([str(header.get("fragment", "")), *words])


def _frame_info(capture: Capture, frame: Frame) -> str:
    if frame.malformed:
        return _bytes_text(frame.content, _SHOWN_BYTES)
    said = []
    if frame.header.get("link_status") not in (None, "ok"):
        said.append(str(frame.header["link_status"]))
    if capture.is_retransmission(frame.no):
        said.append("sent again")
    if (hop := capture.hop_of_frame(frame.no)) is not None:
        said.append(f"forwarded, see {hop}")
    layout = capture.profile.frame_payloads.get(str(frame.header.get("type")))
    if layout is not None:
        said += [f"{name} {value}" for name, value in layout.read(frame.payload).record.items()]
    return ", ".join(said)
