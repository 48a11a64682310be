"""Payloads of the services power, events, objects, images and tunnelling (section 6), both directions."""

from __future__ import annotations

from tests.handwritten.answers import Payload, command, response, typed

DIGEST = "000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1f"
SIGNATURE = (
    "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf b0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
    "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf d0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
)

# --- power -------------------------------------------------------------------------------------------------------------

POWER = [
    # request: class u8, current_ma u16, duration_s u32 -> granted_ma u16, until u32
    command("power", "request", "00 0032 0000003C", {"class": "low", "current_ma": 50, "duration_s": 60}),
    command("power", "request", "01 03E8 00015180", {"class": "high", "current_ma": 1000, "duration_s": 86400}),
    command("power", "request", "02 0000 FFFFFFFF", {"class": "self", "current_ma": 0, "duration_s": 4294967295}),
    command("power", "request", "03 FFFF 00000000", {"class": 3, "current_ma": 65535, "duration_s": 0}),  # no such class
    response("power", "request", "0032 6553F13C", {"granted_ma": 50, "until": 1700000060}),
    response("power", "request", "0000 00000000", {"granted_ma": 0, "until": 0}),
    # release: nothing either way
    command("power", "release", "", {}),
    response("power", "release", "", {}),
    # port_state: port u8 -> rail u8, measured_ma u16
    command("power", "port_state", "01", {"port": 1}),
    command("power", "port_state", "0F", {"port": 15}),
    response("power", "port_state", "00 0000", {"rail": "off", "measured_ma": 0}),
    response("power", "port_state", "01 000C", {"rail": "low", "measured_ma": 12}),
    response("power", "port_state", "02 0102", {"rail": "high", "measured_ma": 258}),
    response("power", "port_state", "FF 0001", {"rail": 255, "measured_ma": 1}),  # no such rail
]

# --- events ------------------------------------------------------------------------------------------------------------

EVENTS = [
    # notify: count u8, then each event u16, severity u8, time u32, detail typed -> nothing
    command("events", "notify", "00", {"count": 0, "items": []}),
    command(
        "events",
        "notify",
        "01  0007 00 6553F100 0B01",
        {"count": 1, "items": [{"event": 7, "severity": "info", "time": 1700000000, "detail": typed("bool", True)}]},
    ),
    command(
        "events",
        "notify",
        "05"
        "0001 01 00000001 0A 4039000000000000"
        "1234 02 00000000 10 0003 6C6964"
        "FFFF 03 FFFFFFFF 21 02 01 05 08 FFFFFFFFFFFFFFFE"
        "0002 09 00000002 20 03 0002 0001 0100"  # no such severity
        "0003 00 00000003 0D 0019020000000001",
        {
            "count": 5,
            "items": [
                {"event": 1, "severity": "notice", "time": 1, "detail": typed("float64", 25.0)},
                {"event": 4660, "severity": "warning", "time": 0, "detail": typed("string", "lid")},
                {
                    "event": 65535,
                    "severity": "alarm",
                    "time": 4294967295,
                    "detail": typed("struct", [typed("uint8", 5), typed("int64", -2)]),
                },
                {
                    "event": 2,
                    "severity": 9,
                    "time": 2,
                    "detail": typed("array", [typed("uint16", 1), typed("uint16", 256)]),
                },
                {"event": 3, "severity": "info", "time": 3, "detail": typed("umi_id", "0019020000000001")},
            ],
        },
    ),
    response("events", "notify", "", {}),
    # read_log: from u32, max u8 -> as notify
    command("events", "read_log", "6553F100 0A", {"from": 1700000000, "max": 10}),
    command("events", "read_log", "00000000 FF", {"from": 0, "max": 255}),
    response("events", "read_log", "00", {"count": 0, "items": []}),
    response(
        "events",
        "read_log",
        "02  0010 03 6553F0FF 06FFFFFFFF  0011 01 6553F100 11 0002 00FF",
        {
            "count": 2,
            "items": [
                {"event": 16, "severity": "alarm", "time": 1699999999, "detail": typed("int32", -1)},
                {"event": 17, "severity": "notice", "time": 1700000000, "detail": typed("bytes", "00ff")},
            ],
        },
    ),
    # acknowledge: event u16 -> nothing
    command("events", "acknowledge", "0010", {"event": 16}),
    response("events", "acknowledge", "", {}),
]

# --- objects -----------------------------------------------------------------------------------------------------------

OBJECTS = [
    # read: count u8, codes u32 each -> count u8, then each code u32, result u8, value typed only when result = 0
    command("objects", "read", "00", {"count": 0, "codes": []}),
    command("objects", "read", "02 00420001 00420002", {"count": 2, "codes": ["00420001", "00420002"]}),
    command("objects", "read", "01 FFFFABCD", {"count": 1, "codes": ["ffffabcd"]}),
    response("objects", "read", "00", {"count": 0, "items": []}),
    response(
        "objects",
        "read",
        "01 00420001 00 05 0001E240",
        {"count": 1, "items": [{"code": "00420001", "result": "ok", "value": typed("uint32", 123456)}]},
    ),
    response("objects", "read", "01 00420009 03", {"count": 1, "items": [{"code": "00420009", "result": "unknown_code"}]}),
    # an item without a value between two with one
    response(
        "objects",
        "read",
        "03  00420001 00 0180  00420002 06  00420003 00 0280",
        {
            "count": 3,
            "items": [
                {"code": "00420001", "result": "ok", "value": typed("uint8", 128)},
                {"code": "00420002", "result": "denied"},
                {"code": "00420003", "result": "ok", "value": typed("int8", -128)},
            ],
        },
    ),
    # every result there is, and one that there is not
    response(
        "objects",
        "read",
        "0F"
        "00000000 00 0B00  00000001 01  00000002 02  00000003 03  00000004 04  00000005 05  00000006 06  00000007 07"
        "00000008 08  00000009 09  0000000A 0A  0000000B 0B  0000000C 0C  0000000D 0D  0000000E 0E",
        {
            "count": 15,
            "items": [
                {"code": "00000000", "result": "ok", "value": typed("bool", False)},
                {"code": "00000001", "result": "unknown_service"},
                {"code": "00000002", "result": "unknown_operation"},
                {"code": "00000003", "result": "unknown_code"},
                {"code": "00000004", "result": "bad_type"},
                {"code": "00000005", "result": "bad_value"},
                {"code": "00000006", "result": "denied"},
                {"code": "00000007", "result": "not_authenticated"},
                {"code": "00000008", "result": "busy"},
                {"code": "00000009", "result": "bad_signature"},
                {"code": "0000000a", "result": "decrypt_failed"},
                {"code": "0000000b", "result": "replay"},
                {"code": "0000000c", "result": "too_large"},
                {"code": "0000000d", "result": "internal"},
                {"code": "0000000e", "result": 14},
            ],
        },
    ),
    # write: count u8, then each code u32, value typed -> count u8, then each code u32, result u8
    command("objects", "write", "00", {"count": 0, "items": []}),
    command(
        "objects",
        "write",
        "01 004246E5 02B2",
        {"count": 1, "items": [{"code": "004246e5", "value": typed("int8", -78)}]},
    ),
    command(
        "objects",
        "write",
        "02  0042000A 10 0004 41C2B542  0042000B 0C 6553F100",
        {
            "count": 2,
            "items": [
                {"code": "0042000a", "value": typed("string", "AµB")},
                {"code": "0042000b", "value": typed("time", 1700000000)},
            ],
        },
    ),
    response("objects", "write", "00", {"count": 0, "items": []}),
    response(
        "objects",
        "write",
        "03  00420001 00  00420002 04  00420003 FF",
        {
            "count": 3,
            "items": [
                {"code": "00420001", "result": "ok"},
                {"code": "00420002", "result": "bad_type"},
                {"code": "00420003", "result": 255},
            ],
        },
    ),
    # list: bank u16, from u16 -> count u16, codes u32 each
    command("objects", "list", "0042 0000", {"bank": 66, "from": 0}),
    command("objects", "list", "FFFF 8000", {"bank": 65535, "from": 32768}),
    response("objects", "list", "0000", {"count": 0, "codes": []}),
    response(
        "objects",
        "list",
        "0003 00420001 00420002 0042FFFF",
        {"count": 3, "codes": ["00420001", "00420002", "0042ffff"]},
    ),
    # more than one byte can count
    response("objects", "list", "0101" + "00420001" * 257, {"count": 257, "codes": ["00420001"] * 257}),
]

# --- images ------------------------------------------------------------------------------------------------------------

IMAGES = [
    # announce: image_id u32, version u32, size u32, block_size u16, publisher 8, digest 32, image_signature 64 -> accepted u8
    command(
        "images",
        "announce",
        "00000005 00010203 00020000 0200 00237EBB1818E811" + DIGEST + SIGNATURE,
        {
            "image_id": 5,
            "version": 66051,
            "size": 131072,
            "block_size": 512,
            "publisher": "00237ebb1818e811",
            "digest": "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "image_signature": (
                "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
                "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
            ),
        },
    ),
    response("images", "announce", "01", {"accepted": 1}),
    response("images", "announce", "00", {"accepted": 0}),
    # block: image_id u32, offset u32, data to the end -> received u32
    command("images", "block", "00000005 00000200 DEADBEEF00", {"image_id": 5, "offset": 512, "data": "deadbeef00"}),
    command("images", "block", "00000005 00020000", {"image_id": 5, "offset": 131072, "data": ""}),
    response("images", "block", "00000205", {"received": 517}),
    # verify: image_id u32 -> verdict u8
    command("images", "verify", "80000000", {"image_id": 2147483648}),
    response("images", "verify", "00", {"verdict": "good"}),
    response("images", "verify", "01", {"verdict": "digest"}),
    response("images", "verify", "02", {"verdict": "signature"}),
    response("images", "verify", "03", {"verdict": "incomplete"}),
    response("images", "verify", "04", {"verdict": "version"}),
    response("images", "verify", "05", {"verdict": 5}),  # no such verdict
    # activate: image_id u32, at u32 -> nothing
    command("images", "activate", "00000005 6553F100", {"image_id": 5, "at": 1700000000}),
    command("images", "activate", "00000005 00000000", {"image_id": 5, "at": 0}),
    response("images", "activate", "", {}),
    # abort: image_id u32 -> nothing
    command("images", "abort", "00000005", {"image_id": 5}),
    response("images", "abort", "", {}),
]

# --- tunnelling --------------------------------------------------------------------------------------------------------

TUNNELLING = [
    # open: tunnel u16, protocol u8 -> nothing
    command("tunnelling", "open", "0001 01", {"tunnel": 1, "protocol": "mbus"}),
    command("tunnelling", "open", "0001 02", {"tunnel": 1, "protocol": "dlms"}),
    command("tunnelling", "open", "E807 03", {"tunnel": 59399, "protocol": "zcl"}),
    command("tunnelling", "open", "0001 04", {"tunnel": 1, "protocol": "c12"}),
    command("tunnelling", "open", "0001 05", {"tunnel": 1, "protocol": "gbcs"}),
    command("tunnelling", "open", "FFFF 06", {"tunnel": 65535, "protocol": "sml"}),
    command("tunnelling", "open", "0001 00", {"tunnel": 1, "protocol": 0}),
    command("tunnelling", "open", "0001 07", {"tunnel": 1, "protocol": 7}),
    command("tunnelling", "open", "0001 80", {"tunnel": 1, "protocol": 128}),  # a manufacturer's
    command("tunnelling", "open", "0001 FF", {"tunnel": 1, "protocol": 255}),
    response("tunnelling", "open", "", {}),
    # data: tunnel u16, data to the end -> nothing
    command("tunnelling", "data", "0001 68 03 03 68 08 01 72 7B 16", {"tunnel": 1, "data": "680303680801727b16"}),
    command("tunnelling", "data", "0001", {"tunnel": 1, "data": ""}),
    response("tunnelling", "data", "", {}),
    # close: tunnel u16 -> nothing
    command("tunnelling", "close", "0001", {"tunnel": 1}),
    response("tunnelling", "close", "", {}),
]

SERVICES: list[Payload] = [*POWER, *EVENTS, *OBJECTS, *IMAGES, *TUNNELLING]
