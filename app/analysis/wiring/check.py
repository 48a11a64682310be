"""What a wiring brings to light in the first busy stretch of a recording, and how sure a proposal is, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.analysis.text.words import count_text, duration_text, listed_text
from app.analysis.wiring.excerpt import Excerpt, busy_excerpt
from app.analysis.wiring.proposal import Proposal
from app.analysis.wiring.score import Score, Scorer
from capture.formats.base import LogicRecording
from decoders.bus.uart import CharBatch, CharFlag, UartDecoder
from decoders.bus.wiring import UartLine, Wiring
from decoders.core.chunk import LogicChunk
from decoders.core.errors import RecordingError, UsageError
from decoders.core.span import Timebase

_SURE = ((0.95, "all but certain"), (0.8, "very likely"), (0.6, "likely"), (0.4, "possible"))
_FEW_FAULTS = 0.02
_MISREAD = 0.1


@dataclass(frozen=True, slots=True)
class Verdict:
    """Sentences about a wiring; `is_good` where all that it wires reads as it should."""

    is_good: bool
    sentences: tuple[str, ...]


def verdict(excerpt: Excerpt, rate_hz: int, wiring: Wiring, score: Scorer) -> Verdict:
    """Decode the excerpt as this wiring says: frames with a right checksum from ports, characters from serial lines."""
    stretch = duration_text(Timebase(rate_hz).ns(excerpt.runs.end))
    judged: list[tuple[bool, list[str]]] = []
    if wiring.spi:
        judged.append(_of_ports(score(wiring), wiring, stretch))
    judged += [_of_line(excerpt, rate_hz, wiring, line) for line in wiring.uart]
    return Verdict(all(good for good, _ in judged), tuple(text for _, said in judged for text in said))


def first_stretch(recording: LogicRecording) -> Excerpt:
    """The stretch that wirings are tried on; of a damaged recording, from its good part."""
    return busy_excerpt(_good_part(recording))


def sure_text(confidence: float) -> str:
    """A confidence from 0 to 1 in words, with its number."""
    words = next((words for least, words in _SURE if confidence >= least), "a guess")
    return f"{words} ({100 * confidence:.0f} %)"


def proposal_text(proposal: Proposal, channels: tuple[str, ...]) -> str:
    """What a proposal is about, and how sure it is."""
    what = f"A bus with {count_text(len(proposal.wiring.spi), 'port')}"
    for line in proposal.wiring.uart:
        lines = [channels[channel] or f"channel {channel}" for channel in (line.rx, line.tx) if channel is not None]
        what = f"A serial {'link' if len(lines) > 1 else 'line'} on {listed_text(lines)}"
    return f"{what}: {sure_text(proposal.confidence)}"


def _of_ports(score: Score, wiring: Wiring, stretch: str) -> tuple[bool, list[str]]:
    if not score.valid_frames:
        tried = f", but {score.crc_failures} with a wrong one" if score.crc_failures else ""
        return False, [f"No frame with a right checksum in the first {stretch}{tried}."]
    failed = f", {score.crc_failures} with a wrong one" if score.crc_failures else ""
    explained = 100 * score.bytes_explained // max(1, score.bytes_total)
    found = f"{count_text(score.valid_frames, 'frame')} with a right checksum in the first {stretch}{failed}"
    said = [f"{found}; they hold {explained} % of the bytes."]
    is_turned = 2 * score.reversed_frames > score.valid_frames
    if is_turned:
        said.append(f"{score.reversed_frames} of them run against their line: mosi and miso may have to change places.")
    named_ports = [(port.port, score.ports.get(-1 if port.cs is None else port.cs, port.port)) for port in wiring.spi]
    wrong = [(port, named) for port, named in named_ports if port != named]
    said += [f"The frames of port {port} name port {named}." for port, named in wrong]
    return not is_turned and not wrong and score.valid_frames >= score.crc_failures, said


def _of_line(excerpt: Excerpt, rate_hz: int, wiring: Wiring, line: UartLine) -> tuple[bool, list[str]]:
    name = wiring.streams[line.stream]
    try:
        read = [_characters(excerpt, rate_hz, line, channel) for channel in (line.rx, line.tx) if channel is not None]
    except UsageError as error:
        return False, [f"{name}: {error}."]
    characters = CharBatch.joined(read)
    if not len(characters):
        return False, [f"{name}: no characters; the speed may be wrong, or the line is quiet here."]
    faulty = float((characters.flags & (CharFlag.PARITY | CharFlag.FRAMING) != 0).mean())
    hint = "; another speed or format may fit better" if faulty > _MISREAD else ""
    faults = f"{100 * faulty:.0f} % of them with a fault in parity or stop bit" if faulty else "none with a fault"
    return faulty <= _FEW_FAULTS, [f"{name}: {count_text(len(characters), 'character')}, {faults}{hint}."]


def _characters(excerpt: Excerpt, rate_hz: int, line: UartLine, channel: int) -> CharBatch:
    decoder = UartDecoder(channel, line, rate_hz)
    return CharBatch.joined([decoder.feed(excerpt.runs), decoder.finish()])


def _good_part(recording: LogicRecording) -> Iterator[LogicChunk]:
    try:
        yield from recording.chunks()
    except RecordingError:
        return
