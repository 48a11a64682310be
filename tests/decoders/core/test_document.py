"""Faults in a user's TOML text are told with their file, line and key."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decoders.core.document import MAX_CHARACTERS, MAX_DEPTH, Table, parse
from decoders.core.errors import MaterialError

TEXT = """\
name = "meter"
count = 7
ratio = 1.50
on = true
sync = "A5 5a"
words = ["x", "y"]
numbers = [1, 2, 0x10]
mixed = [1, "two", true]
nothing = nan

[link]
size = 300
fields = [
  { name = "sof", bits = 8 },
  { name = "length", bits = "8" },
]
"odd key" = 1

[[items]]
code = 1

[[items]]
code = 2
"""


@pytest.fixture
def root() -> Table:
    return parse(TEXT, "meter.toml")


def fault_of(read: Callable[[], Any]) -> tuple[str, str, str]:
    with pytest.raises(MaterialError) as caught:
        read()
    return caught.value.where, caught.value.what, caught.value.remedy


def test_each_kind_of_value_is_read(root: Table) -> None:
    assert root.string("name") == "meter"
    assert root.integer("count", low=7, high=7) == 7
    assert root.number("ratio") == 1.5
    assert root.number("count") == 7.0
    assert root.boolean("on") is True
    assert root.hexbytes("sync", size=2) == b"\xa5\x5a"
    assert root.strings("words") == ["x", "y"]
    assert root.integers("numbers", low=1, high=16) == [1, 2, 16]
    assert root.choice("name", {"meter", "host"}) == "meter"
    assert root.raw("mixed") == [1, "two", True]
    assert root.table("link").path == ("link",)
    assert [item.integer("code") for item in root.tables("items")] == [1, 2]
    assert [field.string("name") for field in root.table("link").tables("fields")] == ["sof", "length"]
    assert "name" in root
    assert "host" not in root
    assert root.table("link").keys() == list(root.table("link")) == ["size", "fields", "odd key"]


def test_a_decimal_is_exactly_what_is_written() -> None:
    table = parse('a = 0.1000\nb = "0.001"\nc = 3\nd = 1_0.5e-30', "x.toml")
    assert [str(table.decimal(key)) for key in "abc"] == ["0.1000", "0.001", "3"]
    assert table.decimal("d") == Decimal("10.5e-30")
    assert table.number("a") == 0.1


def test_an_absent_key_gives_its_default_as_it_is(root: Table) -> None:
    assert root.string("host", None) is None
    assert root.integer("limit", "none", low=1) == "none"
    assert root.boolean("off", False) is False
    assert root.number("factor", 1, high=0) == 1
    assert root.decimal("factor", None) is None
    assert root.choice("kind", ("a", "b"), None) is None
    assert root.hexbytes("filler", b"", size=4) == b""
    assert root.strings("labels", ()) == ()
    assert root.integers("labels", []) == []
    assert root.raw("labels", 5) == 5
    assert root.optional_table("bus") is None
    assert root.tables("bus") == []


@pytest.mark.parametrize(
    ("read", "where", "what"),
    [
        (lambda t: t.string("count"), "line 2, count", "must be a string, not 7"),
        (lambda t: t.integer("name"), "line 1, name", "must be an integer, not the string 'meter'"),
        (lambda t: t.integer("on"), "line 4, on", "must be an integer, not true"),
        (lambda t: t.integer("ratio"), "line 3, ratio", "must be an integer, not 1.50"),
        (lambda t: t.integer("count", low=8), "line 2, count", "must be at least 8, not 7"),
        (lambda t: t.integer("count", high=6), "line 2, count", "must be at most 6, not 7"),
        (lambda t: t.integer("count", low=1, high=6), "line 2, count", "must be 1 to 6, not 7"),
        (lambda t: t.boolean("count"), "line 2, count", "must be true or false, not 7"),
        (lambda t: t.number("name"), "line 1, name", "must be a number, not the string 'meter'"),
        (lambda t: t.number("on"), "line 4, on", "must be a number, not true"),
        (lambda t: t.number("nothing"), "line 9, nothing", "must be a finite number, not NaN"),
        (lambda t: t.decimal("name"), "line 1, name", "must be a number, not the string 'meter'"),
        (lambda t: t.decimal("link"), "line 11, link", "must be a number, not a table"),
        (lambda t: t.hexbytes("name"), "line 1, name", "must be pairs of hex digits"),
        (lambda t: t.hexbytes("sync", size=3), "line 5, sync", "must be 3 bytes, not 2"),
        (lambda t: t.hexbytes("count"), "line 2, count", "must be a string, not 7"),
        (lambda t: t.strings("name"), "line 1, name", "must be an array of strings, not the string 'meter'"),
        (lambda t: t.strings("mixed"), "line 8, mixed[0]", "must be a string, not 1"),
        (lambda t: t.integers("mixed"), "line 8, mixed[1]", "must be an integer, not the string 'two'"),
        (lambda t: t.integers("numbers", high=15), "line 7, numbers[2]", "must be at most 15, not 16"),
        (lambda t: t.table("words"), "line 6, words", "must be a table, not an array"),
        (lambda t: t.optional_table("name"), "line 1, name", "must be a table, not the string 'meter'"),
        (lambda t: t.tables("link"), "line 11, link", "must be an array of tables, not a table"),
        (lambda t: t.tables("numbers"), "line 7, numbers[0]", "must be a table, not 1"),
        (
            lambda t: t.table("link").tables("fields")[1].integer("bits"),
            "line 15, link.fields[1].bits",
            "must be an integer, not the string '8'",
        ),
        (lambda t: t.table("link").string("odd key"), 'line 17, link."odd key"', "must be a string, not 1"),
        (lambda t: t.tables("items")[1].string("code"), "line 23, items[1].code", "must be a string, not 2"),
        (lambda t: t.tables("items")[1].string("name"), "line 22, items[1].name", "'name' is missing"),
        (lambda t: t.table("link").table("crc"), "line 11, link.crc", "'crc' is missing"),
    ],
)
def test_a_fault_names_its_line_and_key(root: Table, read: Callable[[Table], Any], where: str, what: str) -> None:
    assert fault_of(lambda: read(root))[:2] == (f"meter.toml, {where}", what)


@pytest.mark.parametrize(
    "read",
    [
        lambda t: t.string("gone"),
        lambda t: t.integer("gone"),
        lambda t: t.boolean("gone"),
        lambda t: t.number("gone"),
        lambda t: t.decimal("gone"),
        lambda t: t.choice("gone", ()),
        lambda t: t.hexbytes("gone"),
        lambda t: t.strings("gone"),
        lambda t: t.integers("gone"),
        lambda t: t.table("gone"),
        lambda t: t.raw("gone"),
    ],
)
def test_a_key_without_default_must_be_there(root: Table, read: Callable[[Table], Any]) -> None:
    assert fault_of(lambda: read(root)) == ("meter.toml, gone", "'gone' is missing", "")


def test_a_choice_offers_what_is_near_and_what_there_is(root: Table) -> None:
    assert fault_of(lambda: root.choice("name", ("metre", "host"))) == (
        "meter.toml, line 1, name",
        "'meter' is not a choice here",
        "did you mean 'metre'? choose from metre, host",
    )


def test_a_key_nobody_asked_for_is_unknown() -> None:
    table = parse("[link]\nsize = 1\n\nfeilds = 2", "x.toml").table("link")
    table.integer("size")
    table.tables("fields")
    assert fault_of(table.finish) == (
        "x.toml, line 4, link.feilds",
        "unknown key 'feilds'",
        "did you mean 'fields'? known here: size, fields",
    )


def test_a_table_whose_keys_were_all_asked_for_is_finished() -> None:
    table = parse("a = 1\nb = 2", "x.toml")
    table.integer("a")
    assert "b" in table
    with pytest.raises(MaterialError, match="unknown key 'b'"):
        table.finish()
    table.raw("b")
    table.finish()


def test_the_caller_locates_faults_of_its_own(root: Table) -> None:
    link = root.table("link")
    assert str(link.fault("too small")) == "meter.toml, line 11, link: too small"
    assert str(link.fault("too small", "size", "use 8")) == "meter.toml, line 12, link.size: too small; use 8"
    assert link.fault("odd", ("fields", 1, "name")).where == "meter.toml, line 15, link.fields[1].name"
    assert root.fault("no link", "links").where == "meter.toml, links"
    assert root.fault("empty").where == "meter.toml"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a = 1\nb = \n", "x.toml, line 2, column 5"),
        ("a = 1\na = 2\n", "x.toml, line 2, column 6"),
        ("a = [1,\n", "x.toml, line 2, end of file"),
    ],
)
def test_a_syntax_error_names_its_line(text: str, where: str) -> None:
    found, what, _ = fault_of(lambda: parse(text, "x.toml"))
    assert found == where
    assert what.startswith("not valid TOML: ")
    assert "(at" not in what


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "a = " + "{a=" * 5_000,
        "a = " + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        ".".join("a" * (MAX_DEPTH + 2)) + " = 1",
    ],
)
def test_deep_nesting_is_refused(text: str) -> None:
    where, what, _ = fault_of(lambda: parse(text, "x.toml"))
    assert (where, what) == ("x.toml", "arrays or tables nest too deeply")


def test_nesting_up_to_the_limit_is_read() -> None:
    assert "a" in parse("a = " + "[" * MAX_DEPTH + "7" + "]" * MAX_DEPTH, "x.toml")
    assert "a" in parse(".".join("a" * (MAX_DEPTH + 1)) + " = 1", "x.toml")


@pytest.mark.parametrize("number", ["9" * 5000, "1e99999999999999999999"])
def test_a_number_beyond_reason_is_refused(number: str) -> None:
    assert fault_of(lambda: parse(f"a = {number}", "x.toml"))[1] == "a number has too many digits or too large an exponent"


def test_a_number_that_no_float_holds_is_refused() -> None:
    table = parse("a = 1e999", "x.toml")
    assert fault_of(lambda: table.number("a"))[:2] == ("x.toml, line 1, a", "must be a finite number, not 1E+999")


def test_a_text_beyond_the_limit_is_refused() -> None:
    assert fault_of(lambda: parse("#" * (MAX_CHARACTERS + 1), "x.toml"))[0] == "x.toml"
    assert parse("#" * MAX_CHARACTERS, "x.toml").keys() == []


def test_a_byte_order_mark_is_no_fault() -> None:
    assert parse("\ufeffa = 1", "x.toml").integer("a") == 1


@given(st.text(alphabet="ab=[]{}\"'.,#\n1 -+e:\\\ufeff\x00\r\t_", max_size=60))
def test_any_text_gives_a_table_or_a_told_fault(text: str) -> None:
    try:
        table = parse(text, "x.toml")
    except MaterialError as error:
        assert error.where.startswith("x.toml")  # noqa: PT017  # either outcome is right, and each has its claim
    else:
        for key in table:
            assert "line" in table.fault("seen", key).where
