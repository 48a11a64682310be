"""UMI IDs, which are IEEE EUI-64 numbers (article), and the makers that their first three bytes name."""

from __future__ import annotations

import re

_SEPARATORS = "-:. "


def parse_umi_id(text: str) -> bytes:
    """The 8 bytes of a UMI ID written as 16 hex digits, plain or in groups of two or four set apart by - : . or a blank.

    Raises ValueError for anything else.
    """
    return _parse(text, 8, "a UMI ID is 16 hex digits")


def format_umi_id(umi_id: bytes) -> str:
    """The 16 lower-case hex digits by which records name a UMI ID."""
    return _checked(umi_id).hex()


def display_umi_id(umi_id: bytes) -> str:
    """The same set apart by dashes and in upper case, as IEEE writes it: 00-19-02-00-00-00-00-01."""
    return _checked(umi_id).hex("-").upper()


def parse_oui(text: str) -> bytes:
    """The 3 bytes of an OUI-24 written as 6 hex digits, plain or in pairs set apart by - : . or a blank; else ValueError."""
    return _parse(text, 3, "an OUI is 6 hex digits")


def maker_of(eui64: bytes | str) -> str | None:
    """The company that the IEEE registered for the OUI-24 of an EUI-64; None where the registry's copy has no such OUI.

    The EUI-64 comes as 8 bytes or as text that `parse_umi_id` takes; ValueError for anything else.
    """
    # The registry costs as much start-up time as the rest of a layer, and few runs ask for a maker.
    import netaddr  # noqa: PLC0415

    data = parse_umi_id(eui64) if isinstance(eui64, str) else _checked(eui64)
    try:
        oui = netaddr.OUI(int.from_bytes(data[:3], "big"))
    except netaddr.NotRegisteredError:
        return None
    return str(oui.registration()["org"])


def _checked(umi_id: bytes) -> bytes:
    if len(umi_id) != 8:
        raise ValueError(f"a UMI ID is 8 bytes, not {len(umi_id)}")
    return umi_id


def _parse(text: str, size: int, rule: str) -> bytes:
    separator = next((mark for mark in _SEPARATORS if mark in text), None)
    groups = text.split(separator) if separator else [text]
    digits = "".join(groups)
    if {len(group) for group in groups} not in ({2}, {4}, {2 * size}) or not re.fullmatch(rf"[0-9A-Fa-f]{{{2 * size}}}", digits):
        raise ValueError(f"{rule}, not '{text[:40]}'")
    return bytes.fromhex(digits)
