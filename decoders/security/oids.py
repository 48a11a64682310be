"""Object identifiers as card-verifiable certificates use them (ITU-T X.690 8.19; BSI TR-03110-3 A.1 and C)."""

from __future__ import annotations

MOST_BYTES = 32

TERMINAL = "0.4.0.127.0.7.2.2.2"
TERMINAL_RSA, TERMINAL_ECDSA = f"{TERMINAL}.1", f"{TERMINAL}.2"
ROLES = "0.4.0.127.0.7.3.1.2"
_EXTENSIONS = "0.4.0.127.0.7.3.1.3"

NAMES = {
    f"{TERMINAL_RSA}.1": "id-TA-RSA-v1-5-SHA-1",
    f"{TERMINAL_RSA}.2": "id-TA-RSA-v1-5-SHA-256",
    f"{TERMINAL_RSA}.3": "id-TA-RSA-PSS-SHA-1",
    f"{TERMINAL_RSA}.4": "id-TA-RSA-PSS-SHA-256",
    f"{TERMINAL_RSA}.5": "id-TA-RSA-v1-5-SHA-512",
    f"{TERMINAL_RSA}.6": "id-TA-RSA-PSS-SHA-512",
    f"{TERMINAL_ECDSA}.1": "id-TA-ECDSA-SHA-1",
    f"{TERMINAL_ECDSA}.2": "id-TA-ECDSA-SHA-224",
    f"{TERMINAL_ECDSA}.3": "id-TA-ECDSA-SHA-256",
    f"{TERMINAL_ECDSA}.4": "id-TA-ECDSA-SHA-384",
    f"{TERMINAL_ECDSA}.5": "id-TA-ECDSA-SHA-512",
    f"{ROLES}.1": "id-IS",
    f"{ROLES}.2": "id-AT",
    f"{ROLES}.3": "id-ST",
    f"{_EXTENSIONS}.1": "id-description",
    f"{_EXTENSIONS}.2": "id-sector",
}
"""What the standard calls the identifiers that it defines for certificates."""


def read_oid(raw: bytes) -> str:
    """The numbers of an identifier with dots between them, from the bytes of its value; ValueError with what is wrong with it."""
    if not raw:
        raise ValueError("an object identifier has at least one byte")
    if len(raw) > MOST_BYTES:
        raise ValueError(f"an object identifier of {len(raw)} bytes is longer than any that is used")
    if raw[-1] & 0x80:
        raise ValueError("the object identifier breaks off inside a number")
    numbers, number, begins = [], 0, True
    for byte in raw:
        if begins and byte == 0x80:
            raise ValueError("a number of the object identifier takes more bytes than it needs")
        number = number << 7 | byte & 0x7F
        begins = byte < 0x80
        if begins:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def is_under(oid: str, arc: str) -> bool:
    """Whether an identifier is one of those that an arc holds."""
    return oid.startswith(f"{arc}.")
