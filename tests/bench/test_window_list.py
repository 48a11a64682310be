"""What is measured of the packet list is measured to the end; the figures themselves are not judged here."""

from __future__ import annotations

from pathlib import Path

from bench.window_list import list_rows
from bench.window_tables import LargeTables
from tests.helpers import umi


def test_every_figure_of_the_list_is_taken(tmp_path: Path) -> None:
    rows = list(list_rows(tmp_path, 4_000))
    assert len(rows) == 4
    assert all(row.value and row.target.startswith("≤") and row.reached is not None for row in rows)


def test_the_large_recording_can_be_read_like_any_other(tmp_path: Path) -> None:
    tables = LargeTables(umi.shipped("reference-1"), tmp_path)
    tables.add(1_500)
    tables.add(600)
    snapshot = tables.snapshot
    assert snapshot.count("frames") == 2_100
    for no in range(1, snapshot.count("packets") + 1):
        packet = snapshot.packet(no)
        assert packet.reading.problems() == []
        assert packet.reading.header["response"] is (packet.direction == "p2h")
        assert [snapshot.packet_of_frame(frame) for frame in snapshot.frames_of_packet(no)] == [no]
        assert snapshot.header_column("packets", "source")[no - 1] == int(str(packet.reading.header["source"]), 16)  # type: ignore[index]
    malformed = [no for no in range(1, 2_101) if snapshot.frame(no).malformed]
    assert malformed == [1_000, 2_000]
    tables.close()
