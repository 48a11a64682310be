"""`umiscope wiring`: which channel of a recording is which line, as far as that can be seen."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from app.cli.decode import ProfileOption
from app.cli.screen import Screen


def wiring(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A recording of logic channels.")],
    profile: ProfileOption = "reference-1",
) -> None:
    """Propose which channel is what, from names, edges and checksums, each with its confidence and its reasons."""
    from app.analysis.material import read_profile  # noqa: PLC0415 - loading the decoders takes longer than --help may
    from app.analysis.text.words import clean  # noqa: PLC0415
    from app.analysis.wiring.proposal import propose, together  # noqa: PLC0415
    from app.analysis.wiring.score import link_scorer  # noqa: PLC0415
    from app.analysis.wiring.wiring import wiring_to_text  # noqa: PLC0415
    from capture.formats.opening import open_recording  # noqa: PLC0415

    screen: Screen = context.obj
    wire_profile = read_profile(profile)
    with open_recording(file) as recording:
        proposals = propose(recording, lambda excerpt, rate_hz: link_scorer(excerpt, rate_hz, wire_profile))
        for proposal in proposals:
            spi, uart = wiring_to_text(proposal.wiring, recording.channels)
            screen.line(screen.paint(f"{100 * proposal.confidence:.0f} % sure", "heading"))
            screen.lines(f"  --spi {shlex.quote(option)}" for option in spi)
            screen.lines(f"  --uart {shlex.quote(option)}" for option in uart)
            screen.lines(f"    {clean(reason)}" for reason in proposal.reasons)
            screen.line("")
        if not proposals:
            names = ", ".join(filter(None, recording.channels)) or "none has a name"
            screen.line(f"No bus and no serial line can be made out among the channels ({clean(names)}).")
            screen.line("--spi and --uart of umiscope decode state a wiring; the recording may also be too short or quiet.")
            return
        spi, uart = wiring_to_text(together(proposals), recording.channels)
    if not screen.quiet:
        options = [
            *(part for option in spi for part in ("--spi", option)),
            *(part for option in uart for part in ("--uart", option)),
        ]
        screen.line(screen.paint("To decode with this wiring:", "dim"))
        screen.line(f"umiscope decode {shlex.join([str(file), *options])}")
