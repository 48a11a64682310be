"""Packet headers and bodies (section 4).

A header is written as version_flags, service, operation, status; transaction, body_length; source; destination; counter; time.
"""

from __future__ import annotations

from tests.handwritten.answers import Body, Fields, Header, Packet

HOST = "0019020000000001"
METER = "00237ebb1818e811"


def _fields(
    call: tuple[str | int, str | int],
    *,
    version: int = 1,
    flags: str = "",
    status: str | int = "ok",
    transaction: int = 1,
    body_length: int = 0,
    ids: tuple[str, str] = (METER, HOST),
    counter: int = 1,
    time: int = 1700000000,
) -> Fields:
    """A header's fields; `call` is (service, operation), `flags` any of r(esponse), s(igned), e(ncrypted), `ids` (from, to)."""
    return {
        "version": version,
        "response": "r" in flags,
        "signed": "s" in flags,
        "encrypted": "e" in flags,
        "service": call[0],
        "operation": call[1],
        "status": status,
        "transaction": transaction,
        "body_length": body_length,
        "source": ids[0],
        "destination": ids[1],
        "counter": counter,
        "time": time,
    }


# The two directions of one exchange, in hex.
UP = "00237EBB1818E811 0019020000000001 00000001 6553F100"
DOWN = "0019020000000001 00237EBB1818E811 00000001 6553F100"

# --- version_flags: bits 7-4 version, 3 response, 2 signed, 1 encrypted, 0 reserved ------------------------------------

FLAGS = [
    Header("a plain command", "10010200 00010000" + UP, _fields(("power", "release"))),
    Header("a plain response", "18010200 00010000" + DOWN, _fields(("power", "release"), flags="r", ids=(HOST, METER))),
    Header("a signed command", "14010200 00010040" + UP, _fields(("power", "release"), flags="s", body_length=64)),
    Header("an encrypted command", "12010200 00010014" + UP, _fields(("power", "release"), flags="e", body_length=20)),
    Header("signed and encrypted", "16010200 00010054" + UP, _fields(("power", "release"), flags="se", body_length=84)),
    Header("all flags", "1E010200 00010054" + UP, _fields(("power", "release"), flags="rse", body_length=84)),
    Header("the reserved bit", "11010200 00010000" + UP, _fields(("power", "release"))),
    Header("version 0", "00010200 00010000" + UP, _fields(("power", "release"), version=0)),
    Header("version 2", "28010200 00010000" + UP, _fields(("power", "release"), version=2, flags="r")),
    Header(
        "version 15 and every bit", "FF010200 00010054" + UP, _fields(("power", "release"), version=15, flags="rse", body_length=84)
    ),
]

# --- service and operation ---------------------------------------------------------------------------------------------

SERVICES = [
    Header("service 2", "10020100 00010001" + UP, _fields(("events", "notify"), body_length=1)),
    Header("service 3", "10030300 00010004" + UP, _fields(("objects", "list"), body_length=4)),
    Header("service 4", "10040500 00010004" + UP, _fields(("images", "abort"), body_length=4)),
    Header("service 5", "10050300 00010002" + UP, _fields(("tunnelling", "close"), body_length=2)),
    Header("service 6", "10060700 00010002" + UP, _fields(("security", "install"), body_length=2)),
    Header("no service 0", "10000100 00010000" + UP, _fields((0, 1))),
    Header("no service 7", "10070100 00010000" + UP, _fields((7, 1))),
    Header("the highest service", "10FFFF00 00010000" + UP, _fields((255, 255))),
    Header("no operation 0", "10010000 00010000" + UP, _fields(("power", 0))),
    Header("operation 4 is none of power's", "10010400 00010000" + UP, _fields(("power", 4))),
    Header("operation 6 is none of images'", "10040600 00010000" + UP, _fields(("images", 6))),
    Header("operation 8 is none of security's", "10060800 00010000" + UP, _fields(("security", 8))),
]

# --- status: what a response may say -----------------------------------------------------------------------------------

STATUSES = [
    Header("ok", "18030100 00010001" + UP, _fields(("objects", "read"), flags="r", body_length=1)),
    Header("no such service", "18070101 00010000" + UP, _fields((7, 1), flags="r", status="unknown_service")),
    Header("no such operation", "18010402 00010000" + UP, _fields(("power", 4), flags="r", status="unknown_operation")),
    Header("no such code", "18030103 00010000" + UP, _fields(("objects", "read"), flags="r", status="unknown_code")),
    Header("a wrong type", "18030204 00010000" + UP, _fields(("objects", "write"), flags="r", status="bad_type")),
    Header("a wrong value", "18030205 00010000" + UP, _fields(("objects", "write"), flags="r", status="bad_value")),
    Header("not in this role", "18040406 00010000" + UP, _fields(("images", "activate"), flags="r", status="denied")),
    Header("not without proof", "18060507 00010000" + UP, _fields(("security", "close"), flags="r", status="not_authenticated")),
    Header("not now", "18040208 00010000" + UP, _fields(("images", "block"), flags="r", status="busy")),
    Header("a wrong signature", "18060309 00010000" + UP, _fields(("security", "prove"), flags="r", status="bad_signature")),
    Header("not to be opened", "1805020A 00010000" + UP, _fields(("tunnelling", "data"), flags="r", status="decrypt_failed")),
    Header("seen before", "1801010B 00010000" + UP, _fields(("power", "request"), flags="r", status="replay")),
    Header("too much", "1804010C 00010000" + UP, _fields(("images", "announce"), flags="r", status="too_large")),
    Header("a fault within", "1802020D 00010000" + UP, _fields(("events", "read_log"), flags="r", status="internal")),
    Header("a status without a name", "1802020E 00010000" + UP, _fields(("events", "read_log"), flags="r", status=14)),
    Header("the highest status", "180202FF 00010000" + UP, _fields(("events", "read_log"), flags="r", status=255)),
    Header("a status in a command", "10030106 00010001" + UP, _fields(("objects", "read"), status="denied", body_length=1)),
]

# --- numbers at their limits -------------------------------------------------------------------------------------------

LIMITS = [
    Header(
        "all zero",
        "10010200 00000000 0000000000000000 0000000000000000 00000000 00000000",
        _fields(("power", "release"), transaction=0, ids=("0000000000000000", "0000000000000000"), counter=0, time=0),
    ),
    Header(
        "all ones",
        "10010200 FFFFFFFF FFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF FFFFFFFF FFFFFFFF",
        _fields(
            ("power", "release"),
            transaction=65535,
            body_length=65535,
            ids=("ffffffffffffffff", "ffffffffffffffff"),
            counter=4294967295,
            time=4294967295,
        ),
    ),
    Header(
        "every byte another",
        "10050200 A0D70203 0405060708090A0B 0C0D0E0F10111213 14151617 18191A1B",
        _fields(
            ("tunnelling", "data"),
            transaction=41175,
            body_length=515,
            ids=("0405060708090a0b", "0c0d0e0f10111213"),
            counter=336926231,
            time=404298267,
        ),
    ),
    Header("the longest body", "10050200 0001FFDF" + UP, _fields(("tunnelling", "data"), body_length=65503)),
]

HEADERS: list[Header] = [*FLAGS, *SERVICES, *STATUSES, *LIMITS]

# --- bodies: payload, then a signature if signed; session_id, ciphertext and tag if encrypted --------------------------

SIGNATURE = (
    "0102030405060708090a0b0c0d0e0f10 1112131415161718191a1b1c1d1e1f20"
    "2122232425262728292a2b2c2d2e2f30 3132333435363738393a3b3c3d3e3f40"
)
TAG = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"

PACKETS: list[Packet] = [
    # in clear
    Packet(
        "a plain command",
        "10010100 00010007" + UP,
        "00 0032 0000003C",
        Body(payload="0000320000003c"),
        {"class": "low", "current_ma": 50, "duration_s": 60},
    ),
    Packet(
        "its response",
        "18010100 00010006" + DOWN,
        "0032 6553F13C",
        Body(payload="00326553f13c"),
        {"granted_ma": 50, "until": 1700000060},
    ),
    Packet("a command without a payload", "10060200 00010000" + UP, "", Body(payload=""), {}),
    Packet("a response without a payload", "18010200 00010000" + DOWN, "", Body(payload=""), {}),
    Packet("a refusal, where an ok answer has a payload", "18010106 00010000" + DOWN, "", Body(payload=""), {}),
    Packet("a refusal of a challenge", "18060208 00010000" + DOWN, "", Body(payload=""), {}),
    Packet("a refusal of a read", "1803010D 00010000" + DOWN, "", Body(payload=""), {}),
    Packet("an answer to an unknown service", "18070101 00010000" + DOWN, "", Body(payload=""), {}),
    Packet(
        "the longest packet",
        "10050200 0001FFDF" + UP,
        "0001" + "5A" * 65501,
        Body(payload="0001" + "5a" * 65501),
        {"tunnel": 1, "data": "5a" * 65501},
    ),
    # signed
    Packet(
        "a signed command",
        "14030100 00010045" + DOWN,
        "01 00420001" + SIGNATURE,
        Body(payload="0100420001", signature=SIGNATURE),
        {"count": 1, "codes": ["00420001"]},
    ),
    Packet("a signed response without a payload", "1C010200 00010040" + UP, SIGNATURE, Body(payload="", signature=SIGNATURE), {}),
    Packet("a signed refusal", "1C030106 00010040" + UP, SIGNATURE, Body(payload="", signature=SIGNATURE), {}),
    Packet(  # a prove carries one signature, and here the packet a second
        "a signed proof",
        "14060300 00010080" + UP,
        "EE" * 64 + SIGNATURE,
        Body(payload="ee" * 64, signature=SIGNATURE),
        {"signature": "ee" * 64},
    ),
    # to the end of the payload, not of the body
    Packet(
        "signed tunnel data",
        "14050200 00010044" + UP,
        "0001 CAFE" + SIGNATURE,
        Body(payload="0001cafe", signature=SIGNATURE),
        {"tunnel": 1, "data": "cafe"},
    ),
    # encrypted: locked here, so the parts count
    Packet(
        "an encrypted command",
        "12030100 00010019" + DOWN,
        "59A54A7C 1122334455" + TAG,
        Body(session_id="59a54a7c", ciphertext="1122334455", tag=TAG),
    ),
    Packet(
        "an encrypted response without a payload",
        "1A010200 00010014" + UP,
        "0000000A" + TAG,
        Body(session_id="0000000a", ciphertext="", tag=TAG),
    ),
    Packet(
        "signed and encrypted",
        "16030100 00010059" + DOWN,
        "59A54A7C 1122334455" + "77" * 64 + TAG,
        Body(session_id="59a54a7c", ciphertext="1122334455" + "77" * 64, tag=TAG),
    ),
    Packet(
        "signed and encrypted without a payload",
        "1E010200 00010054" + UP,
        "59A54A7C" + "77" * 64 + TAG,
        Body(session_id="59a54a7c", ciphertext="77" * 64, tag=TAG),
    ),
]

BROKEN_PACKETS: list[Packet] = [
    Packet("a byte less than body_length", "10040300 00010004" + UP, "000000", None),
    Packet("a byte more than body_length", "10040300 00010004" + UP, "0000000500", None),
    Packet("nothing of the longest body", "10050200 0001FFDF" + UP, "", None),
    Packet("a body too short for its signature", "14010200 0001003F" + UP, "AA" * 63, None),
    Packet("a body too short for session and tag", "12010200 00010013" + UP, "AA" * 19, None),
    Packet("an encrypted packet without a body", "12010200 00010000" + UP, "", None),
    Packet("half a header", "10010200 0001", "", None),
    Packet("a header without its last byte", "10010200 00010000 00237EBB1818E811 0019020000000001 00000001 6553F1", "", None),
]
