"""The line of a key, for texts of every shape that TOML allows."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from decoders.core.toml_lines import Path, line_of

TRICKY = '''\
# a comment with [brackets] and "quotes" = 1
title = "a # b = [c]"   # 2
"quoted.key" = 'C:\\path\\'
a.b . "c d" = 1 # 4
a.'e' = 2
text = """
[not.a.table]
key = "no" \\""" still
"""
literal = \'\'\'
x = 1 \'\'it\'\'s\'\'\'\'\'
many = """a""\"""
empty = """"""
when = 1979-05-27 07:32:00
points = [ # 15
  { x = 1, y = [ 2,
    3 ] },  # ], 17
  { x = "}", "z.z".w = { v = 4 } }, # 18
  [ [ 5 ], [] , ["]"] ],

  -1e3, nan, # 21
]
"\\u00e9t\\u00E9" = true

[a.f]
x = 1
[ server . "eu west" ]  # 27
port = 1
[[fruit]]
name = "apple"
  [fruit.physical]
  color = "red"
  [[fruit.variety]]
  name = "red delicious"
  [[fruit.variety]] # 35
  name = "granny smith"
[[fruit]]
name = "banana"
  [[fruit.variety]]
  name = "plantain"
[x.y.z.w]
k = 1
[x]
l = 2
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("quoted.key",), 3),
        (("a",), 4),
        (("a", "b", "c d"), 4),
        (("a", "e"), 5),
        (("text",), 6),
        (("literal",), 10),
        (("many",), 12),
        (("empty",), 13),
        (("when",), 14),
        (("points",), 15),
        (("points", 0), 16),
        (("points", 0, "x"), 16),
        (("points", 0, "y", 0), 16),
        (("points", 0, "y", 1), 17),
        (("points", 1, "z.z", "w", "v"), 18),
        (("points", 2, 0, 0), 19),
        (("points", 2, 2, 0), 19),
        (("points", 3), 21),
        (("points", 4), 21),
        (("été",), 23),
        (("a", "f"), 25),
        (("a", "f", "x"), 26),
        (("server",), 27),
        (("server", "eu west", "port"), 28),
        (("fruit",), 29),
        (("fruit", 0), 29),
        (("fruit", 0, "physical", "color"), 32),
        (("fruit", 0, "variety"), 33),
        (("fruit", 0, "variety", 0, "name"), 34),
        (("fruit", 0, "variety", 1), 35),
        (("fruit", 1), 37),
        (("fruit", 1, "variety", 0, "name"), 40),
        (("x", "y"), 41),
        (("x",), 43),
        (("x", "l"), 44),
    ],
)
def test_a_key_stands_on_its_line(path: Path, line: int) -> None:
    assert line_of(TRICKY, path) == line


def test_the_tricky_text_is_toml() -> None:
    data = tomllib.loads(TRICKY)
    assert data["fruit"][1]["variety"][0]["name"] == "plantain"
    assert data["text"] == '[not.a.table]\nkey = "no" """ still\n'
    assert data["many"] == 'a""'


@pytest.mark.parametrize("path", [(), ("nothing",), ("fruit", 2), ("fruit", "name"), ("title", 0), ("points", 5), ("not", "a")])
def test_what_is_not_there_has_no_line(path: Path) -> None:
    assert line_of(TRICKY, path) is None


def test_windows_line_ends_count_once() -> None:
    text = TRICKY.replace("\n", "\r\n")
    tomllib.loads(text)
    assert line_of(text, ("x", "l")) == 44
    assert line_of(text, ("points", 0, "y", 1)) == 17


@pytest.mark.parametrize("text", ["= 1", "[a", "a = [[1] [2]]", "a 1", 'a = "open', "a = {b = 1"])
def test_a_text_that_is_not_toml_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="offset"):
        line_of(text, ("a",))


# The oracle of the properties: every number in the data is unique, so the line that must be found is the one that holds it.

KEYS = st.sampled_from(
    ["a", "b", "key-1", "1234", "with space", "dot.ted", "ha#sh", 'quo"te', "br[ck]t", "=", "", "é", "tab\t", "\\"]
)
STRINGS = st.text(alphabet="ab \n\t\"'#=[]{},.\\\u00e9", max_size=12)
SHAPES = st.dictionaries(
    KEYS,
    st.recursive(
        st.none() | STRINGS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
    ),
    max_size=5,
)


def numbered(shape: Any, count: Iterator[int]) -> Any:
    """The shape with a number of its own in place of each None."""
    if isinstance(shape, dict):
        return {key: numbered(value, count) for key, value in shape.items()}
    if isinstance(shape, list):
        return [numbered(value, count) for value in shape]
    return next(count) if shape is None else shape


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, int]]:
    if isinstance(value, int):
        yield path, value
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from leaves(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from leaves(child, (*path, index))


def assert_every_number_is_found(text: str, data: dict[str, Any]) -> None:
    assert tomllib.loads(text) == data
    for path, number in leaves(data):
        line = text[: text.index(str(number))].count("\n") + 1
        assert line_of(text, path) == line
        holders = [line_of(text, path[:length]) for length in range(1, len(path))]
        assert all(holder is not None and holder <= line for holder in holders)


@given(shape=SHAPES, multiline=st.booleans())
def test_every_number_of_a_written_text_is_found(shape: dict[str, Any], multiline: bool) -> None:
    data = numbered(shape, iter(range(700_001, 800_000)))
    assert_every_number_is_found(tomli_w.dumps(data, multiline_strings=multiline), data)


@settings(max_examples=200)
@given(shape=SHAPES, choices=st.data())
def test_every_number_is_found_in_whatever_style_it_is_written(shape: dict[str, Any], choices: st.DataObject) -> None:
    data = numbered(shape, iter(range(700_001, 800_000)))
    text = "".join(Writer(lambda options: choices.draw(st.sampled_from(options))).body([], data))
    assert_every_number_is_found(text, data)


class Writer:
    """Writes the same data in any of the ways that TOML has for it."""

    def __init__(self, pick: Callable[[list[str]], str]) -> None:
        self.pick = pick

    def body(self, header: list[str], table: dict[str, Any]) -> Iterator[str]:
        """The lines of a table: first what needs no header, then the tables below it."""
        later = []
        for key, value in table.items():
            if isinstance(value, dict) and self.pick(["inline", "header"]) == "header":
                later.append((key, [value], "[{}]"))
            elif isinstance(value, list) and value and all(isinstance(v, dict) for v in value) and self.pick(["[", "[["]) == "[[":
                later.append((key, value, "[[{}]]"))
            else:
                yield from self.pairs([self.key(key)], value)
        for key, elements, form in later:
            for element in elements:
                name = [*header, self.key(key)]
                yield f"{self.pick(['', '  '])}{form.format(self.dotted(name))}{self.line_end()}"
                yield from self.body(name, element)

    def pairs(self, keys: list[str], value: Any) -> Iterator[str]:
        if isinstance(value, dict) and value and self.pick(["inline", "dotted"]) == "dotted":
            for key, child in value.items():
                yield from self.pairs([*keys, self.key(key)], child)
        else:
            equals = self.pick([" = ", "=", "\t=  "])
            yield f"{self.dotted(keys)}{equals}{self.value(value)}{self.line_end()}"

    def value(self, value: Any) -> str:
        if isinstance(value, dict):
            return "{ " + ", ".join(f"{self.key(key)} = {self.value(child)}" for key, child in value.items()) + " }"
        if isinstance(value, list):
            gap = self.pick(["", " ", "\n", " # ], }\n", "\n\t\n"])
            comma = self.pick(["", ","]) if value else ""
            return "[" + ",".join(f"{gap}{self.value(child)}" for child in value) + comma + gap + "]"
        return self.string(value) if isinstance(value, str) else str(value)

    def string(self, value: str) -> str:
        forms = ["basic", "multi"]
        if "'" not in value and "\n" not in value:
            forms.append("literal")
        if "'" not in value:
            forms.append("multi literal")
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        basic = escaped.replace("\n", "\\n").replace("\t", "\\t")
        written = {
            "basic": f'"{basic}"',
            "multi": f'"""\n{escaped}"""',
            "literal": f"'{value}'",
            "multi literal": f"'''\n{value}'''",
        }
        return written[self.pick(forms)]

    def key(self, key: str) -> str:
        if key.isascii() and key.replace("-", "").isalnum():
            return self.pick([key, f'"{key}"', f"'{key}'"])
        escaped = key.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
        return f'"{escaped}"'

    def dotted(self, keys: list[str]) -> str:
        return self.pick([".", " . "]).join(keys)

    def line_end(self) -> str:
        return self.pick(["\n", "  # = [x] \"'\n", "\n\n"])
