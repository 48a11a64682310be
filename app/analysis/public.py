"""A decoded recording for scripts and notebooks: typed records of each layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from app.analysis.capture import Capture
from app.analysis.decoding import decode_recording, timebase_of
from app.analysis.exchange import Conversation, decode_byte_log, decode_exchanges, is_byte_log
from app.analysis.facts import Facts, byte_log_facts, recording_facts
from app.analysis.material import read_datasheets, read_profile
from app.analysis.names import DatasheetNames
from app.analysis.power.evidence import battery_claims
from app.analysis.record_types import FindingRecord, FlagRecord, FrameRecord, PacketRecord, SessionRecord, TransactionRecord
from app.analysis.records import flag_record, layer_records
from app.analysis.wiring.power import with_power
from app.analysis.wiring.stated import wiring_of
from app.analysis.wiring.wiring import wiring_from_options
from capture.formats.opening import open_recording
from decoders.bus.wiring import Wiring
from decoders.core.errors import RecordingError
from decoders.services.summary import summarise

Typed = TypeVar("Typed")


class Recording:
    """A recording that was decoded to its end, or as far as it could be read: then `fault` says why."""

    def __init__(self, info: Facts, capture: Capture | None, conversation: Conversation | None, names: DatasheetNames) -> None:
        self.info = info
        self._capture = capture
        self._conversation = conversation
        self._names = names

    @property
    def fault(self) -> RecordingError | None:
        """What is wrong with a file that was damaged; what came before is decoded."""
        faults = (part.fault for part in (self._capture, self._conversation) if part is not None)
        return next((fault for fault in faults if fault is not None), None)

    def frames(self) -> Iterator[FrameRecord]:
        """All link frames and malformed stretches, in order of the wire."""
        return self._records("frames", FrameRecord)

    def packets(self) -> Iterator[PacketRecord]:
        """All packets, in order of completion."""
        return self._records("packets", PacketRecord)

    def transactions(self) -> Iterator[TransactionRecord]:
        """All commands with their responses, in order of the commands."""
        return self._records("transactions", TransactionRecord)

    def sessions(self) -> Iterator[SessionRecord]:
        """All security sessions, in order of the packets that they were first seen in."""
        return self._records("sessions", SessionRecord)

    def findings(self) -> Iterator[FindingRecord]:
        """All that was noticed, in order of time."""
        return self._records("findings", FindingRecord)

    def messages(self) -> Iterator[FlagRecord]:
        """All messages of EN 62056-21 exchanges, in order of time."""
        if self._conversation is not None:
            for said in self._conversation.messages:
                yield FlagRecord(**flag_record(self._conversation.timebase, said))

    def summary(self, packet: PacketRecord) -> str:
        """What a packet says in one line, with the names and units of the datasheets; empty where its header says it all."""
        known = ("service", "operation", "response", "source", "destination")
        header: dict[str, Any] = {name: getattr(packet, name) for name in known}
        return "" if packet.fields is None else summarise(header, packet.fields, self._names)

    def _records(self, layer: str, kind: type[Typed]) -> Iterator[Typed]:
        if self._capture is not None:
            for record in layer_records(self._capture, layer):
                yield kind(**record)


def open_and_decode(
    path: str | Path,
    *,
    profile: str = "reference-1",
    datasheets: Sequence[str | Path] = (),
    spi: Sequence[str] = (),
    uart: Sequence[str] = (),
    power: Sequence[str] = (),
    rate_hz: int | None = None,
) -> Recording:
    """Open and decode a recording or a byte log; `umiscope.open` describes it."""
    path = Path(path)
    wire_profile = read_profile(profile)
    sheets = read_datasheets(map(Path, datasheets))
    names = DatasheetNames(sheets)
    if is_byte_log(path):
        conversation = decode_byte_log(path)
        return Recording(byte_log_facts(path.name, conversation), None, conversation, names)
    with open_recording(path) as recording:
        timebase = timebase_of(recording, rate_hz)
        lines = wiring_from_options(spi, uart, recording.channels) if spi or uart else wiring_of(recording)
        wiring = with_power(lines, power, recording.analog_channels)
        is_wired, claims = bool(wiring.spi or wiring.uart), battery_claims(sheets)
        capture = decode_recording(recording, wire_profile, wiring, timebase, claims=claims) if is_wired else None
        spoken = decode_exchanges(recording, wiring, timebase) if has_exchanges(wiring) else None
        return Recording(recording_facts(recording, timebase, wiring, capture, spoken), capture, spoken, names)


def has_exchanges(wiring: Wiring) -> bool:
    """Whether anything is wired that carries EN 62056-21."""
    return any(line.protocol == "flag" for line in wiring.uart)
