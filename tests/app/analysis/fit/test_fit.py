"""What a profile explains of a recording, and how far it has come from the shipped one."""

from __future__ import annotations

import numpy as np
import pytest

from app.analysis.fit.fit import (
    Fit,
    FitCounter,
    fault_line,
    fault_of,
    fit_text,
    lay_over,
    percent,
    places_text,
    shipped_text,
    standing,
    standing_text,
)
from app.analysis.fit.toml_edit import Edit, edited
from tests.helpers import dialect, growing, umi


def counted(counter: FitCounter) -> Fit:
    while counter.grow():
        pass
    return counter.fit()


@pytest.mark.parametrize("name", umi.PROFILES)
def test_every_byte_is_a_frame_s_unexplained_or_filler(name: str) -> None:
    profile = umi.shipped(name)
    pieces = growing.busy(profile)
    snapshot = growing.whole(profile, pieces)
    fit = counted(FitCounter(snapshot))
    frames = [snapshot.frame(no) for no in range(1, snapshot.count("frames") + 1)]
    assert fit.frames == sum(frame.malformed is None for frame in frames)
    assert fit.frame_bytes == sum(len(frame.content) for frame in frames if frame.malformed is None)
    bad = [len(frame.content) for frame in frames if frame.malformed]
    assert (fit.stretches, fit.stretch_bytes) == (len(bad), sum(bad))
    assert bad
    on_lines = sum(len(piece.transfers.h2p.data) + len(piece.transfers.p2h.data) for piece in pieces)
    assert fit.frame_bytes + fit.stretch_bytes + fit.filler == on_lines
    assert fit.unexplained == [(0, 2, fit.stretch_bytes)]


def test_counting_piece_by_piece_gives_the_same_as_counting_once() -> None:
    profile = umi.shipped("reference-1")
    tables = growing.GrowingTables(profile, growing.demo())
    counter = FitCounter(tables.snapshot)
    while tables.left:
        tables.add()
        counted(counter)
    assert counter.fit() == counted(FitCounter(growing.whole(profile, growing.demo())))
    assert fit_text(counter.fit()).startswith(
        "94.9 % of 3 050 bytes explained · checksum holds in 83 of 85 · 3 unexplained stretches"
    )


def test_a_foreign_dialect_is_explained_by_nothing() -> None:
    fit = counted(FitCounter(dialect.decoded(dialect.talk(dialect.altered(dialect.OTHER_HEADER), 5), umi.shipped("reference-1"))))
    assert fit.explained == 0.0
    assert fit.passed is None
    assert fit_text(fit).startswith("0.0 % of ")


def test_words_for_nothing_and_for_places() -> None:
    assert fit_text(Fit()) == "No bytes so far"
    assert fit_text(Fit(filler=9)) == "Nothing but filler on the lines: 9 bytes"
    assert places_text(Fit(unexplained=[(0, 1, 1204), (0, 3, 88)]), ("spi",)) == "Unexplained bytes: 1 204 on port 1, 88 on port 3"
    assert places_text(Fit(unexplained=[(1, 1, 7), (0, 1, 2)]), ("spi", "opto")) == (
        "Unexplained bytes: 7 on port 1 of opto, 2 on port 1 of spi"
    )
    assert places_text(Fit(), ()) == ""
    assert [percent(share) for share in (0.0, 0.00001, 0.5, 0.99999, 1.0)] == ["0.0 %", "0.1 %", "50.0 %", "99.9 %", "100.0 %"]


def test_stretches_laid_over_each_other_show_their_commonest_bytes() -> None:
    offsets = lay_over([b"\x5a\x01", b"\x5a\x02\x03", b"\x5a\x02"], 4)
    assert offsets.bytes_there.tolist() == [3, 3, 1, 0]
    assert offsets.commonest[:3].tolist() == [0x5A, 0x02, 0x03]
    assert offsets.agreeing.tolist() == [3, 2, 1, 0]
    assert np.array_equal(lay_over([], 2).bytes_there, [0, 0])


def test_the_shipped_profile_has_no_corrections() -> None:
    state = standing(dialect.REFERENCE, dialect.REFERENCE)
    assert state is not None
    assert (state.corrections, state.confirmed) == (0, 0)
    assert 0 < state.placeholders < state.statements
    assert standing_text(state).endswith("statements are placeholders · nothing corrected yet")


def test_a_value_that_differs_is_a_correction_and_a_new_provenance_a_confirmation() -> None:
    text = edited(
        dialect.REFERENCE,
        [
            Edit(("crc", "model"), "CRC-16/KERMIT"),
            Edit(("crc", "from"), "S: the specification"),
            Edit(("framing", "from", "start"), "A"),
        ],
    )
    state, before = standing(text, dialect.REFERENCE), standing(dialect.REFERENCE, dialect.REFERENCE)
    assert state is not None
    assert before is not None
    assert (state.corrections, state.confirmed, state.placeholders) == (1, 2, before.placeholders - 2)
    assert standing_text(state).endswith("1 value corrected, 2 placeholders confirmed")


def test_a_profile_s_name_is_no_correction_and_its_name_says_what_it_began_as() -> None:
    variant = shipped_text('name = "variant-a"')
    assert variant != dialect.REFERENCE
    assert shipped_text('name = "mine"') == shipped_text("not [ toml") == dialect.REFERENCE
    state = standing(edited(dialect.REFERENCE, [Edit(("name",), "mine")]), dialect.REFERENCE)
    assert state is not None
    assert state.corrections == 0


def test_a_fault_names_its_line() -> None:
    text = dialect.REFERENCE.replace("min_bytes = 8\n", "min_bytes = 3\n")
    fault = fault_of(text, "mine.toml")
    assert fault is not None
    assert fault_line(fault) == text[: text.index("min_bytes = 3")].count("\n") + 1
    assert standing(text, dialect.REFERENCE) is None
    assert fault_of(dialect.REFERENCE, "mine.toml") is None
    broken = fault_of("[", "mine.toml")
    assert broken is not None
    assert fault_line(broken) == 1
