"""The field tree of one frame, packet or other piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

Scalar = int | float | str | bool | None
Value = Scalar | list["Value"] | dict[str, "Value"]


@dataclass(slots=True)
class FieldNode:
    """One field of a decoded piece.

    `name` is of the fixed vocabulary; `value` the decoded value (None for a node that only groups); `label` what a person reads
    for the name; `text` what a person reads for the value, with its unit; `start_bit` and `end_bit` count from the piece's first
    bit, most significant bit first; `provenance` is "A" (article), "S: name" (standard), "P" (placeholder) or "" (none of the
    profile's); `problem` says what is wrong with the field, where something is.
    """

    name: str
    value: Value
    label: str
    text: str
    start_bit: int
    end_bit: int
    provenance: str = ""
    problem: str = ""
    children: list[FieldNode] = field(default_factory=list)

    def walk(self) -> Iterator[tuple[int, FieldNode]]:
        """This node and all below it, depth first, each with its depth."""
        stack = [(0, self)]
        while stack:
            depth, node = stack.pop()
            yield depth, node
            stack.extend((depth + 1, child) for child in reversed(node.children))
