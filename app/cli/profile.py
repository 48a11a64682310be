"""`umiscope profile`: the wire profiles, what each says and where it has that from."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.decode import Format
from app.cli.screen import Screen
from decoders.core.errors import MaterialError

if TYPE_CHECKING:
    from collections.abc import Iterable

app = typer.Typer(help="Wire profiles: list them, show what one says, check a file.")

FormatOption = Annotated[Format, typer.Option("--format", "-f", help="Text for people, JSON Lines or CSV for programs.")]


@app.callback(invoke_without_command=True)
def choose(context: typer.Context) -> None:
    """Wire profiles: list them, show what one says, check a file."""
    if context.invoked_subcommand is None:
        screen: Screen = context.obj
        screen.line(context.get_help())


@app.command(name="list")
def list_profiles(context: typer.Context) -> None:
    """List the profiles that come with the program."""
    from app.analysis.material import read_profile, shipped_profiles  # noqa: PLC0415 - the decoders take longer than --help may
    from app.analysis.text.table import Column, Table  # noqa: PLC0415

    screen: Screen = context.obj
    profiles = {name: read_profile(name) for name in shipped_profiles()}
    columns = [
        Column("Name", max(map(len, profiles))),
        Column("Statements", right=True),
        Column("Placeholders", right=True),
        Column("Title"),
    ]
    table = Table(columns, screen.width, screen.paint)
    if not screen.quiet:
        screen.line(table.heading())
    for name, profile in profiles.items():
        origins = Counter(origin for _, origin in profile.statements())
        screen.line(table.row((name, str(origins.total()), str(origins["P"]), profile.title)))


@app.command()
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="[NAME|FILE]", help="A shipped profile or a file.")] = "reference-1",
    form: FormatOption = Format.text,
) -> None:
    """Show every statement of a profile with its provenance: the article, a standard, or a placeholder."""
    from app.analysis.material import read_profile  # noqa: PLC0415 - the decoders take longer than --help may
    from app.analysis.text.words import clean  # noqa: PLC0415

    screen: Screen = context.obj
    profile = read_profile(name)
    statements = list(profile.statements())
    if form is Format.jsonl:
        screen.lines(json.dumps({"statement": statement, "provenance": origin}) for statement, origin in statements)
        return
    if form is Format.csv:
        csv.writer(screen).writerows([("statement", "provenance"), *statements])
        return
    width = max(len(statement) for statement, _ in statements)
    if not screen.quiet:
        screen.line(screen.paint(clean(f"{profile.name} · {profile.title}"), "heading"))
        screen.lines([clean(profile.description)] if profile.description else [])
        screen.line("")
    for statement, origin in statements:
        screen.line(
            f"{clean(statement):{width}}  {screen.paint(_origin_text(clean(origin)), 'dim' if origin == 'P' else 'heading')}"
        )
    if not screen.quiet:
        screen.lines(["", counted(origin for _, origin in statements)])


def _origin_text(origin: str) -> str:
    if origin == "P":
        return "placeholder"
    return "article" if origin == "A" else f"standard {origin.removeprefix('S: ')}"


def counted(origins: Iterable[str]) -> str:
    """How many statements there are, by where they come from."""
    by_kind = Counter(_origin_text(origin).split()[0] for origin in origins)
    listed = (("from the article", "article"), ("from standards", "standard"), ("placeholders", "placeholder"))
    return f"{by_kind.total()} statements: " + ", ".join(f"{by_kind[kind]} {words}" for words, kind in listed)


@app.command()
def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A profile's TOML file.")],
) -> None:
    """Check a profile: its grammar first, then whether it contradicts what the article says in public."""
    from app.analysis.material import read_profile  # noqa: PLC0415 - the decoders take longer than --help may
    from decoders.profile.article import contradictions  # noqa: PLC0415

    screen: Screen = context.obj
    profile = read_profile(str(file))
    against = contradictions(profile)
    screen.lines(against)
    if against:
        amount = "a statement contradicts" if len(against) == 1 else f"{len(against)} statements contradict"
        raise MaterialError(f"{amount} the article", str(file), "what the article states in public holds for every profile")
    screen.line(f"{file}: {counted(origin for _, origin in profile.statements())}. No mistake found.")
