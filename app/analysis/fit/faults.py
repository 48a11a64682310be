"""All that is wrong with a profile's text, as far as its parts can be judged one by one."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.analysis.workspace import ProfileText, compiled
from decoders.core.document import Table, parse
from decoders.core.errors import MaterialError
from decoders.profile import vocabulary
from decoders.profile.load import load_crc, load_framing, load_procedures, load_protection, load_services, load_types
from decoders.profile.load_fields import Enumerations, load_enumeration, load_fields, provenance

MOST_FAULTS = 50
_WHERE = re.compile(r", line (\d+)(?:, (.+))?$")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, on which line, from 1 (None where no line is to blame), and at which key."""

    line: int | None
    key: str
    text: str

    @property
    def title(self) -> str:
        """Place and fault in one sentence: Line 34, crc.model: the CRC catalogue has no such model."""
        place = ", ".join(part for part in (f"Line {self.line}" if self.line else "", self.key) if part)
        return f"{place}: {self.text}" if place else self.text


def faults(profile: ProfileText) -> list[Fault]:
    """None where the text is a profile; else the first fault of each of its parts, in the order of the text."""
    try:
        compiled(profile)
    except MaterialError as error:
        found = {str(error): error}
    else:
        return []
    with contextlib.suppress(MaterialError):
        for another in _part_by_part(parse(profile.text, profile.name)):
            found.setdefault(str(another), another)
    told = [fault_from(each) for each in found.values()]
    return sorted(told, key=lambda fault: fault.line or 0)[:MOST_FAULTS]


def fault_from(error: MaterialError) -> Fault:
    """An error with its place taken apart."""
    place = _WHERE.search(error.where)
    text = f"{error.what}; {error.remedy}" if error.remedy else error.what
    return Fault(int(place[1]), place[2] or "", text) if place else Fault(None, "", text)


def _part_by_part(root: Table) -> Iterator[MaterialError]:
    """What each part's own reader finds; a part that another one needs and that is at fault itself counts as empty."""
    errors: list[MaterialError] = []
    enumerations: Enumerations = {}
    with _caught(errors):
        table = root.table("enumerations")
        for name in table.keys():  # noqa: SIM118  # a Table is no mapping
            with _caught(errors):
                enumerations[name] = load_enumeration(name, table.table(name))
    for part in _readers(root, enumerations):
        with _caught(errors):
            part()
    yield from errors


@contextlib.contextmanager
def _caught(errors: list[MaterialError]) -> Iterator[None]:
    try:
        yield
    except MaterialError as error:
        errors.append(error)


def _readers(root: Table, enumerations: Enumerations) -> Iterator[Callable[[], object]]:
    def link() -> object:
        table = root.table("link")
        return load_fields(table, "fields", vocabulary.LINK, enumerations, provenance(table))

    def packet() -> object:
        table = root.table("packet")
        return load_fields(table, "fields", vocabulary.PACKET, enumerations, provenance(table))

    def framing() -> object:
        table = root.table("link")
        return load_framing(root.table("framing"), load_fields(table, "fields", vocabulary.LINK, enumerations, "P"))

    def protection() -> object:
        table = root.table("packet")
        fields = load_fields(table, "fields", vocabulary.PACKET, enumerations, "P")
        return load_protection(root.table("security"), enumerations, fields)

    yield framing
    yield lambda: load_crc(root.table("crc"))
    yield link
    yield packet
    yield protection
    yield lambda: load_procedures(root.table("procedures"), enumerations)
    yield lambda: load_types(root.table("types"))
    service = enumerations.get("service")
    yield lambda: load_services(root.table("services"), service.by_name if service else {}, enumerations)
