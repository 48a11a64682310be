"""One line that says what a packet does, for lists: each service has its own words."""

from __future__ import annotations

from collections.abc import Callable

from decoders.core.tree import Value
from decoders.profile.layout import Record
from decoders.services import events, images, objects, power, security, tunnelling
from decoders.services.words import Names

Summarise = Callable[[str, bool, Record, Names], str]

BY_SERVICE: dict[str, Summarise] = {
    "power": power.summarise,
    "events": events.summarise,
    "objects": objects.summarise,
    "images": images.summarise,
    "tunnelling": tunnelling.summarise,
    "security": security.summarise,
}


def summarise(header: dict[str, Value], fields: Record, names: Names) -> str:
    """What a person reads in one line about a packet; empty where its header says it all."""
    service, operation = header.get("service"), header.get("operation")
    if not isinstance(service, str) or service not in BY_SERVICE or not isinstance(operation, str):
        return ""
    return BY_SERVICE[service](operation, bool(header.get("response")), fields, names)
