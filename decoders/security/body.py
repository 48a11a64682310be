"""Which bytes of a packet's body are payload, signature, session, ciphertext and tag (wire-format 4 and 5, placeholders).

Nothing is opened or verified here: what is encrypted stays bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from decoders.profile.layout import Layout, Record
from decoders.profile.wire_profile import WireProfile


@dataclass(frozen=True, slots=True)
class Body:
    """A body in its parts; bit places count from the body's first byte.

    `payload` is None where it is locked; `places` has the first and last byte of each part that is there; `problem` says why the
    body cannot be cut into its parts, and then all of it is `payload` or `ciphertext`.
    """

    payload: bytes | None
    signature: bytes | None = None
    prefix: Record = field(default_factory=dict)
    explicit_iv: bytes = b""
    ciphertext: bytes | None = None
    tag: bytes = b""
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    problem: str = ""

    @property
    def session_id(self) -> str | None:
        """The session's number as hexadecimal digits, where the body names one."""
        value = self.prefix.get("session_id")
        return value if isinstance(value, str) else None


class BodyLayout:
    """Cuts bodies as the profile's protection says."""

    def __init__(self, profile: WireProfile) -> None:
        self._protection = profile.protection
        self._prefix = Layout("prefix", self._protection.prefix, profile.types)
        self._prefix_size = self._prefix.fixed_bytes or 0

    def split(self, body: bytes, *, signed: bool, encrypted: bool) -> Body:
        """The parts of a body whose header has these flags; never raises."""
        if encrypted:
            return self._split_encrypted(body, signed=signed)
        if not signed:
            return Body(body, places={"payload": (0, len(body))})
        inner, signature, problem = self._outer_signature(body)
        if signature is None:
            return Body(body, places={"payload": (0, len(body))}, problem=problem)
        start, end = inner
        places = {"payload": (start, end), "signature": self._signature_place(body)}
        return Body(body[start:end], signature, places=places)

    def _split_encrypted(self, body: bytes, *, signed: bool) -> Body:
        start, end, signature = 0, len(body), None
        places: dict[str, tuple[int, int]] = {}
        if signed and self._protection.order == "encrypt-then-sign":
            (start, end), signature, problem = self._outer_signature(body)
            if signature is None:
                return Body(None, ciphertext=body, places={"ciphertext": (0, len(body))}, problem=problem)
            places["signature"] = self._signature_place(body)
        sizes = {"prefix": self._prefix_size, "explicit_iv": self._protection.explicit_iv_size, "tag": self._protection.tag_size}
        if end - start < sum(sizes.values()):
            problem = f"{end - start} bytes cannot hold what stands around a ciphertext, which takes {sum(sizes.values())}"
            return Body(None, signature, ciphertext=body[start:end], places=places | {"ciphertext": (start, end)}, problem=problem)
        order = ("prefix", "explicit_iv", "tag") if self._protection.tag_place == "before" else ("prefix", "explicit_iv")
        at = start
        for name in order:
            places[name] = (at, at + sizes[name])
            at += sizes[name]
        stop = end if "tag" in places else end - sizes["tag"]
        places.setdefault("tag", (stop, end))
        places["ciphertext"] = (at, stop)
        cut = {name: body[first:last] for name, (first, last) in places.items()}
        prefix = self._prefix.read(cut["prefix"]).record
        return Body(None, signature, prefix, cut["explicit_iv"], cut["ciphertext"], cut["tag"], places)

    def _signature_place(self, body: bytes) -> tuple[int, int]:
        size = self._protection.signature_size
        return (0, size) if self._protection.signature_place == "before" else (len(body) - size, len(body))

    def _outer_signature(self, body: bytes) -> tuple[tuple[int, int], bytes | None, str]:
        """Where the rest is, and the signature that stands before or after it; None where the body is too short."""
        size = self._protection.signature_size
        if len(body) < size:
            return (0, len(body)), None, f"{len(body)} bytes cannot hold a signature of {size}"
        first, last = self._signature_place(body)
        rest = (size, len(body)) if self._protection.signature_place == "before" else (0, first)
        return rest, body[first:last], ""
