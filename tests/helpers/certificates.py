"""Card-verifiable certificates for tests, written by the rules of BSI TR-03110-3."""

from __future__ import annotations

P256_GENERATOR = bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
ECDSA_SHA256 = bytes.fromhex("04007f00070202020203")
TERMINAL = bytes.fromhex("04007f000703010201")
SIGNATURE = bytes(range(64))
DEVICE = "0019020000000001"


def tlv(tag: int, *values: bytes) -> bytes:
    """One element in its shortest form."""
    value = b"".join(values)
    size = len(value)
    length = bytes([size]) if size < 0x80 else bytes([0x81, size]) if size < 0x100 else b"\x82" + size.to_bytes(2)
    return tag.to_bytes(2 if tag > 0xFF else 1) + length + value


def digits(date: str) -> bytes:
    """A date such as 150507 as six bytes."""
    return bytes(map(int, date))


VERSION = tlv(0x5F29, b"\x00")
CAR, CHR = tlv(0x42, b"UMIROOT00001"), tlv(0x5F20, DEVICE.encode())
KEY = tlv(0x7F49, tlv(0x06, ECDSA_SHA256), tlv(0x86, P256_GENERATOR))
CHAT = tlv(0x7F4C, tlv(0x06, TERMINAL), tlv(0x53, b"\x03"))
EFFECTIVE, EXPIRATION = tlv(0x5F25, digits("150507")), tlv(0x5F24, digits("250506"))
LEAF_FIELDS = (VERSION, CAR, KEY, CHR, CHAT, EFFECTIVE, EXPIRATION)
REQUEST_FIELDS = (VERSION, KEY, CHR)


def certificate(*fields: bytes, signature: bytes = SIGNATURE) -> bytes:
    """A certificate or request with these fields in its body; a device's leaf with role 3 for none."""
    return tlv(0x7F21, tlv(0x7F4E, *(fields or LEAF_FIELDS)), tlv(0x5F37, signature))
