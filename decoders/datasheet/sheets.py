"""Several datasheets, asked by code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from decoders.core.errors import MaterialError
from decoders.core.tree import Value
from decoders.datasheet.entries import Datasheet, EventEntry, ObjectEntry
from decoders.datasheet.values import read_value


@dataclass(frozen=True, slots=True)
class Reading:
    """An object's value for a person: `problem` says where it contradicts the datasheet, else it is empty."""

    name: str
    text: str
    problem: str = ""


class DatasheetSet:
    """Several datasheets as one; MaterialError when two of them describe the same code."""

    def __init__(self, sheets: Iterable[Datasheet] = ()) -> None:
        self.sheets = tuple(sheets)
        self._sheet_of: dict[int, Datasheet] = {}
        for sheet in self.sheets:
            for code in sheet.objects:
                other = self._sheet_of.setdefault(code, sheet)
                if other is not sheet:
                    what = f"object 0x{code:08X} is described in {other.name} too"
                    raise MaterialError(what, sheet.name, "load only one of the two datasheets")

    def object(self, code: int) -> ObjectEntry | None:
        sheet = self._sheet_of.get(code)
        return None if sheet is None else sheet.objects[code]

    def sheet(self, code: int) -> Datasheet | None:
        """The datasheet that describes an object."""
        return self._sheet_of.get(code)

    def events(self, code: int, source: bytes) -> list[EventEntry]:
        """What an event code may mean at the device with the UMI ID `source`.

        An event code names no bank, so that two products of one maker may use it differently: then there are several answers.
        """
        return [sheet.events[code] for sheet in self.sheets if code in sheet.events and sheet.oui == source[:3]]

    def describe(self, code: int, type_name: str, value: Value) -> Reading | None:
        """A value as the datasheet explains it, None for a code without one; `type_name` is the type on the wire.

        Values are those of records: integers, floats ("NaN", "Infinity" as text), hex text for bytes, and
        {"type": name, "value": …} for what stands inside arrays and structs.
        """
        entry = self.object(code)
        if entry is None:
            return None
        text, problem = read_value(entry.meaning, type_name, value)
        return Reading(entry.name, text, problem)
