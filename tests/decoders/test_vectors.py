"""The known answers of a whole conversation: transfers, frames and packets, nothing missing and nothing extra.

An encoder that shares no code with this project made the recording and the answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from capture.formats.sigrok import open_sr
from decoders.bus.spi import SpiDecoder
from decoders.bus.wiring import SpiPort
from decoders.core.chunk import LogicChunk, Samples
from decoders.core.finding import Severity
from decoders.core.frames import DIRECTIONS, FrameBatch
from decoders.core.transfers import TransferBatch
from decoders.core.tree import Value
from decoders.link import MALFORMED_NAMES, LinkDecoder, link_findings
from decoders.profile.columns import extract, value_at
from decoders.profile.framing import Malformed
from decoders.profile.wire_profile import WireProfile, load_profile
from decoders.transport.chains import Ending
from decoders.transport.packets import Hop, PacketBatch, Transported
from decoders.transport.reassembly import Reassembler

PROFILE = Path(__file__).resolve().parents[2] / "resources" / "profiles" / "reference-1.toml"
PORTS = (1, 2, 5, 15)
HEADER_BYTES, SIGNATURE_BYTES, SESSION_ID_BYTES = 32, 64, 4
HEADER = (
    "source", "destination", "service", "operation", "response", "status", "transaction", "counter", "signed", "encrypted",
)  # fmt: skip
Record = dict[str, Value]
Split = Callable[[int], Iterator[tuple[int, int]]]


@dataclass
class Decoded:
    """Everything that the layers made of the conversation."""

    transfers: list[Record] = field(default_factory=list)
    frames: list[Record] = field(default_factory=list)
    packets: list[Record] = field(default_factory=list)
    findings: list[tuple[str, Severity, int | None]] = field(default_factory=list)
    hops: list[tuple[str, int]] = field(default_factory=list)
    """How each packet was forwarded and how many frames it has."""


@pytest.fixture(scope="module")
def profile() -> WireProfile:
    return load_profile(PROFILE.read_text(encoding="utf-8"), PROFILE.name)


def whole(length: int) -> Iterator[tuple[int, int]]:
    yield 0, length


def random_pieces(seed: int) -> Split:
    def split(length: int) -> Iterator[tuple[int, int]]:
        sizes = np.random.default_rng(seed).choice((1, 7, 300, 3000, 20_000, 90_000), length).tolist()
        start = 0
        while start < length:
            end = min(length, start + sizes.pop())
            yield start, end
            start = end

    return split


def decode(profile: WireProfile, path: Path, split: Split) -> Decoded:
    decoded = Decoded()
    with open_sr(path) as recording:
        channel = {name: place for place, name in enumerate(recording.channels)}
        ports = [SpiPort(channel["sck"], channel["mosi"], channel["miso"], channel[f"cs{port}"], port=port) for port in PORTS]
        assert recording.rate_hz is not None
        spi = SpiDecoder(ports, recording.rate_hz)
        link = LinkDecoder(profile, recording.rate_hz)
        transport = Reassembler(profile, frozenset((0, port) for port in PORTS), recording.rate_hz)
        chunks = (part for chunk in recording.chunks() for part in _parts(chunk, split))
        for transfers in (*(spi.feed(chunk) for chunk in chunks), spi.finish()):
            frames = link.feed(transfers)
            decoded.transfers += transfer_records(transfers)
            decoded.frames += frame_records(profile, frames)
            decoded.findings += [(f.code.name, f.code.severity, f.record) for f in link_findings(frames, profile)]
            _add_packets(profile, decoded, transport.feed(frames))
        _add_packets(profile, decoded, transport.finish())
    return decoded


def _parts(chunk: LogicChunk, split: Split) -> Iterator[LogicChunk]:
    assert isinstance(chunk, Samples)
    for start, end in split(len(chunk.words)):
        yield Samples(chunk.start + start, chunk.words[start:end])


def _add_packets(profile: WireProfile, decoded: Decoded, transported: Transported) -> None:
    packets = transported.packets
    decoded.packets += packet_records(profile, packets)
    decoded.findings += [(f.code.name, f.code.severity, f.record) for f in transported.findings]
    decoded.hops += zip((Hop(hop).name for hop in packets.hop.tolist()), packets.frame_count.tolist(), strict=True)


def transfer_records(transfers: TransferBatch) -> Iterator[Record]:
    for row in range(len(transfers)):
        yield {
            "port": int(transfers.port[row]),
            "mosi": transfers.h2p.data[transfers.h2p.offset[row] : transfers.h2p.offset[row + 1]].tobytes().hex(),
            "miso": transfers.p2h.data[transfers.p2h.offset[row] : transfers.p2h.offset[row + 1]].tobytes().hex(),
            "start": int(transfers.start[row]),
            "end": int(transfers.end[row]),
        }


def frame_records(profile: WireProfile, frames: FrameBatch) -> Iterator[Record]:
    for row in range(len(frames)):
        place: Record = {"port": int(frames.port[row]), "direction": DIRECTIONS[frames.direction[row]]}
        if frames.malformed[row]:
            yield place | {"malformed": MALFORMED_NAMES[Malformed(int(frames.malformed[row]))]}
            continue
        names = ("type", "seq", "src_port", "dst_port", "first", "last", "fragment", "length")
        header = {name: value_at(profile.frame.field(name), int(frames.header[name][row])) for name in names}
        yield place | {"malformed": None} | header | {"payload": frames.payload(row).hex(), "crc_ok": True}


def packet_records(profile: WireProfile, packets: PacketBatch) -> Iterator[Record]:
    columns = extract(profile.packet, packets.data, packets.offset, packets.size)
    for row in range(len(packets)):
        assert Ending(packets.ending[row]) is Ending.WHOLE
        numbers = {name: int(column[row]) for name, column in columns.numbers.items()}
        record = {name: value_at(profile.packet.field(name), numbers[name]) for name in HEADER}
        record["operation"] = profile.operation_name(numbers["service"], numbers["operation"])
        content = packets.content(row)
        assert numbers["body_length"] == len(content) - HEADER_BYTES
        body = content[HEADER_BYTES:]
        if record["encrypted"]:
            secret: Record = {"session_id": body[:SESSION_ID_BYTES].hex()}
        else:
            payload = body[:-SIGNATURE_BYTES] if record["signed"] else body
            secret = {"session_id": None, "payload": payload.hex(), "fields": _fields(profile, numbers, payload)}
        place: Record = {"time_utc": numbers["time"], "length": len(content), "port": int(packets.port[row])}
        yield record | secret | place


def _fields(profile: WireProfile, numbers: dict[str, int], payload: bytes) -> Value:
    if numbers["response"] and numbers["status"]:
        assert not payload
        return {}
    layout = profile.payload(numbers["service"], numbers["operation"], response=bool(numbers["response"]))
    assert layout is not None
    reading = layout.read(payload)
    assert not reading.problems
    return reading.record


def answers(vectors: Path, layer: str) -> list[Record]:
    return [json.loads(line) for line in (vectors / f"{layer}.jsonl").read_text(encoding="utf-8").splitlines()]


def as_json(records: list[Record]) -> list[str]:
    """Tells 1 and true apart, which `==` does not."""
    return [json.dumps(record, sort_keys=True) for record in records]


def without_secrets(packet: Record) -> Record:
    """What can be known of a packet without keys."""
    return {key: value for key, value in packet.items() if not (packet["encrypted"] and key in {"payload", "fields"})}


@pytest.fixture(scope="module")
def decoded(profile: WireProfile, vectors: Path) -> Decoded:
    return decode(profile, vectors / "conversation.sr", whole)


def test_transfers(decoded: Decoded, vectors: Path) -> None:
    assert as_json(decoded.transfers) == as_json(answers(vectors, "transfers"))


def test_frames(decoded: Decoded, vectors: Path) -> None:
    assert as_json(decoded.frames) == as_json(answers(vectors, "frames"))


def test_packets(decoded: Decoded, vectors: Path) -> None:
    wanted = [without_secrets(packet) for packet in answers(vectors, "packets")]
    assert as_json(decoded.packets) == as_json(wanted)


def test_only_what_went_wrong_on_the_line_is_found(decoded: Decoded, vectors: Path) -> None:
    frames = answers(vectors, "frames")
    names = {"bad_crc": "bad-crc", "truncated": "truncated-frame", "garbage": "garbage"}
    wanted = [(names[str(frame["malformed"])], no) for no, frame in enumerate(frames, 1) if frame["malformed"]]
    wanted += [("nak", no) for no, frame in enumerate(frames, 1) if not frame["malformed"] and frame["type"] == "nak"]
    wanted += [("retransmission", no) for no in repeated_frames(frames)]
    assert sorted((code, record) for code, _, record in decoded.findings) == sorted(wanted)


def repeated_frames(frames: list[Record]) -> Iterator[int]:
    """Numbers of the DATA frames with the sequence number of the attempt before on their port and route."""
    last: dict[tuple[Value, ...], Value] = {}
    for no, frame in enumerate(frames, 1):
        if frame["malformed"] or frame["type"] not in {"data", "nak"}:
            continue
        ends = (frame["dst_port"], frame["src_port"])
        route = (frame["port"], *(ends if frame["type"] == "data" else ends[::-1]))
        if frame["type"] == "data" and last.get(route) == frame["seq"]:
            yield no
        last[route] = frame["seq"]


def test_forwarded_packets_are_one_record_with_both_sightings(decoded: Decoded, vectors: Path) -> None:
    frames = answers(vectors, "frames")
    data = [frame for frame in frames if not frame["malformed"] and frame["type"] == "data"]
    leaving = sum(1 for f in data if f["last"] and f["src_port"] and f["dst_port"] and f["port"] == f["dst_port"])
    assert {hop for hop, _ in decoded.hops} == {"NONE", "FORWARDED"}
    assert sum(1 for hop, _ in decoded.hops if hop == "FORWARDED") == leaving - sum(1 for _ in repeated_leaving(frames))
    assert all(count % 2 == 0 for hop, count in decoded.hops if hop == "FORWARDED")


def repeated_leaving(frames: list[Record]) -> Iterator[Record]:
    for no in repeated_frames(frames):
        frame = frames[no - 1]
        if frame["last"] and frame["src_port"] and frame["dst_port"] and frame["port"] == frame["dst_port"]:
            yield frame


@pytest.mark.parametrize("seed", range(6))
def test_pieces_of_any_size_give_the_same(profile: WireProfile, vectors: Path, decoded: Decoded, seed: int) -> None:
    pieces = decode(profile, vectors / "conversation.sr", random_pieces(seed))
    assert (pieces.transfers, pieces.frames, pieces.packets) == (decoded.transfers, decoded.frames, decoded.packets)
    assert (sorted(pieces.findings, key=str), pieces.hops) == (sorted(decoded.findings, key=str), decoded.hops)
