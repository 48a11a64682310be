"""Findings: what a layer noticed, under a stable code."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from decoders.core.span import Span


class Severity(enum.IntEnum):
    """How much a finding matters."""

    CHAT = 0
    NOTE = 1
    WARNING = 2
    ERROR = 3


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding: its stable name, the layer that reports it, and what it means for a reader of the manual."""

    name: str
    layer: str
    severity: Severity
    meaning: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing noticed at one place: `span` in ticks, `record` the number of the record of `code.layer` it belongs to, from 1."""

    code: Code
    text: str
    span: Span
    record: int | None = None
