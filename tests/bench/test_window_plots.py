from __future__ import annotations

from bench import window_plots


def test_every_figure_of_the_timeline_is_measured() -> None:
    found = window_plots.rows(samples=50_000, edges=200, repeats=2)
    assert [row.subject for row in found] == [
        "panning a trace of 50.0 k samples: a frame",
        "panning 16 lanes of 200 edges each: a frame",
        "panning 200 packets: a frame",
    ]
    assert all(row.value.endswith(" ms") for row in found)
