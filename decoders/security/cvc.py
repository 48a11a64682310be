"""Card-verifiable certificates and requests as records (BSI TR-03110-3, wire-format 5). Nothing is verified here.

What verifying needs stands in the record: the bytes that a signature covers, the signature, who made it and whose key it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from decoders.core.tree import FieldNode
from decoders.security import tlv
from decoders.security.curves import CurveParameters
from decoders.security.cvc_grammar import CODES, GRAMMAR, STANDARD, Fields, Kind, Problem, read_fields
from decoders.security.cvc_values import utc_of
from decoders.security.oids import NAMES, ROLES, TERMINAL_ECDSA, is_under

__all__ = [
    "CODES", "Authentication", "Authorization", "Certificate", "CertificateReading", "Day", "Extension", "Problem", "PublicKey",
    "Signature", "begins_certificate", "read_certificate", "split",
]  # fmt: skip

Place = tuple[int, int]
"""First byte and the byte behind the last, from the first of the data."""
Rank = Literal["terminal", "other_verifier", "official_verifier", "authority"]

_RANKS: tuple[Rank, ...] = ("terminal", "other_verifier", "official_verifier", "authority")
_RANK_TEXT = ("terminal", "verifier, private or foreign", "verifier, official or domestic", "authority")
_DOMAIN = ("prime", "a", "b", "generator", "order")
_UMI_ID = re.compile("[0-9A-F]{16}")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key; `oid` and its name also say how its owner signs.

    Of a key on an elliptic curve `point` is as sent (04 ‖ X ‖ Y), `parameters` None where the issuer's curve is inherited and
    `curve` then None too, else the curve's name or "other". Of an RSA key there are `modulus` and `exponent`, and `curve` is "RSA".
    """

    oid: str | None
    algorithm: str
    curve: str | None = None
    point: bytes | None = None
    parameters: CurveParameters | None = None
    modulus: int | None = None
    exponent: int | None = None


@dataclass(frozen=True, slots=True)
class Authorization:
    """What the holder may do (CHAT).

    `rank` is known for the standard's terminal types, `role` where `rights` is one byte: its low nibble (placeholder).
    """

    oid: str | None
    name: str
    rights: bytes | None
    rank: Rank | None
    role: int | None


@dataclass(frozen=True, slots=True)
class Day:
    """A date as in ISO 8601 and its first second, UTC, in seconds since 1970."""

    date: str
    utc: int


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension: its identifier and where the bytes of its content are."""

    oid: str | None
    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature over the bytes of `covers`. `r` and `s` are its halves where it is plain ECDSA (BSI TR-03111 5.2.1), else None."""

    data: bytes
    covers: Place
    r: bytes | None
    s: bytes | None


@dataclass(frozen=True, slots=True)
class Authentication:
    """The outer part of an authenticated request: whose key signed it, and the signature."""

    car: str | None
    signature: Signature | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate or request, with None for what it lacks and what cannot be understood.

    `car` names the issuer's key and `chr` the holder's. It is valid from the first second of `effective` to the last of
    `expiration`. `authentication` is the outer part of an authenticated request.
    """

    kind: Kind
    car: str | None
    chr: str | None
    key: PublicKey | None
    authorization: Authorization | None
    effective: Day | None
    expiration: Day | None
    extensions: tuple[Extension, ...]
    signature: Signature | None
    authentication: Authentication | None

    @property
    def umi_id(self) -> str | None:
        """The device's UMI ID as records write it, where the holder's name is one."""
        return self.chr.lower() if self.chr is not None and _UMI_ID.fullmatch(self.chr) else None

    @property
    def is_self_issued(self) -> bool:
        """Whether issuer and holder have the same name, as in a root's certificate."""
        return self.kind == "certificate" and self.car is not None and self.car == self.chr

    @property
    def is_link(self) -> bool:
        """Whether an authority's next key is introduced by its key before (TR-03110-3 2.2.3)."""
        is_root = self.authorization is not None and self.authorization.rank == "authority"
        brings_curve = self.key is not None and self.key.parameters is not None
        return (
            self.kind == "certificate" and None not in (self.car, self.chr) and self.car != self.chr and (is_root or brings_curve)
        )

    @property
    def title(self) -> str:
        """What it is in words."""
        if self.kind == "certificate":
            return "root certificate" if self.is_self_issued else "link certificate" if self.is_link else "certificate"
        return "certificate request" if self.kind == "request" else "authenticated request"


@dataclass(frozen=True, slots=True)
class CertificateReading:
    """What bytes say as a certificate: None where they are none; `tree` holds every byte; `problems` in order of their bytes."""

    certificate: Certificate | None
    tree: FieldNode
    problems: tuple[Problem, ...]


def begins_certificate(data: bytes) -> bool:
    """Whether bytes begin as a certificate or request does."""
    return data[:2] == b"\x7f\x21" or (data[:1] == b"\x67" and b"\x7f\x21" in (data[at : at + 2] for at in (2, 3, 4)))


def split(data: bytes) -> Iterator[bytes]:
    """Certificates that follow each other, one by one; what else follows one stays with it."""
    while data:
        end = tlv.read(data)[0].end
        if not begins_certificate(data[end:]):
            end = len(data)
        yield data[:end]
        data = data[end:]


def read_certificate(data: bytes) -> CertificateReading:
    """Read a certificate or request; never raises, and whatever is wrong is a problem at its byte."""
    kind, tree, fields = read_fields(data)
    if kind is None:
        return CertificateReading(None, tree, tuple(fields.problems))
    inner = "request." if kind == "authenticated_request" else ""
    body = f"{inner}body."
    key = _key(fields, f"{body}public_key")
    is_plain = key is not None and (key.point is not None or (key.oid is not None and is_under(key.oid, TERMINAL_ECDSA)))
    outer = None
    if kind == "authenticated_request":
        outer = Authentication(fields.text("car"), _signature(fields, "signature", ("request", "car"), is_plain=is_plain))
    certificate = Certificate(
        kind,
        fields.text(f"{body}car"),
        fields.text(f"{body}chr"),
        key,
        _authorization(fields, f"{body}authorization"),
        _day(fields, f"{body}effective"),
        _day(fields, f"{body}expiration"),
        _extensions(fields, f"{body}extensions"),
        _signature(fields, f"{inner}signature", (f"{inner}body",), is_plain=is_plain),
        outer,
    )
    if certificate.effective and certificate.expiration and certificate.expiration.utc < certificate.effective.utc:
        fields.complain_of(f"{body}expiration", "the expiration date lies before the effective date")
    tree.text = f"{certificate.title}, {len(data)} bytes"
    return CertificateReading(certificate, tree, tuple(sorted(fields.problems, key=lambda problem: problem.at)))


def _key(fields: Fields, path: str) -> PublicKey | None:
    if path not in fields.elements:
        return None
    oid = fields.text(f"{path}.algorithm")
    name = NAMES.get(oid or "", "")
    modulus, exponent = fields.raw(f"{path}.modulus"), fields.raw(f"{path}.exponent")
    node = fields.nodes[path]
    if modulus is not None or exponent is not None:
        if modulus:
            node.text = f"RSA, {int.from_bytes(modulus).bit_length()} bits"
        return PublicKey(oid, name, "RSA", modulus=_number(modulus), exponent=_number(exponent))
    parameters = _parameters(fields, path)
    point = fields.raw(f"{path}.point")
    _check_point(fields, f"{path}.point", parameters.size if parameters else None)
    _check_point(fields, f"{path}.generator", parameters.size if parameters else None)
    curve = parameters.name if parameters else None
    node.text = f"curve {curve}" if curve else "the issuer's curve" if not _named(fields, path) else node.text
    return PublicKey(oid, name, curve, point, parameters)


def _parameters(fields: Fields, path: str) -> CurveParameters | None:
    """The curve where all that describes it is there; the cofactor is 1 where it is left out."""
    there = _named(fields, path)
    element = fields.elements[path]
    if there and len(there) < len(_DOMAIN) and element.is_whole:
        text = "the curve is described in part only: either all of 81 to 85 are there or none"
        fields.complain(fields.nodes[path], GRAMMAR, text, element.content)
    raw = [fields.raw(f"{path}.{name}") for name in _DOMAIN]
    prime, a, b, generator, order = raw
    if not (prime and a and b and generator and order):
        return None
    cofactor = fields.raw(f"{path}.cofactor")
    numbers = [int.from_bytes(part) for part in (prime, a, b, order)]
    return CurveParameters(numbers[0], numbers[1], numbers[2], generator, numbers[3], int.from_bytes(cofactor) if cofactor else 1)


def _named(fields: Fields, path: str) -> list[str]:
    """Which of the elements that describe a curve are there."""
    return [name for name in _DOMAIN if f"{path}.{name}" in fields.elements]


def _check_point(fields: Fields, path: str, size: int | None) -> None:
    """Complain of a point that is not uncompressed, or not as long as the curve's coordinates are."""
    point = fields.raw(path)
    if point is None:
        return
    if point[:1] != b"\x04" or len(point) < 3 or len(point) % 2 == 0:
        fields.complain_of(path, "a point is 04 with two coordinates of the same length")
    elif size is not None and len(point) != 1 + 2 * size:
        fields.complain_of(path, f"the coordinates have {len(point) // 2} bytes, those of the curve {size}")


def _authorization(fields: Fields, path: str) -> Authorization | None:
    if path not in fields.elements:
        return None
    oid, rights = fields.text(f"{path}.oid"), fields.raw(f"{path}.rights")
    rank = _RANKS[rights[0] >> 6] if rights and oid is not None and is_under(oid, ROLES) else None
    role = rights[0] & 0x0F if rights is not None and len(rights) == 1 else None
    if rights:
        node, at = fields.nodes[f"{path}.rights"], fields.elements[f"{path}.rights"].content * 8
        if rank is not None:
            node.children.append(FieldNode("rank", rank, "Holder is", _RANK_TEXT[rights[0] >> 6], at, at + 2, STANDARD))
        if role is not None:
            node.children.append(FieldNode("role", role, "UMI role", f"{role:X}", at + 4, at + 8, "P"))
    return Authorization(oid, NAMES.get(oid or "", ""), rights, rank, role)


def _day(fields: Fields, path: str) -> Day | None:
    date = fields.text(path)
    return Day(date, utc_of(date)) if date is not None else None


def _extensions(fields: Fields, path: str) -> tuple[Extension, ...]:
    element, node = fields.elements.get(path), fields.nodes.get(path)
    if element is None or node is None:
        return ()
    found = []
    for one, its_node in zip(element.children, node.children, strict=True):
        oid = next((str(child.value) for child in its_node.children if child.name == "oid" and child.value is not None), None)
        if one.tag == 0x73:
            start = next((child.end for child in one.children if child.tag == 0x06), one.content)
            found.append(Extension(oid, NAMES.get(oid or "", ""), (start, one.end)))
    return tuple(found)


def _signature(fields: Fields, path: str, covered: tuple[str, ...], *, is_plain: bool) -> Signature | None:
    """A signature over neighbouring elements; None where one of them is missing, cut short or elsewhere."""
    data, parts = fields.raw(path), [fields.elements.get(name) for name in covered]
    if data is None:
        return None
    half = len(data) // 2
    is_plain = is_plain and half * 2 == len(data) and half > 0
    if is_plain:
        node, at = fields.nodes[path], (fields.elements[path].content) * 8
        node.children = [
            FieldNode("r", data[:half].hex(), "r", data[:half].hex(), at, at + half * 8, STANDARD),
            FieldNode("s", data[half:].hex(), "s", data[half:].hex(), at + half * 8, at + half * 16, STANDARD),
        ]
        node.text = f"{len(data)} bytes, r and s of {half}"
    whole = [part for part in parts if part is not None and part.is_whole]
    if len(whole) < len(covered) or any(one.end != two.start for one, two in pairwise(whole)):
        return None
    return Signature(data, (whole[0].start, whole[-1].end), data[:half] if is_plain else None, data[half:] if is_plain else None)


def _number(raw: bytes | None) -> int | None:
    return int.from_bytes(raw) if raw else None
