"""Single values of a TOML text are changed, and nothing else is."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.fit.toml_edit import Edit, TomlValue, edited, needed, value_at
from decoders.core.errors import MaterialError
from decoders.core.toml_lines import Path
from tests.helpers import umi

TEXTS = {name: (umi.ROOT / "resources" / "profiles" / f"{name}.toml").read_text(encoding="utf-8") for name in umi.PROFILES}
SMALL = """\
# at = 9 stands in a comment
[framing]
strategy = "length"   # or another
start = "A5"          # one byte

[framing.from]
start = "P"

[link]
fields = [
    { name = "sof", at = 0, bits = 8, const = 0xA5, label = "at = 5" },   # first
    { name = "length", at = 1, bits = 8 },
]
"""


def leaves(data: Any, path: Path = ()) -> list[Path]:
    """The paths of all values that are no table, in tables and in arrays of tables."""
    if isinstance(data, dict):
        return [found for key, value in data.items() for found in leaves(value, (*path, key))]
    if isinstance(data, list) and any(isinstance(value, dict) for value in data):
        return [found for at, value in enumerate(data) for found in leaves(value, (*path, at))]
    return [path] if isinstance(path[-1], str) else []


def changed_lines(old: str, new: str) -> tuple[list[str], list[str]]:
    """The lines of both from the first that differs to the last."""
    ours, theirs = old.splitlines(), new.splitlines()
    while ours and theirs and ours[0] == theirs[0]:
        ours, theirs = ours[1:], theirs[1:]
    while ours and theirs and ours[-1] == theirs[-1]:
        ours, theirs = ours[:-1], theirs[:-1]
    return ours, theirs


ALL_LEAVES = [(name, path) for name, text in TEXTS.items() for path in leaves(tomllib.loads(text))]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(ALL_LEAVES),
    st.one_of(st.integers(0, 1 << 40), st.booleans(), st.text(st.characters(codec="ascii"), max_size=9)),
)
def test_any_value_of_a_profile_can_be_changed_and_only_its_line_changes(place: tuple[str, Path], value: TomlValue) -> None:
    name, path = place
    text = edited(TEXTS[name], [Edit(path, value)])
    assert value_at(tomllib.loads(text), path) == value
    old, new = tomllib.loads(TEXTS[name]), tomllib.loads(text)
    value_at(new, path[:-1])[path[-1]] = value_at(old, path)
    assert new == old
    before, after = changed_lines(TEXTS[name], text)
    assert len(after) <= 1
    assert len(before) <= 1 or isinstance(value_at(old, path), list)


def test_a_comment_behind_the_value_and_the_rest_of_the_line_stay() -> None:
    text = edited(SMALL, [Edit(("framing", "start"), "5AC3"), Edit(("link", "fields", 0, "at"), 2)])
    assert 'start = "5AC3"          # one byte' in text
    assert '{ name = "sof", at = 2, bits = 8, const = 0xA5, label = "at = 5" },   # first' in text
    assert text.startswith("# at = 9 stands in a comment\n")


def test_a_number_in_hex_stays_in_hex() -> None:
    assert "const = 0x5A, label" in edited(SMALL, [Edit(("link", "fields", 0, "const"), 0x5A)])


def test_a_key_that_is_not_there_is_added_to_its_table() -> None:
    text = edited(SMALL, [Edit(("framing", "min_bytes"), 8), Edit(("link", "fields", 1, "order"), "little")])
    assert "[framing]\nmin_bytes = 8\n" in text
    assert '{ name = "length", order = "little", at = 1, bits = 8 }' in text


def test_a_key_is_taken_away_with_its_line_or_out_of_its_line() -> None:
    text = edited(SMALL, [Edit(("framing", "start"), None), Edit(("link", "fields", 0, "const"), None)])
    assert 'start = "A5"' not in text
    assert '{ name = "sof", at = 0, bits = 8, label = "at = 5" },   # first' in text
    assert tomllib.loads(text)["framing"] == {"strategy": "length", "from": {"start": "P"}}


def test_taking_away_what_is_not_there_and_saying_the_same_again_change_nothing() -> None:
    edits = [Edit(("framing", "flag"), None), Edit(("framing", "start"), "A5")]
    assert edited(SMALL, edits) == SMALL
    assert needed(SMALL, edits) == []


def test_an_edit_without_its_table_says_what_to_do() -> None:
    with pytest.raises(MaterialError, match="there is no table 'security'"):
        edited(SMALL, [Edit(("security", "tag_bytes"), 12)])


def test_what_cannot_be_changed_by_itself_is_refused() -> None:
    text = 'a = """one\ntwo"""\n'
    with pytest.raises(MaterialError, match="'a' cannot be changed by itself"):
        edited(text, [Edit(("a",), 1)])
