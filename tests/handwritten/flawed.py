"""Payloads that break their layout: they are read as far as they go, the flaw is told, and nothing raises."""

from __future__ import annotations

from tests.handwritten.answers import Flawed, typed

FLAWED: list[Flawed] = [
    # cut short
    Flawed("power", "request", False, "00 0032 00003C", "the duration lacks a byte", {"class": "low", "current_ma": 50}),
    Flawed("power", "request", False, "", "there is nothing"),
    Flawed("images", "verify", True, "", "an ok answer without its verdict"),
    Flawed("security", "challenge", True, "00" * 31, "the nonce lacks a byte"),
    Flawed("security", "establish", False, "59A54A7C 04 0011", "the point ends early", {"session_id": "59a54a7c"}),
    Flawed("objects", "read", False, "03 00420001 00420002", "two codes of three", {"count": 3}),
    Flawed("objects", "list", True, "0001", "no code of one", {"count": 1}),
    Flawed("events", "notify", False, "02 0007 00 6553F100 0B01", "one event of two", {"count": 2}),
    Flawed("security", "install", False, "0005 7F21", "the certificate ends early", {"length": 5}),
    Flawed("security", "present", False, "0002 C0DE 0005 7F21", "the second certificate ends early"),
    Flawed("security", "present", False, "0002 C0DE 00", "half a length"),
    # too long
    Flawed("power", "release", False, "00", "nothing may follow"),
    Flawed("power", "port_state", False, "01 02", "one byte too many", {"port": 1}),
    Flawed("objects", "read", False, "01 00420001 FF", "one byte too many", {"count": 1, "codes": ["00420001"]}),
    Flawed("security", "install", False, "0001 AA BB", "more than the length says", {"length": 1, "certificate": "aa"}),
    # typed values that are none
    Flawed("objects", "write", False, "01 00420001 00", "there is no type 0", {"count": 1}),
    Flawed("objects", "write", False, "01 00420001 7E 00", "there is no such type", {"count": 1}),
    Flawed("objects", "write", False, "01 00420001", "the type is missing", {"count": 1}),
    Flawed("objects", "write", False, "01 00420001 05 000000", "an integer ends early", {"count": 1}),
    Flawed("objects", "write", False, "01 00420001 10 0005 414243", "a string ends early", {"count": 1}),
    Flawed("objects", "write", False, "01 00420001 10 00", "half a string length", {"count": 1}),
    Flawed("objects", "write", False, "01 00420001 10 0002 C328", "a string is not UTF-8", {"count": 1}),
    Flawed("objects", "write", False, "01 00420001 20 01 0003 0102", "two elements of three", {"count": 1}),
    Flawed("objects", "write", False, "01 00420001 20 30 0001 00", "no such element type", {"count": 1}),
    Flawed("objects", "write", False, "01 00420001 20 01 FFFF", "a count and no elements", {"count": 1}),
    Flawed("objects", "write", False, "01 00420001 21 02 0101", "one member of two", {"count": 1}),
    Flawed(
        "objects",
        "write",
        False,
        "02 00420001 0105 00420002 33",
        "the second type is unknown; the first item stands",
        {"count": 2, "items": [{"code": "00420001", "value": typed("uint8", 5)}]},
    ),
]
