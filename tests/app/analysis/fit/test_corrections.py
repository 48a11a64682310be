"""What a profile says otherwise than the shipped one, and its faults, by place."""

from __future__ import annotations

from collections import Counter

import pytest

from app.analysis.fit.corrections import Correction, confirmed, corrections, line_of_path, placeholders, statements
from app.analysis.fit.faults import faults
from app.analysis.fit.pieces import gather_material
from app.analysis.fit.search import ALL, search
from app.analysis.fit.search_process import SearchRun
from app.analysis.fit.toml_edit import edited
from app.analysis.workspace import ProfileText
from decoders.profile.wire_profile import load_profile
from tests.helpers import dialect, umi

TEXTS = {name: (umi.ROOT / "resources" / "profiles" / f"{name}.toml").read_text(encoding="utf-8") for name in umi.PROFILES}


def test_a_shipped_profile_corrects_nothing() -> None:
    assert corrections(dialect.REFERENCE, dialect.REFERENCE) == []


def test_values_that_differ_are_listed_by_name_with_what_they_were() -> None:
    text = dialect.REFERENCE.replace("const = 0xA5", "const = 0x5A").replace('order = "little"\n', "")
    text = text.replace("forwarding_timeout_ms = 2000", "forwarding_timeout_ms = 500").replace(
        "tag_bytes = 16\n", "tag_bytes = 12\n"
    )
    assert corrections(text, dialect.REFERENCE) == [
        Correction("link.fields.sof.const", ("link", "fields", 0, "const"), "0xA5", "0x5A"),
        Correction("security.tag_bytes", ("security", "tag_bytes"), "16", "12"),
        Correction("procedures.forwarding_timeout_ms", ("procedures", "forwarding_timeout_ms"), "2000", "500"),
        Correction("crc.order", ("crc", "order"), '"little"', ""),
    ]


def test_a_field_that_moves_in_its_group_is_no_correction_and_one_more_is() -> None:
    one = '    { name = "bank", bytes = 2 },\n    { name = "from", bytes = 2, label = "From object" },\n'
    lines = one.splitlines(keepends=True)
    assert corrections(dialect.REFERENCE.replace(one, lines[1] + lines[0]), dialect.REFERENCE) == []
    more = dialect.REFERENCE.replace(one, one + '    { name = "x_page", bytes = 1 },\n')
    names = [correction.name for correction in corrections(more, dialect.REFERENCE)]
    place = "services.objects.operations.list.command.x_page"
    assert names == [f"{place}.name", f"{place}.bytes"]


@pytest.mark.parametrize("name", umi.PROFILES)
def test_statements_are_those_that_the_profile_counts(name: str) -> None:
    counted = Counter(origin for _, origin in umi.shipped(name).statements())
    assert Counter(statement.origin for statement in statements(TEXTS[name])) == counted


@pytest.mark.parametrize("name", umi.PROFILES)
def test_every_placeholder_can_be_confirmed_with_words_of_one_s_own(name: str) -> None:
    text, before = TEXTS[name], len(placeholders(TEXTS[name]))
    for statement in placeholders(text)[::7]:
        changed = edited(text, [confirmed(statement, ' spec 1.2 §4 "draft" ')])
        assert 'S: spec 1.2 §4 "draft"' in {origin for _, origin in load_profile(changed, "confirmed").statements()}
        assert len(placeholders(changed)) < before
        assert [line for line in text.splitlines() if "#" in line] == [line for line in changed.splitlines() if "#" in line]


def test_a_path_leads_to_its_line() -> None:
    line = line_of_path(dialect.REFERENCE, ("link", "fields", 1, "bias"))
    assert line is not None
    assert dialect.REFERENCE.splitlines()[line - 1].strip().startswith('{ name = "length"')


def test_a_good_text_has_no_faults() -> None:
    assert faults(ProfileText("mine", dialect.REFERENCE)) == []


def test_each_part_that_is_at_fault_is_named_in_the_order_of_the_text() -> None:
    text = dialect.REFERENCE.replace("CRC-16/IBM-SDLC", "CRC-16/NOBODY", 1).replace("min_bytes = 8\n", "min_bytes = 0\n")
    text = text.replace('pairing = "newest-first"', 'pairing = "any"').replace("max_depth = 16", "max_depth = 99")
    found = faults(ProfileText("mine.toml", text))
    assert [fault.key for fault in found] == ["framing.min_bytes", "crc.model", "procedures.pairing", "types.max_depth"]
    lines = text.splitlines()
    assert all(fault.key.rpartition(".")[2] in lines[(fault.line or 0) - 1] for fault in found)
    assert found[1].title.startswith(f"Line {found[1].line}, crc.model: the CRC catalogue has no 'CRC-16/NOBODY'; write a name")


def test_a_text_that_is_no_toml_has_one_fault_with_its_line() -> None:
    (fault,) = faults(ProfileText("mine.toml", dialect.REFERENCE.replace("first_byte = 0", "first_byte = ")))
    assert fault.line == dialect.REFERENCE[: dialect.REFERENCE.index("first_byte = 0")].count("\n") + 1


def test_the_search_finds_the_same_in_a_process_of_its_own() -> None:
    snapshot = dialect.decoded(dialect.talk(dialect.altered(dialect.KERMIT), 12), umi.shipped("reference-1"))
    *_, material = gather_material(snapshot)
    *_, last = search(snapshot, dialect.REFERENCE)
    run = SearchRun(material, dialect.REFERENCE)
    while not run.is_done:
        run.wait()
        run.look()
    assert run.look() == last
    assert last.done == ALL
    run.close()


def test_a_search_that_dies_is_done() -> None:
    snapshot = dialect.decoded(dialect.talk(dialect.altered(dialect.KERMIT), 12), umi.shipped("reference-1"))
    *_, material = gather_material(snapshot)
    run = SearchRun(material, "this is no profile")
    while not run.is_done:
        run.wait()
        run.look()
    assert run.look().offers == ()
    run.close()
