"""CRC models by name or by parameters, as functions over bytes.

Named models of the CRC catalogue run in `fastcrc`, all others in `anycrc`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import anycrc  # type: ignore[import-untyped]  # the package has no type marks
import fastcrc

from decoders.profile.schema import Crc

CrcFunction = Callable[[bytes], int]
SHARED_LIBRARY_WIDTHS = {8: fastcrc.crc8, 16: fastcrc.crc16, 32: fastcrc.crc32, 64: fastcrc.crc64}


def catalogue() -> list[str]:
    """Every model name that a profile may give, as the CRC catalogue writes it: CRC-16/IBM-SDLC."""
    return [re.sub(r"^CRC(\d+)-", r"CRC-\1/", name) for name in anycrc.models]


def catalogue_model(name: str) -> tuple[int, int, int, bool, bool, int] | None:
    """Width, poly, init, refin, refout and xorout of a model of the catalogue; None where it has no such model."""
    model = anycrc.models.get(name.upper().replace("CRC-", "CRC").replace("/", "-"))
    if model is None:
        return None
    return model.width, model.poly, model.init, model.refin, model.refout, model.xorout


def crc_function(crc: Crc) -> CrcFunction:
    """The checksum as a function from bytes to a number."""
    fast = _fast_function(crc.model)
    if fast is not None:
        return fast
    model = anycrc.CRC(crc.bits, crc.poly, crc.init, crc.refin, crc.refout, crc.xorout)
    return lambda data: int(model.calc(data))


def _fast_function(model: str) -> CrcFunction | None:
    match = re.fullmatch(r"CRC-(\d+)/([A-Z0-9-]+)", model.upper())
    if match is None or int(match[1]) not in SHARED_LIBRARY_WIDTHS:
        return None
    function: CrcFunction | None = getattr(SHARED_LIBRARY_WIDTHS[int(match[1])], match[2].lower().replace("-", "_"), None)
    return function


def crc_bytes(crc: Crc, value: int) -> bytes:
    """The checksum as it stands on the wire."""
    return value.to_bytes(crc.size, crc.order)
