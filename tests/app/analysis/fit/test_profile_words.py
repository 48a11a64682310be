"""Every word that the profile's reader knows has its line in the help, no other has, and the manual says the same."""

from __future__ import annotations

from collections import defaultdict

import pytest

from app.analysis.fit.profile_help import completions, meaning_at, place_at
from app.analysis.fit.profile_words import CHOICES, FIELDS, KEYS, PLACES, RECIPES, TABLES, reference, table_kind
from app.analysis.manual import MANUAL
from decoders.core.document import Table
from decoders.profile import load, load_fields, vocabulary
from decoders.profile.wire_profile import load_profile
from tests.app.analysis.fit.test_distorted import DISTORTIONS, delimited
from tests.helpers import dialect, umi

TEXTS = [(umi.ROOT / "resources" / "profiles" / f"{name}.toml").read_text(encoding="utf-8") for name in umi.PROFILES]


def read_texts() -> list[str]:
    """Profiles that make the reader ask for every key it knows."""
    texts = list(TEXTS)
    for changes in (DISTORTIONS["own polynomial"], DISTORTIONS["cobs"], DISTORTIONS["flags"], delimited("transfer")):
        text = dialect.REFERENCE
        for old, new in changes:
            text = text.replace(old, new)
        texts.append(text)
    silent = dialect.REFERENCE.replace('strategy = "length" ', 'strategy = "pause" ').replace(
        'start = "A5"\nlength_field = "length"\n', "pause_us = 500\n"
    )
    texts.append(silent.replace('start = "P"\nlength_field = "P"\n', 'pause_us = "P"\n'))
    return texts


def test_every_key_that_the_reader_asks_for_is_explained_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: defaultdict[str, set[str]] = defaultdict(set)
    has = Table._has

    def noted(table: Table, key: str) -> bool:
        if table_kind(table.path):
            asked[table_kind(table.path)].add(key)
        return has(table, key)

    monkeypatch.setattr(Table, "_has", noted)
    for text in read_texts():
        load_profile(text, "read")
    named = {"explicit_iv", "tag", "signature"}
    assert {kind: set(words) - (named if kind == "security" else set()) for kind, words in KEYS.items()} == asked
    assert named <= set(load.PROTECTION_KEYS)
    assert set(TABLES) == set(KEYS)


def test_every_choice_is_explained_and_no_other() -> None:
    assert set(CHOICES["framing", "strategy"]) == set(load.STRATEGY_KEYS)
    assert set(CHOICES["field", "kind"]) == set(load_fields.KINDS)
    assert set(CHOICES["part", "what"]) == {part for parts in load.RECIPES.values() for part in parts}
    assert set(RECIPES) == set(load.RECIPES)


@pytest.mark.parametrize(("kind", "key"), [place for place in CHOICES if place[0] in {"security", "procedures", "crc", "types"}])
def test_each_word_is_one_that_the_reader_takes_and_no_other_is(kind: str, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    offered: set[str] = set()
    choice = Table.choice

    def noted(table: Table, asked: str, options: tuple[str, ...], *default: str) -> str:
        if (table_kind(table.path), asked) == (kind, key):
            offered.update(options)
        return choice(table, asked, options, *default)

    monkeypatch.setattr(Table, "choice", noted)
    load_profile(TEXTS[0], "read")
    assert offered == set(CHOICES[kind, key])


def test_the_names_of_fields_are_the_fixed_vocabulary() -> None:
    assert set(FIELDS) == vocabulary.LINK | vocabulary.PACKET | vocabulary.BODY | vocabulary.PAYLOAD | {"reserved"}
    assert set().union(*PLACES.values()) | {"reserved"} == set(FIELDS)


def test_the_manual_lists_every_word() -> None:
    assert reference() in (MANUAL / "wire-profiles.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "typed", "word"),
    [
        ("[framing]\n", "str", "strategy"),
        ('[framing]\nstrategy = "', "h", "hdlc"),
        ("[framing.from]\n", "fil", "filler"),
        ('[crc]\nmodel = "', "CRC-16/KER", "CRC-16/KERMIT"),
        ('[link]\nfields = [\n    { name = "', "dst", "dst_port"),
        ('[link]\nfields = [\n    { name = "sof", ', "bi", "bias"),
        ('[link]\nfields = [\n    { name = "sof", kind = "', "ui", "uint"),
        ('[services.objects.operations.read]\nresponse = [\n    { name = "items", each = [\n        { name = "', "res", "result"),
        ("[services.objects.operations.read]\n", "com", "command"),
        ('[security.recipes]\niv = { from = "P", parts = [{ what = "', "expl", "explicit_iv"),
        ("[security.recipes]\niv = { from = \"P\", parts = [{ ", "wh", "what"),
        ('[enumerations.rail]\nfrom = "P"\n[packet]\nfields = [{ name = "time", values = "', "ra", "rail"),
        ("", "fra", "framing"),
        ("[procedures]\n", "acknow", "acknowledgement"),
    ],
)  # fmt: skip
def test_words_are_completed_where_they_may_stand(before: str, typed: str, word: str) -> None:
    text = before + typed
    assert word in dict(completions(text, len(text)))
    assert all(found.lower().startswith(typed.lower()) for found, _ in completions(text, len(text)))


@pytest.mark.parametrize(
    ("word", "nth", "said"),
    [
        ("length_field", 0, "length_field: The link field that says how long the whole frame is"),
        ("length_field", 1, "length_field: Where this comes from"),
        ("sof", 0, "sof: The start of a frame."),
        ("bias", 0, "bias: What is added to the number."),
        ("one-pass", 0, "one-pass: An ephemeral key of the initiator"),
        ("tag_bits", 0, "tag_bits: The width of the number that says which type follows."),
        ("dst_port", 0, "dst_port: The port that a frame is for"),
        ("reassembly_key", 0, "reassembly_key: What tells apart packets"),
    ],
)
def test_a_word_is_explained_where_it_stands(word: str, nth: int, said: str) -> None:
    at = -1
    for _ in range(nth + 1):
        at = dialect.REFERENCE.index(word, at + 1)
    assert meaning_at(dialect.REFERENCE, at + 1).startswith(said)


def test_comments_and_names_of_the_profile_s_own_are_not_explained() -> None:
    comment = dialect.REFERENCE.index("length, transfer, hdlc")
    assert meaning_at(dialect.REFERENCE, comment) == ""
    assert meaning_at(dialect.REFERENCE, dialect.REFERENCE.index("denied = 6")) == ""


def test_the_place_is_told_in_a_text_that_is_not_whole() -> None:
    text = '[link]\nfields = [\n    { name = "sof", at = 0 },\n    { name = "le'
    assert place_at(text, len(text)).path == ("link", "fields", 0)
    assert place_at(text, len(text)).key == "name"
