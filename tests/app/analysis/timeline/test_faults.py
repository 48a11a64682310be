from __future__ import annotations

import numpy as np
import pytest

from app.analysis.timeline.faults import MARK_PIXELS, Faults, Mark
from app.analysis.timeline.viewport import Viewport
from decoders.core.finding import Severity
from decoders.stack import ALL_CODES
from tests.helpers import umi
from tests.helpers.table_rows import Tables

VIEW = Viewport.whole(1400, 1400)


def code(layer: str, severity: Severity) -> int:
    return next(index for index, code in enumerate(ALL_CODES) if (code.layer, code.severity) == (layer, severity))


@pytest.fixture
def made() -> Tables:
    return Tables(umi.shipped("reference-1"))


def test_warnings_and_errors_are_marked_in_the_strip_of_their_record_and_notes_are_not(made: Tables) -> None:
    made.add("frames", start=[100, 200, 300, 400], port=[1, 1, 2, 1], direction=[0, 1, 0, 0])
    made.add("packets", start=[500], port=[1], direction=[0])
    codes = [code("frames", severity) for severity in (Severity.WARNING, Severity.WARNING, Severity.WARNING, Severity.NOTE)]
    made.add("findings", code=[*codes, code("packets", Severity.ERROR)], record=[1, 2, 3, 4, 1])
    faults = Faults()
    assert not faults.update(made.snapshot)
    assert faults.marks("frames", 0, 1, (0,), VIEW) == [Mark(100.0, Severity.WARNING)]
    assert faults.marks("frames", 0, 1, (1,), VIEW) == [Mark(200.0, Severity.WARNING)]
    assert faults.marks("frames", 0, 1, (0, 1), VIEW) == [Mark(100.0, Severity.WARNING), Mark(200.0, Severity.WARNING)]
    assert faults.marks("packets", 0, 1, (0,), VIEW) == [Mark(500.0, Severity.ERROR)]
    assert faults.marks("packets", 0, 2, (0,), VIEW) == []
    assert faults.marks("frames", 0, 1, (0,), VIEW.between(101, 400)) == []


def test_many_faults_are_a_mark_for_each_slot_with_the_gravest(made: Tables) -> None:
    count = 1400
    made.add("packets", start=list(range(count)), port=[1] * count)
    warning, error = code("packets", Severity.WARNING), code("packets", Severity.ERROR)
    made.add("findings", code=[error if place == 705 else warning for place in range(count)], record=list(range(1, count + 1)))
    faults = Faults()
    faults.update(made.snapshot)
    marks = faults.marks("packets", 0, 1, (0,), VIEW)
    assert len(marks) == 1400 // MARK_PIXELS
    assert np.diff([mark.x for mark in marks]).min() >= MARK_PIXELS - 1
    assert [mark.x for mark in marks if mark.severity is Severity.ERROR] == [700.0]


def test_a_finding_waits_for_its_record_and_slices_go_on(made: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.analysis.timeline.faults.SLICE_ROWS", 2)
    error = code("packets", Severity.ERROR)
    made.add("findings", code=[error] * 3, record=[1, 2, 3])
    faults = Faults()
    assert not faults.update(made.snapshot)
    assert faults.marks("packets", 0, 1, (0,), VIEW) == []
    made.add("packets", start=[900, 100, 500], port=[1, 1, 1])
    assert faults.update(made.snapshot)
    assert not faults.update(made.snapshot)
    assert [mark.x for mark in faults.marks("packets", 0, 1, (0,), VIEW)] == [100.0, 500.0, 900.0]
