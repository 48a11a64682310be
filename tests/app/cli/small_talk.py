"""What a host and two peripherals say in the recording of these tests: readings, and what can go wrong on the way."""

from __future__ import annotations

from typing import Any

from decoders.profile.layout import Record
from tests.helpers.spi_waveform import SpiWaveform
from tests.helpers.umi import HOST, METER, VALVE, frame, packet, shipped

VOLUME = "00420100"
NEVER_HEARD_OF = "0099abcd"
RATE_HZ = 1_000_000
PROFILE = shipped("reference-1")
_HALF_BIT = 2
_MILLISECOND = RATE_HZ // 1000


class Talk:
    """Draws frames, each in a transfer of its own; the side that says nothing sends zeros."""

    def __init__(self) -> None:
        self.wave = SpiWaveform([1, 2], _HALF_BIT)
        self._seq: dict[tuple[int, int, int], int] = {}
        self.wait_ms(1)

    def wait_ms(self, milliseconds: int) -> None:
        self.wave.wait(milliseconds * _MILLISECOND)

    def say(self, port: int, data: bytes, *, to_device: bool = False) -> None:
        self.wave.transfer(port, *((data, b"") if to_device else (b"", data)))
        self.wave.wait(100)

    def frame(self, port: int, kind: str, ports: tuple[int, int], payload: bytes = b"", **fields: Any) -> None:
        self.say(port, frame(PROFILE, kind, ports, payload, **fields), to_device=ports[1] == port)

    def seq(self, port: int, ports: tuple[int, int]) -> int:
        self._seq[port, *ports] = (self._seq.get((port, *ports), -1) + 1) % 8
        return self._seq[port, *ports]

    def send(self, port: int, ports: tuple[int, int], content: bytes) -> None:
        """A packet of one frame and its acknowledgement."""
        seq = self.seq(port, ports)
        self.frame(port, "data", ports, content, seq=seq)
        self.frame(port, "ack", ports[::-1], seq=seq)
        self.wait_ms(1)


def small_talk() -> SpiWaveform:
    """The waveform of channels SCK, MOSI, MISO, CS1 and CS2."""
    talk = Talk()
    for part in (_reading, _hit_by_noise, _missing_fragment, _odd_headers, _protected, _from_port_to_port, _unanswered):
        part(talk)
    return talk.wave


def _reading(talk: Talk) -> None:
    to_meter = {"source": HOST, "destination": METER}
    talk.send(1, (0, 1), packet(PROFILE, "objects.read", {"codes": [VOLUME, NEVER_HEARD_OF]}, **to_meter))
    answer: Record = {
        "items": [
            {"code": VOLUME, "result": "ok", "value": {"type": "uint64", "value": 12_481_377}},
            {"code": NEVER_HEARD_OF, "result": "unknown_code"},
        ]
    }
    talk.send(1, (1, 0), packet(PROFILE, "objects.read", answer, response=True))
    write: Record = {"items": [{"code": VOLUME, "value": {"type": "uint64", "value": 0}}]}
    talk.send(1, (0, 1), packet(PROFILE, "objects.write", write, transaction=2, counter=2, **to_meter))
    refused = packet(PROFILE, "objects.write", b"", response=True, status="denied", transaction=2, counter=2)
    talk.send(1, (1, 0), refused)


def _hit_by_noise(talk: Talk) -> None:
    """A frame with a flipped bit, refused and sent again; bytes that are no frame; a frame that its transfer cuts off."""
    event: Record = {
        "event": 257,
        "severity": "alarm",
        "time": 1_700_000_000,
        "detail": {"type": "string", "value": "\x1b[31mtilt"},
    }
    content = packet(PROFILE, "events.notify", {"items": [event]}, source=VALVE)
    seq = talk.seq(2, (2, 0))
    good = frame(PROFILE, "data", (2, 0), content, seq=seq)
    talk.say(2, good[:20] + bytes([good[20] ^ 0x10]) + good[21:])
    talk.frame(2, "nak", (0, 2), seq=seq, link_status="bad_crc")
    talk.say(2, good)
    talk.frame(2, "ack", (0, 2), seq=seq)
    talk.send(2, (0, 2), packet(PROFILE, "events.notify", b"", response=True, source=HOST, destination=VALVE))
    talk.say(2, bytes.fromhex("5a7e7e3c"))
    talk.say(2, good[:15])


def _missing_fragment(talk: Talk) -> None:
    block: Record = {"image_id": 0x4D31, "offset": 0, "data": bytes(range(256)).hex() * 2}
    content = packet(PROFILE, "images.block", block, source=HOST, destination=METER, transaction=3, counter=3)
    pieces = [content[at : at + 248] for at in range(0, len(content), 248)]
    for index, piece in enumerate(pieces):
        seq = talk.seq(1, (0, 1))
        if index != 1:
            last = index == len(pieces) - 1
            talk.frame(1, "data", (0, 1), piece, seq=seq, first=index == 0, last=last, fragment=index)


def _odd_headers(talk: Talk) -> None:
    """A version that there is not, an operation that its service does not have, and a payload that ends too soon."""
    content = packet(PROFILE, "power.port_state", {"port": 1}, source=HOST, destination=METER, transaction=4, counter=4)
    talk.send(1, (0, 1), bytes([content[0] | 0x20]) + content[1:])
    odd = packet(PROFILE, "power.request", b"\1", source=HOST, destination=METER, transaction=5, counter=5, operation=99)
    talk.send(1, (0, 1), odd)
    short = packet(PROFILE, "power.request", b"\0\1", source=VALVE, transaction=6, counter=6)
    talk.send(2, (2, 0), short)


def _protected(talk: Talk) -> None:
    body = bytes.fromhex("0badcafe") + bytes(9) + b"\x55" * 16
    talk.send(1, (1, 0), packet(PROFILE, "tunnelling.data", body, encrypted=True, transaction=7, counter=7))
    signed = bytes.fromhex("0007") + b"\x11" * 64
    talk.send(1, (1, 0), packet(PROFILE, "tunnelling.close", signed, signed=True, transaction=8, counter=8))


def _from_port_to_port(talk: Talk) -> None:
    content = packet(PROFILE, "objects.read", {"codes": [VOLUME]}, source=VALVE, destination=METER, transaction=9, counter=9)
    talk.send(2, (2, 1), content)
    talk.wait_ms(1)
    talk.send(1, (2, 1), content)


def _unanswered(talk: Talk) -> None:
    talk.wait_ms(2100)
    talk.send(1, (1, 0), packet(PROFILE, "power.release", {}, transaction=10, counter=10))
