"""EN 62056-21 exchanges from byte logs and from the serial lines of a recording."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.analysis.decoding import Progress, no_progress
from app.analysis.text.words import count_text
from capture.formats.base import LogicRecording
from capture.formats.bytelog import read_byte_log
from decoders.bus.flag import NOTES, FlagDecoder, FlagMessage
from decoders.bus.opto import OptoDecoder
from decoders.bus.wiring import Wiring
from decoders.core.errors import RecordingError
from decoders.core.finding import Code, Finding, Severity
from decoders.core.span import NS_PER_S, Span, Timebase

BYTE_LOG_EXTENSIONS = (".jsonl", ".bin")

_CHAT = frozenset({"echo", "hdlc", "read-as-8n1", "umi-link"})
_WARNING = frozenset({"bcc-bad", "crc-bad", "cut-short", "malformed"})


def _severity(note: str) -> Severity:
    return Severity.CHAT if note in _CHAT else Severity.WARNING if note in _WARNING else Severity.NOTE


PARITY = Code(
    "parity-errors", "flag", Severity.WARNING, "Characters of a message have a wrong parity bit; they are kept as they came."
)
FRAMING = Code("framing-errors", "flag", Severity.WARNING, "Characters of a message have no stop bit; they are kept as they came.")
NOTE_CODES = {name: Code(name, "flag", _severity(name), f"{text[0].upper()}{text[1:]}.") for name, text in NOTES.items()}
FLAG_CODES = (*NOTE_CODES.values(), PARITY, FRAMING)
"""What may be noticed about messages of an exchange."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message with its number from 1 and the stream that it was heard on."""

    no: int
    stream: str
    message: FlagMessage


@dataclass(frozen=True, slots=True)
class Conversation:
    """All messages of a recording in order of time; `fault` says why they may not be all, where the file is damaged."""

    messages: list[Said]
    timebase: Timebase
    fault: RecordingError | None = None

    def findings(self) -> Iterator[Finding]:
        """What was noticed about the messages."""
        for said in self.messages:
            yield from findings_of(said)


def findings_of(said: Said) -> Iterator[Finding]:
    """What was noticed about one message."""
    message = said.message
    start = message.start or 0
    span = Span(start, max(start, message.end or 0) + 1)
    for note in message.notes:
        yield Finding(NOTE_CODES[note], NOTES[note], span, said.no)
    for code, count, what in (
        (PARITY, message.parity_errors, "a wrong parity bit"),
        (FRAMING, message.framing_errors, "no stop bit"),
    ):
        if count:
            yield Finding(code, f"{count_text(count, 'character')} {'has' if count == 1 else 'have'} {what}", span, said.no)


def is_byte_log(path: Path) -> bool:
    """Whether a file is taken for a byte log, which its extension says."""
    return path.suffix.lower() in BYTE_LOG_EXTENSIONS


def decode_byte_log(path: Path) -> Conversation:
    """The exchanges of a byte log; RecordingError where not even its first line can be read."""
    decoder = FlagDecoder()
    messages: list[FlagMessage] = []
    fault = None
    try:
        for entry in read_byte_log(path):
            ticks = None if entry.time_ns is None else np.full(len(entry.data), entry.time_ns, np.int64)
            messages += decoder.feed(entry.direction, entry.data, ticks)
    except RecordingError as damage:
        fault = damage
    messages += decoder.finish()
    if fault is not None and not messages:
        raise fault
    said = [Said(no, path.stem, message) for no, message in enumerate(messages, 1)]
    return Conversation(said, Timebase(NS_PER_S), fault)


def decode_exchanges(
    recording: LogicRecording, wiring: Wiring, timebase: Timebase, progress: Progress = no_progress
) -> Conversation:
    """The exchanges on all serial lines of a recording that carry EN 62056-21."""
    links = [(wiring.streams[line.stream], OptoDecoder(line, timebase.rate_hz)) for line in wiring.uart if line.protocol == "flag"]
    found: list[tuple[str, FlagMessage]] = []
    fault = None
    try:
        for chunk in recording.chunks():
            for stream, decoder in links:
                found += [(stream, message) for message in decoder.feed(chunk).messages]
            progress(chunk.end)
    except RecordingError as damage:
        fault = damage
    for stream, decoder in links:
        found += [(stream, message) for message in decoder.finish().messages]
    if len(links) > 1:
        found.sort(key=lambda entry: entry[1].start or 0)
    return Conversation([Said(no, stream, message) for no, (stream, message) in enumerate(found, 1)], timebase, fault)
