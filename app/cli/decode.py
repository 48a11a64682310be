"""`umiscope decode`: the records of a recording, or one pasted piece as a tree."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.screen import Screen
from decoders.core.errors import UsageError


class Layer(StrEnum):
    """What records are of."""

    transfers = "transfers"
    frames = "frames"
    packets = "packets"
    transactions = "transactions"
    sessions = "sessions"
    flag = "flag"
    findings = "findings"


class Format(StrEnum):
    """How records are written."""

    text = "text"
    jsonl = "jsonl"
    csv = "csv"


class Grade(StrEnum):
    """Severities of findings."""

    chat = "chat"
    note = "note"
    warning = "warning"
    error = "error"


class Piece(StrEnum):
    """What pasted bytes are."""

    frame = "frame"
    packet = "packet"
    flag = "flag"
    certificate = "certificate"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of one call; `layer` None where it follows from the recording."""

    layer: Layer | None
    format: Format
    trees: bool
    dump: bool
    spi: list[str]
    uart: list[str]
    power: list[str]
    rate: str | None
    profile: str
    datasheets: list[Path]
    fail_on: Grade | None


ProfileOption = Annotated[str, typer.Option("--profile", metavar="NAME|FILE", help="The wire profile: a shipped one or a file.")]
SpiOption = Annotated[
    list[str] | None,
    typer.Option("--spi", metavar="WIRING", help="One port, such as port=1,sck=SCK,mosi=MOSI,miso=MISO,cs=CS1; repeatable."),
]
UartOption = Annotated[
    list[str] | None,
    typer.Option("--uart", metavar="WIRING", help="One serial link, such as rx=D4,baud=auto,protocol=flag|raw; repeatable."),
]
PowerOption = Annotated[
    list[str] | None,
    typer.Option(
        "--power", metavar="WIRING", help="One supply rail, such as port=1,current=A0,voltage=A1,rail=low|high; repeatable."
    ),
]
RateOption = Annotated[
    str | None, typer.Option("--rate", metavar="RATE", help="Samples a second where the recording does not say, such as 4M.")
]


def decode(  # noqa: PLR0917 - each is an option of the command line
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A recording (.umi, .sr), or a byte log (.jsonl, .bin).")
    ] = None,
    layer: Annotated[
        Layer | None,
        typer.Option("--layer", "-l", help="What to show; packets unless the file holds EN 62056-21 only."),
    ] = None,
    form: Annotated[Format, typer.Option("--format", "-f", help="Text for people, JSON Lines or CSV for programs.")] = Format.text,
    trees: Annotated[bool, typer.Option("-V", help="Every field of each record, below it.")] = False,
    dump: Annotated[bool, typer.Option("-x", help="The bytes of each record, below it.")] = False,
    pasted: Annotated[str | None, typer.Option("--hex", metavar="TEXT", help="Decode these bytes instead of a file.")] = None,
    piece: Annotated[Piece | None, typer.Option("--as", help="What the bytes of --hex are; guessed without.")] = None,
    spi: SpiOption = None,
    uart: UartOption = None,
    power: PowerOption = None,
    rate: RateOption = None,
    profile: ProfileOption = "reference-1",
    datasheet: Annotated[
        list[Path] | None, typer.Option("--datasheet", metavar="FILE", help="Names, units and labels of objects; repeatable.")
    ] = None,
    fail_on: Annotated[
        Grade | None, typer.Option("--fail-on", help="Exit with status 1 if there is a finding this severe or worse.")
    ] = None,
) -> None:
    """Decode a recording into records, or bytes into a field tree."""
    screen: Screen = context.obj
    wanted = Wanted(layer, form, trees, dump, spi or [], uart or [], power or [], rate, profile, datasheet or [], fail_on)
    if pasted is not None:
        if file is not None:
            raise UsageError("a file and --hex are given together", "decode", "give one of them")
        from app.cli import pasted_bytes  # noqa: PLC0415 - loading the decoders takes longer than --help may

        pasted_bytes.show(screen, pasted, piece, wanted)
        return
    if file is None:
        raise UsageError("there is nothing to decode", "decode", "name a recording, or paste bytes with --hex")
    if piece is not None:
        raise UsageError("--as goes with --hex", f"--as {piece}", "leave it out for a file")
    from app.cli import decode_file  # noqa: PLC0415 - as above

    if decode_file.show(screen, file, wanted):
        raise typer.Exit(1)
