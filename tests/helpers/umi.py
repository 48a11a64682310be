"""UMI for tests: packets and frames from records, drawn on an SPI bus and decoded."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from app.analysis import records
from app.analysis.capture import Capture
from decoders.bus.wiring import SpiPort, Wiring
from decoders.core.chunk import LogicChunk, Lost, Runs, Samples
from decoders.core.span import Timebase
from decoders.profile.frame_writer import frame_bytes, on_wire
from decoders.profile.layout import Record
from decoders.profile.wire_profile import WireProfile, load_profile
from decoders.stack import Decoded, Stack
from tests.helpers.spi_waveform import FIRST_CS, MISO, MOSI, SCK, SpiWaveform

ROOT = Path(__file__).resolve().parents[2]
PROFILES = ("reference-1", "variant-a")
HOST, METER, VALVE = "acde480000000001", "acde48000000a001", "acde48000000b002"
IDS = {0: HOST, 1: METER, 2: VALVE}
RATE_HZ = 1_000_000
HALF_BIT = 1


@functools.cache
def shipped(name: str) -> WireProfile:
    """A profile as it ships."""
    return load_profile((ROOT / "resources" / "profiles" / f"{name}.toml").read_text(encoding="utf-8"), f"{name}.toml")


@functools.cache
def altered(name: str, *changes: tuple[str, str]) -> WireProfile:
    """A shipped profile with lines of its text replaced."""
    text = (ROOT / "resources" / "profiles" / f"{name}.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        text = text.replace(old, new)
    return load_profile(text, f"{name}.toml")


def header(profile: WireProfile, call: str, *, size: int, **fields: Any) -> bytes:
    """A packet header; `call` is service.operation, `fields` override what is usual, `operation` by its number."""
    service, operation = call.split(".")
    entry = profile.services[profile.enumerations["service"].by_name[service]]
    code = next(known.code for known in entry.operations.values() if known.name == operation)
    usual: Record = {
        "response": False, "signed": False, "encrypted": False, "service": service, "operation": code, "status": "ok",
        "transaction": 1, "body_length": size, "source": METER, "destination": HOST, "counter": 1, "time": 1_700_000_000,
    }  # fmt: skip
    return profile.packet.write(usual | fields)


def packet(profile: WireProfile, call: str, payload: Record | bytes = b"", /, **fields: Any) -> bytes:
    """A whole packet; the payload as a record or as bytes."""
    body = payload
    if not isinstance(body, bytes):
        layout = profile.payload(*call.split("."), response=bool(fields.get("response")))
        assert layout is not None
        body = layout.write(body)
    return header(profile, call, size=len(body), **fields) + body


def frame(profile: WireProfile, kind: str, ports: tuple[int, int], payload: bytes = b"", **fields: Any) -> bytes:
    """A frame as it stands on the line; `ports` is (source, destination)."""
    usual: Record = {
        "type": kind, "src_port": ports[0], "dst_port": ports[1], "seq": 0, "first": kind == "data", "last": kind == "data",
        "fragment": 0, "link_status": "ok",
    }  # fmt: skip
    return on_wire(profile, frame_bytes(profile, usual | fields, payload))


class Bench:
    """Draws what a host and its ports say, one transfer after the other; times in ticks of a microsecond."""

    def __init__(self, profile: WireProfile, ports: Sequence[int] = (1, 2)) -> None:
        self.profile = profile
        self.wave = SpiWaveform(list(ports), HALF_BIT)
        self.wiring = Wiring(tuple(SpiPort(SCK, MOSI, MISO, FIRST_CS + at, port=port) for at, port in enumerate(ports)))
        self._seq: dict[tuple[int, int, int], int] = {}
        self.wave.wait(20)

    def say(self, port: int, data: bytes, *, to_device: bool = False) -> None:
        """Bytes in one direction, filler in the other."""
        filler = b"\xff" * len(data)
        self.wave.transfer(port, *((data, filler) if to_device else (filler, data)))
        self.wave.wait(10)

    def frame(self, port: int, kind: str, ports: tuple[int, int], payload: bytes = b"", **fields: Any) -> None:
        """A frame between two ports, seen on `port`."""
        self.say(port, frame(self.profile, kind, ports, payload, **fields), to_device=ports[1] == port)

    def seq(self, port: int, ports: tuple[int, int]) -> int:
        """The next sequence number of a route on a port."""
        key = (port, *ports)
        self._seq[key] = (self._seq.get(key, -1) + 1) % self.profile.procedures.sequence_modulus
        return self._seq[key]

    def data(self, port: int, ports: tuple[int, int], content: bytes, only: Iterable[int] | None = None) -> None:
        """A packet in as many frames as it needs; `only` names the fragments that are drawn."""
        step = self.profile.procedures.fragment_bytes
        pieces = [content[at : at + step] for at in range(0, len(content), step)] or [b""]
        for index, piece in enumerate(pieces):
            seq = self.seq(port, ports)
            if only is None or index in only:
                self.frame(
                    port, "data", ports, piece, seq=seq, first=index == 0, last=index == len(pieces) - 1,
                    fragment=index % self.profile.procedures.fragment_modulus,
                )  # fmt: skip

    def chunks(self) -> list[LogicChunk]:
        return [self.wave.runs()]

    def decode(self) -> Capture:
        return decode(self.chunks(), self.profile, self.wiring)


def dense(runs: Runs) -> Samples:
    """The same as samples, one a tick."""
    lengths = [*(runs.ticks[1:] - runs.ticks[:-1]), runs.end - runs.ticks[-1]]
    return Samples(runs.start, runs.words.repeat(lengths))


def without(chunk: Samples, start: int, end: int, reason: str = "the buffer was full") -> list[LogicChunk]:
    """A recording that lacks [start, end)."""
    before, after = chunk.words[: start - chunk.start], chunk.words[end - chunk.start :]
    return [Samples(chunk.start, before), Lost(start, end, reason), Samples(end, after)]


def decoded(chunks: Iterable[LogicChunk], profile: WireProfile, wiring: Wiring, rate_hz: int = RATE_HZ) -> list[Decoded]:
    """All that the stack gives."""
    stack = Stack(profile, wiring, rate_hz)
    pieces = [piece for chunk in chunks for piece in stack.feed(chunk)]
    return [*pieces, *stack.finish()]


def decode(chunks: Iterable[LogicChunk], profile: WireProfile, wiring: Wiring, rate_hz: int = RATE_HZ) -> Capture:
    """The decoded recording."""
    capture = Capture(profile, wiring, Timebase(rate_hz))
    for piece in decoded(chunks, profile, wiring, rate_hz):
        capture.add(piece)
    capture.finish()
    return capture


def layers(pieces: Iterable[Decoded], profile: WireProfile, wiring: Wiring, rate_hz: int = RATE_HZ) -> dict[str, list[Record]]:
    """The JSON records of every layer."""
    capture = Capture(profile, wiring, Timebase(rate_hz))
    transfers: list[Record] = []
    for piece in pieces:
        transfers += records.transfer_records(piece.transfers, len(transfers) + 1, capture.timebase, wiring.streams)
        capture.add(piece)
    capture.finish()
    return {
        "transfers": transfers,
        "frames": [records.frame_record(capture, one) for one in capture.frames()],
        "packets": [records.packet_record(capture, one) for one in capture.packets()],
        "transactions": [records.transaction_record(capture, one) for one in capture.transactions],
        "findings": [records.finding_record(capture, no, one) for no, one in enumerate(capture.findings, 1)],
    }


def codes(capture: Capture) -> list[tuple[str, int | None]]:
    """The findings as (code, record), in order."""
    return [(finding.code.name, finding.record) for finding in capture.findings]
