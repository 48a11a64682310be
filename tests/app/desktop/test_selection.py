"""The shared selection: each choice is told once, and a new record forgets the bits of the old one."""

from __future__ import annotations

import pytest

from app.desktop.selection import NO_BITS, Record, Selection

pytestmark = pytest.mark.usefixtures("qapp")


def watched() -> tuple[Selection, list[object]]:
    selection, heard = Selection(), list[object]()
    selection.record_changed.connect(lambda record: heard.append(("record", record, selection.bits)))
    selection.bits_changed.connect(lambda *bits: heard.append(("bits", *bits)))
    selection.cursor_changed.connect(lambda tick: heard.append(("cursor", tick)))
    return selection, heard


def test_a_record_is_told_once() -> None:
    selection, heard = watched()
    for _ in range(2):
        selection.select(Record("packets", 3))
    selection.select(Record("frames", 3))
    selection.select(None)
    assert heard == [("record", one, NO_BITS) for one in (Record("packets", 3), Record("frames", 3), None)]
    assert selection.record is None


def test_bits_are_told_once_and_forgotten_before_another_record_is_told() -> None:
    selection, heard = watched()
    selection.select(Record("packets", 3))
    for _ in range(2):
        selection.choose_bits("frame", 8, 16)
    selection.select(Record("packets", 3))
    assert selection.bits == ("frame", 8, 16)
    selection.select(Record("packets", 4))
    assert heard[1:] == [("bits", "frame", 8, 16), ("bits", *NO_BITS), ("record", Record("packets", 4), NO_BITS)]


def test_the_cursor_goes_to_ticks_of_long_recordings() -> None:
    selection, heard = watched()
    for tick in (1 << 40, 1 << 40, 0):
        selection.point(tick)
    assert heard == [("cursor", 1 << 40), ("cursor", 0)]
    assert selection.cursor == 0
