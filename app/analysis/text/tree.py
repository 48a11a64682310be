"""Field trees and bytes as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from app.analysis.names import DatasheetNames
from app.analysis.text.words import Paint, clean
from decoders.core.tree import FieldNode
from decoders.services.words import event_name

BYTES_A_LINE = 16
_LABEL_WIDTH = 24
_PLACE_WIDTH = 4
_PLACEHOLDER = "P"
_IN_PAYLOAD = 2
"""The depth of the payload's own fields, below the packet and the payload."""


def tree_lines(root: FieldNode, names: DatasheetNames, indent: int, paint: Paint) -> Iterator[str]:
    """A tree line by line: byte, label, value, a mark (P) where the layout is a placeholder, and what is wrong.

    The byte is where the field begins, in hexadecimal as in the dump. `names` explains objects and events by their codes.
    """
    for depth, node, text in _walk(root, names):
        place = f"{node.start_bit // 8:04x}"
        label = clean(node.label).ljust(max(1, _LABEL_WIDTH - 2 * depth))
        line = f"{' ' * indent}{paint(place, 'dim')}  {'  ' * depth}{label} {clean(text)}".rstrip()
        if node.provenance == _PLACEHOLDER:
            line += paint("  (P)", "dim")
        if node.problem:
            line += paint(f"  ✕ {clean(node.problem)}", "error")
        yield line


def labelled_line(label: str, text: str, indent: int) -> str:
    """A line below a tree about the whole record, in line with its fields."""
    return f"{' ' * (indent + _PLACE_WIDTH)}  {label.ljust(_LABEL_WIDTH)} {text}"


def _walk(root: FieldNode, names: DatasheetNames) -> Iterator[tuple[int, FieldNode, str]]:
    """Each node with its depth and its text; that of an object's code and value, or an event, as its datasheet explains it."""
    code: int | None = None
    codes_depth = -1
    header = {node.name: node.value for node in root.children}
    for depth, node in root.walk():
        text = node.text
        if depth <= codes_depth:
            codes_depth = -1
        if isinstance(node.value, str) and (node.name == "code" or depth == codes_depth + 1 > 0):
            code = int(node.value, 16)
            text = ", ".join(filter(None, (" ".join(filter(None, (text, names.object_name(code)))), names.object_roles(code))))
        elif node.name == "codes":
            codes_depth = depth
        elif node.name == "value" and code is not None and isinstance(node.value, dict):
            known = names.object_value(code, str(node.value.get("type")), node.value.get("value"))
            text = f"{known}, sent as {text}" if known else text
        elif node.name == "event":
            # An acknowledgement, whose payload is one event, names it by its receiver's numbers, a list by its sender's.
            device = header.get("destination" if depth == _IN_PAYLOAD else "source")
            text = event_name(node.value, device, names)
        yield depth, node, text


def hex_lines(data: bytes, indent: int, paint: Paint, name: str = "") -> Iterator[str]:
    """Bytes in hexadecimal and as ASCII, sixteen a line, each line with its offset."""
    margin = " " * indent
    if name:
        yield f"{margin}{paint(name, 'dim')}"
    for at in range(0, len(data), BYTES_A_LINE):
        piece = data[at : at + BYTES_A_LINE]
        pairs = f"{piece[:8].hex(' '):23}  {piece[8:].hex(' '):23}"
        letters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in piece)
        yield f"{margin}{paint(f'{at:04x}', 'dim')}  {pairs}  {letters}"
