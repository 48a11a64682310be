"""What people call objects and events: from the datasheets that they loaded."""

from __future__ import annotations

from decoders.core.tree import Value
from decoders.datasheet.entries import Datasheet
from decoders.datasheet.sheets import DatasheetSet

ALL_ROLES = 16


class DatasheetNames:
    """Names and values of objects and names of events from datasheets, in the form that the services' summaries ask for."""

    def __init__(self, datasheets: DatasheetSet) -> None:
        self._datasheets = datasheets

    def object_name(self, code: int) -> str | None:
        """The maker's name of an object."""
        entry = self._datasheets.object(code)
        return entry.name if entry else None

    def event_name(self, code: int, device: str) -> str | None:
        """The maker's name of an event of the device with this UMI ID; all of them where its products use the code differently."""
        try:
            known = self._datasheets.events(code, bytes.fromhex(device))
        except ValueError:
            return None
        return " or ".join(dict.fromkeys(entry.name for entry in known)) or None

    def object_roles(self, code: int) -> str:
        """Which roles may read and write an object, in words; empty where no datasheet says so."""
        entry, sheet = self._datasheets.object(code), self._datasheets.sheet(code)
        if entry is None or sheet is None:
            return ""
        said = (("read", entry.read), ("written", entry.write))
        return ", ".join(f"{verb} by {_roles(sheet, roles)}" for verb, roles in said if roles is not None)

    def object_value(self, code: int, kind: str, value: Value) -> str | None:
        """The value with its unit or label."""
        known = self._datasheets.describe(code, kind, value)
        return known.text if known else None


def _roles(sheet: Datasheet, roles: frozenset[int]) -> str:
    """One role by its name, several by their hexadecimal digits."""
    if not roles:
        return "nobody"
    if len(roles) == ALL_ROLES:
        return "all"
    if len(roles) == 1:
        return sheet.role_name(min(roles))
    return f"roles {''.join(f'{role:X}' for role in sorted(roles))}"
