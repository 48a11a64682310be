"""Recordings in another dialect than the reference profile's, as someone meets them who holds only a prototype."""

from __future__ import annotations

import random

from app.analysis.tables.snapshot import Snapshot
from decoders.profile.wire_profile import WireProfile, load_profile
from tests.helpers import growing, umi

REFERENCE = (umi.ROOT / "resources" / "profiles" / "reference-1.toml").read_text(encoding="utf-8")
SIZES = (1, 2, 5, 21, 61, 151)

KERMIT = (('model = "CRC-16/IBM-SDLC" ', 'model = "CRC-16/KERMIT" '),)
XMODEM_FROM_BYTE_1 = (
    ('model = "CRC-16/IBM-SDLC" ', 'model = "CRC-16/XMODEM" '),
    ('order = "little"\nfirst_byte = 0', 'order = "big"\nfirst_byte = 1'),
)
CRC_32 = (
    ('model = "CRC-16/IBM-SDLC" ', 'model = "CRC-32/ISO-HDLC" '),
    ("fragment_bytes = 248", "fragment_bytes = 246"),
    ("min_bytes = 8\n", "min_bytes = 10\n"),
)
OTHER_HEADER = (
    ('start = "A5"', 'start = "5AC3"'),
    ('{ name = "sof", at = 0, bits = 8, const = 0xA5', '{ name = "sof", at = 0, bits = 16, const = 0x5AC3'),
    ('{ name = "length", at = 1, bits = 8, bias = 1,', '{ name = "length", at = 4, bits = 8, bias = 4,'),
    ('"link_status", at = 4', '"link_status", at = 5'),
    ('"fragment", at = 5', '"fragment", at = 6'),
    ('model = "CRC-16/IBM-SDLC" ', 'model = "CRC-16/MODBUS" '),
    ("fragment_bytes = 248", "fragment_bytes = 240"),
    ("min_bytes = 8\n", "min_bytes = 9\n"),
)
"""Two start bytes, the size behind the route and control bytes, in another unit of counting, under another checksum."""
NO_BIAS = (
    *KERMIT,
    ("bias = 1, unit", "bias = 0, unit"),
    ("max_bytes = 256 ", "max_bytes = 254 "),
    ("fragment_bytes = 248", "fragment_bytes = 240"),
)
FLAGS = (
    *KERMIT,
    ('strategy = "length" ', 'strategy = "hdlc" '),
    ('start = "A5"\nlength_field = "length"\n', ""),
    ('start = "P"\nlength_field = "P"\n', 'flag = "P"\nescape = "P"\nescape_xor = "P"\n'),
    ("min_bytes = 8\n", 'flag = "7E"\nescape = "7D"\nescape_xor = "20"\nmin_bytes = 8\n'),
)


def seeded(seed: int) -> random.Random:
    """Chance that is the same each time."""
    return random.Random(seed)  # noqa: S311  # nothing secret is made of it


def altered(changes: tuple[tuple[str, str], ...]) -> WireProfile:
    """The reference profile with lines of its text replaced."""
    text = REFERENCE
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the profile"
        text = text.replace(old, new)
    return load_profile(text, "altered.toml")


def talk(profile: WireProfile, packets: int = 40, *, noise: bool = True, bench: umi.Bench | None = None) -> umi.Bench:
    """Packets of many sizes on two ports, each acknowledged, and now and then noise; on a bus of one's own where one is given."""
    bench, chance = bench or umi.Bench(profile), seeded(3)
    for number in range(packets):
        port = 1 + number % 2
        data = chance.randbytes(chance.choice(SIZES)).hex()
        packet = umi.packet(
            profile, "tunnelling.data", {"tunnel": 1, "data": data}, source=umi.IDS[port], counter=number + 1, transaction=number
        )
        bench.data(port, (port, 0), packet)
        bench.frame(port, "ack", (0, port), seq=number % 8)
        if noise and number % 10 == 0:
            bench.say(1, chance.randbytes(9))
    return bench


def decoded(bench: umi.Bench, profile: WireProfile) -> Snapshot:
    """What was drawn, decoded by some profile."""
    return growing.whole(profile, umi.decoded(bench.chunks(), profile, bench.wiring))
