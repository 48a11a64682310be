"""Bodies in their parts: payload, signature, session, explicit IV, ciphertext and tag."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decoders.profile.wire_profile import WireProfile
from decoders.security.body import Body, BodyLayout
from tests.helpers.umi import PROFILES, altered, shipped

REFERENCE, VARIANT = (shipped(name) for name in PROFILES)
SIGNED_FIRST = altered("reference-1", ('signature_place = "after"', 'signature_place = "before"'))
TAG_FIRST = altered("reference-1", ('tag_place = "after"', 'tag_place = "before"'))
ENCRYPTED_FIRST = altered("reference-1", ('order = "sign-then-encrypt"', 'order = "encrypt-then-sign"'))
EXPLICIT_IV = altered("reference-1", ("explicit_iv_bytes = 0", "explicit_iv_bytes = 8"))
VARIANT_TURNED = altered(
    "variant-a",
    ('order = "encrypt-then-sign"', 'order = "sign-then-encrypt"'),
    ('tag_place = "before"', 'tag_place = "after"'),
    ('signature_place = "before"', 'signature_place = "after"'),
)
BARE = altered(
    "reference-1",
    ('prefix = [{ name = "session_id", kind = "bytes", bytes = 4, from = "P" }]', "prefix = []"),
    ('parts = [{ what = "header" }, { what = "field", name = "session_id" }]', 'parts = [{ what = "header" }]'),
    ('    { what = "field", name = "session_id" },\n] }\nproof', "] }\nproof"),
)
ALL = {
    "reference-1": REFERENCE, "variant-a": VARIANT, "signature before": SIGNED_FIRST, "tag before": TAG_FIRST,
    "encrypted first": ENCRYPTED_FIRST, "explicit iv": EXPLICIT_IV, "variant turned": VARIANT_TURNED, "no prefix": BARE,
}  # fmt: skip
all_profiles = pytest.mark.parametrize("profile", ALL.values(), ids=ALL)

PAYLOAD, SIGNATURE = b"\xa1\xa2\xa3", bytes(range(64))
SESSION, SLOT, IV, TAG16, TAG12 = b"\x59\xa5\x4a\x7c", b"\x09", b"\xe1\xe2\xe3\xe4", b"\xf0" * 16, b"\xf0" * 12
SEALED = b"\xc1\xc2\xc3\xc4\xc5"


def split(profile: WireProfile, body: bytes, *, signed: bool = False, encrypted: bool = False, size: int = 0) -> Body:
    return BodyLayout(profile).split(body, signed=signed, encrypted=encrypted, size=size)


@all_profiles
@pytest.mark.parametrize("payload", [b"", b"\x01", PAYLOAD, bytes(300)])
def test_a_body_in_clear_is_its_payload(profile: WireProfile, payload: bytes) -> None:
    assert split(profile, payload) == Body(payload, places={"payload": (0, len(payload))})


@pytest.mark.parametrize("profile", [REFERENCE, TAG_FIRST, ENCRYPTED_FIRST, VARIANT_TURNED])
@pytest.mark.parametrize("payload", [b"", PAYLOAD])
def test_a_signature_stands_behind_the_payload(profile: WireProfile, payload: bytes) -> None:
    size = len(payload)
    places = {"signature": (size, size + 64), "payload": (0, size)}
    assert split(profile, payload + SIGNATURE, signed=True) == Body(payload, SIGNATURE, places=places)


@pytest.mark.parametrize("profile", [SIGNED_FIRST, VARIANT])
@pytest.mark.parametrize("payload", [b"", PAYLOAD])
def test_or_before_it(profile: WireProfile, payload: bytes) -> None:
    places = {"signature": (0, 64), "payload": (64, 64 + len(payload))}
    assert split(profile, SIGNATURE + payload, signed=True) == Body(payload, SIGNATURE, places=places)


@pytest.mark.parametrize("sealed", [b"", SEALED])
def test_the_reference_has_session_ciphertext_and_tag(sealed: bytes) -> None:
    body = split(REFERENCE, SESSION + sealed + TAG16, encrypted=True)
    end = 4 + len(sealed)
    assert body == Body(
        None, None, {"session_id": "59a54a7c"}, b"", sealed, TAG16,
        {"prefix": (0, 4), "explicit_iv": (4, 4), "tag": (end, end + 16), "ciphertext": (4, end)},
    )  # fmt: skip
    assert body.session_id == "59a54a7c"


def test_the_tag_may_stand_before_the_ciphertext() -> None:
    body = split(TAG_FIRST, SESSION + TAG16 + SEALED, encrypted=True)
    assert (body.session_id, body.tag, body.ciphertext) == ("59a54a7c", TAG16, SEALED)
    assert body.places == {"prefix": (0, 4), "explicit_iv": (4, 4), "tag": (4, 20), "ciphertext": (20, 25)}


def test_an_explicit_iv_stands_between_session_and_ciphertext() -> None:
    body = split(EXPLICIT_IV, SESSION + IV + IV + SEALED + TAG16, encrypted=True)
    assert (body.session_id, body.explicit_iv, body.ciphertext, body.tag) == ("59a54a7c", IV + IV, SEALED, TAG16)


def test_a_profile_may_have_no_session_in_clear() -> None:
    body = split(BARE, SEALED + TAG16, encrypted=True)
    assert (body.session_id, body.prefix, body.ciphertext, body.tag) == (None, {}, SEALED, TAG16)


def test_a_session_that_is_a_number_is_shown_in_hexadecimal() -> None:
    number = altered(
        "reference-1", ('prefix = [{ name = "session_id", kind = "bytes", bytes = 4', 'prefix = [{ name = "session_id", bytes = 4')
    )
    assert split(number, b"\0\0\x0a\x0b" + TAG16, encrypted=True).session_id == "00000a0b"


# Both.


def test_signed_then_encrypted_the_signature_is_locked_up_too() -> None:
    sealed = SEALED + bytes(64)
    body = split(REFERENCE, SESSION + sealed + TAG16, signed=True, encrypted=True)
    assert (body.payload, body.signature, body.ciphertext, body.tag) == (None, None, sealed, TAG16)


def test_encrypted_then_signed_the_signature_stands_in_clear_behind_it_all() -> None:
    body = split(ENCRYPTED_FIRST, SESSION + SEALED + TAG16 + SIGNATURE, signed=True, encrypted=True)
    assert (body.payload, body.signature, body.session_id, body.ciphertext, body.tag) == (
        None,
        SIGNATURE,
        "59a54a7c",
        SEALED,
        TAG16,
    )
    assert body.places["signature"] == (25, 89)


def test_the_variant_has_signature_slot_session_iv_tag_and_ciphertext() -> None:
    body = split(VARIANT, SIGNATURE + SLOT + SESSION + IV + TAG12 + SEALED, signed=True, encrypted=True)
    assert body == Body(
        None, SIGNATURE, {"x_key_slot": 9, "session_id": "59a54a7c"}, IV, SEALED, TAG12,
        {"signature": (0, 64), "prefix": (64, 69), "explicit_iv": (69, 73), "tag": (73, 85), "ciphertext": (85, 90)},
    )  # fmt: skip


def test_the_variant_turned_round_has_slot_session_iv_ciphertext_and_tag() -> None:
    sealed = SEALED + bytes(64)
    body = split(VARIANT_TURNED, SLOT + SESSION + IV + sealed + TAG12, signed=True, encrypted=True)
    assert (body.signature, body.session_id, body.explicit_iv, body.ciphertext, body.tag) == (None, "59a54a7c", IV, sealed, TAG12)


# Too short.

LEAST = [
    (REFERENCE, True, False, 64), (REFERENCE, False, True, 20), (REFERENCE, True, True, 84), (VARIANT, True, False, 64),
    (VARIANT, False, True, 21), (VARIANT, True, True, 85), (EXPLICIT_IV, False, True, 28), (BARE, False, True, 16),
    (ENCRYPTED_FIRST, True, True, 84), (VARIANT_TURNED, True, True, 85),
]  # fmt: skip


@pytest.mark.parametrize(("profile", "signed", "encrypted", "least"), LEAST)
def test_a_body_that_holds_just_what_its_header_announces_is_whole(
    profile: WireProfile, signed: bool, encrypted: bool, least: int
) -> None:
    body = split(profile, bytes(least), signed=signed, encrypted=encrypted)
    assert body.problem == ""
    assert body.payload == (None if encrypted else b"")


@pytest.mark.parametrize(("profile", "signed", "encrypted", "least"), LEAST)
def test_a_body_that_is_shorter_has_a_problem_and_stays_in_one_piece(
    profile: WireProfile, signed: bool, encrypted: bool, least: int
) -> None:
    for size in {0, 1, least // 2, least - 1}:
        data = bytes(range(size))
        body = split(profile, data, signed=signed, encrypted=encrypted)
        in_clear = 64 * (signed and (not encrypted or profile.protection.order == "encrypt-then-sign"))
        announced = f"bytes are too few for an encrypted body, which has at least {least - in_clear}"
        short = "bytes cannot hold a signature of 64"
        assert body.problem == (f"{size} {short}" if size < in_clear else f"{size - in_clear} {announced}")
        assert body.session_id is None
        if encrypted and (body.signature is None):
            assert (body.payload, body.ciphertext) == (None, data)
        elif not encrypted:
            assert (body.payload, body.ciphertext) == (data, None)


def test_a_signature_in_clear_is_kept_where_only_the_encrypted_part_is_too_short() -> None:
    body = split(VARIANT, SIGNATURE + bytes(20), signed=True, encrypted=True)
    assert (body.signature, body.ciphertext) == (SIGNATURE, bytes(20))
    assert body.problem == "20 bytes are too few for an encrypted body, which has at least 21"


# Bodies that did not come whole.


def test_of_a_cut_body_the_parts_keep_their_places() -> None:
    whole = PAYLOAD + SIGNATURE
    assert split(REFERENCE, whole[:2], signed=True, size=67) == Body(
        PAYLOAD[:2], b"", places={"signature": (2, 2), "payload": (0, 2)}
    )
    assert split(REFERENCE, whole[:10], signed=True, size=67) == Body(
        PAYLOAD, SIGNATURE[:7], places={"signature": (3, 10), "payload": (0, 3)}
    )


def test_of_a_cut_encrypted_body_the_session_is_known_once_it_came() -> None:
    whole = SESSION + SEALED + TAG16
    body = split(REFERENCE, whole[:6], encrypted=True, size=25)
    assert (body.session_id, body.ciphertext, body.tag, body.problem) == ("59a54a7c", SEALED[:2], b"", "")
    assert split(REFERENCE, whole[:3], encrypted=True, size=25).session_id is None


@all_profiles
@given(st.binary(max_size=200), st.booleans(), st.booleans(), st.integers(0, 300))
def test_every_byte_of_a_body_is_in_one_part(profile: WireProfile, data: bytes, signed: bool, encrypted: bool, size: int) -> None:
    body = split(profile, data, signed=signed, encrypted=encrypted, size=size)
    at = 0
    for start, end in sorted(body.places.values()):
        assert start == at or start == end == len(data)
        at = max(at, end)
    assert at == len(data)
    parts = {"payload": body.payload, "signature": body.signature, "ciphertext": body.ciphertext, "tag": body.tag}
    parts["explicit_iv"] = body.explicit_iv
    for name, part in parts.items():
        start, end = body.places.get(name, (0, 0))
        assert (part or b"") == data[start:end]
        assert (part is not None) == (name in body.places or name in {"tag", "explicit_iv"})
    assert (body.payload is None) == encrypted
