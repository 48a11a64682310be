"""Several buses of one recording: which transfers reach the layers above, and in which order."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.analysis.capture import Capture
from decoders.bus.buses import Buses
from decoders.bus.wiring import UartLine, Wiring
from decoders.core.chunk import Samples
from decoders.core.span import Timebase
from decoders.profile.frame_writer import frame_bytes
from decoders.profile.layout import Record
from decoders.profile.wire_profile import WireProfile, load_profile
from decoders.stack import Stack
from tests.decoders.bus.opto_drawing import BOTH, ONE, RATE_HZ, Said, drawn

PROFILE = Path(__file__).resolve().parents[3] / "resources" / "profiles" / "reference-1.toml"
SIGN_ON = [
    Said(0, "h2p", b"/?!\r\n"),
    Said(500, "p2h", b"/UMI5\\UMETER\r\n"),
    Said(1300, "h2p", b"\x06257\r\n"),
    Said(1800, "p2h", b"\x06257\r\n"),
]


@pytest.fixture(scope="module")
def profile() -> WireProfile:
    return load_profile(PROFILE.read_text(encoding="utf-8"), PROFILE.name)


def poll_and_answer(profile: WireProfile) -> list[bytes]:
    """A poll of the tool and the device's idle frame, as wire-format 3 writes them."""
    header: Record = {"first": False, "last": False, "seq": 0, "link_status": "ok", "fragment": 0}
    return [
        frame_bytes(profile, header | {"type": "poll", "src_port": 0, "dst_port": 1}, b""),
        frame_bytes(profile, header | {"type": "idle", "src_port": 1, "dst_port": 0}, b""),
    ]


def conversation(profile: WireProfile) -> list[Said]:
    poll, idle = poll_and_answer(profile)
    return [*SIGN_ON, Said(2200, "h2p", poll, 9600, link=True), Said(2300, "p2h", idle, 9600, link=True)]


def decoded(profile: WireProfile, chunk: Samples, wiring: Wiring) -> Capture:
    stack = Stack(profile, wiring, RATE_HZ)
    capture = Capture(profile, wiring, Timebase(RATE_HZ))
    for part in (stack.feed(chunk), stack.finish()):
        for piece in part:
            capture.add(piece)
    capture.finish()
    return capture


@pytest.mark.parametrize("line", [BOTH, ONE], ids=["two receivers", "one receiver"])
def test_link_frames_of_an_optical_port_reach_the_layers_above_with_their_direction(profile: WireProfile, line: UartLine) -> None:
    chunk = drawn(conversation(profile), one_receiver=line.tx is None)
    capture = decoded(profile, chunk, Wiring(uart=(line,), streams=("opto",)))
    frames = [(frame.malformed, frame.header["type"], frame.direction, frame.port) for frame in capture.frames()]
    assert frames == [(None, "poll", "h2p", 1), (None, "idle", "p2h", 1)]
    assert capture.findings == []


def test_the_exchange_before_link_frames_gives_no_transfers() -> None:
    chunk = drawn(SIGN_ON)
    buses = Buses(Wiring(uart=(BOTH,), streams=("opto",)), RATE_HZ)
    batches = [*buses.feed(chunk), *buses.finish()]
    assert sum(map(len, batches)) == 0
