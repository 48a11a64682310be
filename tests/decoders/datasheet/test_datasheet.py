"""A maker's datasheet explains its objects' values exactly, and its own mistakes by line."""

from __future__ import annotations

import struct
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decoders.core.errors import MaterialError
from decoders.core.tree import Value
from decoders.datasheet.entries import EventEntry, Meaning, Supply
from decoders.datasheet.load import load_datasheet
from decoders.datasheet.sheets import DatasheetSet, Reading

HEAD = 'manufacturer = "Acme"\noui = "AC-DE-48"\nbanks = [0x0042, 0x0043]\n'
EXAMPLE = Path(__file__).parents[3] / "resources" / "datasheets" / "example-gas-meter.toml"


def of_type(keys: str, code: int = 0x420001) -> DatasheetSet:
    """A datasheet with one object, whose type and what follows are `keys`."""
    return DatasheetSet([load_datasheet(f'{HEAD}[[objects]]\ncode = {code}\nname = "it"\n{keys}\n', "acme.toml")])


def reading(keys: str, type_name: str, value: Value) -> tuple[str, str]:
    found = of_type(keys).describe(0x420001, type_name, value)
    assert found is not None
    assert found.name == "it"
    return found.text, found.problem


def typed(type_name: str, *values: Value) -> list[Value]:
    return [{"type": type_name, "value": value} for value in values]


# What a datasheet says


def test_a_datasheet_names_its_maker_banks_objects_events_and_roles() -> None:
    text = f"""{HEAD}description = "a meter"
[roles]
2 = "installer"
0xF = "maker"
[[objects]]
code = 0x0043_0001
name = "index"
type = "uint32"
unit = "m³"
scale = 0.001
read = [0, 2]
write = []
description = "the register"
[[events]]
code = 0xFFFF
name = "opened"
"""
    sheet = load_datasheet(text, "acme.toml")
    assert (sheet.name, sheet.manufacturer, sheet.description) == ("acme.toml", "Acme", "a meter")
    assert (sheet.oui, sheet.banks) == (b"\xac\xde\x48", (0x42, 0x43))
    (index,) = sheet.objects.values()
    assert (index.code, index.name, index.description) == (0x430001, "index", "the register")
    assert index.meaning == Meaning("uint32", "m³", Decimal("0.001"))
    assert (index.read, index.write) == (frozenset({0, 2}), frozenset())
    assert sheet.events == {0xFFFF: EventEntry(0xFFFF, "opened")}
    assert [sheet.role_name(role) for role in (0, 2, 10, 15)] == ["unauthenticated", "installer", "role A", "maker"]


def test_roles_that_a_datasheet_leaves_out_are_unknown_rather_than_none() -> None:
    entry = of_type('type = "bool"').object(0x420001)
    assert entry is not None
    assert entry.read is None
    assert entry.write is None


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("x", "line 1, end of file", "not valid TOML: Expected '=' after a key in a key/value pair"),
        ('oui = "ACDE48"\nbanks = [1]', "manufacturer", "'manufacturer' is missing"),
        ('manufacturer = " "\noui = "ACDE48"\nbanks = [1]', "line 1, manufacturer", "must not be empty"),
        ('manufacturer = "A"\nbanks = [1]', "oui", "'oui' is missing"),
        ('manufacturer = "A"\nbanks = [1]\noui = "AC-DE"', "line 3, oui", "an OUI is 6 hex digits, not 'AC-DE'"),
        ('manufacturer = "A"\noui = "ACDE48"', "banks", "'banks' is missing"),
        ('manufacturer = "A"\noui = "ACDE48"\nbanks = []', "line 3, banks", "a datasheet needs a bank"),
        ('manufacturer = "A"\nbanks = [\n1,\n0x10000]', "line 4, banks[1]", "must be 0 to 65535, not 65536"),
        ('manufacturer = "A"\nbanks = [\n1,\n2,\n1]', "line 5, banks[2]", "bank 0x0001 is there twice"),
        (HEAD + "object = 1", "line 4, object", "unknown key 'object'"),
        (HEAD + "objects = 1", "line 4, objects", "must be an array of tables, not 1"),
        (HEAD + '[roles]\n16 = "x"', "line 5, roles.16", "must be 0 to 15, not 16"),
        (HEAD + '[roles]\none = "x"', "line 5, roles.one", "'one' is not a number"),
        (HEAD + '[roles]\n1 = "x"\n0x1 = "y"', "line 6, roles.0x1", "1 is there twice"),
        (HEAD + '[roles]\n1 = ""', "line 5, roles.1", "must not be empty"),
        (HEAD + '[[events]]\ncode = 65536\nname = "x"', "line 5, events[0].code", "must be 0 to 65535, not 65536"),
        (HEAD + '[[events]]\ncode = 1\nname = "x"\nseverity = 1', "line 7, events[0].severity", "unknown key 'severity'"),
        (
            HEAD + '[[events]]\ncode = 1\nname = "x"\n[[events]]\nname = "y"\ncode = 1',
            "line 9, events[1].code",
            "event 0x0001 is 'x' already",
        ),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_line(text: str, where: str, what: str) -> None:
    with pytest.raises(MaterialError) as caught:
        load_datasheet(text, "acme.toml")
    assert (caught.value.where, caught.value.what) == (f"acme.toml, {where}", what)


OBJECT = '[[objects]]\ncode = 0x420001\nname = "it"\n'  # lines 4 to 6


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ('[[objects]]\nname = "it"\ntype = "bool"', "line 4, objects[0].code", "'code' is missing"),
        ("[[objects]]\ncode = -1", "line 5, objects[0].code", "must be 0 to 4294967295, not -1"),
        ("[[objects]]\ncode = 0x1_0000_0000", "line 5, objects[0].code", "must be 0 to 4294967295, not 4294967296"),
        (
            '[[objects]]\ncode = 0x440001\nname = "it"\ntype = "bool"',
            "line 5, objects[0].code",
            "0x00440001 lies outside the banks of this datasheet",
        ),
        (
            OBJECT + 'type = "bool"\n[[objects]]\ncode = 0x420001\nname = "that"\ntype = "bool"',
            "line 9, objects[1].code",
            "code 0x00420001 is that of 'it' already",
        ),
        (
            OBJECT + 'type = "bool"\n[[objects]]\ncode = 0x420002\nname = "it"\ntype = "bool"',
            "line 10, objects[1].name",
            "another object is named 'it' already",
        ),
        (OBJECT, "line 4, objects[0].type", "'type' is missing"),
        (OBJECT + 'type = "uint24"', "line 7, objects[0].type", "'uint24' is not a choice here"),
        (OBJECT + 'type = "uint8"\nscale = "1/10"', "line 8, objects[0].scale", "must be a number, not the string '1/10'"),
        (OBJECT + 'type = "uint8"\nscale = 0.0', "line 8, objects[0].scale", "a scale of zero makes every value the same"),
        (OBJECT + 'type = "uint8"\nscale = inf', "line 8, objects[0].scale", "must be a finite number, not Infinity"),
        (OBJECT + 'type = "uint8"\nscale = "1e31"', "line 8, objects[0].scale", "'scale' is out of all proportion"),
        (OBJECT + f'type = "uint8"\noffset = "0.{"1" * 31}"', "line 8, objects[0].offset", "'offset' is out of all proportion"),
        (OBJECT + 'type = "uint8"\nunit = 1', "line 8, objects[0].unit", "must be a string, not 1"),
        (OBJECT + 'type = "string"\nunit = "V"', "line 8, objects[0].unit", "a value of type string has no 'unit'"),
        (OBJECT + 'type = "bool"\nscale = 1', "line 8, objects[0].scale", "a value of type bool has no 'scale'"),
        (OBJECT + 'type = "float32"\nlabels = {}', "line 8, objects[0].labels", "a value of type float32 has no 'labels'"),
        (OBJECT + 'type = "int8"\nbits = {}', "line 8, objects[0].bits", "a value of type int8 has no 'bits'"),
        (OBJECT + 'type = "struct"\nelement = {}', "line 8, objects[0].element", "a value of type struct has no 'element'"),
        (OBJECT + 'type = "array"\nfields = []', "line 8, objects[0].fields", "a value of type array has no 'fields'"),
        (OBJECT + 'type = "uint8"\nlabels = { 256 = "x" }', "line 8, objects[0].labels.256", "must be 0 to 255, not 256"),
        (OBJECT + 'type = "int8"\nlabels = { -129 = "x" }', "line 8, objects[0].labels.-129", "must be -128 to 127, not -129"),
        (OBJECT + 'type = "bool"\nlabels = { 2 = "x" }', "line 8, objects[0].labels.2", "must be 0 to 1, not 2"),
        (OBJECT + 'type = "uint8"\nbits = { 8 = "x" }', "line 8, objects[0].bits.8", "must be 0 to 7, not 8"),
        (OBJECT + 'type = "uint8"\nlabels = {}\nbits = {}', "line 9, objects[0].bits", "a value has either labels or bits"),
        (OBJECT + 'type = "bool"\nread = [0, 16]', "line 8, objects[0].read[1]", "must be 0 to 15, not 16"),
        (OBJECT + 'type = "bool"\nwrites = [0]', "line 8, objects[0].writes", "unknown key 'writes'"),
        (
            OBJECT + 'type = "array"\nelement = { type = "int" }',
            "line 8, objects[0].element.type",
            "'int' is not a choice here",
        ),
        (
            OBJECT + 'type = "struct"\n[[objects.fields]]\nname = "a"\ntype = "bool"\n[[objects.fields]]\ntype = "bool"',
            "line 11, objects[0].fields[1].name",
            "'name' is missing",
        ),
        (
            OBJECT + 'type = "struct"\nfields = [\n{ name = "a", type = "bool" },\n{ name = "b", type = "bool", code = 1 }]',
            "line 10, objects[0].fields[1].code",
            "unknown key 'code'",
        ),
    ],
)
def test_a_mistake_in_an_object_is_told_with_its_line(text: str, where: str, what: str) -> None:
    with pytest.raises(MaterialError) as caught:
        load_datasheet(HEAD + text, "acme.toml")
    assert (caught.value.where, caught.value.what) == (f"acme.toml, {where}", what)


def test_a_mistyped_key_is_told_with_the_nearest_one() -> None:
    with pytest.raises(MaterialError, match="unknown key 'writes'; did you mean 'write'"):
        of_type('type = "bool"\nwrites = [0]')


# Values


@pytest.mark.parametrize(
    ("keys", "type_name", "value", "text"),
    [
        ('type = "uint32"\nunit = "m³"\nscale = "0.001"', "uint32", 12345678, "12345.678 m³"),
        ('type = "uint32"\nunit = "m³"\nscale = 0.001', "uint32", 5, "0.005 m³"),
        ('type = "uint32"\nunit = "m³"\nscale = "0.001"', "uint32", 1000, "1.000 m³"),
        ('type = "uint64"\nscale = "0.1"', "uint64", 2**64 - 1, "1844674407370955161.5"),
        ('type = "int16"\nunit = "°C"\nscale = "0.01"', "int16", -5, "-0.05 °C"),
        ('type = "int16"\nscale = "-0.5"', "int16", 0, "0.0"),
        ('type = "uint16"\nunit = "mbar"\nscale = "0.1"\noffset = "800"', "uint16", 2132, "1013.2 mbar"),
        ('type = "uint8"\nunit = "°C"\noffset = "-273.15"', "uint8", 0, "-273.15 °C"),
        ('type = "uint16"\nunit = "W"\nscale = 1e3', "uint16", 12, "12000 W"),
        ('type = "uint8"\nscale = "1e-30"', "uint8", 7, "7E-30"),
        ('type = "uint8"\nscale = "1e-30"', "uint8", 0, "0"),
        ('type = "float32"\nunit = "V"', "float32", struct.unpack("f", struct.pack("f", 0.1))[0], "0.1 V"),
        ('type = "float32"\nscale = "0.1"', "float32", struct.unpack("f", struct.pack("f", 3.3))[0], "0.33"),
        ('type = "float64"', "float64", 0.1, "0.1"),
        ('type = "float64"', "float64", 24.125, "24.125"),
        ('type = "float64"\nunit = "J"', "float64", 1e300, "1E+300 J"),
        ('type = "float64"', "float64", "NaN", "NaN"),
        ('type = "float32"\nunit = "V"', "float32", "-Infinity", "-Infinity"),
        ('type = "uint8"\nlabels = { 0 = "closed", 1 = "open" }', "uint8", 1, "open (1)"),
        ('type = "uint8"\nlabels = { 0 = "closed", 1 = "open" }', "uint8", 2, "2 (no label)"),
        ('type = "uint8"\nunit = "%"\nlabels = { 0xFF = "unknown" }', "uint8", 255, "unknown (255)"),
        ('type = "uint8"\nunit = "%"\nlabels = { 0xFF = "unknown" }', "uint8", 93, "93 %"),
        ('type = "int8"\nlabels = { -1 = "none" }', "int8", -1, "none (-1)"),
        ('type = "uint16"\nbits = { 0 = "leak", 15 = "test" }', "uint16", 0x8003, "leak, bit 1, test (0x8003)"),
        ('type = "uint8"\nbits = { 0 = "leak" }', "uint8", 0, "none (0x00)"),
        ('type = "bool"', "bool", True, "yes"),
        ('type = "bool"\nlabels = { 0 = "off", 1 = "on" }', "bool", False, "off"),
        ('type = "bool"', "bool", 5, "5"),
        ('type = "time"', "time", 1_700_000_000, "2023-11-14 22:13:20 UTC"),
        ('type = "time"', "time", 0, "clock not set"),
        ('type = "time"', "time", 2**63, "9223372036854775808"),
        ('type = "umi_id"', "umi_id", "0019020000000001", "0019020000000001"),
        ('type = "string"', "string", "G4\x1b[2J", "'G4\\x1b[2J'"),
        ('type = "string"', "string", "x" * 100, f"'{'x' * 96}'… (100 characters)"),
        ('type = "bytes"', "bytes", "00ff", "00ff"),
        ('type = "bytes"', "bytes", None, ""),
    ],
)
def test_a_value_reads_as_its_datasheet_says(keys: str, type_name: str, value: Value, text: str) -> None:
    assert reading(keys, type_name, value) == (text, "")


def test_elements_of_an_array_read_one_by_one() -> None:
    keys = 'type = "array"\nelement = { type = "uint32", unit = "m³", scale = "0.001" }'
    assert reading(keys, "array", typed("uint32", 1, 2)) == ("[0.001 m³, 0.002 m³]", "")
    assert reading(keys, "array", []) == ("[]", "")


def test_a_long_array_says_how_long_it_is() -> None:
    text, problem = reading('type = "array"', "array", typed("uint8", *range(40)))
    assert text == f"[{', '.join(map(str, range(16)))}, … (40 in all)]"
    assert problem == ""


def test_a_struct_names_its_fields() -> None:
    keys = (
        'type = "struct"\nfields = [{ name = "when", type = "time" }, { name = "state", type = "uint8", labels = { 1 = "open" } }]'
    )
    value = typed("time", 1_700_000_000) + typed("uint8", 1)
    assert reading(keys, "struct", value) == ("{when: 2023-11-14 22:13:20 UTC, state: open (1)}", "")


def test_a_log_is_an_array_of_structs() -> None:
    keys = (
        'type = "array"\n[objects.element]\ntype = "struct"\n[[objects.element.fields]]\nname = "v"\ntype = "uint8"\nscale = "0.1"'
    )
    log = typed("struct", typed("uint8", 5), typed("uint8", 12))
    assert reading(keys, "array", log) == ("[{v: 0.5}, {v: 1.2}]", "")


def test_what_the_datasheet_leaves_out_reads_by_its_wire_type() -> None:
    assert reading('type = "array"', "array", typed("bool", True)) == ("[yes]", "")
    assert reading('type = "struct"', "struct", typed("uint8", 1) + typed("string", "a")) == ("{1, 'a'}", "")


# Contradictions


def test_another_type_on_the_wire_is_a_problem_and_is_not_scaled() -> None:
    keys = 'type = "uint32"\nunit = "m³"\nscale = "0.001"'
    assert reading(keys, "uint16", 5) == ("5", "the datasheet says uint32, the device sent uint16")
    assert reading(keys, "array", typed("uint32", 5)) == ("[5]", "the datasheet says uint32, the device sent array")


def test_another_type_deep_inside_is_a_problem_too() -> None:
    keys = 'type = "array"\nelement = { type = "uint32", scale = "0.1" }'
    problem = "element 17: the datasheet says uint32, the device sent uint8"
    text, found = reading(keys, "array", typed("uint32", *range(17)) + typed("uint8", 9))
    assert text.endswith("… (18 in all)]")
    assert found == problem
    keys = 'type = "struct"\nfields = [{ name = "a", type = "bool" }]'
    assert reading(keys, "struct", typed("uint8", 9)) == ("{a: 9}", "field a: the datasheet says bool, the device sent uint8")


@pytest.mark.parametrize(("count", "text"), [(0, "{}"), (2, "{a: 0, 1}")])
def test_another_number_of_fields_is_a_problem(count: int, text: str) -> None:
    keys = 'type = "struct"\nfields = [{ name = "a", type = "uint8" }]'
    assert reading(keys, "struct", typed("uint8", *range(count))) == (text, f"the datasheet has 1 fields, the device sent {count}")


# Several datasheets


def test_a_code_without_datasheet_has_no_reading() -> None:
    assert of_type('type = "bool"').describe(0x420002, "bool", True) is None
    assert DatasheetSet().describe(0, "bool", True) is None
    assert DatasheetSet().object(0) is None
    assert DatasheetSet().sheet(0) is None


def test_datasheets_may_share_a_bank_but_no_code() -> None:
    one = load_datasheet(HEAD + '[[objects]]\ncode = 0x420001\nname = "a"\ntype = "bool"', "one.toml")
    two = load_datasheet(HEAD + '[[objects]]\ncode = 0x420002\nname = "a"\ntype = "uint8"', "two.toml")
    both = DatasheetSet([one, two])
    assert both.describe(0x420002, "uint8", 3) == Reading("a", "3")
    assert (both.sheet(0x420001), both.sheet(0x420002)) == (one, two)
    again = load_datasheet(HEAD + '[[objects]]\ncode = 0x420002\nname = "b"\ntype = "bool"', "again.toml")
    with pytest.raises(MaterialError, match=r"again\.toml: object 0x00420002 is described in two\.toml too"):
        DatasheetSet([one, two, again])


def test_an_event_means_what_the_maker_of_its_source_says() -> None:
    acme = load_datasheet(HEAD + '[[events]]\ncode = 7\nname = "opened"', "acme.toml")
    sibling = load_datasheet(HEAD + '[[events]]\ncode = 7\nname = "tilted"', "sibling.toml")
    other = load_datasheet(HEAD.replace("AC-DE-48", "001902") + '[[events]]\ncode = 7\nname = "hot"', "other.toml")
    sheets = DatasheetSet([acme, sibling, other])
    assert sheets.events(7, bytes.fromhex("acde480000000001")) == [EventEntry(7, "opened"), EventEntry(7, "tilted")]
    assert sheets.events(7, bytes.fromhex("0019020000000001")) == [EventEntry(7, "hot")]
    assert sheets.events(8, bytes.fromhex("0019020000000001")) == []
    assert sheets.events(7, bytes.fromhex("00237e0000000001")) == []


# Properties


SCALES = st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-1000, max_value=1000).filter(bool)
OFFSETS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-1000, max_value=1000)


@given(st.integers(-(2**63), 2**64 - 1), SCALES, OFFSETS)
def test_a_scaled_integer_is_exact(raw: int, scale: Decimal, offset: Decimal) -> None:
    quantity = Meaning("int64", scale=scale, offset=offset).quantity(raw)
    assert Fraction(quantity) == raw * Fraction(scale) + Fraction(offset)


@given(st.integers(0, 2**64 - 1), st.integers(0, 18))
def test_a_decimal_scale_only_moves_the_point(raw: int, places: int) -> None:
    text, _ = reading(f'type = "uint64"\nscale = "1e-{places}"', "uint64", raw)
    whole, _, fraction = text.partition(".")
    if raw and "E" not in text:
        assert len(fraction) == places
        assert int(whole + fraction) == raw
    assert Fraction(text) == Fraction(raw, 10**places)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float32_reads_as_few_digits_that_give_it_back(value: float) -> None:
    text, _ = reading('type = "float32"', "float32", value)
    assert struct.unpack("f", struct.pack("f", float(text)))[0] == value
    assert len(Decimal(text).normalize().as_tuple().digits) <= 9


@given(st.floats(allow_nan=False, allow_infinity=False), SCALES, OFFSETS)
def test_a_scaled_float_is_exactly_its_shortest_text_scaled(value: float, scale: Decimal, offset: Decimal) -> None:
    text, _ = reading(f'type = "float64"\nscale = "{scale}"\noffset = "{offset}"', "float64", value)
    assert Fraction(text) == Fraction(repr(value)) * Fraction(scale) + Fraction(offset)


VALUES: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(
        inner | st.fixed_dictionaries({"type": st.sampled_from(["uint8", "array", "struct", "float32", "?"]), "value": inner}),
        max_size=4,
    ),
    max_leaves=8,
)
EVERY_TYPE = """
type = "array"
[objects.element]
type = "struct"
fields = [ { name = "a", type = "uint8", bits = { 0 = "x" } }, { name = "b", type = "float32", unit = "V" }, { name = "c", type = "time" } ]
"""


@given(st.sampled_from(["uint8", "array", "struct", "float32", "time", "bool", "other"]), VALUES)
def test_no_value_makes_a_datasheet_fail(type_name: str, value: Value) -> None:
    for sheets in (of_type(EVERY_TYPE), of_type('type = "uint8"\nbits = { 0 = "x" }'), of_type('type = "float32"')):
        found = sheets.describe(0x420001, type_name, value)
        assert found is not None
        assert isinstance(found.text, str)


# The example that users copy from


def test_a_datasheet_may_claim_operation_on_a_battery() -> None:
    assert load_datasheet(HEAD, "acme.toml").supply is None
    assert load_datasheet(f"{HEAD}[supply]\nbattery = true\n", "acme.toml").supply == Supply(battery=True, average_ua=15)
    text = f"{HEAD}[supply]\nbattery = false\naverage_ua = 60.5\nknown_by = 0x00430001\n"
    assert load_datasheet(text, "acme.toml").supply == Supply(battery=False, average_ua=60.5, known_by=0x430001)


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ("average_ua = 15", "supply.battery"),
        ("battery = true\naverage_ua = 0", "no device runs on nothing"),
        ("battery = true\naverage_ua = -1", "average_ua"),
        ("battery = true\nknown_by = 0x00440001", "0x00440001 lies outside the banks of this datasheet"),
        ("battery = true\nvolts = 3", "volts"),
    ],
)
def test_a_mistake_in_what_is_said_of_the_supply_is_named(keys: str, what: str) -> None:
    with pytest.raises(MaterialError) as fault:
        load_datasheet(f"{HEAD}[supply]\n{keys}\n", "acme.toml")
    assert what in str(fault.value)
    assert "line 4" in str(fault.value) or "line 5" in str(fault.value) or "line 6" in str(fault.value)


def test_the_example_describes_a_whole_gas_meter() -> None:
    sheet = load_datasheet(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)
    assert sheet.manufacturer == "Example Meters"
    assert (sheet.oui, sheet.banks) == (bytes.fromhex("ACDE48"), (0x0042,))
    assert len(sheet.objects) == 26
    assert len(sheet.events) == 10
    assert all(entry.description for entry in sheet.objects.values())
    assert all(event.description for event in sheet.events.values())
    assert all(entry.read is not None and entry.write is not None for entry in sheet.objects.values())
    named = {role for entry in sheet.objects.values() for role in (entry.read or set()) | (entry.write or set())} - {0}
    assert named == set(sheet.roles)


def test_the_example_explains_its_index_and_its_log() -> None:
    sheets = DatasheetSet([load_datasheet(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)])
    assert sheets.describe(0x00420100, "uint64", 1_234_567) == Reading("volume index", "1234.567 m³")
    day = typed("time", 1_700_006_400) + typed("uint64", 99) + typed("int16", 425) + typed("uint16", 0x10)
    assert sheets.describe(0x00420500, "array", typed("struct", day)) == Reading(
        "daily log",
        "[{midnight: 2023-11-15 00:00:00 UTC, index: 0.099 m³, lowest temperature: 4.25 °C, state: leak suspected (0x0010)}]",
    )
