from __future__ import annotations

from bench import window_plots


def test_every_figure_of_the_timeline_is_measured() -> None:
    found = window_plots.rows(samples=50_000, edges=200, repeats=2)
    assert [row.subject for row in found] == [
        "Pan a trace of 0 M samples, ms a frame",
        "Paint 16 lanes of 0 k edges each, ms a frame",
    ]
    assert all(row.value.endswith(" ms") for row in found)
