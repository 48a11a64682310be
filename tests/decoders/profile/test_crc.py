"""Checksums by name and by parameters are the same checksums."""

from __future__ import annotations

import anycrc  # type: ignore[import-untyped]  # the package has no type marks
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decoders.profile.crc import catalogue, catalogue_model, crc_bytes, crc_function
from decoders.profile.schema import Crc
from tests.decoders.profile.shipped import REFERENCE, VARIANT

CHECK_INPUT = b"123456789"


def by_parameters(model: str, name: str) -> Crc:
    found = catalogue_model(model)
    assert found is not None
    return Crc(name, *found, order="big", first_byte=0, provenance="P")


def plain(crc: Crc, data: bytes) -> int:
    """The checksum bit by bit, after the catalogue's model of a CRC."""
    register, top = crc.init, 1 << (crc.bits - 1)
    for byte in data:
        for bit in range(8):
            value = byte >> (bit if crc.refin else 7 - bit) & 1
            out = register >> (crc.bits - 1) & 1
            register = (register << 1) & (2 * top - 1)
            if out ^ value:
                register ^= crc.poly
    if crc.refout:
        register = int(f"{register:0{crc.bits}b}"[::-1], 2)
    return register ^ crc.xorout


@pytest.mark.parametrize("model", catalogue())
def test_a_model_of_the_catalogue_has_its_check_value_by_name_and_by_parameters(model: str) -> None:
    named, custom = by_parameters(model, model), by_parameters(model, "custom")
    check = anycrc.models[model.replace("CRC-", "CRC").replace("/", "-")].check
    assert named.bits <= 64
    assert crc_function(named)(CHECK_INPUT) == crc_function(custom)(CHECK_INPUT) == plain(named, CHECK_INPUT) == check


@given(
    bits=st.integers(1, 64), numbers=st.tuples(*[st.integers(0, (1 << 64) - 1)] * 3), reflected=st.booleans(), data=st.binary(max_size=20)
)  # fmt: skip
def test_a_model_of_its_own_is_the_plain_one(bits: int, numbers: tuple[int, ...], reflected: bool, data: bytes) -> None:
    poly, init, xorout = (number & ((1 << bits) - 1) for number in numbers)
    crc = Crc("custom", bits, poly | 1, init, reflected, reflected, xorout, "big", 0, "P")
    assert crc_function(crc)(data) == plain(crc, data)


def test_the_reference_profile_has_the_check_value_of_the_design() -> None:
    assert REFERENCE.crc_of is not None
    assert REFERENCE.crc is not None
    assert REFERENCE.crc_of(CHECK_INPUT) == 0x906E
    assert crc_bytes(REFERENCE.crc, 0x906E).hex() == "6e90"


def test_the_variant_writes_its_checksum_high_byte_first() -> None:
    assert VARIANT.crc_of is not None
    assert VARIANT.crc is not None
    assert crc_bytes(VARIANT.crc, VARIANT.crc_of(CHECK_INPUT)).hex() == "cbf43926"
