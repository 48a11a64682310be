"""A recording for tests, told by hand: half a second of a gas meter and its modules, some of it going wrong."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from pathlib import Path

from capture.formats.sigrok_writer import write_sr
from decoders.profile.frame_writer import frame_bytes
from decoders.profile.layout import Record
from decoders.profile.wire_profile import WireProfile
from tests.helpers.spi_waveform import SpiWaveform
from tests.helpers.umi import shipped

FOLDER = "UMISCOPE_TEST_STORY"
"""Where it lies, for the processes that the first one starts."""
RATE_HZ = 2_000_000
HALF_BIT = 4
PACKETS = 34
HOST, INDEX, VALVE, MODEM = "acde480000000001", "acde48000000a001", "acde48000000b002", "acde48000000c003"
IDS = {0: HOST, 1: INDEX, 2: VALVE, 3: MODEM}
START_UTC = 1_767_225_600
VOLUME, FLOW, BATTERY = "00420100", "00420102", "00420200"


@functools.cache
def recording() -> Path:
    """The story as a file: written by whichever process of a test run asks first, and taken away when that one ends."""
    if FOLDER not in os.environ:
        folder = os.environ[FOLDER] = tempfile.mkdtemp(prefix="umiscope-story-")
        atexit.register(shutil.rmtree, folder)
        wave = draw()
        write_sr(Path(folder) / "gas-meter.sr", wave.channels, RATE_HZ, [wave.runs()])
    return Path(os.environ[FOLDER]) / "gas-meter.sr"


class Conversation:
    """A host and its peripherals taking turns; each packet is framed, sent and acknowledged as wire-format 3 says."""

    def __init__(self, profile: WireProfile) -> None:
        self.wave = SpiWaveform([1, 2, 3], HALF_BIT)
        self._profile = profile
        self._seq: dict[tuple[int, int, int], int] = {}
        self._counter = dict.fromkeys(IDS, 1000)
        self._transaction = dict.fromkeys(IDS, 100)
        self.wave.wait(2000)

    def pause_ms(self, milliseconds: float) -> None:
        """Quiet lines."""
        self.wave.wait(round(milliseconds * RATE_HZ / 1000))

    def packet(self, source: int, destination: int, service: str, operation: str, fields: Record, **header: object) -> bytes:
        """An application packet."""
        response = bool(header.get("response", False))
        layout = self._profile.payload(service, operation, response=response)
        assert layout is not None  # the story uses known operations only
        body = layout.write(fields) if header.get("status", "ok") == "ok" else b""
        self._counter[source] += 1
        if not response:
            self._transaction[source] += 1
        number = self._transaction[destination if response else source]
        values: Record = {
            "response": response,
            "signed": False,
            "encrypted": False,
            "service": service,
            "operation": self._operation_code(service, operation),
            "status": str(header.get("status", "ok")),
            "transaction": number,
            "body_length": len(body),
            "source": IDS[source],
            "destination": IDS[destination],
            "counter": self._counter[source],
            "time": START_UTC + self.wave.now // RATE_HZ,
        }
        return self._profile.packet.write(values) + body

    def _operation_code(self, service: str, operation: str) -> int:
        number = self._profile.enumerations["service"].by_name[service]
        return next(entry.code for entry in self._profile.services[number].operations.values() if entry.name == operation)

    def send(self, port: int, source: int, destination: int, packet: bytes, *, broken: int | None = None) -> None:
        """All frames of a packet over one port, each acknowledged; fragment `broken` is hit once and sent again."""
        step = self._profile.procedures.fragment_bytes
        pieces = [packet[at : at + step] for at in range(0, len(packet), step)]
        for index, piece in enumerate(pieces):
            key = (port, source, destination)
            seq = self._seq[key] = (self._seq.get(key, -1) + 1) % 8
            frame = self._frame("data", source, destination, seq, piece, index, len(pieces))
            if index == broken:
                hit = bytearray(frame)
                hit[len(hit) // 2] ^= 0x10
                self._exchange(
                    port, destination == port, bytes(hit), self._frame("nak", destination, source, seq, b"", 0, 0, "bad_crc")
                )
            self._exchange(port, destination == port, frame, self._frame("ack", destination, source, seq, b"", 0, 0))

    def ask(
        self, asker: int, answerer: int, service: str, operation: str, command: Record, response: Record, **status: str
    ) -> None:
        """A command and its response between the host and a peripheral."""
        port = asker or answerer
        self.send(port, asker, answerer, self.packet(asker, answerer, service, operation, command))
        self.pause_ms(3)
        self.send(port, answerer, asker, self.packet(answerer, asker, service, operation, response, response=True, **status))
        self.pause_ms(18)

    def forward(self, source: int, destination: int, packet: bytes) -> None:
        """A packet between two peripherals, seen on both ports."""
        self.send(source, source, destination, packet)
        self.pause_ms(1)
        self.send(destination, source, destination, packet)
        self.pause_ms(4)

    def poll(self, port: int) -> None:
        """The host asks whether there is anything to send, and there is not."""
        self.wave.transfer(port, self._frame("poll", 0, port, 0, b"", 0, 0), b"")
        self.wave.wait(300)
        self.wave.transfer(port, b"", self._frame("idle", port, 0, 0, b"", 0, 0))
        self.pause_ms(10)

    def power(self, port: int, rail: int, limit_ma: int) -> None:
        """The host tells a port what it may draw."""
        notice = bytes([port, rail]) + limit_ma.to_bytes(2, "big")
        self.wave.transfer(port, self._frame("power", 0, port, 0, notice, 0, 0), b"")
        self.pause_ms(12)

    def noise(self, port: int, data: bytes) -> None:
        """Bytes that are no frame."""
        self.wave.transfer(port, b"", data)
        self.pause_ms(5)

    def _exchange(self, port: int, to_peripheral: bool, frame: bytes, answer: bytes) -> None:
        ways = (frame, b"") if to_peripheral else (b"", frame)
        self.wave.transfer(port, *ways)
        self.wave.wait(400)
        self.wave.transfer(port, *((b"", answer) if to_peripheral else (answer, b"")))
        self.wave.wait(600)

    def _frame(
        self, kind: str, source: int, destination: int, seq: int, payload: bytes, index: int, count: int, status: str = "ok"
    ) -> bytes:
        record: Record = {
            "dst_port": destination,
            "src_port": source,
            "type": kind,
            "first": kind == "data" and index == 0,
            "last": kind == "data" and index == count - 1,
            "seq": seq,
            "link_status": status,
            "fragment": index % 256,
        }
        return frame_bytes(self._profile, record, payload)


def _item(code: str, kind: str, value: object) -> Record:
    return {"code": code, "result": "ok", "value": {"type": kind, "value": value}}  # type: ignore[dict-item]  # JSON values


def tell(talk: Conversation) -> None:
    """The story: start-up, readings, a relayed reading, a refused write, an event, a firmware image, a tunnel."""
    for port in (1, 2, 3):
        talk.power(port, 1, 50)
    talk.ask(0, 1, "objects", "read", {"codes": ["00420001", "00420002"]}, {"items": [
        _item("00420001", "string", "GI-2026-000417"), _item("00420002", "uint32", 0x00010203)]})  # fmt: skip
    talk.poll(2)
    talk.ask(0, 1, "objects", "read", {"codes": [VOLUME, FLOW, BATTERY]}, {"items": [
        _item(VOLUME, "uint64", 12_481_377), _item(FLOW, "uint32", 1_250), _item(BATTERY, "uint16", 3_582)]})  # fmt: skip
    talk.ask(0, 2, "objects", "read", {"codes": ["00420300"]}, {"items": [_item("00420300", "uint8", 1)]})
    _relayed_reading(talk)
    talk.ask(3, 0, "power", "request", {"class": "high", "current_ma": 900, "duration_s": 30}, {"granted_ma": 0, "until": 0})
    write: Record = {"items": [{"code": "00420303", "value": {"type": "uint8", "value": 3}}]}
    talk.ask(0, 1, "objects", "write", write, {}, status="denied")
    talk.noise(2, bytes.fromhex("5a7e7e3c"))
    _tamper_event(talk)
    _daily_log(talk)
    _firmware(talk)
    talk.ask(3, 0, "tunnelling", "open", {"tunnel": 7, "protocol": "dlms"}, {})
    talk.ask(3, 0, "tunnelling", "data", {"tunnel": 7, "data": "c001c100080000010000ff0200"}, {})
    talk.ask(3, 0, "tunnelling", "close", {"tunnel": 7}, {})
    talk.poll(1)


def _relayed_reading(talk: Conversation) -> None:
    """The modem reads the index through the host; the answer is hit by noise once on its way in."""
    talk.forward(3, 1, talk.packet(3, 1, "objects", "read", {"codes": [VOLUME]}))
    answer = talk.packet(1, 3, "objects", "read", {"items": [_item(VOLUME, "uint64", 12_481_377)]}, response=True)
    talk.send(1, 1, 3, answer, broken=0)
    talk.pause_ms(1)
    talk.send(3, 1, 3, answer)
    talk.pause_ms(20)


def _tamper_event(talk: Conversation) -> None:
    detail: Record = {"type": "string", "value": "cover opened"}
    event: Record = {"event": 257, "severity": "alarm", "time": START_UTC, "detail": detail}
    talk.ask(2, 0, "events", "notify", {"items": [event]}, {})
    talk.ask(0, 2, "events", "acknowledge", {"event": 257}, {})


def _daily_log(talk: Conversation) -> None:
    """Two weeks of readings: a packet of several fragments, one of which is hit."""
    days = [
        {"type": "struct", "value": [
            {"type": "time", "value": START_UTC - 86_400 * day}, {"type": "uint64", "value": 12_481_377 - 2_117 * day},
            {"type": "int16", "value": 412 - 35 * day}, {"type": "uint16", "value": 0}]}
        for day in range(14)
    ]  # fmt: skip
    talk.send(1, 0, 1, talk.packet(0, 1, "objects", "read", {"codes": ["00420500"]}))
    talk.pause_ms(6)
    answer = talk.packet(1, 0, "objects", "read", {"items": [_item("00420500", "array", days)]}, response=True)
    talk.send(1, 1, 0, answer, broken=1)
    talk.pause_ms(20)


def _firmware(talk: Conversation) -> None:
    """An image is announced and begun, and found incomplete."""
    image: Record = {
        "image_id": 0x4D31, "version": 0x00010300, "size": 1000, "block_size": 200, "publisher": HOST,
        "digest": "5a" * 32, "image_signature": "c3" * 64,
    }  # fmt: skip
    talk.ask(0, 1, "images", "announce", image, {"accepted": 1})
    for block in range(2):
        data = bytes((block * 200 + at) * 7 & 0xFF for at in range(200)).hex()
        talk.ask(
            0, 1, "images", "block", {"image_id": 0x4D31, "offset": block * 200, "data": data}, {"received": (block + 1) * 200}
        )
    talk.ask(0, 1, "images", "verify", {"image_id": 0x4D31}, {"verdict": "incomplete"})
    talk.ask(0, 1, "images", "abort", {"image_id": 0x4D31}, {})


def draw() -> SpiWaveform:
    """The whole recording."""
    talk = Conversation(shipped("reference-1"))
    tell(talk)
    talk.pause_ms(5)
    return talk.wave
