"""Who names objects in these tests: nobody, or the example datasheet."""

from __future__ import annotations

import functools

from app.analysis.names import DatasheetNames
from decoders.core.tree import Value
from decoders.datasheet.load import load_datasheet
from decoders.datasheet.sheets import DatasheetSet
from decoders.profile.layout import Record
from decoders.services.summary import summarise
from tests.helpers.umi import ROOT

DATASHEET = ROOT / "resources" / "datasheets" / "example-gas-meter.toml"
NOBODY = DatasheetNames(DatasheetSet())


@functools.cache
def example() -> DatasheetNames:
    return DatasheetNames(DatasheetSet([load_datasheet(DATASHEET.read_text(encoding="utf-8"), DATASHEET.name)]))


def line(call: str, fields: Record, *, response: bool = False, named: bool = False) -> str:
    """The summary of a packet; `call` is service.operation."""
    service, operation = call.split(".")
    header: dict[str, Value] = {"service": service, "operation": operation, "response": response}
    return summarise(header, fields, example() if named else NOBODY)


def typed(kind: str, value: Value) -> Value:
    return {"type": kind, "value": value}


def item(code: str, kind: str, value: Value) -> Value:
    """An object as a read answers it."""
    return {"code": code, "result": "ok", "value": typed(kind, value)}
