"""`umiscope findings`: every finding that there may be, and what it means."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from app.cli.screen import Screen


class TableFormat(StrEnum):
    """How the table is written."""

    text = "text"
    markdown = "markdown"
    jsonl = "jsonl"


def findings(
    context: typer.Context,
    form: Annotated[
        TableFormat, typer.Option("--format", "-f", help="Text for people, Markdown for the manual, JSON Lines.")
    ] = TableFormat.text,
) -> None:
    """List the codes of all findings with their layer, severity and meaning."""
    from app.analysis.text.finding_codes import code_records, markdown, text_lines  # noqa: PLC0415 - the decoders take longer than --help may

    screen: Screen = context.obj
    match form:
        case TableFormat.text:
            screen.lines(text_lines(screen.width, screen.paint))
        case TableFormat.markdown:
            screen.write(markdown())
        case TableFormat.jsonl:
            screen.lines(map(json.dumps, code_records()))
