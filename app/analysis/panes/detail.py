"""Everything about one selected record: its layers as one tree, the bytes that the tree points into, and where to go from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from app.analysis.panes.supply import energy_line, energy_note
from app.analysis.power.energies import Energies
from app.analysis.tables.snapshot import Snapshot
from app.analysis.text.words import clean, count_text, duration_text
from decoders.core.finding import Severity
from decoders.core.span import Timebase
from decoders.core.tree import FieldNode, Value
from decoders.identity import maker_of
from decoders.services.words import Names

Layer = Literal["frames", "packets"]
ID_DIGITS = 16
PAYLOAD_DEPTH = 2
"""Of the payload's own fields in a packet's tree."""


@dataclass(slots=True)
class DetailNode:
    """One line of the tree.

    `source` is the key of the bytes it lies in, "" where it has none; bits count from their first. `note` is what else is known:
    a maker, a datasheet's words. `target` is a record to go to.
    """

    label: str
    text: str
    source: str = ""
    start_bit: int = 0
    end_bit: int = 0
    value: str = ""
    note: str = ""
    provenance: str = ""
    problem: str = ""
    severity: Severity | None = None
    target: tuple[Layer, int] | None = None
    children: list[DetailNode] = field(default_factory=list)

    def walk(self) -> Iterator[DetailNode]:
        """This node and all below it, depth first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Source:
    """Bytes that a tree points into, with the title of their tab; or a part of other bytes, from their bit `at_bit` on."""

    key: str
    title: str
    data: bytes
    within: str = ""
    at_bit: int = 0


@dataclass(frozen=True, slots=True)
class Detail:
    """A record's tree and bytes."""

    nodes: list[DetailNode]
    sources: list[Source]

    def at_bit(self, source: str, bit: int) -> DetailNode | None:
        """The smallest node that holds a bit of some bytes."""
        part = next((one for one in self.sources if one.key == source and one.within), None)
        if part is not None:
            source, bit = part.within, bit + part.at_bit
        best: DetailNode | None = None
        stack = list(self.nodes)
        while stack:
            node = stack.pop()
            if node.source in {source, ""}:
                stack += node.children
            if node.source == source and node.start_bit <= bit < node.end_bit:
                best = node if best is None or node.end_bit - node.start_bit <= best.end_bit - best.start_bit else best
        return best


EMPTY = Detail([], [])


def frame_detail(snapshot: Snapshot, names: Names, timebase: Timebase, no: int, energies: Energies | None = None) -> Detail:
    """A frame or malformed stretch; `energies` where its energy is to be told."""
    frame = snapshot.frame(no)
    source = Source("frame", f"Frame {no}", frame.content)
    if frame.malformed:
        text = f"{frame.malformed.replace('_', ' ')}, {len(frame.content)} bytes"
        root = DetailNode("No frame", text, source.key, 0, len(frame.content) * 8, frame.content.hex())
    else:
        root = detail_node(snapshot.frame_tree(no), source.key, names)
        root.text = f"{len(frame.content)} bytes, port {frame.port}"
    nodes = [root, *_findings(snapshot, "frames", no)]
    packet = snapshot.packet_of_frame(no)
    if packet is not None:
        nodes.append(DetailNode("Packet", f"no. {packet}", target=("packets", packet)))
    nodes += _hop(snapshot, no)
    nodes += [*_energy(energies, "frames", no), _times(timebase, frame.start, frame.end)]
    return Detail(nodes, [source])


def packet_detail(snapshot: Snapshot, names: Names, timebase: Timebase, no: int, energies: Energies | None = None) -> Detail:
    """A packet with the frames that brought it; `energies` where its energy is to be told."""
    packet = snapshot.packet(no)
    members = snapshot.frames_of_packet(no)
    fields = snapshot.packet_tree(packet)
    tree = detail_node(fields, "packet", names)
    _name_events(fields, tree, packet.reading.header, names)
    sources = [Source("packet", f"Packet {no}", packet.content)]
    start, end = packet.reading.body.places.get("payload", (0, 0)) if packet.reading.header else (0, 0)
    if packet.reading.body.payload is not None and end > start:
        at = packet.reading.header_size
        sources.append(Source("payload", "Payload", packet.content[at + start : at + end], "packet", (at + start) * 8))
    frames = DetailNode("Frames", count_text(len(members), "frame"))
    if len(members) == 1:
        frames = detail_node(snapshot.frame_tree(members[0]), "frame", names)
        frames.text = f"{frames.text}, no. {members[0]}"
        frames.target = ("frames", members[0])
        sources.insert(0, Source("frame", f"Frame {members[0]}", snapshot.frame_content(members[0])))
    else:
        frames.children = [_frame_line(snapshot, frame) for frame in members]
    header = packet.reading.header
    tree.text = " · ".join(
        filter(None, (tree.text, str(header.get("service", "")), str(header.get("operation", "")), _kind(header)))
    )
    nodes = [frames, tree, *_findings(snapshot, "packets", no), *_transaction(snapshot, timebase, no)]
    nodes += [*_energy(energies, "packets", no), _times(timebase, packet.start, packet.end)]
    return Detail(nodes, sources)


def _name_events(fields: FieldNode, tree: DetailNode, header: dict[str, Value], names: Names) -> None:
    """Events get the names that their device's datasheet gives them."""
    for (depth, field_node), node in zip(fields.walk(), tree.walk(), strict=True):
        if field_node.name == "event" and isinstance(field_node.value, int):
            # An acknowledgement, whose payload is one event, names it by its receiver's numbers, a list by its sender's.
            device = header.get("destination" if depth == PAYLOAD_DEPTH else "source")
            node.note = (names.event_name(field_node.value, device) if isinstance(device, str) else None) or ""


def _kind(header: dict[str, Value]) -> str:
    return "" if "response" not in header else "response" if header["response"] else "command"


def _frame_line(snapshot: Snapshot, no: int) -> DetailNode:
    frame = snapshot.frame(no)
    fragment = f", fragment {frame.header['fragment']}" if "fragment" in frame.header else ""
    return DetailNode("Frame", f"no. {no}, port {frame.port}{fragment}, {len(frame.content)} bytes", target=("frames", no))


def _hop(snapshot: Snapshot, no: int) -> list[DetailNode]:
    """The other sighting of a forwarded frame."""
    row = np.flatnonzero(snapshot.column("hops", "frame") == no)
    if not len(row):
        return []
    other = int(snapshot.column("hops", "other")[row[0]])
    return [DetailNode("Other sighting", f"frame {other} on port {snapshot.frame(other).port}", target=("frames", other))]


def _transaction(snapshot: Snapshot, timebase: Timebase, no: int) -> list[DetailNode]:
    number = snapshot.transaction_of_packet(no)
    if number is None:
        return []
    exchange = snapshot.transaction(number)
    latency = "" if exchange.latency is None else f", latency {duration_text(timebase.ns(exchange.latency))}"
    root = DetailNode("Transaction", f"no. {number}{latency}")
    for label, other in (("Command", exchange.command), ("Response", exchange.response)):
        if other is None:
            root.children.append(DetailNode(label, "not in the recording"))
        elif other != no:
            root.children.append(DetailNode(label, f"packet {other}", target=("packets", other)))
    return [root]


def _findings(snapshot: Snapshot, layer: str, no: int) -> list[DetailNode]:
    rows = np.flatnonzero(snapshot.column("findings", "record") == no)
    found = [one for one in (snapshot.finding(int(row) + 1) for row in rows) if one.code.layer == layer]
    return [DetailNode(one.code.name, clean(one.text), note=one.code.meaning, severity=one.code.severity) for one in found]


def _energy(energies: Energies | None, layer: Layer, no: int) -> list[DetailNode]:
    found = energies.of(layer, no) if energies is not None else None
    return [] if found is None else [DetailNode("Energy", energy_line(found), note=energy_note(found))]


def _times(timebase: Timebase, start: int, end: int) -> DetailNode:
    duration = duration_text(timebase.ns(end) - timebase.ns(start))
    return DetailNode("On the wire", f"{duration} from the first bit to the last, samples {start} to {end}")


def detail_node(node: FieldNode, source: str, names: Names, code: list[int] | None = None) -> DetailNode:
    """A field with all below it; `code` carries the object code that a value behind it belongs to."""
    code = [] if code is None else code
    made = DetailNode(
        clean(node.label),
        clean(node.text),
        source,
        node.start_bit,
        node.end_bit,
        "" if node.value is None or isinstance(node.value, dict | list) else str(node.value),
        _note(node, names, code),
        node.provenance,
        clean(node.problem),
        Severity.ERROR if node.problem else None,
    )
    below: list[int] = []
    made.children = [detail_node(child, source, names, below) for child in node.children]
    return made


def _note(node: FieldNode, names: Names, code: list[int]) -> str:
    """What else is known of a field: who made the device, what the datasheet says."""
    if isinstance(node.value, str) and (node.name == "code" or (node.name.startswith("[") and len(node.value) == 8)):
        code[:] = [int(node.value, 16)]
        return names.object_name(code[0]) or ""
    if node.name == "value" and code and isinstance(node.value, dict):
        return names.object_value(code[0], str(node.value.get("type")), node.value.get("value")) or ""
    if isinstance(node.value, str) and len(node.value) == ID_DIGITS and node.name in {"source", "destination", "publisher"}:
        return maker_of(node.value) or "maker unknown"
    return ""
