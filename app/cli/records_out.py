"""Records for programs: JSON Lines, or CSV after RFC 4180."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable

from app.analysis.record_types import field_names
from app.analysis.records import Record
from app.cli.screen import Screen


class JsonLines:
    """One JSON object a line."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def write(self, records: Iterable[Record]) -> None:
        for record in records:
            self._screen.write(json.dumps(record) + "\n")


class Csv:
    """A line of names, then one line a record: flags are true or false, missing values empty, lists and groups JSON."""

    def __init__(self, screen: Screen, layer: str) -> None:
        self._names = field_names(layer)
        self._writer = csv.writer(screen)
        self._writer.writerow(self._names)

    def write(self, records: Iterable[Record]) -> None:
        for record in records:
            self._writer.writerow([_cell(record[name]) for name in self._names])


def _cell(value: object) -> object:
    match value:
        case None:
            return ""
        case bool() | list() | dict():
            return json.dumps(value)
        case _:
            return value


RecordWriter = JsonLines | Csv
