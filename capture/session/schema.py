"""How a session file is laid out: its tables, its marks in SQLite's header, and what its numbers mean.

A session file is an SQLite database with application_id "UMIS" whose user_version is the version of this layout. While it is
written it is in WAL mode; a clean stop leaves one file in journal mode DELETE. Blobs have at most 1 MiB of content before packing.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

MAGIC = b"SQLite format 3\0"
APPLICATION_ID = int.from_bytes(b"UMIS", "big")
VERSION = 1
EXTENSION = ".umi"
HEADER_BYTES = 100
BLOB_BYTES = 1 << 20
PAGE_BYTES = 8192
SUMMARY = 256
"""Samples of a trace to one value of its summary."""

TABLES = """
CREATE TABLE session (rate_hz INTEGER NOT NULL, start_utc_ns INTEGER, length INTEGER NOT NULL, wiring TEXT NOT NULL);
CREATE TABLE channels (bit INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE traces (number INTEGER PRIMARY KEY, name TEXT NOT NULL, unit TEXT NOT NULL, step INTEGER NOT NULL);
CREATE TABLE notes (number INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE logic (
    start INTEGER PRIMARY KEY, end INTEGER NOT NULL, kind INTEGER NOT NULL, count INTEGER NOT NULL, tick_bytes INTEGER NOT NULL,
    word_bytes INTEGER NOT NULL, packing INTEGER NOT NULL, crc INTEGER NOT NULL, data BLOB NOT NULL
);
CREATE TABLE analog (
    trace INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL, packing INTEGER NOT NULL, crc INTEGER NOT NULL,
    data BLOB NOT NULL
);
CREATE UNIQUE INDEX analog_by_trace ON analog (trace, first);
CREATE TABLE summaries (
    trace INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL, low REAL, mean REAL, high REAL, data BLOB NOT NULL,
    PRIMARY KEY (trace, first)
) WITHOUT ROWID;
"""
"""`session` has one row: times of ticks, `length` in ticks, the wiring as options of the command line, one a line.

`logic` holds the lines in stretches [start, end) of ticks, one behind the other; see `Kind`. `analog` holds `count` samples of a
trace from sample `first` on, and `summaries` the lowest, mean and highest of each of these stretches and of every `SUMMARY` samples
in it: `data` has three rows of float32, NULL and not-a-number where no sample is a number. Integers and floats in blobs are
little-endian; `crc` is the CRC-32 of `data` as it stands.
"""


class Kind(IntEnum):
    """What a row of `logic` holds.

    SAMPLES: `count` words, one a tick. RUNS: `count` tick differences, the first from `start`, then as many words, each combined by
    exclusive or with the one before; of both first the lowest byte of all, then the next. LOST: nothing, and why, as UTF-8.
    """

    SAMPLES = 0
    RUNS = 1
    LOST = 2


class Packing(IntEnum):
    """How a blob is packed."""

    PLAIN = 0
    ZLIB = 1


@dataclass(frozen=True, slots=True)
class Header:
    """What the first bytes of an SQLite file say; `size` is the bytes that the whole has, 0 where that is not known."""

    application_id: int
    version: int
    is_closed: bool
    size: int


def parse_header(head: bytes) -> Header | None:
    """The header of an SQLite file from its first 100 bytes; None where it is none. Source: SQLite's file format, section 1.3."""
    if len(head) < HEADER_BYTES or not head.startswith(MAGIC):
        return None
    page_bytes, write_version, changes, pages = struct.unpack_from(">HB5xII", head, 16)
    version, application_id = struct.unpack_from(">I4xI", head, 60)
    (valid_for,) = struct.unpack_from(">I", head, 92)
    size = pages * (65536 if page_bytes == 1 else page_bytes) if changes == valid_for else 0
    return Header(application_id, version, write_version != 2, size)
