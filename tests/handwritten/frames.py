"""Link frames (section 3): sof, length minus one, route, control, link_status, fragment, payload, crc low byte first."""

from __future__ import annotations

from tests.handwritten.answers import Fields, Frame


def _fields(
    kind: str | int,
    route: tuple[int, int],
    bits: tuple[bool, bool, int],
    length: int,
    *,
    fragment: int = 0,
    payload: str = "",
) -> Fields:
    """A frame record's fields; `route` is (destination, source), `bits` is (first, last, seq)."""
    return {
        "type": kind,
        "dst_port": route[0],
        "src_port": route[1],
        "first": bits[0],
        "last": bits[1],
        "seq": bits[2],
        "fragment": fragment,
        "length": length,
        "payload": payload,
        "crc_ok": True,
        "malformed": None,
    }


# --- data: type 0, control 0b000 f l sss -------------------------------------------------------------------------------

DATA_EMPTY = Frame(  # 8 bytes, the shortest there is
    "an empty packet to port 1", "A5 07 10 18 00 00 E0D3", _fields("data", (1, 0), (True, True, 0), 8)
)
DATA_TO_HOST = Frame("an empty packet from port 1", "A5 07 01 18 00 00 FA0C", _fields("data", (0, 1), (True, True, 0), 8))
DATA_ONE_BYTE = Frame(
    "one byte with the highest seq", "A5 08 10 1F 00 00 5A D280", _fields("data", (1, 0), (True, True, 7), 9, payload="5a")
)
DATA_MIDDLE = Frame(
    "neither first nor last",
    "A5 09 10 07 00 01 CAFE A229",
    _fields("data", (1, 0), (False, False, 7), 10, fragment=1, payload="cafe"),
)
DATA_FIRST = Frame("first, not last", "A5 09 10 16 00 00 0102 9BDF", _fields("data", (1, 0), (True, False, 6), 10, payload="0102"))
DATA_LAST = Frame(
    "last, not first, the highest index",
    "A5 09 10 09 00 FF 0304 5291",
    _fields("data", (1, 0), (False, True, 1), 10, fragment=255, payload="0304"),
)
DATA_265TH = Frame(  # the longest packet's last fragment: 264 modulo 256
    "the last of 265 fragments",
    "A5 09 10 0A 00 08 AA55 44B7",
    _fields("data", (1, 0), (False, True, 2), 10, fragment=8, payload="aa55"),
)
DATA_WRAPPED = Frame(  # the 257th fragment is neither first nor last, and has index 0 again
    "an index that wrapped to 0", "A5 09 10 00 00 00 00FF F165", _fields("data", (1, 0), (False, False, 0), 10, payload="00ff")
)
FORWARDED = Frame("from port 5 to port 2", "A5 08 25 1A 00 00 77 E7E6", _fields("data", (2, 5), (True, True, 2), 9, payload="77"))
FORWARDED_HIGH = Frame(
    "from port 14 to port 15", "A5 08 FE 1B 00 00 77 8742", _fields("data", (15, 14), (True, True, 3), 9, payload="77")
)
DATA_OF_SOFS = Frame(  # neither a sof nor filler means anything inside a frame
    "sofs and filler as payload",
    "A5 0C 10 1C 00 00 A5A500FFA5 273F",
    _fields("data", (1, 0), (True, True, 4), 13, payload="a5a500ffa5"),
)
DATA_STATUS = Frame(  # the byte should be 0 here
    "a link status in data", "A5 0A 10 18 02 00 010203 9C4D", _fields("data", (1, 0), (True, True, 0), 11, payload="010203"), "busy"
)
DATA_HOST_TO_HOST = Frame("both ports 0", "A5 07 00 18 00 00 4110", _fields("data", (0, 0), (True, True, 0), 8))
DATA_SAME_PORT = Frame("both ports 7", "A5 07 77 18 00 00 251D", _fields("data", (7, 7), (True, True, 0), 8))
DATA_CRC_ENDS_00 = Frame(
    "a crc that ends like filler 00", "A5 09 10 18 00 00 0080 E100", _fields("data", (1, 0), (True, True, 0), 10, payload="0080")
)
DATA_CRC_ENDS_FF = Frame(
    "a crc that ends like filler FF", "A5 09 10 18 00 00 00F8 2EFF", _fields("data", (1, 0), (True, True, 0), 10, payload="00f8")
)
DATA_FULL = Frame(  # 256 bytes, the longest there is
    "248 bytes of payload",
    "A5 FF 10 10 00 00"
    "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
    "202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F"
    "404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F"
    "606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F"
    "808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9F"
    "A0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBF"
    "C0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"
    "E0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7"
    "554D",
    _fields("data", (1, 0), (True, False, 0), 256, payload=bytes(range(248)).hex()),
)
DATA_FULL_OF_SOFS = Frame(
    "248 sofs as payload",
    "A5 FF 01 08 00 01" + "A5" * 248 + "FD7B",
    _fields("data", (0, 1), (False, True, 0), 256, fragment=1, payload="a5" * 248),
)
DATA_255 = Frame(
    "247 bytes of payload",
    "A5 FE 01 1D 00 00" + "00" * 247 + "E36B",
    _fields("data", (0, 1), (True, True, 5), 255, payload="00" * 247),
)

DATA_OF_A_FRAME = Frame(
    "a whole frame as payload",
    "A5 0F 10 18 00 00 A50710600000FA95 7066",
    _fields("data", (1, 0), (True, True, 0), 16, payload="a50710600000fa95"),
)
DATA_THAT_OVERLAPS = Frame(  # its last four bytes begin the next
    "a payload and crc that begin another frame",
    "A5 09 10 18 00 00 A50B 7DEB",
    _fields("data", (1, 0), (True, True, 0), 10, payload="a50b"),
)

# --- ack: type 1, control 0b001 00 sss ---------------------------------------------------------------------------------

ACK_FROM_1 = Frame("port 1 acknowledges seq 0", "A5 07 01 20 00 00 964C", _fields("ack", (0, 1), (False, False, 0), 8))
ACK_TO_1 = Frame("the host acknowledges seq 0", "A5 07 10 20 00 00 8C93", _fields("ack", (1, 0), (False, False, 0), 8))
ACK_5 = Frame("seq 5", "A5 07 01 25 00 00 2B75", _fields("ack", (0, 1), (False, False, 5), 8))
ACK_7 = Frame("port 15 acknowledges seq 7", "A5 07 0F 27 00 00 D16E", _fields("ack", (0, 15), (False, False, 7), 8))
ACK_FORWARDED = Frame("route swapped, between peripherals", "A5 07 52 23 00 00 2953", _fields("ack", (5, 2), (False, False, 3), 8))
ACK_BUSY = Frame("a reason in an ack", "A5 07 10 22 02 00 8415", _fields("ack", (1, 0), (False, False, 2), 8), "busy")
ACK_FLAGGED = Frame("first and last in an ack", "A5 07 10 38 00 00 DBD0", _fields("ack", (1, 0), (True, True, 0), 8))

# --- nak: type 2, control 0b010 00 sss ---------------------------------------------------------------------------------

NAK_OK = Frame("no reason", "A5 07 10 40 00 00 C196", _fields("nak", (1, 0), (False, False, 0), 8))
NAK_BAD_CRC = Frame("reason 1", "A5 07 10 41 01 00 C5D5", _fields("nak", (1, 0), (False, False, 1), 8), "bad_crc")
NAK_BUSY = Frame("reason 2", "A5 07 01 42 02 00 D3CF", _fields("nak", (0, 1), (False, False, 2), 8), "busy")
NAK_NO_BUFFER = Frame("reason 3", "A5 07 10 43 03 00 CD53", _fields("nak", (1, 0), (False, False, 3), 8), "no_buffer")
NAK_NO_ROUTE = Frame("reason 4", "A5 07 25 44 04 00 65B0", _fields("nak", (2, 5), (False, False, 4), 8), "no_route")
NAK_SEQUENCE = Frame("reason 5", "A5 07 10 45 05 00 C4D1", _fields("nak", (1, 0), (False, False, 5), 8), "sequence")
NAK_NOT_POWERED = Frame("reason 6", "A5 07 01 46 06 00 D2CB", _fields("nak", (0, 1), (False, False, 6), 8), "not_powered")
NAK_7 = Frame("a reason without a name", "A5 07 10 47 07 00 CC57", _fields("nak", (1, 0), (False, False, 7), 8), 7)
NAK_255 = Frame("the highest reason", "A5 07 10 40 FF 00 0169", _fields("nak", (1, 0), (False, False, 0), 8), 255)

# --- poll 3, idle 4, reset 5 -------------------------------------------------------------------------------------------

POLL_1 = Frame("the host polls port 1", "A5 07 10 60 00 00 FA95", _fields("poll", (1, 0), (False, False, 0), 8))
POLL_15 = Frame("the host polls port 15", "A5 07 F0 60 00 00 7021", _fields("poll", (15, 0), (False, False, 0), 8))
POLL_INDEXED = Frame(
    "a fragment index in a poll", "A5 07 10 60 00 09 3B08", _fields("poll", (1, 0), (False, False, 0), 8, fragment=9)
)
IDLE_1 = Frame("port 1 has nothing", "A5 07 01 80 00 00 4143", _fields("idle", (0, 1), (False, False, 0), 8))
IDLE_15 = Frame("port 15 has nothing", "A5 07 0F 80 00 00 03ED", _fields("idle", (0, 15), (False, False, 0), 8))
RESET_TO_1 = Frame("the host resets port 1", "A5 07 10 A0 00 00 609F", _fields("reset", (1, 0), (False, False, 0), 8))
RESET_FROM_1 = Frame("port 1 resets", "A5 07 01 A0 00 00 7A40", _fields("reset", (0, 1), (False, False, 0), 8))

# --- power 6: port u8, rail u8, limit_ma u16 ---------------------------------------------------------------------------

POWER_HIGH = Frame(
    "12 V, 1 A",
    "A5 0B 50 C0 00 00 05 02 03E8 1EBD",
    _fields("power", (5, 0), (False, False, 0), 12, payload="050203e8"),
    notice={"port": 5, "rail": "high", "limit_ma": 1000},
)
POWER_LOW = Frame(
    "3 V, 50 mA",
    "A5 0B 10 C0 00 00 01 01 0032 D816",
    _fields("power", (1, 0), (False, False, 0), 12, payload="01010032"),
    notice={"port": 1, "rail": "low", "limit_ma": 50},
)
POWER_OFF = Frame(
    "off",
    "A5 0B F0 C0 00 00 0F 00 0000 34E8",
    _fields("power", (15, 0), (False, False, 0), 12, payload="0f000000"),
    notice={"port": 15, "rail": "off", "limit_ma": 0},
)
POWER_UNKNOWN = Frame(
    "a rail without a name",
    "A5 0B 30 C0 00 00 03 03 FFFF CFCE",
    _fields("power", (3, 0), (False, False, 0), 12, payload="0303ffff"),
    notice={"port": 3, "rail": 3, "limit_ma": 65535},
)

# --- reserved 7: a number without a meaning, hence without a name -------------------------------------------------------

RESERVED = Frame("type 7", "A5 07 10 E0 00 00 1699", _fields(7, (1, 0), (False, False, 0), 8))
RESERVED_FULL = Frame(
    "type 7, all control bits, with payload",
    "A5 0B 0C FF 00 00 DEADBEEF 9FF4",
    _fields(7, (0, 12), (True, True, 7), 12, payload="deadbeef"),
)

RESERVED_OVERLAPPED = Frame(
    "type 7, begun by another frame's end",
    "A5 0B 7D EB 00 00 11223344 80CF",
    _fields(7, (7, 13), (False, True, 3), 12, payload="11223344"),
)

FRAMES: list[Frame] = [
    DATA_EMPTY,
    DATA_TO_HOST,
    DATA_ONE_BYTE,
    DATA_MIDDLE,
    DATA_FIRST,
    DATA_LAST,
    DATA_265TH,
    DATA_WRAPPED,
    FORWARDED,
    FORWARDED_HIGH,
    DATA_OF_SOFS,
    DATA_STATUS,
    DATA_HOST_TO_HOST,
    DATA_SAME_PORT,
    DATA_CRC_ENDS_00,
    DATA_CRC_ENDS_FF,
    DATA_FULL,
    DATA_FULL_OF_SOFS,
    DATA_255,
    DATA_OF_A_FRAME,
    DATA_THAT_OVERLAPS,
    ACK_FROM_1,
    ACK_TO_1,
    ACK_5,
    ACK_7,
    ACK_FORWARDED,
    ACK_BUSY,
    ACK_FLAGGED,
    NAK_OK,
    NAK_BAD_CRC,
    NAK_BUSY,
    NAK_NO_BUFFER,
    NAK_NO_ROUTE,
    NAK_SEQUENCE,
    NAK_NOT_POWERED,
    NAK_7,
    NAK_255,
    POLL_1,
    POLL_15,
    POLL_INDEXED,
    IDLE_1,
    IDLE_15,
    RESET_TO_1,
    RESET_FROM_1,
    POWER_HIGH,
    POWER_LOW,
    POWER_OFF,
    POWER_UNKNOWN,
    RESERVED,
    RESERVED_FULL,
    RESERVED_OVERLAPPED,
]
