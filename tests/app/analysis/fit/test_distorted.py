"""A dialect that differs from the reference in one way or several is found, and applying the first offer explains the recording."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.fit.fit import Fit, FitCounter
from app.analysis.fit.search import search
from app.analysis.fit.toml_edit import edited
from app.analysis.tables.snapshot import Snapshot
from decoders.profile.wire_profile import load_profile
from tests.helpers import dialect, umi

Change = tuple[str, str]

ENOUGH = 0.99
SOF, LENGTH = '{ name = "sof", at = 0, bits = 8, const = 0xA5', '{ name = "length", at = 1, bits = 8, bias = 1,'
MODEL, RANGE = 'model = "CRC-16/IBM-SDLC" ', 'order = "little"\nfirst_byte = 0\n'


def start(*, of: str) -> tuple[Change, ...]:
    return (('start = "A5"', f'start = "{of}"'), ("const = 0xA5", f"const = 0x{of}"))


def longer_start(of: str) -> tuple[Change, ...]:
    """Start bytes more than one push the rest of the header back."""
    more = len(of) // 2 - 1
    places = (
        ("dst_port", 2),
        ("src_port", 2),
        ("type", 3),
        ("first", 3),
        ("last", 3),
        ("seq", 3),
        ("link_status", 4),
        ("fragment", 5),
    )
    return (
        ('start = "A5"', f'start = "{of}"'),
        (SOF, f'{{ name = "sof", at = 0, bits = {8 + 8 * more}, const = 0x{of}'),
        (LENGTH, f'{{ name = "length", at = {1 + more}, bits = 8, bias = 1,'),
        *((f'"{name}", at = {at}', f'"{name}", at = {at + more}') for name, at in places),
        *roomy(8 + more, 248 - more),
    )


def wide_length(order: str, bias: int) -> tuple[Change, ...]:
    """A size of two bytes behind the route and control bytes."""
    return (
        ('"dst_port", at = 2', '"dst_port", at = 1'),
        ('"src_port", at = 2', '"src_port", at = 1'),
        *((f'"{name}", at = 3', f'"{name}", at = 2') for name in ("type", "first", "last", "seq")),
        (LENGTH, f'{{ name = "length", at = 3, bits = 16, order = "{order}", bias = {bias},'),
        ('"link_status", at = 4', '"link_status", at = 5'),
        ('"fragment", at = 5', '"fragment", at = 6'),
        *roomy(9, 247),
    )


def roomy(smallest: int, fragment: int) -> tuple[Change, ...]:
    return (("min_bytes = 8\n", f"min_bytes = {smallest}\n"), ("fragment_bytes = 248", f"fragment_bytes = {fragment}"))


def bias(number: int) -> tuple[Change, ...]:
    return ((LENGTH, LENGTH.replace("bias = 1", f"bias = {number}")),)


def crc(model: str, order: str = "little", first: int = 0) -> tuple[Change, ...]:
    return ((MODEL, f'model = "{model}" '), (RANGE, f'order = "{order}"\nfirst_byte = {first}\n'))


def custom(bits: int, poly: int, init: int, xorout: int, refin: bool, refout: bool, order: str, first: int) -> tuple[Change, ...]:
    parameters = f"bits = {bits}\npoly = {poly}\ninit = {init}\nrefin = {refin}\nrefout = {refout}\nxorout = {xorout}\n".lower()
    return ((MODEL, 'model = "custom" '), (RANGE, f'{parameters}order = "{order}"\nfirst_byte = {first}\n'))


MOST = "max_bytes = 256 "
NO_CRC: tuple[Change, ...] = ((MODEL, 'model = "none" '), (RANGE, ""), ("min_bytes = 8\n", "min_bytes = 6\n"))


def delimited(strategy: str, **keys: str) -> tuple[Change, ...]:
    values, origins = (
        "".join(f'{key} = "{value}"\n' for key, value in pairs.items()) for pairs in (keys, dict.fromkeys(keys, "P"))
    )
    return (
        ('strategy = "length" ', f'strategy = "{strategy}" '),
        ('start = "A5"\nlength_field = "length"\n', values),
        ('start = "P"\nlength_field = "P"\n', origins),
    )


FLAGS = delimited("hdlc", flag="7E", escape="7D", escape_xor="20")
OTHER_FLAGS = delimited("hdlc", flag="C1", escape="C3", escape_xor="20")
SPARE_CRC = custom(16, 0x1A2D, 0x1234, 0xBEEF, True, True, "little", 0)

DISTORTIONS: dict[str, tuple[Change, ...]] = {
    "start": start(of="5A"),
    "start of zeros and ones": start(of="AA"),
    "two start bytes": longer_start("5AC3"),
    "three start bytes": longer_start("AA55D3"),
    "bias 0": (*bias(0), ("max_bytes = 256 ", "max_bytes = 254 "), ("fragment_bytes = 248", "fragment_bytes = 240")),
    "bias 2": bias(2),
    "bias 8": bias(8),
    "wide size, high byte first": wide_length("big", 0),
    "wide size, low byte first": wide_length("little", 9),
    "model": crc("CRC-16/KERMIT"),
    "order": crc("CRC-16/IBM-SDLC", "big"),
    "range": crc("CRC-16/IBM-SDLC", first=1),
    "model, order and range": crc("CRC-16/XMODEM", "big", 2),
    "wider": (*crc("CRC-32/ISO-HDLC"), *roomy(10, 246)),
    "narrower": (*crc("CRC-8/MAXIM-DOW"), *roomy(7, 248)[:1]),
    "24 bits": (*crc("CRC-24/OPENPGP", "big"), *roomy(9, 247)),
    "own polynomial": SPARE_CRC,
    "own polynomial, high bit first": custom(16, 0x90D9, 0, 0, False, False, "big", 1),
    "own polynomial, turned round": custom(16, 0x3D65, 0xFFFF, 0x0001, True, False, "little", 2),
    "own init": custom(16, 0x1021, 0x4F2A, 0, False, False, "big", 0),
    "own polynomial of 8 bits": (*custom(8, 0x4D, 0x3C, 0x11, True, True, "big", 0), *roomy(7, 248)[:1]),
    "no checksum": NO_CRC,
    "flags": FLAGS,
    "other flags": OTHER_FLAGS,
    "cobs": delimited("cobs"),
    "transfer": (*delimited("transfer"), ("const = 0xA5", "const = 0x3C")),
    "start and model": (*start(of="96"), *crc("CRC-16/MODBUS")),
    "start, bias, model and range": (*start(of="96"), *bias(4), *crc("CRC-16/GENIBUS", "big", 1)),
    "start and no checksum": (*start(of="96"), *NO_CRC),
    "wide size and own polynomial": (*wide_length("big", 5), *SPARE_CRC),
    "flags and own polynomial": (*FLAGS, *SPARE_CRC),
    "flags and no checksum": (*FLAGS, *NO_CRC),
    "cobs and another model": (*delimited("cobs"), *crc("CRC-16/CDMA2000", "big")),
    "cobs and no checksum": (*delimited("cobs"), *NO_CRC),
    "transfer and another model": (*delimited("transfer"), ("const = 0xA5", "const = 0x3C"), *crc("CRC-16/T10-DIF", "big", 1)),
}  # fmt: skip


def fit_of(snapshot: Snapshot) -> Fit:
    counter = FitCounter(snapshot)
    while counter.grow():
        pass
    return counter.fit()


def applied(bench: umi.Bench) -> Fit:
    """How well the first offer explains what was said, when the reference profile's text is changed as it says."""
    *_, last = search(dialect.decoded(bench, umi.shipped("reference-1")), dialect.REFERENCE)
    assert last.offers, "nothing is offered"
    text = edited(dialect.REFERENCE, last.offers[0].edits)
    fit = fit_of(dialect.decoded(bench, load_profile(text, "found")))
    assert fit.explained is not None
    assert 0.9 <= last.offers[0].after <= fit.explained + 0.02, "what it promises is no more than what it does"
    return fit


@pytest.mark.parametrize("name", DISTORTIONS)
def test_a_distorted_dialect_is_explained_by_the_first_offer(name: str) -> None:
    spoken = dialect.altered(DISTORTIONS[name])
    bench = dialect.talk(spoken, noise=False)
    fit = applied(bench)
    assert fit.explained is not None
    assert fit.explained >= ENOUGH
    assert fit.frames == fit_of(dialect.decoded(bench, spoken)).frames


@settings(max_examples=8, deadline=None)
@given(
    st.sampled_from(["5A", "AA", "3C", "01", "81"]),
    st.integers(0, 8),
    st.sampled_from(["CRC-16/KERMIT", "CRC-16/USB", "CRC-16/DECT-X", "CRC-16/PROFIBUS"]),
    st.sampled_from(["big", "little"]),
    st.integers(0, 2),
)
def test_start_bias_and_checksum_are_found_together(first: str, more: int, model: str, order: str, begin: int) -> None:
    spoken = dialect.altered(
        (*start(of=first), *bias(more), *crc(model, order, begin), *roomy(8, 240)[1:], (MOST, "max_bytes = 250 "))
    )
    fit = applied(dialect.talk(spoken, noise=False))
    assert fit.explained is not None
    assert fit.explained >= ENOUGH


class Idle(umi.Bench):
    """A bus whose lines rest at another byte than the profile's filler, which also stands around what is said."""

    RESTS = b"\x55"

    def say(self, port: int, data: bytes, *, to_device: bool = False) -> None:
        around = self.RESTS * 6 + data + self.RESTS * 5
        rest = self.RESTS * len(around)
        self.wave.transfer(port, *((around, rest) if to_device else (rest, around)))
        self.wave.wait(10)


@pytest.mark.parametrize("name", ["start", "model", "own polynomial", "wide size, low byte first", "start, bias, model and range"])
def test_another_filler_is_found_with_whatever_else_is_different(name: str) -> None:
    spoken = dialect.altered((*DISTORTIONS[name], ('filler = ["00", "FF"]', 'filler = ["55"]')))
    fit = applied(dialect.talk(spoken, noise=False, bench=Idle(spoken)))
    assert fit.explained is not None
    assert fit.explained >= ENOUGH


def test_filler_alone_is_offered_where_nothing_else_is_wrong() -> None:
    spoken = dialect.altered((('filler = ["00", "FF"]', 'filler = ["55"]'),))
    fit = applied(dialect.talk(spoken, noise=False, bench=Idle(spoken)))
    assert fit.explained == 1.0
