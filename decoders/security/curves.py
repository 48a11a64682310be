"""Domain parameters of elliptic curves over a prime field (SEC 1, BSI TR-03111), and the two that UMI uses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CurveParameters:
    """The curve y² = x³ + ax + b modulo `prime`, its generator point (04 ‖ X ‖ Y), the point's order and the cofactor."""

    prime: int
    a: int
    b: int
    generator: bytes
    order: int
    cofactor: int = 1

    @property
    def size(self) -> int:
        """Bytes of one coordinate."""
        return (self.prime.bit_length() + 7) // 8

    @property
    def name(self) -> str:
        """The name of the curve where it is one that UMI uses, else "other"."""
        return next((name for name, known in CURVES.items() if known == self), "other")


def _curve(prime: str, a: str, b: str, x: str, y: str, order: str) -> CurveParameters:
    number = [int(digits.replace(" ", ""), 16) for digits in (prime, a, b, order)]
    generator = b"\x04" + bytes.fromhex(x) + bytes.fromhex(y)
    return CurveParameters(number[0], number[1], number[2], generator, number[3])


CURVES = {
    # FIPS 186-4 D.1.2.3
    "P-256": _curve(
        "FFFFFFFF 00000001 00000000 00000000 00000000 FFFFFFFF FFFFFFFF FFFFFFFF",
        "FFFFFFFF 00000001 00000000 00000000 00000000 FFFFFFFF FFFFFFFF FFFFFFFC",
        "5AC635D8 AA3A93E7 B3EBBD55 769886BC 651D06B0 CC53B0F6 3BCE3C3E 27D2604B",
        "6B17D1F2 E12C4247 F8BCE6E5 63A440F2 77037D81 2DEB33A0 F4A13945 D898C296",
        "4FE342E2 FE1A7F9B 8EE7EB4A 7C0F9E16 2BCE3357 6B315ECE CBB64068 37BF51F5",
        "FFFFFFFF 00000000 FFFFFFFF FFFFFFFF BCE6FAAD A7179E84 F3B9CAC2 FC632551",
    ),
    # RFC 5639 3.4
    "brainpoolP256r1": _curve(
        "A9FB57DB A1EEA9BC 3E660A90 9D838D72 6E3BF623 D5262028 2013481D 1F6E5377",
        "7D5A0975 FC2C3057 EEF67530 417AFFE7 FB8055C1 26DC5C6C E94A4B44 F330B5D9",
        "26DC5C6C E94A4B44 F330B5D9 BBD77CBF 95841629 5CF7E1CE 6BCCDC18 FF8C07B6",
        "8BD2AEB9 CB7E57CB 2C4B482F FC81B7AF B9DE27E1 E3BD23C2 3A4453BD 9ACE3262",
        "547EF835 C3DAC4FD 97F8461A 14611DC9 C2774513 2DED8E54 5C1D54C7 2F046997",
        "A9FB57DB A1EEA9BC 3E660A90 9D838D71 8C397AA3 B561A6F7 901E0E82 974856A7",
    ),
}  # fmt: skip
"""The curves of wire-format section 5, by name."""
