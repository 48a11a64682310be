"""Which bytes of a packet's body are payload, signature, session, ciphertext and tag (wire-format 4 and 5, placeholders).

Nothing is opened or verified here: what is encrypted stays bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from decoders.core.tree import Value
from decoders.profile.layout import Layout, Record
from decoders.profile.wire_profile import WireProfile

Place = tuple[int, int]
"""First byte and the byte behind the last, from the body's first."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body in its parts.

    `payload` is None where it is locked; `signature` where there is none in clear; `prefix` has the fields that stand in clear
    before what is encrypted. `places` cover the body, each byte once. `problem` says why the body cannot be cut into its parts,
    and then what is left of it is `payload` or `ciphertext`. Parts of a body that did not come whole may be cut short or empty.
    """

    payload: bytes | None
    signature: bytes | None = None
    prefix: Record = field(default_factory=dict)
    explicit_iv: bytes = b""
    ciphertext: bytes | None = None
    tag: bytes = b""
    places: dict[str, Place] = field(default_factory=dict)
    problem: str = ""

    @property
    def session_id(self) -> str | None:
        """The session's number as hexadecimal digits, where the body names one."""
        return session_digits(self.prefix.get("session_id"))


def session_digits(value: Value) -> str | None:
    """A session's number as hexadecimal digits, whichever way the profile reads it."""
    match value:
        case str(digits):
            return digits
        case int(number):
            return f"{number:08x}"
        case _:
            return None


class BodyLayout:
    """Cuts bodies as the profile's protection says."""

    def __init__(self, profile: WireProfile) -> None:
        self._protection = protection = profile.protection
        self._prefix = Layout("prefix", protection.prefix, profile.types)
        self._sizes = {
            "prefix": self._prefix.fixed_bytes or 0,
            "explicit_iv": protection.explicit_iv_size,
            "tag": protection.tag_size,
        }

    def split(self, body: bytes, *, signed: bool, encrypted: bool, size: int = 0) -> Body:
        """The parts of a body whose header has these flags; never raises.

        `size` is what it should have where less came; what is missing then is missing at the end.
        """
        places, problem = self._places(max(size, len(body)), signed=signed, encrypted=encrypted)
        came = {name: (min(start, len(body)), min(end, len(body))) for name, (start, end) in places.items()}
        part = {name: body[slice(*place)] for name, place in came.items()}
        return Body(
            part.get("payload"),
            part.get("signature"),
            self._prefix.read(part["prefix"]).record if "prefix" in part else {},
            part.get("explicit_iv", b""),
            part.get("ciphertext"),
            part.get("tag", b""),
            came,
            problem,
        )

    def _places(self, size: int, *, signed: bool, encrypted: bool) -> tuple[dict[str, Place], str]:
        """Where the parts of a body of so many bytes are, and why it cannot hold them where it cannot."""
        rules, whole = self._protection, (0, size)
        if not signed or (encrypted and rules.order == "sign-then-encrypt"):
            return self._inside(whole, encrypted=encrypted, hidden=rules.signature_size if signed else 0)
        if size < rules.signature_size:
            problem = f"{size} bytes cannot hold a signature of {rules.signature_size}"
            return {"ciphertext" if encrypted else "payload": whole}, problem
        signature, rest = _cut(whole, rules.signature_size, rules.signature_place)
        places, problem = self._inside(rest, encrypted=encrypted, hidden=0)
        return {"signature": signature} | places, problem

    def _inside(self, place: Place, *, encrypted: bool, hidden: int) -> tuple[dict[str, Place], str]:
        """What stands beside a signature in clear; `hidden` bytes at least are encrypted."""
        if not encrypted:
            return {"payload": place}, ""
        size, least = place[1] - place[0], sum(self._sizes.values()) + hidden
        if size < least:
            return {"ciphertext": place}, f"{size} bytes are too few for an encrypted body, which has at least {least}"
        prefix, rest = _cut(place, self._sizes["prefix"], "before")
        explicit_iv, rest = _cut(rest, self._sizes["explicit_iv"], "before")
        tag, ciphertext = _cut(rest, self._sizes["tag"], self._protection.tag_place)
        return {"prefix": prefix, "explicit_iv": explicit_iv, "tag": tag, "ciphertext": ciphertext}, ""


def _cut(place: Place, size: int, where: str) -> tuple[Place, Place]:
    """So many bytes from before or after the rest, and the rest."""
    start, end = place
    if where == "before":
        return (start, start + size), (start + size, end)
    return (end - size, end), (start, end - size)
