"""`umiscope info`: what a recording holds."""

from __future__ import annotations

import dataclasses
import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.decode import PowerOption, ProfileOption, RateOption, SpiOption, UartOption
from app.cli.screen import Screen


class InfoFormat(StrEnum):
    """How it is written."""

    text = "text"
    json = "json"


def info(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A recording (.umi, .sr), or a byte log (.jsonl, .bin).")],
    form: Annotated[InfoFormat, typer.Option("--format", "-f", help="Text for people, JSON for programs.")] = InfoFormat.text,
    spi: SpiOption = None,
    uart: UartOption = None,
    power: PowerOption = None,
    rate: RateOption = None,
    profile: ProfileOption = "reference-1",
) -> None:
    """Say what a recording holds: streams, duration, counts, gaps, and whether it is complete."""
    from app.analysis.facts import fact_lines  # noqa: PLC0415 - loading the decoders takes longer than --help may
    from app.analysis.public import open_and_decode  # noqa: PLC0415
    from app.cli.opened import rate_hz  # noqa: PLC0415

    screen: Screen = context.obj
    with screen.progress(file.name, None):
        known_rate = rate_hz(rate) if rate else None
        recording = open_and_decode(file, profile=profile, spi=spi or [], uart=uart or [], power=power or [], rate_hz=known_rate)
    if form is InfoFormat.json:
        screen.line(json.dumps(dataclasses.asdict(recording.info)))
    else:
        screen.lines(fact_lines(recording.info, screen.paint))
    if recording.fault is not None:
        raise recording.fault
