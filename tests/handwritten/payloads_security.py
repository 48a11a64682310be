"""Payloads of the security service (section 6). Certificates and requests are opaque bytes to these layouts."""

from __future__ import annotations

from tests.handwritten.answers import Payload, command, response

POINT = (
    "04"
    "000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1f"
    "202122232425262728292a2b2c2d2e2f 303132333435363738393a3b3c3d3e3f"
)
PROOF = (
    "00112233445566778899aabbccddeeff 00112233445566778899aabbccddeeff"
    "ffeeddccbbaa99887766554433221100 ffeeddccbbaa99887766554433221100"
)

SECURITY: list[Payload] = [
    # present: each length u16, certificate, to the end (leaf first) -> nothing
    command("security", "present", "", {"items": []}),
    command(
        "security",
        "present",
        "0008 7F2105 7F4E00 5F37",
        {"items": [{"length": 8, "certificate": "7f21057f4e005f37"}]},
    ),
    command(
        "security",
        "present",
        "0003 7F2100  0001 AA  0005 7F2102BEEF",
        {
            "items": [
                {"length": 3, "certificate": "7f2100"},
                {"length": 1, "certificate": "aa"},
                {"length": 5, "certificate": "7f2102beef"},
            ]
        },
    ),
    # a certificate of 256 bytes needs both bytes of its length; an empty one is still an item
    command(
        "security",
        "present",
        "0100" + "5A" * 256 + "0000" + "0002 C0DE",
        {
            "items": [
                {"length": 256, "certificate": "5a" * 256},
                {"length": 0, "certificate": ""},
                {"length": 2, "certificate": "c0de"},
            ]
        },
    ),
    response("security", "present", "", {}),
    # challenge: nothing -> nonce 32
    command("security", "challenge", "", {}),
    response(
        "security",
        "challenge",
        "2B7374C9924EC41A352AC0A09CF49E53 45B8095B63A65B18F9AAB9660F7AB2ED",
        {"nonce": "2b7374c9924ec41a352ac0a09cf49e5345b8095b63a65b18f9aab9660f7ab2ed"},
    ),
    # prove: signature 64 -> role u8, lifetime_s u32
    command(
        "security",
        "prove",
        PROOF,
        {
            "signature": (
                "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
                "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"
            )
        },
    ),
    response("security", "prove", "01 00000E10", {"role": 1, "lifetime_s": 3600}),
    response("security", "prove", "0F FFFFFFFF", {"role": 15, "lifetime_s": 4294967295}),
    response("security", "prove", "00 00000000", {"role": 0, "lifetime_s": 0}),
    # establish: session_id u32, ephemeral 65 -> nothing
    command(
        "security",
        "establish",
        "59A54A7C" + POINT,
        {
            "session_id": "59a54a7c",
            "ephemeral": (
                "04000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
                "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
            ),
        },
    ),
    response("security", "establish", "", {}),
    # close: session_id u32 -> nothing
    command("security", "close", "0000000A", {"session_id": "0000000a"}),
    response("security", "close", "", {}),
    # csr: nothing -> request to the end
    command("security", "csr", "", {}),
    response("security", "csr", "67 09 7F2102C0DE 4200 5F3700", {"request": "67097f2102c0de42005f3700"}),
    # install: length u16, certificate -> nothing
    command("security", "install", "0005 7F2102BEEF", {"length": 5, "certificate": "7f2102beef"}),
    command("security", "install", "0000", {"length": 0, "certificate": ""}),
    response("security", "install", "", {}),
]
