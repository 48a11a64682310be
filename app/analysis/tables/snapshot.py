"""Records by number, read from tables as they stand; what the window's models and panes ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.analysis.capture import Packet
from app.analysis.frame_table import Frame
from app.analysis.tables.filling import NO_LATENCY
from app.analysis.tables.schema import HEADER_PREFIX, header_fields
from app.analysis.tables.store import Tables
from decoders.core.finding import Code
from decoders.core.frames import DIRECTIONS
from decoders.core.tree import FieldNode, Value
from decoders.link import MALFORMED_NAMES, frame_tree
from decoders.packet_reading import PacketReader
from decoders.profile.framing import Malformed
from decoders.profile.layout import Reading
from decoders.profile.wire_profile import WireProfile
from decoders.stack import ALL_CODES
from decoders.transport.chains import Ending
from decoders.transport.packets import Hop


@dataclass(frozen=True, slots=True)
class Noticed:
    """A finding as the tables hold it."""

    no: int
    code: Code
    start: int
    end: int
    record: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A transaction as the tables hold it: packet numbers, record values of both parties, latency in ticks."""

    no: int
    command: int | None
    response: int | None
    initiator: str
    responder: str
    service: str | int
    operation: str | int
    status: str | int | None
    latency: int | None


class Snapshot:
    """Answers by record number, from 1; IndexError for numbers that are not there."""

    def __init__(self, profile: WireProfile, tables: Tables) -> None:
        self.profile = profile
        self._tables = tables
        self._reader = PacketReader(profile)
        layouts = {"frames": profile.frame, "packets": profile.packet}
        self._header_names = {table: {field.name for field in header_fields(layout)} for table, layout in layouts.items()}
        self._frame_fields = {field.name for field in profile.frame.fields if field.bits is not None}

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return self._tables.counts[table]

    def column(self, table: str, name: str) -> NDArray[Any]:
        """A column, as far as it has come."""
        return self._tables.view(table, name)

    def header_column(self, table: str, name: str) -> NDArray[Any] | None:
        """The raw numbers of a header field of frames or packets; None where the profile has no such field or a wider one."""
        return self.column(table, HEADER_PREFIX + name) if name in self._header_names[table] else None

    def frame(self, no: int) -> Frame:
        """One frame or malformed stretch."""
        row = self._row("frames", no)
        values = {
            name: self._number("frames", name, row) for name in ("start", "duration", "stream", "port", "direction", "malformed")
        }
        content = self.frame_content(no)
        malformed = values["malformed"]
        header_size = self._number("frames", "header_size", row)
        crc_size = self.profile.crc.size if self.profile.crc else 0
        return Frame(
            no,
            values["start"],
            values["start"] + values["duration"],
            values["stream"],
            values["port"],
            DIRECTIONS[values["direction"]],
            MALFORMED_NAMES[Malformed(malformed)] if malformed else None,
            {} if malformed else self._frame_header(content),
            content,
            b"" if malformed else content[header_size : len(content) - crc_size],
        )

    def frame_content(self, no: int) -> bytes:
        """A frame's bytes, unstuffed."""
        row = self._row("frames", no)
        return self._bytes(self._number("frames", "at", row), self._number("frames", "size", row))

    def frame_tree(self, no: int) -> FieldNode:
        """The field tree of a frame."""
        return frame_tree(self.profile, self.frame_content(no))

    def packet_of_frame(self, no: int) -> int | None:
        """The number of the packet that a frame belongs to or repeats a part of, where that is known."""
        packet = self._number("frames", "packet", self._row("frames", no))
        if not packet:
            repeated = np.flatnonzero(self.column("repeats", "frame") == no)
            packet = (
                self._number("frames", "packet", int(self.column("repeats", "original")[repeated[0]]) - 1) if len(repeated) else 0
            )
        return self._there("packets", packet)

    def packet(self, no: int) -> Packet:
        """One packet, read through all layers."""
        row = self._row("packets", no)
        names = ("start", "end", "stream", "port", "direction", "ending", "hop", "hop_start")
        values = {name: self._number("packets", name, row) for name in names}
        ending = Ending(values["ending"])
        content = self.packet_content(no)
        has_header = ending is Ending.WHOLE or self._begins(row)
        return Packet(
            no,
            values["start"],
            values["end"],
            values["stream"],
            values["port"],
            DIRECTIONS[values["direction"]],
            ending,
            Hop(values["hop"]),
            values["hop_start"],
            content,
            self._reader.read(content, whole=ending is Ending.WHOLE, has_header=has_header),
        )

    def packet_content(self, no: int) -> bytes:
        """A packet's header and body."""
        row = self._row("packets", no)
        return self._bytes(self._number("packets", "at", row), self._number("packets", "size", row))

    def packet_tree(self, packet: Packet) -> FieldNode:
        """The field tree of a packet."""
        return self._reader.tree(packet.content, packet.reading)

    def frames_of_packet(self, no: int) -> list[int]:
        """The numbers of a packet's frames."""
        row = self._row("packets", no)
        first, count = self._number("packets", "frames_at", row), self._number("packets", "frame_count", row)
        return [int(frame) for frame in self.column("members", "frame")[first : first + count]]

    def transaction_of_packet(self, no: int) -> int | None:
        """The number of the transaction that a packet belongs to."""
        return self._there("transactions", self._number("packets", "transaction", self._row("packets", no)))

    def transaction(self, no: int) -> Exchange:
        """One transaction."""
        row = self._row("transactions", no)
        command, response = (self._there("packets", self._number("transactions", name, row)) for name in ("command", "response"))
        latency = None if response is None else self._number("transactions", "latency", row)
        opening = self._packet_header(command or response or 0)
        initiator, responder = ("source", "destination") if command else ("destination", "source")
        service, operation = opening.numbers.get("service", 0), opening.numbers.get("operation", 0)
        return Exchange(
            no,
            command,
            response,
            str(opening.record.get(initiator, "")),
            str(opening.record.get(responder, "")),
            self.profile.service_name(service),
            self.profile.operation_name(service, operation),
            self._status(response) if response else None,
            None if latency == NO_LATENCY else latency,
        )

    def finding(self, no: int) -> Noticed:
        """One finding, numbered in the order in which it was made."""
        row = self._row("findings", no)
        at, size = self._number("findings", "text_at", row), self._number("findings", "text_size", row)
        text = self.column("texts", "data")[at : at + size].tobytes().decode()
        code = ALL_CODES[self._number("findings", "code", row)]
        start, end = self._number("findings", "start", row), self._number("findings", "end", row)
        return Noticed(no, code, start, end, self._number("findings", "record", row) or None, text)

    def _row(self, table: str, no: int) -> int:
        if not 1 <= no <= self._tables.counts[table]:
            raise IndexError(f"{table} has no record {no}")
        return no - 1

    def _there(self, table: str, no: int) -> int | None:
        """A record that another names; rows are changed before those are published that they name."""
        return no if 1 <= no <= self._tables.counts[table] else None

    def _number(self, table: str, name: str, row: int) -> int:
        return int(self._tables.view(table, name)[row])

    def _bytes(self, at: int, size: int) -> bytes:
        return self._tables.view("bytes", "data")[at : at + size].tobytes()

    def _frame_header(self, content: bytes) -> dict[str, Value]:
        """Read from the bytes, since a column does not tell an absent field from a zero and holds no wide one."""
        record = self.profile.frame.read(content, whole=False).record
        return {name: value for name, value in record.items() if name in self._frame_fields}

    def _begins(self, packet_row: int) -> bool:
        """Whether a packet's first frame is its first fragment."""
        first_frame = self._number("packets", "first_frame", packet_row)
        return self.frame(first_frame).header.get("first", True) is not False

    def _packet_header(self, no: int) -> Reading:
        return self.profile.packet.read(self.packet_content(no), whole=False)

    def _status(self, response: int) -> str | int:
        number = self._packet_header(response).numbers.get("status", 0)
        return self.profile.enumerations["status"].by_number.get(number, number)
