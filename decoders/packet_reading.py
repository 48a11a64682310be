"""One packet read through all layers above transport: header, body, payload, as values and as one field tree."""

from __future__ import annotations

from dataclasses import dataclass, replace

from decoders.core.finding import Code
from decoders.core.tree import FieldNode, Value
from decoders.packet import packet_tree
from decoders.profile.layout import Reading
from decoders.profile.leaf import text_of
from decoders.profile.wire_profile import WireProfile
from decoders.security.body import Body, BodyLayout
from decoders.services.payload import BODY, payload_problems, read_payload

PART_LABELS = {
    "prefix": "Session",
    "explicit_iv": "IV",
    "ciphertext": "Ciphertext",
    "tag": "Tag",
    "signature": "Signature",
    "payload": "Payload",
}


@dataclass(frozen=True, slots=True)
class PacketReading:
    """What one packet says: its header's record values, its body in parts, and its payload's fields.

    `header` is empty where the header did not come whole, and then all that came is `body` without parts; `header_size` is in
    bytes. `payload` is None where it is locked or no layout is known.
    """

    header: dict[str, Value]
    header_size: int
    body: Body
    payload: Reading | None
    whole: bool
    has_header: bool

    def problems(self) -> list[tuple[Code, str]]:
        """What is wrong with the body and the payload; nothing is judged in a packet that is not whole."""
        if not self.whole or not self.header:
            return []
        found = [(BODY, self.body.problem)] if self.body.problem else []
        return found or payload_problems(self.header, self.payload)


class PacketReader:
    """Reads packets one by one by a profile."""

    def __init__(self, profile: WireProfile) -> None:
        self._profile = profile
        self._bodies = BodyLayout(profile)

    def read(self, content: bytes, *, whole: bool, has_header: bool = True) -> PacketReading:
        """Read a packet's bytes; never raises. Without `has_header` they begin somewhere behind the header."""
        header_reading = self._profile.packet.read(content, whole=False)
        size = -(-header_reading.end_bit // 8)
        if not has_header or any(node.value is None for node, _ in header_reading.problems):
            return PacketReading({}, 0, Body(content, places={"payload": (0, len(content))}), None, whole, has_header)
        header = self._named(header_reading.record)
        signed, encrypted = bool(header.get("signed")), bool(header.get("encrypted"))
        claimed = header.get("body_length")
        due = claimed if isinstance(claimed, int) and not whole else 0
        body = self._bodies.split(content[size:], signed=signed, encrypted=encrypted, size=due)
        payload = read_payload(self._profile, header, body.payload) if body.payload is not None else None
        return PacketReading(header, size, body, payload, whole, has_header)

    def _named(self, record: dict[str, Value]) -> dict[str, Value]:
        """The header with its operation by name, which depends on the service."""
        service, operation = record.get("service"), record.get("operation")
        number = self._profile.enumerations["service"].by_name.get(service) if isinstance(service, str) else None
        if number is None or not isinstance(operation, int):
            return record
        return record | {"operation": self._profile.operation_name(number, operation)}

    def tree(self, content: bytes, reading: PacketReading) -> FieldNode:
        """The field tree of the whole packet."""
        root = packet_tree(self._profile, content) if reading.has_header else _headless(content)
        operation = reading.header.get("operation")
        for node in root.children:
            if node.name == "operation" and isinstance(operation, str):
                node.text = f"{operation} ({node.value})"
        if reading.header or not reading.has_header:
            root.children += self._parts(content, reading)
        else:
            root.children += _left_over(content, root.children)
        root.end_bit = len(content) * 8
        return root

    def _parts(self, content: bytes, reading: PacketReading) -> list[FieldNode]:
        """The parts of the body that have bytes, in order."""
        at = reading.header_size
        places = sorted(reading.body.places.items(), key=lambda item: item[1])
        return [
            _part(name, content[at + start : at + end], (at + start) * 8, reading) for name, (start, end) in places if end > start
        ]


def _left_over(content: bytes, fields: list[FieldNode]) -> list[FieldNode]:
    """What a header that breaks off has of the field that it breaks off in."""
    start = max((node.end_bit for node in fields if node.end_bit > node.start_bit), default=0) // 8
    if start == len(content):
        return []
    digits = content[start:].hex()
    return [FieldNode("undecoded", digits, "Undecoded", text_of("bytes", digits), start * 8, len(content) * 8)]


def _headless(content: bytes) -> FieldNode:
    text = f"{len(content)} bytes without the packet's beginning"
    return FieldNode("packet", None, "Packet", text, 0, 0)


def _part(name: str, data: bytes, at_bit: int, reading: PacketReading) -> FieldNode:
    node = FieldNode(name, data.hex(), PART_LABELS[name], text_of("bytes", data.hex()), at_bit, at_bit + len(data) * 8)
    if name == "payload" and reading.payload is not None:
        node.text = f"{len(data)} bytes"
        node.children = [_moved(child, at_bit) for child in reading.payload.tree.children]
    if name in {"payload", "ciphertext"}:
        node.problem = reading.body.problem
    return node


def _moved(node: FieldNode, bits: int) -> FieldNode:
    """A copy of a node and all below it, so many bits further on."""
    children = [_moved(child, bits) for child in node.children]
    return replace(node, start_bit=node.start_bit + bits, end_bit=node.end_bit + bits, children=children)
