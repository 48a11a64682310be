"""The records of one file, layer by layer, in the format that was asked for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from app.analysis.capture import Capture
from app.analysis.decoding import decode_recording
from app.analysis.exchange import Conversation, decode_byte_log, decode_exchanges, is_byte_log
from app.analysis.material import read_datasheets, read_profile
from app.analysis.names import DatasheetNames
from app.analysis.power.evidence import BatteryClaim, battery_claims
from app.analysis.records import flag_record, layer_records, transfer_records
from app.analysis.text import summary as text_summary
from app.analysis.text.flag import flag_lines
from app.analysis.text.link import TransferLines, frame_lines
from app.analysis.text.packets import finding_lines, packet_lines, transaction_lines
from app.analysis.text.page import Page
from app.analysis.text.sessions import session_lines
from app.cli import opened
from app.cli.decode import Format, Grade, Layer, Wanted
from app.cli.records_out import Csv, JsonLines, RecordWriter
from app.cli.screen import Screen
from capture.formats.base import LogicRecording
from capture.formats.opening import open_recording
from decoders.bus.wiring import Wiring
from decoders.core.errors import UsageError
from decoders.core.finding import Finding, Severity
from decoders.core.span import Timebase
from decoders.core.transfers import TransferBatch
from decoders.profile.wire_profile import WireProfile

_TEXT = {
    Layer.frames: frame_lines,
    Layer.packets: packet_lines,
    Layer.transactions: transaction_lines,
    Layer.sessions: session_lines,
    Layer.findings: finding_lines,
}


def show(screen: Screen, path: Path, wanted: Wanted) -> bool:
    """Write the records of a file; True where a finding is as severe as `fail_on` says.

    A damaged file is told of after what could be decoded.
    """
    profile = read_profile(wanted.profile)
    datasheets = read_datasheets(wanted.datasheets)
    page = Page(DatasheetNames(datasheets), screen.paint, screen.width, trees=wanted.trees, dump=wanted.dump)
    if is_byte_log(path):
        _check_byte_log(path, wanted)
        conversation = decode_byte_log(path)
        _header(screen, wanted, text_summary.byte_log_text(path.name, conversation))
        return _conversation(screen, page, wanted, conversation)
    with open_recording(path) as recording:
        timebase = opened.clock(screen, recording, wanted.rate)
        wiring = opened.wiring(recording, path, wanted.spi, wanted.uart, wanted.power)
        layer = wanted.layer or _usual_layer(wiring)
        _check_layer(layer, recording, wiring, wanted)
        layouts = "" if layer is Layer.flag else f" · {text_summary.profile_text(profile)}"
        is_assumed = recording.rate_hz is None and wanted.rate is None
        about = text_summary.recording_text(recording, timebase, is_assumed=is_assumed) + layouts
        _header(screen, wanted, about, text_summary.wiring_text(wiring, recording.channels))
        if layer is Layer.flag:
            with screen.progress(recording.name, recording.length) as progress:
                conversation = decode_exchanges(recording, wiring, timebase, progress)
            return _conversation(screen, page, wanted, conversation)
        decode = _Decode(screen, page, wanted, layer, profile, battery_claims(datasheets))
        return decode.run(recording, wiring, timebase)


def _check_byte_log(path: Path, wanted: Wanted) -> None:
    if wanted.layer not in (None, Layer.flag):
        raise UsageError(f"a byte log has no {wanted.layer}", str(path), "its layer is flag")
    if wanted.spi or wanted.uart or wanted.power or wanted.rate:
        raise UsageError("a byte log has no channels to wire", str(path), "leave --spi, --uart, --power and --rate out")


def _usual_layer(wiring: Wiring) -> Layer:
    links = any(line.protocol == "raw" for line in wiring.uart)
    return Layer.packets if wiring.spi or links else Layer.flag


def _check_layer(layer: Layer, recording: LogicRecording, wiring: Wiring, wanted: Wanted) -> None:
    has_flag = any(line.protocol == "flag" for line in wiring.uart)
    if layer is Layer.flag and not has_flag:
        raise UsageError("no serial line carries EN 62056-21", "--layer flag", 'wire one, such as --uart "rx=D4"')
    if wiring.uart and recording.rate_hz is None and wanted.rate is None:
        raise UsageError("serial lines need the sample rate, which the recording does not say", recording.name, "give --rate")


def _header(screen: Screen, wanted: Wanted, *lines: str) -> None:
    if wanted.format is Format.text and not screen.quiet:
        screen.line(screen.paint(lines[0], "heading"))
        screen.lines(screen.paint(line, "dim") for line in lines[1:])
        screen.line("")


def _closing(screen: Screen, wanted: Wanted, text: str) -> None:
    if wanted.format is Format.text and not screen.quiet:
        screen.lines(["", text])


def _writer(screen: Screen, wanted: Wanted, layer: Layer) -> RecordWriter:
    return Csv(screen, layer) if wanted.format is Format.csv else JsonLines(screen)


def _is_bad(findings: Iterable[Finding], fail_on: Grade | None) -> bool:
    return fail_on is not None and any(finding.code.severity >= Severity[fail_on.upper()] for finding in findings)


def _conversation(screen: Screen, page: Page, wanted: Wanted, conversation: Conversation) -> bool:
    if wanted.format is Format.text:
        screen.lines(flag_lines(conversation, page))
    else:
        _writer(screen, wanted, Layer.flag).write(flag_record(conversation.timebase, said) for said in conversation.messages)
    _closing(screen, wanted, text_summary.conversation_text(conversation))
    if conversation.fault is not None:
        raise conversation.fault
    return _is_bad(conversation.findings(), wanted.fail_on)


class _Decode:
    """Runs the stack over a recording and writes one layer of it: transfers as they come, the others in the end."""

    def __init__(
        self, screen: Screen, page: Page, wanted: Wanted, layer: Layer, profile: WireProfile, claims: tuple[BatteryClaim, ...]
    ) -> None:
        self._screen, self._page, self._wanted, self._layer, self._profile = screen, page, wanted, layer, profile
        self._claims = claims
        self._writer = None if wanted.format is Format.text else _writer(screen, wanted, layer)

    def run(self, recording: LogicRecording, wiring: Wiring, timebase: Timebase) -> bool:
        streaming = self._layer is Layer.transfers
        lines = TransferLines(self._page, timebase, wiring.streams, recording.length)
        if streaming and self._writer is None:
            self._screen.line(lines.heading())

        def transfers(batch: TransferBatch, first_no: int) -> None:
            if not streaming:
                return
            if self._writer is None:
                self._screen.lines(lines.lines(batch, first_no))
            else:
                self._writer.write(transfer_records(batch, first_no, timebase, wiring.streams))

        with self._screen.progress(recording.name, recording.length) as progress:
            capture = decode_recording(
                recording, self._profile, wiring, timebase, on_transfers=transfers, progress=progress, claims=self._claims
            )
        if not streaming:
            self._write(capture)
        _closing(self._screen, self._wanted, text_summary.capture_text(capture))
        if capture.fault is not None:
            raise capture.fault
        return _is_bad(capture.findings, self._wanted.fail_on)

    def _write(self, capture: Capture) -> None:
        if self._writer is None:
            self._screen.lines(_TEXT[self._layer](capture, self._page))
        else:
            self._writer.write(layer_records(capture, self._layer))
