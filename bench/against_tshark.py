"""Frames decoded here, in one thread, and by tshark with a dissector of the same frames."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from time import process_time

from app.analysis.capture import Capture
from bench.conversation import Conversation, Sent, batches, transfers
from bench.pcap import write_pcap
from bench.process import ROOT, measured
from bench.progress import say
from bench.report import Row, scaled
from bench.sizes import Sizes
from bench.waveform import PORT, RATE_HZ
from decoders.bus.wiring import Wiring
from decoders.core.span import Timebase
from decoders.link import LinkDecoder
from decoders.packet import packet_headers
from decoders.profile.wire_profile import WireProfile, load_profile
from decoders.stack import Decoded, packet_bytes
from decoders.transport.reassembly import Reassembler

DISSECTOR = ROOT / "bench" / "dissector.lua"
PAUSE_TICKS = 500
SUBJECT = "stored transfer bytes → packet columns, CRC checked, one core"
TARGET, TARGET_BYTES = 1_500_000, 50


@dataclass(frozen=True, slots=True)
class FrameSpeed:
    """Frames a second of processor time, and the memory of the columns per frame."""

    frames_a_second: float
    resident_bytes: float


class DifferentFramesError(Exception):
    """A program did not find the frames that were sent: its speed means nothing."""


def reference_profile() -> WireProfile:
    """The profile that the conversation follows."""
    return load_profile((ROOT / "resources" / "profiles" / "reference-1.toml").read_text(encoding="utf-8"), "reference-1.toml")


def frame_speed(sizes: Sizes) -> FrameSpeed:
    """Decode a conversation batch by batch; only the decoding is timed. DifferentFramesError where others come out than were sent."""
    profile = reference_profile()
    link = LinkDecoder(profile, RATE_HZ)
    reassembler = Reassembler(profile, frozenset({(0, 1)}), RATE_HZ)
    capture = Capture(profile, Wiring(spi=(PORT,)), Timebase(RATE_HZ))
    conversation = Conversation(seed=1)
    speeds, damaged, end = [], 0, 0
    for sent, traffic in islice(batches(conversation, sizes.batch_frames, PAUSE_TICKS), sizes.frames // sizes.batch_frames):
        stored = transfers(traffic, end)
        end = int(stored.end[-1]) + PAUSE_TICKS
        began = process_time()
        frames = link.feed(stored)
        transported = reassembler.feed(frames)
        headers = packet_headers(profile, packet_bytes(transported.packets))
        speeds.append(len(sent) / (process_time() - began))
        damaged += int((frames.malformed != 0).sum())
        capture.add(Decoded(stored, frames, transported.packets, headers, transported.links, [], []))
    open_packets = len(reassembler.finish().packets)
    capture.finish()
    found = (capture.frame_count - damaged, damaged, capture.packet_count + open_packets)
    if found != (conversation.frames, conversation.damaged, conversation.packets):
        raise DifferentFramesError(f"UMIscope found {found} good frames, damaged frames and packets of {conversation}")
    return FrameSpeed(median(speeds), capture.resident_bytes / capture.frame_count)


def tshark_speed(program: str, folder: Path, sent: Sequence[Sent]) -> float:
    """Frames a second of processor time, without what tshark takes to start; DifferentFramesError where it finds others."""
    environment = {"WIRESHARK_CONFIG_DIR": str(folder)}
    cpu_seconds = []
    for name, frames in (("one", sent[:1]), ("all", sent)):
        capture, output = folder / f"{name}.pcap", folder / f"{name}.txt"
        write_pcap(capture, [one.content for one in frames])
        fields = [part for field in ("type", "seq", "crc_ok") for part in ("-e", f"umilink.{field}")]
        command = [program, "-n", "-r", str(capture), "-X", f"lua_script:{DISSECTOR}", "-T", "fields", *fields]
        cpu_seconds.append(measured(command, output, environment).cpu_seconds)
        found = Counter(line.split("\t")[2] for line in output.read_text().splitlines())
        if found != Counter("1" if one.good else "0" for one in frames):
            raise DifferentFramesError(f"tshark found {found} in {capture.name}, where 1 is a good checksum and 0 a bad one")
    # Of few frames the difference is lost in the noise and may be nothing.
    return len(sent) / max(cpu_seconds[1] - cpu_seconds[0], 0.001)


def frame_rows(folder: Path, sizes: Sizes) -> list[Row]:
    """The rows for speed, its ratio to tshark, and memory."""
    say(f"decoding {scaled(sizes.frames, ' frames')}")
    own = frame_speed(sizes)
    how = (
        f"LinkDecoder, Reassembler and packet_headers on batches of {sizes.batch_frames} frames, median of "
        f"{sizes.frames // sizes.batch_frames}, processor time; half DATA (payloads of 36–73 bytes, "
        "some packets of three fragments), half ACK, 0.1 % damaged"
    )
    speed = Row(
        SUBJECT,
        f"{scaled(own.frames_a_second, ' frames/s')}",
        f"≥ {scaled(TARGET, ' frames/s')}",
        own.frames_a_second >= TARGET,
        how,
    )
    memory = Row(
        "memory of a frame's columns", f"{own.resident_bytes:.1f} bytes", f"≤ {TARGET_BYTES} bytes", own.resident_bytes <= TARGET_BYTES,
        "Capture.resident_bytes / frame_count; the frames' bytes not counted",
    )  # fmt: skip
    return [speed, _tshark_row(folder, sizes, own.frames_a_second), memory]


def _tshark_row(folder: Path, sizes: Sizes, own_speed: float) -> Row:
    subject = "the same against tshark"
    program = shutil.which("tshark")
    if program is None:
        return Row(subject, "tshark is not installed")
    say(f"dissecting {scaled(sizes.tshark_frames, ' frames')} by tshark")
    sent = list(islice(Conversation(seed=1).sent(), sizes.tshark_frames))
    speed = median(tshark_speed(program, folder, sent) for _ in range(sizes.sigrok_repeats))
    how = (
        f"tshark with a Lua dissector of the link header that checks the CRC, `-T fields`, on {scaled(sizes.tshark_frames, ' of these')} "
        "frames: processor time without start-up; it assembles no packets"
    )
    return Row(subject, f"{own_speed / speed:.0f} × ({scaled(speed, ' frames/s')})", how=how)
