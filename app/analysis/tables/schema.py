"""Which tables there are and what their columns hold; the link and packet headers' columns come from the profile."""

from __future__ import annotations

import numpy as np

from decoders.profile.columns import column_dtype
from decoders.profile.layout import Layout
from decoders.profile.schema import Field
from decoders.profile.wire_profile import WireProfile

Table = dict[str, np.dtype[np.generic]]

HEADER_PREFIX = "header."
"""Before the names of header fields, so that they and the table's own columns cannot meet."""


def tables(profile: WireProfile) -> dict[str, Table]:
    """Column types by table and name. Ticks are int64, record numbers uint32 with 0 for none, places in the bytes int64."""
    return {
        "bytes": _table(data="u1"),
        "transfers": _table(
            start="i8", end="i8", stream="u1", port="u1", flags="u1", partial_bits="u1", h2p_at="i8", h2p_size="u4", p2h_at="i8", p2h_size="u4"
        ),
        "frames": _table(
            start="i8", duration="i8", at="i8", size="u4", header_size="u2", stream="u1", port="u1", direction="u1", malformed="u1",
            resent="u1", packet="u4",
        ) | _headers(profile.frame),
        "hops": _table(frame="u4", other="u4"),
        "repeats": _table(frame="u4", original="u4"),
        "packets": _table(
            start="i8", end="i8", at="i8", size="u4", stream="u1", port="u1", direction="u1", ending="u1", hop="u1", hop_start="i8",
            has_header="u1", frames_at="i8", frame_count="u4", first_frame="u4", transaction="u4",
        ) | _headers(profile.packet),
        "members": _table(frame="u4"),
        "transactions": _table(command="u4", response="u4", latency="i8"),
        "findings": _table(start="i8", end="i8", code="u2", record="u4", text_at="i8", text_size="u4"),
        "texts": _table(data="u1"),
        "gaps": _table(start="i8", end="i8"),
        "activity": _table(start="i8", word="u8", toggled="u8"),
    }  # fmt: skip


def header_fields(layout: Layout) -> list[Field]:
    """The fields that have a column: those of a fixed width whose numbers fit into 64 bits."""
    fields = [field for field in layout.fields if field.kind not in {"typed", "list"} and field.bits is not None]
    return [field for field in fields if column_dtype(field) != np.dtype(object)]


def _table(**columns: str) -> Table:
    return {name: np.dtype(code) for name, code in columns.items()}


def _headers(layout: Layout) -> Table:
    return {HEADER_PREFIX + field.name: column_dtype(field) for field in header_fields(layout)}
