"""Messages of EN 62056-21 exchanges as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.analysis.exchange import NOTE_CODES, Conversation, findings_of
from app.analysis.text.page import Page
from app.analysis.text.table import Column, Table
from app.analysis.text.words import count_text, duration_text, time_text
from decoders.bus.flag import FlagMessage

_SIDES = {"h2p": "tool ▸", "p2h": "device ◂", None: "?"}
_PROTOCOLS = {"flag": "EN 62056-21", "hdlc": "HDLC", "umi_link": "UMI link frames, which the layers above show"}
_CONTROLS = {
    "\x00": "NUL", "\x01": "SOH", "\x02": "STX", "\x03": "ETX", "\x04": "EOT", "\x06": "ACK", "\x0d": "CR", "\x0a": "LF", "\x15": "NAK",
}  # fmt: skip
_NAMED = {ord(control): f"<{name}>" for control, name in _CONTROLS.items()}
_LEAST_RUN = 4
_SHOWN_DATA = 24
_SHOWN_CHARACTERS = 120


def flag_lines(conversation: Conversation, page: Page) -> Iterator[str]:
    """All messages, below each what was noticed about it and how the stream goes on; a note is explained once."""
    said = conversation.messages
    ends = [one.message.end for one in said if one.message.end is not None]
    time_width = len(time_text(conversation.timebase.ns(max(ends)))) if ends else 0
    columns = [
        Column("No.", len(str(len(said))), right=True),
        *([Column("Time s", time_width, right=True), Column("Δt", 7, right=True)] if ends else []),
        Column("Side", 8),
        Column("Kind", 14),
        Column("Check", 5),
        Column("Text"),
    ]
    table = Table(columns, page.width, page.paint)
    yield table.heading()
    before: int | None = None
    explained: set[str] = set()
    for one in said:
        message = one.message
        times = _times(conversation, message, before) if ends else ()
        check = f"CRC {message.crc}" if message.crc else "" if message.bcc == "absent" else message.bcc
        cells = (str(one.no), *times, _SIDES[message.direction], message.kind, check, message_text(message))
        yield table.row(cells, {len(cells) - 2: "warning"} if message.bcc == "bad" else {})
        before = message.start
        for finding in findings_of(one):
            is_known = finding.code.name in explained and finding.code.name in NOTE_CODES
            explained.add(finding.code.name)
            yield page.finding(table.indent, replace(finding, text="") if is_known else finding)
        if message.then is not None:
            yield f"{' ' * table.indent}{page.paint(_then(message), 'dim')}"
        yield from page.below(table.indent, message.tree(), {"message": message.raw})


def _times(conversation: Conversation, message: FlagMessage, before: int | None) -> tuple[str, str]:
    timebase = conversation.timebase
    if message.start is None:
        return "", ""
    delta = "" if before is None else duration_text(timebase.ns(message.start) - timebase.ns(before))
    return time_text(timebase.ns(message.start)), delta


def message_text(message: FlagMessage) -> str:
    """What a message says, its control characters by their names; what is no text as bytes."""
    if message.kind == "garbage":
        shown = message.raw[:_SHOWN_DATA].hex(" ")
        return shown if len(message.raw) <= _SHOWN_DATA else f"{shown} … ({len(message.raw)} bytes)"
    first = message.text[:1]
    if len(message.text) >= _LEAST_RUN and message.text.count(first) == len(message.text):
        return f"{len(message.text)} × {first.translate(_NAMED)}"
    shown = message.text[:_SHOWN_CHARACTERS].translate(_NAMED).replace("<CR><LF>", "⏎")
    return shown if len(message.text) <= _SHOWN_CHARACTERS else f"{shown} … ({count_text(len(message.text), 'character')})"


def _then(message: FlagMessage) -> str:
    assert message.then is not None  # noqa: S101  # the caller looked
    sure = "" if message.then.certain else ", perhaps"
    return f"→ {message.then.baud} baud {message.then.character_format}, {_PROTOCOLS[message.then.protocol]}{sure}"
