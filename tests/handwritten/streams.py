"""Streams: what one line of one transfer carries, and the records it falls into (section 3, "Parsing a stream")."""

from __future__ import annotations

from tests.handwritten.answers import Bad, Seen, Stream
from tests.handwritten.frames import (
    ACK_TO_1,
    DATA_CRC_ENDS_00,
    DATA_CRC_ENDS_FF,
    DATA_EMPTY,
    DATA_FULL,
    DATA_OF_A_FRAME,
    DATA_OF_SOFS,
    DATA_THAT_OVERLAPS,
    POLL_1,
    POWER_HIGH,
    RESERVED_OVERLAPPED,
)

FILLER = [
    Stream("nothing", "", ()),
    Stream("zeros", "00 00 00 00 00 00 00 00 00", ()),
    Stream("ones", "FF FF FF FF FF FF FF FF FF", ()),
    Stream("both fillers", "00 FF 00 00 FF", ()),
]

WHOLE = [
    Stream("one frame", "A50710600000FA95", (Seen(0, 8, POLL_1),)),
    Stream("filler around a frame", "0000FF A50710600000FA95 FF00", (Seen(3, 11, POLL_1),)),
    Stream("two frames in a row", "A50710600000FA95 A507102000008C93", (Seen(0, 8, POLL_1), Seen(8, 16, ACK_TO_1))),
    Stream("filler between two", "A50710600000FA95 00FF A507102000008C93", (Seen(0, 8, POLL_1), Seen(10, 18, ACK_TO_1))),
    Stream(
        "three, the longest in the middle",
        "00 A507102000008C93" + DATA_FULL.hex + "FFFF A50710600000FA95",
        (Seen(1, 9, ACK_TO_1), Seen(9, 265, DATA_FULL), Seen(267, 275, POLL_1)),
    ),
    # a valid frame keeps all its bytes, even those that look like filler, a sof or a frame
    Stream("a crc that ends in 00, then 00", "A509101800000080E100 0000", (Seen(0, 10, DATA_CRC_ENDS_00),)),
    Stream("a crc that ends in FF, then FF", "FF A5091018000000F82EFF FF", (Seen(1, 11, DATA_CRC_ENDS_FF),)),
    Stream("sofs inside a frame", "A50C101C0000A5A500FFA5273F", (Seen(0, 13, DATA_OF_SOFS),)),
    Stream("a frame inside a frame", "A50F10180000A50710600000FA957066", (Seen(0, 16, DATA_OF_A_FRAME),)),
    Stream(  # both are valid; the left one owns the bytes they share
        "two frames that overlap",
        "A50910180000A50B7DEB 00001122334480CF",
        (Seen(0, 10, DATA_THAT_OVERLAPS), Bad(12, 18, "garbage")),
    ),
]

BAD_CRC = [
    Stream("a wrong crc", "00 A50710180000E0D2 00", (Bad(1, 9, "bad_crc"),)),
    Stream("a crc sent high byte first", "A50710180000D3E0", (Bad(0, 8, "bad_crc"),)),
    Stream("a wrong crc that ends like filler", "A50710180000E000 00", (Bad(0, 7, "bad_crc"),)),
    Stream("a length one too high, filler after", "A50810180000E0D3 00", (Bad(0, 8, "bad_crc"),)),
    Stream("a frame that broke off in filler", "A5071018 00000000", (Bad(0, 4, "bad_crc"),)),
    Stream("a bad one, then a good one", "A50710180000E0D2 A50710600000FA95", (Bad(0, 8, "bad_crc"), Seen(8, 16, POLL_1))),
    Stream(
        "a bad one between two good ones",
        "A507102000008C93 FF A50710180000E0D2 A50710600000FA95",
        (Seen(0, 8, ACK_TO_1), Bad(9, 17, "bad_crc"), Seen(17, 25, POLL_1)),
    ),
    # what no valid frame owns is one stretch, the filler inside it included, and the stretch has one reason
    Stream("two bad ones with filler between", "A50710180000E0D2 0000FF A50710600000FA94", (Bad(0, 19, "bad_crc"),)),
    Stream("a bad one, then a cut one", "A50710180000E0D2 A50B50C0", (Bad(0, 12, "bad_crc"),)),
    Stream("300 sofs", "A5" * 300, (Bad(0, 300, "bad_crc"),)),
]

TRUNCATED = [
    Stream("the last byte is missing", "A50B50C00000050203E81E", (Bad(0, 11, "truncated"),)),
    Stream("it ends in its header, which ends like filler", "FF A50710180000", (Bad(1, 5, "truncated"),)),
    Stream("sof and length", "A507", (Bad(0, 2, "truncated"),)),
    Stream("a sof, and a length that looks like filler", "00A5FF", (Bad(1, 2, "truncated"),)),
    Stream("a sof at the very end", "0000A5", (Bad(2, 3, "truncated"),)),
    Stream("after a good one", "A50710600000FA95 A50710", (Seen(0, 8, POLL_1), Bad(8, 11, "truncated"))),
    Stream("a cut one, then a bad one", "A5FF10 A50710180000E0D2", (Bad(0, 11, "truncated"),)),
    Stream("100 sofs", "A5" * 100, (Bad(0, 100, "truncated"),)),
    # a frame lies wholly inside one transfer: cut in two by cs it is no frame
    Stream("the first half of a frame", "A50B50C0000005", (Bad(0, 7, "truncated"),)),
    Stream("the second half of a frame", "0203E81EBD", (Bad(0, 5, "garbage"),)),
    Stream("both halves in one transfer", "A50B50C0000005 0203E81EBD", (Seen(0, 12, POWER_HIGH),)),
]

GARBAGE = [
    Stream("a single byte", "00001200FF", (Bad(2, 3, "garbage"),)),
    Stream("bytes with filler inside", "1200FF34", (Bad(0, 4, "garbage"),)),
    Stream("a damaged sof", "A40710180000E0D3", (Bad(0, 8, "garbage"),)),
    Stream("before a frame", "DEAD A50710600000FA95", (Bad(0, 2, "garbage"), Seen(2, 10, POLL_1))),
    Stream("after a frame", "A50710600000FA95 00DEAD00", (Seen(0, 8, POLL_1), Bad(9, 11, "garbage"))),
    Stream(
        "between two frames",
        "A50710600000FA95 DE A507102000008C93",
        (Seen(0, 8, POLL_1), Bad(8, 9, "garbage"), Seen(9, 17, ACK_TO_1)),
    ),
    Stream("before a bad frame, in one stretch with it", "1234 A50710180000E0D2", (Bad(0, 10, "garbage"),)),
]

# A length below 7 stands for no frame, so that its sof claims none.
LENGTH_BELOW_7 = [
    Stream("length 6", "A5061018000012", (Bad(0, 7, "garbage"),)),
    Stream("length 0", "A50000000000000000", (Bad(0, 1, "garbage"),)),
    Stream("length 3, then a frame", "A503 A50710600000FA95", (Bad(0, 2, "garbage"), Seen(2, 10, POLL_1))),
    Stream("length 6 at the end", "FFA506", (Bad(1, 3, "garbage"),)),
]

# The search goes on one byte after the sof of a failed candidate, and finds frames inside what that one claimed.
INSIDE_A_FAILED_ONE = [
    Stream(
        "inside a bad one",
        "A50F10180000 A50710180000E0D3 1234",
        (Bad(0, 4, "bad_crc"), Seen(6, 14, DATA_EMPTY, in_failed=True), Bad(14, 16, "garbage")),
    ),
    Stream("over the end of a bad one", "A5091018 A50710600000FA95", (Bad(0, 4, "bad_crc"), Seen(4, 12, POLL_1, in_failed=True))),
    Stream("inside a cut one", "A5401018 A50710600000FA95", (Bad(0, 4, "truncated"), Seen(4, 12, POLL_1, in_failed=True))),
    Stream("a sof sent twice", "A5 A50710600000FA95", (Bad(0, 1, "truncated"), Seen(1, 9, POLL_1, in_failed=True))),
    Stream("a sof sent four times", "A5A5A5 A50710600000FA95", (Bad(0, 3, "truncated"), Seen(3, 11, POLL_1, in_failed=True))),
    Stream(  # 166 bytes, just what the first sof claims
        "a sof sent twice and much filler",
        "A5 A50710600000FA95" + "00" * 157,
        (Bad(0, 1, "bad_crc"), Seen(1, 9, POLL_1, in_failed=True)),
    ),
    Stream(
        "inside one that garbage claims", "12A51034 A50710600000FA95", (Bad(0, 4, "garbage"), Seen(4, 12, POLL_1, in_failed=True))
    ),
    Stream(  # now the left one is damaged, and the right one gets the bytes
        "two that overlap, the left one bad",
        "A50910180100 A50B7DEB00001122334480CF",
        (Bad(0, 5, "bad_crc"), Seen(6, 18, RESERVED_OVERLAPPED, in_failed=True)),
    ),
    Stream(
        "two frames inside a cut one",
        "A5401018 A50710600000FA95 A507102000008C93",
        (Bad(0, 4, "truncated"), Seen(4, 12, POLL_1, in_failed=True), Seen(12, 20, ACK_TO_1, in_failed=True)),
    ),
]

STREAMS: list[Stream] = [*FILLER, *WHOLE, *BAD_CRC, *TRUNCATED, *GARBAGE, *LENGTH_BELOW_7, *INSIDE_A_FAILED_ONE]
