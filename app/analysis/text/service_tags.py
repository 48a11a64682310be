"""The two letters that stand for a service where its name has no room: the one place that knows them."""

from __future__ import annotations

SERVICE_TAGS = {
    "power": "PW",
    "events": "EV",
    "objects": "OB",
    "images": "IM",
    "tunnelling": "TU",
    "security": "SE",
    "link": "LK",
}
"""By the name that a profile gives a service."""


def service_tag(service: str) -> str:
    """A service in two letters; empty for one that has no tag, since two letters cut from a word say nothing."""
    return SERVICE_TAGS.get(service, "")
