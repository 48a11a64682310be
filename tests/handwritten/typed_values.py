"""Typed values (section 6): a type byte, then data; elements of an array come without their type byte."""

from __future__ import annotations

from tests.handwritten.answers import TypedValue, typed

INTEGERS = [
    TypedValue("01 00", "uint8", 0),
    TypedValue("01 FF", "uint8", 255),
    TypedValue("02 7F", "int8", 127),
    TypedValue("02 80", "int8", -128),
    TypedValue("02 FF", "int8", -1),
    TypedValue("03 1234", "uint16", 4660),
    TypedValue("03 FFFF", "uint16", 65535),
    TypedValue("04 7FFF", "int16", 32767),
    TypedValue("04 8000", "int16", -32768),
    TypedValue("04 FF38", "int16", -200),
    TypedValue("05 80000000", "uint32", 2147483648),
    TypedValue("05 FFFFFFFF", "uint32", 4294967295),
    TypedValue("06 7FFFFFFF", "int32", 2147483647),
    TypedValue("06 80000000", "int32", -2147483648),
    TypedValue("06 FFFFFFFE", "int32", -2),
    TypedValue("07 0020000000000001", "uint64", 9007199254740993),  # 2**53 + 1: no double holds it
    TypedValue("07 FFFFFFFFFFFFFFFF", "uint64", 18446744073709551615),
    TypedValue("08 7FFFFFFFFFFFFFFF", "int64", 9223372036854775807),
    TypedValue("08 8000000000000000", "int64", -9223372036854775808),
    TypedValue("08 FFFFFFFFFFFFFFFF", "int64", -1),
]

FLOATS = [
    # float32, shown as the double of the same value
    TypedValue("09 00000000", "float32", 0.0),
    TypedValue("09 80000000", "float32", -0.0),
    TypedValue("09 3F800000", "float32", 1.0),
    TypedValue("09 C2480000", "float32", -50.0),
    TypedValue("09 426C8000", "float32", 59.125),
    TypedValue("09 3DCCCCCD", "float32", 0.10000000149011612),
    TypedValue("09 00000001", "float32", 1.401298464324817e-45),
    TypedValue("09 7F7FFFFF", "float32", 3.4028234663852886e38),
    TypedValue("09 7F800000", "float32", "Infinity"),
    TypedValue("09 FF800000", "float32", "-Infinity"),
    TypedValue("09 7FC00000", "float32", "NaN"),
    TypedValue("09 FFC00001", "float32", "NaN", lossy=True),
    TypedValue("09 7F800001", "float32", "NaN", lossy=True),
    # float64
    TypedValue("0A 0000000000000000", "float64", 0.0),
    TypedValue("0A 8000000000000000", "float64", -0.0),
    TypedValue("0A 3FF0000000000000", "float64", 1.0),
    TypedValue("0A C059000000000000", "float64", -100.0),
    TypedValue("0A 3FB999999999999A", "float64", 0.1),
    TypedValue("0A 400921FB54442D18", "float64", 3.141592653589793),
    TypedValue("0A 0000000000000001", "float64", 5e-324),
    TypedValue("0A 7FEFFFFFFFFFFFFF", "float64", 1.7976931348623157e308),
    TypedValue("0A 7FF0000000000000", "float64", "Infinity"),
    TypedValue("0A FFF0000000000000", "float64", "-Infinity"),
    TypedValue("0A 7FF8000000000000", "float64", "NaN"),
    TypedValue("0A FFF8000000000000", "float64", "NaN", lossy=True),
]

OTHER_SCALARS = [
    TypedValue("0B 00", "bool", False),
    TypedValue("0B 01", "bool", True),
    TypedValue("0C 00000000", "time", 0),
    TypedValue("0C 6553F100", "time", 1700000000),
    TypedValue("0C FFFFFFFF", "time", 4294967295),
    TypedValue("0D 0019020000000001", "umi_id", "0019020000000001"),
    TypedValue("0D 00237EBB1818E811", "umi_id", "00237ebb1818e811"),
    TypedValue("0D 0000000000000000", "umi_id", "0000000000000000"),
]

STRINGS = [
    TypedValue("10 0000", "string", ""),
    TypedValue("10 0005 68656C6C6F", "string", "hello"),
    TypedValue("10 0003 6DC2B3", "string", "m³"),
    TypedValue("10 0003 E282AC", "string", "€"),  # the length counts bytes, not characters
    TypedValue("10 0004 F09F94A5", "string", "\U0001f525"),
    TypedValue("10 0003 610062", "string", "a\x00b"),
    TypedValue("10 0100" + "41" * 256, "string", "A" * 256),
    TypedValue("11 0000", "bytes", ""),
    TypedValue("11 0003 00FF10", "bytes", "00ff10"),
    TypedValue("11 0002 C328", "bytes", "c328"),
    TypedValue("11 0101" + "EE" * 257, "bytes", "ee" * 257),
]

ARRAYS = [
    TypedValue("20 01 0003 010203", "array", [typed("uint8", 1), typed("uint8", 2), typed("uint8", 3)]),
    TypedValue("20 02 0002 FF80", "array", [typed("int8", -1), typed("int8", -128)]),
    TypedValue("20 03 0002 0102 FF00", "array", [typed("uint16", 258), typed("uint16", 65280)]),
    TypedValue("20 04 0002 0001 FFFF", "array", [typed("int16", 1), typed("int16", -1)]),
    TypedValue("20 05 0001 FFFFFFFE", "array", [typed("uint32", 4294967294)]),
    TypedValue("20 06 0001 FFFFFF00", "array", [typed("int32", -256)]),
    TypedValue("20 07 0001 0000000100000000", "array", [typed("uint64", 4294967296)]),
    TypedValue("20 08 0001 FFFFFFFFFFFFFF00", "array", [typed("int64", -256)]),
    TypedValue("20 09 0003 3F800000 7F800000 7FC00000", "array", [typed("float32", v) for v in (1.0, "Infinity", "NaN")]),
    TypedValue("20 0A 0001 BFE0000000000000", "array", [typed("float64", -0.5)]),
    TypedValue("20 0B 0003 010001", "array", [typed("bool", True), typed("bool", False), typed("bool", True)]),
    TypedValue("20 0C 0001 6553F100", "array", [typed("time", 1700000000)]),
    TypedValue("20 0D 0001 0019020000000001", "array", [typed("umi_id", "0019020000000001")]),
    # strings and bytes keep their own length
    TypedValue("20 10 0003 0001 41 0000 0002 C2B5", "array", [typed("string", "A"), typed("string", ""), typed("string", "µ")]),
    TypedValue("20 11 0002 0000 0001 99", "array", [typed("bytes", ""), typed("bytes", "99")]),
    # no elements: the element type is on the wire, and in no record
    TypedValue("20 01 0000", "array", [], lossy=True),
    TypedValue("20 20 0000", "array", [], lossy=True),
    # more elements than one byte counts
    TypedValue("20 01 0101" + "07" * 257, "array", [typed("uint8", 7)] * 257),
]

NESTED = [
    # struct: count, then typed values
    TypedValue("21 00", "struct", []),
    TypedValue("21 01 0B 01", "struct", [typed("bool", True)]),
    TypedValue(
        "21 04  05 0000002A  10 0002 6B57  04 FFFE  21 00",
        "struct",
        [typed("uint32", 42), typed("string", "kW"), typed("int16", -2), typed("struct", [])],
    ),
    TypedValue("21 01 21 01 21 01 01 2A", "struct", [typed("struct", [typed("struct", [typed("uint8", 42)])])]),
    # a struct of arrays
    TypedValue(
        "21 02  20 03 0002 0001 0002  20 10 0001 0001 7A",
        "struct",
        [typed("array", [typed("uint16", 1), typed("uint16", 2)]), typed("array", [typed("string", "z")])],
    ),
    # an array of structs: each element is a count and typed values, and they need not agree with each other
    TypedValue(
        "20 21 0003  02 01 01 0B 00  01 08 FFFFFFFFFFFFFF9C  00",
        "array",
        [
            typed("struct", [typed("uint8", 1), typed("bool", False)]),
            typed("struct", [typed("int64", -100)]),
            typed("struct", []),
        ],
    ),
    # an array of arrays: each element is an element type, a count and elements
    TypedValue(
        "20 20 0002  01 0002 0A0B  03 0001 FFFF",
        "array",
        [typed("array", [typed("uint8", 10), typed("uint8", 11)]), typed("array", [typed("uint16", 65535)])],
    ),
    TypedValue("20 20 0002  01 0000  02 0001 FF", "array", [typed("array", []), typed("array", [typed("int8", -1)])], lossy=True),
    TypedValue(
        "20 20 0001  20 0001  20 0001  01 0001 05",
        "array",
        [typed("array", [typed("array", [typed("array", [typed("uint8", 5)])])])],
    ),
    # arrays of structs of arrays of structs
    TypedValue(
        "20 21 0001  02  20 21 0002  01 01 07  01 02 F9  20 0C 0001 00000001",
        "array",
        [
            typed(
                "struct",
                [
                    typed("array", [typed("struct", [typed("uint8", 7)]), typed("struct", [typed("int8", -7)])]),
                    typed("array", [typed("time", 1)]),
                ],
            )
        ],
    ),
]

TYPED_VALUES: list[TypedValue] = [*INTEGERS, *FLOATS, *OTHER_SCALARS, *STRINGS, *ARRAYS, *NESTED]
