"""The table of all findings, for the terminal and for the manual."""

from __future__ import annotations

from collections.abc import Iterator

from app.analysis.exchange import FLAG_CODES
from app.analysis.text.table import Column, Table
from app.analysis.text.words import SIGNS, Paint
from decoders.core.finding import Code
from decoders.security.cvc import CODES as CERTIFICATE_CODES
from decoders.stack import ALL_CODES

LAYERS = ("transfers", "frames", "packets", "transactions", "certificates", "flag")
TITLE = "# Findings"
INTRODUCTION = """\
Each thing that UMIscope notices has a code that never changes. `umiscope decode FILE --layer findings` lists what was noticed in a
recording, and `--fail-on warning` turns warnings and errors into exit status 1. `umiscope findings` prints this table.

| severity | sign | means |
|---|---|---|
| error | ✕ | a device breaks the protocol, or what it sends cannot be understood |
| warning | ! | something went wrong that the protocol can recover from, or the recording cannot be trusted there |
| note | i | worth knowing; the conversation goes on as it should |
| chat | · | explains what is shown, such as a packet that the recording cuts off |
"""
LAYER_TEXT = {
    "transfers": "the bus and the recording",
    "frames": "the link layer",
    "packets": "transport and application packets",
    "transactions": "commands with their responses",
    "certificates": "card-verifiable certificates and requests, as `umiscope decode --hex` reads them",
    "flag": "messages of EN 62056-21",
}


def codes() -> list[Code]:
    """All codes, layer by layer, the most severe first."""
    everything = (*ALL_CODES, *CERTIFICATE_CODES, *FLAG_CODES)
    return sorted(everything, key=lambda code: (LAYERS.index(code.layer), -code.severity, code.name))


def code_records() -> Iterator[dict[str, str]]:
    """The same for programs."""
    for code in codes():
        yield {"code": code.name, "layer": code.layer, "severity": code.severity.name.lower(), "meaning": code.meaning}


def text_lines(width: int | None, paint: Paint) -> Iterator[str]:
    """The table as lines of text."""
    longest = max(len(code.name) for code in codes())
    table = Table([Column("Layer", 12), Column("Severity", 9), Column("Code", longest), Column("Meaning")], width, paint)
    yield table.heading()
    for code in codes():
        severity = code.severity.name.lower()
        yield table.row((code.layer, f"{SIGNS[severity]} {severity}", code.name, code.meaning), {1: severity})


def markdown() -> str:
    """The page of the manual."""
    parts = [TITLE, "", INTRODUCTION]
    for layer in LAYERS:
        parts += [f"## {layer.capitalize()}: {LAYER_TEXT[layer]}", "", "| code | severity | meaning |", "|---|---|---|"]
        parts += [f"| `{code.name}` | {code.severity.name.lower()} | {code.meaning} |" for code in codes() if code.layer == layer]
        parts.append("")
    return "\n".join(parts)
