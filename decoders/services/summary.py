"""One line that says what a packet does, for lists: each service has its own words."""

from __future__ import annotations

from collections.abc import Callable

from decoders.profile.layout import Record
from decoders.services import events, images, objects, power, security, tunnelling
from decoders.services.words import Names

Summarise = Callable[[Record, Record, Names], str]

BY_SERVICE: dict[str, Summarise] = {
    "power": power.summarise,
    "events": events.summarise,
    "objects": objects.summarise,
    "images": images.summarise,
    "tunnelling": tunnelling.summarise,
    "security": security.summarise,
}


def summarise(header: Record, fields: Record, names: Names) -> str:
    """What a person reads in one line about a packet; empty where its header says it all."""
    service = header.get("service")
    if not isinstance(service, str) or service not in BY_SERVICE or not isinstance(header.get("operation"), str):
        return ""
    return BY_SERVICE[service](header, fields, names)
