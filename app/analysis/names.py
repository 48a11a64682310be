"""What people call objects: from the datasheets that they loaded."""

from __future__ import annotations

from decoders.core.tree import Value
from decoders.datasheet import DatasheetSet


class DatasheetNames:
    """Object names and values from datasheets, in the form that the services' summaries ask for."""

    def __init__(self, datasheets: DatasheetSet) -> None:
        self._datasheets = datasheets

    def object_name(self, code: int) -> str | None:
        """The maker's name of an object."""
        entry = self._datasheets.object(code)
        return entry.name if entry else None

    def object_value(self, code: int, kind: str, value: Value) -> str | None:
        """The value with its unit or label."""
        known = self._datasheets.describe(code, kind, value)
        return known.text if known else None
