"""A dialect is found from recordings alone, and what is offered makes the decoder read them."""

from __future__ import annotations

import itertools
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.fit import pieces
from app.analysis.fit.changes import HDLC, length_edits, strategy_edits
from app.analysis.fit.crc import likeliest, search_crc
from app.analysis.fit.length import LengthLayout, length_layouts, start_bytes
from app.analysis.fit.pieces import Piece, gather
from app.analysis.fit.search import ALL, Offer, search
from app.analysis.fit.toml_edit import edited
from decoders.profile.crc import catalogue, catalogue_model, crc_bytes, crc_function
from decoders.profile.schema import Crc
from decoders.profile.wire_profile import load_profile
from tests.helpers import dialect, umi

BY_REFERENCE = umi.shipped("reference-1")
Changes = tuple[tuple[str, str], ...]


def offers_for(bench: umi.Bench, text: str = dialect.REFERENCE) -> tuple[Offer, ...]:
    steps = list(search(dialect.decoded(bench, load_profile(text, "active")), text))
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].done == ALL
    return steps[-1].offers


@pytest.mark.parametrize(
    ("changes", "title", "crc"),
    [
        (dialect.KERMIT, "Frames by start byte and size, as now", "CRC-16/KERMIT, low byte first, over bytes 0…"),
        (dialect.XMODEM_FROM_BYTE_1, "Frames by start byte and size, as now", "CRC-16/XMODEM, high byte first, over bytes 1…"),
        (dialect.CRC_32, "Frames by start byte and size, as now", "CRC-32/ISO-HDLC, low byte first, over bytes 0…"),
        (dialect.OTHER_HEADER, "Frames begin with 5A C3, their size is byte 4 plus 4", "CRC-16/MODBUS, low byte first, over bytes 0…"),
        (dialect.FLAGS, "Frames stand between flags 7E, stuffed with 7D", "CRC-16/KERMIT, low byte first, over bytes 0…"),
    ],
    ids=["crc", "order-and-range", "wider-crc", "header", "flags"],
)  # fmt: skip
def test_the_first_offer_is_the_dialect_that_was_spoken(changes: Changes, title: str, crc: str) -> None:
    spoken = dialect.altered(changes)
    bench = dialect.talk(spoken)
    offer = offers_for(bench)[0]
    assert offer.title == title
    assert offer.evidence.startswith(f"{crc}: holds in ")
    assert offer.has_crc
    found, theirs = (
        dialect.decoded(bench, profile) for profile in (load_profile(edited(dialect.REFERENCE, offer.edits), "found"), spoken)
    )
    assert found.count("packets") == theirs.count("packets") == 40
    assert [found.packet_content(no) for no in range(1, 41)] == [theirs.packet_content(no) for no in range(1, 41)]
    assert found.count("frames") == theirs.count("frames")


def test_a_size_in_one_byte_without_a_bias_is_found() -> None:
    offer = offers_for(dialect.talk(dialect.altered(dialect.NO_BIAS)))[0]
    assert offer.title == "Frames begin with A5, their size is byte 1"


def test_an_offer_changes_only_what_it_names_and_keeps_comments() -> None:
    offer = offers_for(dialect.talk(dialect.altered(dialect.KERMIT)))[0]
    text = edited(dialect.REFERENCE, offer.edits)
    old, new = dialect.REFERENCE.splitlines(), text.splitlines()
    assert [(one, other) for one, other in zip(old, new, strict=True) if one != other] == [
        (
            'model = "CRC-16/IBM-SDLC"      # a name of the CRC catalogue, "custom" with its parameters, or "none"',
            'model = "CRC-16/KERMIT"      # a name of the CRC catalogue, "custom" with its parameters, or "none"',
        )
    ]


def test_where_the_profile_explains_every_byte_there_is_nothing_to_search_in() -> None:
    *_, last = search(dialect.decoded(dialect.talk(BY_REFERENCE, 6, noise=False), BY_REFERENCE), dialect.REFERENCE)
    assert (last.done, last.stretches, last.offers) == (ALL, 0, ())


def test_noise_alone_is_offered_no_checksum() -> None:
    bench, chance = umi.Bench(BY_REFERENCE), dialect.seeded(5)
    for _ in range(60):
        bench.say(1, bytes(byte or 1 for byte in chance.randbytes(chance.randrange(4, 40))))
    assert [offer for offer in offers_for(bench) if offer.has_crc] == []


def test_a_header_that_is_not_fixed_gets_checksums_offered_but_no_size() -> None:
    text = (umi.ROOT / "resources" / "profiles" / "variant-a.toml").read_text(encoding="utf-8")
    bench = dialect.talk(umi.altered("variant-a", ('model = "CRC-32/ISO-HDLC"', 'model = "CRC-32/BZIP2"')), noise=False)
    offers = offers_for(bench, text)
    assert offers[0].evidence.startswith("CRC-32/BZIP2, high byte first, over bytes 1…")
    assert not any("their size" in offer.title for offer in offers)


def test_the_search_can_be_left_at_any_step() -> None:
    snapshot = dialect.decoded(dialect.talk(dialect.altered(dialect.KERMIT), 10), BY_REFERENCE)
    steps = search(snapshot, dialect.REFERENCE)
    for _ in range(20):
        assert next(steps).done < ALL


wide_models = st.sampled_from([name for name in catalogue() if (catalogue_model(name) or (0,))[0] >= 16])


@settings(max_examples=25, deadline=None)
@given(wide_models, st.sampled_from(["big", "little"]), st.integers(0, 2), st.integers(0, 2**32))
def test_every_model_of_the_catalogue_is_found_among_the_first(model: str, order: str, first: int, seed: int) -> None:
    parameters = catalogue_model(model)
    assert parameters is not None
    crc = Crc(model, *parameters, order="big" if order == "big" else "little", first_byte=first, provenance="P")
    of, chance = crc_function(crc), dialect.seeded(seed)
    bodies = [chance.randbytes(chance.randrange(6, 40)) for _ in range(20)]
    frames = [(body + crc_bytes(crc, of(body[first:])),) for body in bodies]
    matches = likeliest(match for found in search_crc([*frames, (chance.randbytes(12),)]) for match in found)
    names = [(match.model, match.order, match.first_byte, match.holds, match.of) for match in matches]
    assert (model, order, first, 20, 21) in names


def test_frames_alike_are_evidence_only_once() -> None:
    model = catalogue_model("CRC-16/KERMIT")
    assert model is not None
    crc = Crc("CRC-16/KERMIT", *model, order="big", first_byte=0, provenance="P")
    frame = b"abcdefgh" + crc_bytes(crc, crc_function(crc)(b"abcdefgh"))
    assert [match for found in search_crc([(frame,)] * 500) for match in found] == []


def pieces_of(sizes: list[int], head: bytes, at: int, bias: int, scale: int = 1) -> list[Piece]:
    chance = dialect.seeded(1)
    found = []
    for size in sizes:
        body = bytearray(head + chance.randbytes(size - len(head)))
        body[at] = (size - bias) // scale
        found.append(Piece(bytes(body), size))
    return found


def test_the_byte_that_says_the_size_is_found_with_its_unit_and_bias() -> None:
    sizes = [12, 16, 20, 40, 60, 100, 200, 24, 32, 44]
    best = length_layouts(pieces_of(sizes, b"\x5a\xc3", at=3, bias=4, scale=4))[0]
    assert (best.start, best.at, best.bits, best.scale, best.bias, best.fits, best.of) == (b"\x5a\xc3", 3, 8, 4, 4, 10, 10)
    assert best.text == "Frames begin with 5A C3, their size is byte 3 times 4 plus 4"


def test_sizes_that_never_change_say_nothing_about_a_field() -> None:
    assert length_layouts(pieces_of([20] * 30, b"\x5a", at=2, bias=0)) == []


def test_a_checksum_that_ends_in_filler_is_part_of_the_frame() -> None:
    pieces = [Piece(b"\x5a" + bytes([size]) + b"\x01" * (size - 3) + b"\xff", size - 1) for size in (9, 12, 20, 33, 50)]
    best = length_layouts(pieces + [Piece(b"\x5a" + bytes([size]) + b"\x01" * (size - 2), size) for size in range(10, 30)])[0]
    assert (best.at, best.bias, best.fits) == (1, 0, 25)


def test_start_bytes_are_what_most_pieces_begin_with_the_longest_first() -> None:
    pieces = [Piece(b"\x5a\xc3" + bytes([n, n]), 4) for n in range(1, 10)] + [Piece(b"\x99\x98\x97", 3)]
    assert start_bytes(pieces) == [b"\x5a\xc3", b"\x5a"]
    assert start_bytes([]) == []


def test_other_fields_keep_their_order_around_a_size_that_moves() -> None:
    layout = LengthLayout(b"\x5a\xc3", 4, 16, "little", 1, 4, 10, 10, 5)
    text = edited(dialect.REFERENCE, length_edits(dialect.REFERENCE, BY_REFERENCE, layout))
    fields = {field["name"]: field for field in tomllib.loads(text)["link"]["fields"]}
    assert {name: field["at"] for name, field in fields.items()} == {
        "sof": 0, "dst_port": 2, "src_port": 2, "type": 3, "first": 3, "last": 3, "seq": 3, "length": 4, "link_status": 6, "fragment": 7,
    }  # fmt: skip
    assert fields["sof"]["const"] == 0x5AC3
    assert (fields["length"]["bits"], fields["length"]["order"], fields["length"]["bias"]) == (16, "little", 4)
    assert (fields["src_port"]["bit"], fields["seq"]["bit"]) == (3, 2)


@pytest.mark.parametrize("name", umi.PROFILES)
def test_another_strategy_leaves_no_key_of_the_old_one(name: str) -> None:
    text = (umi.ROOT / "resources" / "profiles" / f"{name}.toml").read_text(encoding="utf-8")
    assert load_profile(edited(text, strategy_edits(text, "transfer", {})), "changed").framing.strategy == "transfer"
    assert load_profile(edited(text, strategy_edits(text, "cobs", {})), "changed").framing.strategy == "cobs"
    assert load_profile(edited(text, strategy_edits(text, "hdlc", HDLC)), "changed").framing.strategy == "hdlc"


def test_pieces_are_the_unexplained_stretches_with_the_filler_behind_them() -> None:
    bench = umi.Bench(BY_REFERENCE)
    bench.say(1, b"\x5a\x01\x02\xff\x00")
    bench.frame(1, "idle", (1, 0))
    bench.say(2, b"\x5b\x03", to_device=True)
    *_, pieces = gather(dialect.decoded(bench, BY_REFERENCE))
    assert pieces == [Piece(b"\x5a\x01\x02\xff\x00", 3), Piece(b"\x5b\x03", 2)]


def test_a_long_recording_gives_pieces_from_all_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = umi.Bench(BY_REFERENCE)
    for number in range(60):
        bench.say(1, bytes([0x5A, number + 1, 0x77]))
    snapshot = dialect.decoded(bench, BY_REFERENCE)
    monkeypatch.setattr(pieces, "ROWS_AT_ONCE", 7)
    monkeypatch.setattr(pieces, "MOST_PIECES", 12)
    *_, found = gather(snapshot)
    numbers = [piece.data[1] for piece in found]
    assert len(numbers) == 12
    assert numbers == sorted(numbers)
    assert (min(numbers), max(numbers)) == (1, 60)
    assert max(later - earlier for earlier, later in itertools.pairwise(numbers)) <= 10
