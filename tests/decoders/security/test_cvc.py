"""Card-verifiable certificates and requests, as real ones and hand-written ones say them."""

from __future__ import annotations

from dataclasses import astuple, replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from decoders.core.tree import FieldNode
from decoders.security.curves import CURVES
from decoders.security.cvc import Certificate, CertificateReading, PublicKey, begins_certificate, read_certificate, split
from tests.helpers import certificates as written
from tests.helpers.certificates import certificate, digits, tlv

REAL = {
    "bc-java_BECVCA00001.cvcert":
        ("root certificate", "BECVCA00001", "BECVCA00001", "P-256", "id-TA-ECDSA-SHA-256",
         "id-IS", "authority", 1, "2010-03-02", "2013-03-02", 32),
    "bc-java_BEDVBUZABE006.cvcert":
        ("certificate", "BECVCA00001", "BEDVBUZABE006", None, "id-TA-ECDSA-SHA-256",
         "id-IS", "official_verifier", 1, "2010-08-04", "2010-11-02", 32),
    "bc-java_UTIS00100072_req.cvreq":
        ("authenticated request", None, "UTIS00100072", "other", "id-TA-ECDSA-SHA-224",
         None, None, None, None, None, 28),
    "openpace-eactest_DECVCAEPASS001.cvcert":
        ("root certificate", "DECVCAEPASS001", "DECVCAEPASS001", "other", "id-TA-ECDSA-SHA-224",
         "id-IS", "authority", 1, "2007-04-01", "2009-04-01", 28),
    "openpace-eactest_DEDVeIDDTR101401.cvcert":
        ("certificate", "DECVCAeID00102", "DEDVeIDDTR101401", None, "id-TA-ECDSA-SHA-256",
         "id-AT", "other_verifier", None, "2011-11-17", "2012-02-17", 32),
    "openpace-eactest_HSMCVCA_req.cvreq":
        ("authenticated request", "HSMCVCA", "HSMCVCA", "other", "id-TA-ECDSA-SHA-256",
         None, None, None, None, None, 24),
    "openpace_DECVCAeID00102.cvcert":
        ("root certificate", "DECVCAeID00102", "DECVCAeID00102", "brainpoolP256r1", "id-TA-ECDSA-SHA-256",
         "id-AT", "authority", None, "2010-10-18", "2013-10-18", 32),
    "openpace_DETESTATDE019.cvcert":
        ("certificate", "DETESTDVDE019", "DETESTATDE019", "RSA", "id-TA-RSA-v1-5-SHA-1",
         "id-AT", "terminal", None, "2010-03-24", "2010-04-24", None),
    "openpace_DETESTDVDE019.cvcert":
        ("certificate", "DETESTCVCA00003", "DETESTDVDE019", "RSA", "id-TA-RSA-v1-5-SHA-1",
         "id-AT", "official_verifier", None, "2010-03-24", "2010-04-24", None),
}  # fmt: skip
TAG_AND_LENGTH = 5 * 8
OUTER = {"bc-java_UTIS00100072_req.cvreq": ("UTIS00100071", 28), "openpace-eactest_HSMCVCA_req.cvreq": ("HSMCVCA", 24)}
all_real = pytest.mark.parametrize("name", REAL)


def good(data: bytes) -> Certificate:
    reading = read_certificate(data)
    assert reading.problems == ()
    assert reading.certificate is not None
    return reading.certificate


def complaints(data: bytes) -> list[tuple[str, int, str]]:
    return [(problem.code.name, problem.at, problem.text) for problem in read_certificate(data).problems]


def node_of(reading: CertificateReading, name: str) -> FieldNode:
    return next(node for _, node in reading.tree.walk() if node.name == name)


def test_every_real_certificate_is_known_here(samples: Path) -> None:
    assert {path.name for path in (samples / "cvc").iterdir()} == set(REAL)


@all_real
def test_a_real_certificate_says_what_is_known_of_it(name: str, samples: Path) -> None:
    one = good((samples / "cvc" / name).read_bytes())
    chat, key, signature = one.authorization, one.key, one.signature
    assert key is not None
    assert signature is not None
    assert (
        one.title, one.car, one.chr, key.curve, key.algorithm,
        chat and chat.name, chat and chat.rank, chat and chat.role,
        one.effective and one.effective.date, one.expiration and one.expiration.date, signature.r and len(signature.r),
    ) == REAL[name]  # fmt: skip
    outer = one.authentication
    assert (outer and (outer.car, outer.signature and len(outer.signature.s or b""))) == OUTER.get(name)
    assert one.extensions == ()
    assert one.umi_id is None


def rewritten(one: Certificate) -> bytes:
    """The bytes of a certificate, from nothing but its record."""
    assert one.key is not None
    assert one.chr is not None
    assert one.signature is not None
    car = [tlv(0x42, one.car.encode("latin-1"))] if one.car is not None else []
    fields = [written.VERSION, *car, tlv(0x7F49, *key_fields(one.key)), tlv(0x5F20, one.chr.encode("latin-1"))]
    if one.authorization is not None:
        assert one.authorization.rights is not None
        fields.append(tlv(0x7F4C, tlv(0x06, oid_bytes(one.authorization.oid)), tlv(0x53, one.authorization.rights)))
    for tag, day in ((0x5F25, one.effective), (0x5F24, one.expiration)):
        if day is not None:
            fields.append(tlv(tag, digits(day.date.replace("-", "")[2:])))
    inner = certificate(*fields, signature=one.signature.data)
    if one.authentication is None:
        return inner
    assert one.authentication.car is not None
    assert one.authentication.signature is not None
    outer = tlv(0x42, one.authentication.car.encode("latin-1")), tlv(0x5F37, one.authentication.signature.data)
    return tlv(0x67, inner, *outer)


def key_fields(key: PublicKey) -> list[bytes]:
    algorithm = tlv(0x06, oid_bytes(key.oid))
    if key.modulus is not None and key.exponent is not None:
        return [algorithm, tlv(0x81, key.modulus.to_bytes(128)), tlv(0x82, key.exponent.to_bytes(3))]
    assert key.point is not None
    if key.parameters is None:
        return [algorithm, tlv(0x86, key.point)]
    curve, size = key.parameters, key.parameters.size
    numbers = [tlv(0x81, curve.prime.to_bytes(size)), tlv(0x82, curve.a.to_bytes(size)), tlv(0x83, curve.b.to_bytes(size))]
    rest = [tlv(0x84, curve.generator), tlv(0x85, curve.order.to_bytes(size)), tlv(0x86, key.point), tlv(0x87, b"\x01")]
    return [algorithm, *numbers, *rest]


def oid_bytes(oid: str | None) -> bytes:
    assert oid is not None
    first, second, *rest = map(int, oid.split("."))
    assert all(number < 0x80 for number in rest)
    return bytes([first * 40 + second, *rest])


@all_real
def test_the_record_of_a_real_certificate_holds_all_its_bytes(name: str, samples: Path) -> None:
    data = (samples / "cvc" / name).read_bytes()
    assert rewritten(good(data)) == data


@all_real
def test_a_signature_covers_the_body_and_the_outer_one_the_request_with_its_authority(name: str, samples: Path) -> None:
    data = (samples / "cvc" / name).read_bytes()
    one = good(data)
    assert one.signature is not None
    covered = data[slice(*one.signature.covers)]
    assert covered.startswith(b"\x7f\x4e")
    assert data[one.signature.covers[1] :].startswith(b"\x5f\x37")
    if one.authentication is not None:
        assert one.authentication.signature is not None
        start, end = one.authentication.signature.covers
        assert data[start:end].startswith(b"\x7f\x21")
        assert data[start:end].endswith(tlv(0x42, (one.authentication.car or "").encode()))
        assert data[end:].startswith(b"\x5f\x37")


def test_the_two_curves_are_those_of_real_roots(samples: Path) -> None:
    roots = {"P-256": "bc-java_BECVCA00001.cvcert", "brainpoolP256r1": "openpace_DECVCAeID00102.cvcert"}
    for curve, name in roots.items():
        key = good((samples / "cvc" / name).read_bytes()).key
        assert key is not None
        assert key.parameters == CURVES[curve]


@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES)
def test_a_curves_base_point_lies_on_it(curve: object) -> None:
    assert isinstance(curve, type(CURVES["P-256"]))
    x, y = int.from_bytes(curve.generator[1:33]), int.from_bytes(curve.generator[33:])
    assert (y * y - x**3 - curve.a * x - curve.b) % curve.prime == 0
    assert curve.size == 32
    assert replace(curve, b=curve.b + 1).name == "other"
    assert replace(curve, cofactor=2).name == "other"


def test_a_devices_leaf_names_its_umi_id_its_issuer_and_its_role() -> None:
    leaf = good(certificate())
    assert (leaf.title, leaf.car, leaf.chr, leaf.umi_id) == ("certificate", "UMIROOT00001", "0019020000000001", "0019020000000001")
    assert leaf.authorization is not None
    assert (leaf.authorization.role, leaf.authorization.rights) == (3, b"\x03")
    assert leaf.key == PublicKey("0.4.0.127.0.7.2.2.2.2.3", "id-TA-ECDSA-SHA-256", None, written.P256_GENERATOR)
    assert leaf.effective is not None
    assert leaf.expiration is not None
    assert astuple(leaf.effective) == ("2015-05-07", 1_430_956_800)
    assert astuple(leaf.expiration) == ("2025-05-06", 1_746_489_600)
    assert leaf.signature is not None
    assert (leaf.signature.r, leaf.signature.s) == (bytes(range(32)), bytes(range(32, 64)))


# The same leaf written by hand, byte by byte after wire-format section 5.
BY_HAND = """
    7f21 81e1  7f4e 819a
      5f29 01 00
      42 0c 554d49 524f4f54 3030303031
      7f49 4f  06 0a 04007f00070202020203
               86 41 04 6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296
                        4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5
      5f20 10 30303139303230303030303030303031
      7f4c 0e  06 09 04007f000703010201  53 01 03
      5f25 06 01 05 00 05 00 07
      5f24 06 02 05 00 05 00 06
    5f37 40 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
            202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f
"""


def test_the_leaf_written_by_hand_is_the_same() -> None:
    data = bytes.fromhex("".join(BY_HAND.split()))
    assert data == certificate()
    assert rewritten(good(data)) == data


def test_the_tree_shows_each_field_at_its_bytes() -> None:
    data = certificate()
    reading = read_certificate(data)
    body = reading.tree.children[0]
    assert [node.name for node in reading.tree.children] == ["body", "signature"]
    assert [(node.name, node.start_bit // 8, node.text) for node in body.children] == [
        ("profile_identifier", 8, "0 (version 1)"), ("car", 12, "UMIROOT00001"), ("public_key", 26, "the issuer's curve"),
        ("chr", 108, "0019020000000001"), ("authorization", 127, "7F4C, 14 bytes"), ("effective", 144, "2015-05-07"),
        ("expiration", 153, "2025-05-06"),
    ]  # fmt: skip
    role, rank = node_of(reading, "role"), node_of(reading, "rank")
    assert (role.value, role.provenance, role.end_bit - role.start_bit) == (3, "P", 4)
    assert (rank.value, rank.provenance, rank.end_bit - rank.start_bit) == ("terminal", "S: BSI TR-03110-3", 2)
    assert data[role.start_bit // 8] == 3
    assert data[node_of(reading, "s").start_bit // 8 :] == bytes(range(32, 64))
    assert all(node.provenance for _, node in reading.tree.walk())
    assert not any(node.problem for _, node in reading.tree.walk())


@pytest.mark.parametrize("role", range(16))
def test_the_role_is_the_low_nibble(role: int) -> None:
    rights = tlv(0x7F4C, tlv(0x06, written.TERMINAL), tlv(0x53, bytes([0xC0 | role])))
    authorization = good(certificate(*written.LEAF_FIELDS[:4], rights, *written.LEAF_FIELDS[5:])).authorization
    assert authorization is not None
    assert (authorization.role, authorization.rank) == (role, "authority")


def test_rank_is_said_of_the_standards_terminals_only() -> None:
    rights = tlv(0x7F4C, tlv(0x06, bytes.fromhex("2b06010401")), tlv(0x53, b"\xc3"))
    authorization = good(certificate(*written.LEAF_FIELDS[:4], rights, *written.LEAF_FIELDS[5:])).authorization
    assert authorization is not None
    assert (authorization.oid, authorization.name, authorization.role, authorization.rank) == ("1.3.6.1.4.1", "", 3, None)


def test_a_root_names_itself_and_a_link_brings_the_next_key_of_its_root() -> None:
    curve = CURVES["P-256"]
    key = tlv(0x7F49, *key_fields(PublicKey("0.4.0.127.0.7.2.2.2.2.3", "", "P-256", curve.generator, curve)))
    rest = (written.CHAT, written.EFFECTIVE, written.EXPIRATION)
    root = good(certificate(written.VERSION, written.CAR, key, tlv(0x5F20, b"UMIROOT00001"), *rest))
    link = good(certificate(written.VERSION, written.CAR, key, tlv(0x5F20, b"UMIROOT00002"), *rest))
    assert (root.title, root.is_self_issued, root.is_link) == ("root certificate", True, False)
    assert (link.title, link.is_self_issued, link.is_link) == ("link certificate", False, True)


def test_extensions_say_where_their_content_is() -> None:
    content = tlv(0x80, b"\x01\x02") + tlv(0x81, b"\x03")
    known = tlv(0x73, tlv(0x06, bytes.fromhex("04007f000703010301")), content)
    other = tlv(0x73, tlv(0x06, b"\x2a\x03"), tlv(0xA0, tlv(0x02, b"\x05")))
    data = certificate(*written.LEAF_FIELDS, tlv(0x65, known, other))
    first, second = good(data).extensions
    assert (first.oid, first.name, data[slice(*first.place)]) == ("0.4.0.127.0.7.3.1.3.1", "id-description", content)
    assert (second.oid, second.name, data[slice(*second.place)]) == ("1.2.3", "", tlv(0xA0, tlv(0x02, b"\x05")))


def test_a_request_has_neither_rights_nor_dates() -> None:
    request = good(certificate(*written.REQUEST_FIELDS))
    assert (request.title, request.car, request.authorization, request.effective, request.expiration) == (
        "certificate request", None, None, None, None,
    )  # fmt: skip
    assert good(certificate(written.VERSION, written.CAR, written.KEY, written.CHR)).car == "UMIROOT00001"


def test_an_authenticated_request_is_signed_once_more() -> None:
    data = tlv(0x67, certificate(*written.REQUEST_FIELDS), tlv(0x42, b"UMIROOT00001"), tlv(0x5F37, bytes(64)))
    request = good(data)
    assert (request.title, request.chr, request.car) == ("authenticated request", written.DEVICE, None)
    assert request.authentication is not None
    assert request.authentication.car == "UMIROOT00001"
    assert rewritten(request) == data


@pytest.mark.parametrize("number", range(7))
def test_a_missing_field_is_told_where_it_should_be(number: int) -> None:
    fields = list(written.LEAF_FIELDS)
    tag = ("5F29", "42", "7F49", "5F20", "7F4C", "5F25", "5F24")[number]
    del fields[number]
    data = certificate(*fields)
    body_head = data.index(written.LEAF_FIELDS[0] if number else written.LEAF_FIELDS[1])
    ((code, at, text),) = complaints(data)
    assert (code, at) == ("malformed-certificate", body_head + len(b"".join(fields[:number])))
    assert text.startswith(f"{tag} (")
    assert text.endswith(") is missing")


def test_fields_out_of_order_repeated_or_unknown_are_told_at_their_bytes() -> None:
    fields = list(written.LEAF_FIELDS)
    swapped = certificate(*fields[:5], fields[6], fields[5])
    assert complaints(swapped) == [("malformed-certificate", swapped.index(fields[5]), "5F25 is out of order")]
    twice = certificate(*fields[:4], fields[3], *fields[4:])
    assert complaints(twice) == [("malformed-certificate", twice.index(fields[3]) + len(fields[3]), "5F20 is here a second time")]
    strange = certificate(*fields, tlv(0x5F2A, b"\x01"))
    assert complaints(strange) == [("malformed-certificate", strange.index(b"\x5f\x2a"), "5F2A does not belong here")]


def test_of_a_repeated_field_the_first_counts_with_all_that_is_in_it() -> None:
    bare = tlv(0x7F49, tlv(0x06, written.ECDSA_SHA256))
    reading = read_certificate(certificate(written.VERSION, bare, written.KEY, written.CHR))
    assert [problem.text for problem in reading.problems] == ["86 (Public point) is missing", "7F49 is here a second time"]
    assert reading.certificate is not None
    assert reading.certificate.key is not None
    assert reading.certificate.key.point is None


@pytest.mark.parametrize(("number", "tag", "value", "complaint"), [
    (0, 0x5F29, b"\x01", "the only known profile identifier is 0"),
    (0, 0x5F29, b"", "the profile identifier has 0 bytes instead of 1"),
    (1, 0x42, b"", "a reference has 1 to 16 characters, not 0"),
    (1, 0x42, b"A" * 17, "a reference has 1 to 16 characters, not 17"),
    (3, 0x5F20, b"A\nB", "a reference holds the byte 0A, which is no character"),
    (5, 0x5F25, bytes([1, 5, 1, 3, 0, 7]), "there is no day 2015-13-07"),
    (5, 0x5F25, bytes([1, 5, 0, 2, 2, 9]), "there is no day 2015-02-29"),
    (5, 0x5F25, bytes([1, 5, 0, 5, 0, 0]), "there is no day 2015-05-00"),
    (5, 0x5F25, bytes([1, 5, 0, 5, 0, 0x37]), "a date holds the byte 37, which is no digit"),
    (5, 0x5F25, bytes([0x15, 0x05, 0x07]), "a date has 3 bytes instead of 6"),
    (6, 0x5F24, bytes([1, 5, 0, 5, 0, 6]), "the expiration date lies before the effective date"),
])  # fmt: skip
def test_a_value_that_must_not_be_is_told_at_its_first_byte(number: int, tag: int, value: bytes, complaint: str) -> None:
    fields = list(written.LEAF_FIELDS)
    fields[number] = tlv(tag, value)
    data = certificate(*fields)
    assert complaints(data) == [("bad-certificate-value", data.index(fields[number]) + len(fields[number]) - len(value), complaint)]


def test_a_certificate_of_one_day_is_in_order() -> None:
    assert complaints(certificate(*written.LEAF_FIELDS[:6], tlv(0x5F24, digits("150507")))) == []


@pytest.mark.parametrize(("point", "complaint"), [
    (written.P256_GENERATOR[:-1], "a point is 04 with two coordinates of the same length"),
    (b"\x02" + written.P256_GENERATOR[1:33], "a point is 04 with two coordinates of the same length"),
    (b"", "a point is 04 with two coordinates of the same length"),
])  # fmt: skip
def test_a_point_is_uncompressed(point: bytes, complaint: str) -> None:
    key = tlv(0x7F49, tlv(0x06, written.ECDSA_SHA256), tlv(0x86, point))
    ((code, _, text),) = complaints(certificate(written.VERSION, key, written.CHR))
    assert (code, text) == ("bad-certificate-value", complaint)


def test_a_point_has_coordinates_as_long_as_its_curves() -> None:
    curve = CURVES["P-256"]
    key = tlv(0x7F49, *key_fields(PublicKey("0.4.0.127.0.7.2.2.2.2.3", "", "P-256", b"\x04" + bytes(48), curve)))
    ((_, _, text),) = complaints(certificate(written.VERSION, key, written.CHR))
    assert text == "the coordinates have 24 bytes, those of the curve 32"


def test_a_curve_is_described_wholly_or_not_at_all() -> None:
    curve = CURVES["P-256"]
    parts = key_fields(PublicKey("0.4.0.127.0.7.2.2.2.2.3", "", "P-256", curve.generator, curve))
    data = certificate(written.VERSION, tlv(0x7F49, *parts[:3], *parts[4:]), written.CHR)
    ((code, _, text),) = complaints(data)
    assert (code, text) == (
        "malformed-certificate", "the curve is described in part only: either all of 81 to 85 are there or none",
    )  # fmt: skip
    reading = read_certificate(data).certificate
    assert reading is not None
    assert reading.key is not None
    assert (reading.key.curve, reading.key.parameters) == (None, None)


@pytest.mark.parametrize(("oid", "complaint"), [
    (b"", "an object identifier has at least one byte"),
    (b"\x04\x80\x01", "a number of the object identifier takes more bytes than it needs"),
    (b"\x04\x81", "the object identifier breaks off inside a number"),
    (b"\x2a" * 33, "an object identifier of 33 bytes is longer than any that is used"),
])  # fmt: skip
def test_an_object_identifier_is_written_in_its_shortest_form(oid: bytes, complaint: str) -> None:
    rights = tlv(0x7F4C, tlv(0x06, oid), tlv(0x53, b"\x03"))
    ((code, _, text),) = complaints(certificate(*written.LEAF_FIELDS[:4], rights, *written.LEAF_FIELDS[5:]))
    assert (code, text) == ("bad-certificate-value", complaint)


@pytest.mark.parametrize(
    ("oid", "numbers"), [("2a03", "1.2.3"), ("883703", "2.999.3"), ("7f", "2.47"), ("00", "0.0"), ("53", "2.3")]
)
def test_an_object_identifier_is_numbers_with_dots(oid: str, numbers: str) -> None:
    rights = tlv(0x7F4C, tlv(0x06, bytes.fromhex(oid)), tlv(0x53, b"\x03"))
    authorization = good(certificate(*written.LEAF_FIELDS[:4], rights, *written.LEAF_FIELDS[5:])).authorization
    assert authorization is not None
    assert authorization.oid == numbers


def test_what_is_no_certificate_is_said_to_be_none() -> None:
    reading = read_certificate(bytes.fromhex("3003020101"))
    assert reading.certificate is None
    assert [problem.text for problem in reading.problems] == [
        "a certificate begins with 7F21 and a request with 7F21 or 67, not with 30"
    ]
    assert complaints(b"") == [("malformed-tlv", 0, "there are no bytes")]


def test_a_certificate_that_is_cut_short_has_one_problem_where_it_ends_and_keeps_what_came() -> None:
    data = certificate()
    for size in range(3, len(data)):
        ((code, at, _),) = complaints(data[:size])
        assert (code, at) == ("malformed-tlv", size)
    cut = read_certificate(data[:130]).certificate
    assert cut is not None
    assert (cut.car, cut.chr, cut.authorization, cut.signature) == ("UMIROOT00001", written.DEVICE, cut.authorization, None)


def test_a_signature_covers_what_came_whole_and_stands_together() -> None:
    data = certificate().replace(written.CHAT, tlv(0x7F4C, b"\x00" * 14))
    reading = read_certificate(data).certificate
    assert reading is not None
    assert reading.signature is not None, "its body came whole, whatever is in it"
    apart = tlv(0x67, certificate(*written.REQUEST_FIELDS), tlv(0x53, b"\x01"), written.CAR, tlv(0x5F37, bytes(64)))
    request = read_certificate(apart).certificate
    assert request is not None
    assert request.authentication is not None
    assert request.authentication.signature is None


def test_certificates_in_a_row_are_told_apart() -> None:
    leaf, request = certificate(), tlv(0x67, certificate(*written.REQUEST_FIELDS), written.CAR, tlv(0x5F37, bytes(64)))
    assert list(split(leaf + request + leaf)) == [leaf, request, leaf]
    assert list(split(leaf + b"\x00\x7f\x21")) == [leaf + b"\x00\x7f\x21"]
    assert list(split(leaf + leaf[:20])) == [leaf, leaf[:20]]
    assert list(split(b"")) == []


def test_a_certificate_is_known_by_its_first_bytes(samples: Path) -> None:
    assert all(begins_certificate((samples / "cvc" / name).read_bytes()) for name in REAL)
    assert not any(begins_certificate(data) for data in (b"", b"\x7f", b"\x67", b"\x67\x00\x00", b"gas meter", b"\x30\x03\x7f\x21"))


def assert_accounted_for(reading: CertificateReading, data: bytes) -> None:
    """The tree holds all bytes; nodes lie in theirs, one after the other; every problem is at a byte."""
    assert (reading.tree.start_bit, reading.tree.end_bit) == (0, len(data) * 8)
    for _, node in reading.tree.walk():
        at = node.start_bit
        for child in node.children:
            assert at <= child.start_bit <= child.end_bit <= node.end_bit
            at = child.end_bit
        if node.children and node.value is None:
            assert node.children[0].start_bit - node.start_bit <= TAG_AND_LENGTH
            assert all(one.end_bit == two.start_bit for one, two in pairwise(node.children))
            assert node.children[-1].end_bit == node.end_bit
    assert all(0 <= problem.at <= len(data) and problem.text for problem in reading.problems)
    told = [problem.text for problem in reading.problems]
    shown = "; ".join(node.problem for _, node in reading.tree.walk() if node.problem)
    assert all(text in shown for text in told)


@given(st.binary(max_size=300), st.sampled_from([b"", b"\x7f\x21", b"\x67\x30", b"\x7f\x21\x40\x7f\x4e\x30"]))
@example(b"", b"")
def test_any_bytes_are_read_as_a_certificate(rest: bytes, start: bytes) -> None:
    data = start + rest
    reading = read_certificate(data)
    if data:
        assert_accounted_for(reading, data)
    assert reading.problems or reading.certificate
    assert b"".join(split(data)) == data


@given(draw=st.data())
def test_real_certificates_with_wrong_bytes_are_read_all_the_same(draw: st.DataObject, samples: Path) -> None:
    name = draw.draw(st.sampled_from(sorted(REAL)))
    data = bytearray((samples / "cvc" / name).read_bytes())
    for _ in range(draw.draw(st.integers(1, 4))):
        at = draw.draw(st.integers(0, len(data) - 1))
        match draw.draw(st.sampled_from(["change", "insert", "remove"])):
            case "change":
                data[at] = draw.draw(st.integers(0, 255))
            case "insert":
                data[at:at] = draw.draw(st.binary(min_size=1, max_size=4))
            case _:
                del data[at : at + draw.draw(st.integers(1, 8))]
    assert_accounted_for(read_certificate(bytes(data)), bytes(data))


@given(draw=st.data())
def test_a_real_certificate_with_a_byte_more_or_less_is_never_in_order(draw: st.DataObject, samples: Path) -> None:
    name = draw.draw(st.sampled_from(sorted(REAL)))
    data = (samples / "cvc" / name).read_bytes()
    at = draw.draw(st.integers(0, len(data) - 1))
    assert read_certificate(data[:at] + data[at + 1 :]).problems
    assert read_certificate(data[:at] + b"\x01" + data[at:]).problems
