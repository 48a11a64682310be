"""Records as JSON Lines: exactly the fields of the interface description, in its order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.analysis.capture import Capture, Packet
from app.analysis.exchange import Said
from app.analysis.frame_table import Frame
from app.analysis.sessions import sessions_of
from decoders.core.finding import Finding
from decoders.core.span import Timebase
from decoders.core.transfers import TransferBatch
from decoders.profile.columns import value_at
from decoders.security.session import SecuritySession
from decoders.transactions import Transaction
from decoders.transport.chains import Ending

Record = dict[str, Any]
"""A record as JSON holds it."""


def transfer_records(batch: TransferBatch, first_no: int, timebase: Timebase, streams: tuple[str, ...]) -> Iterator[Record]:
    """The records of a batch of transfers."""
    start_ns, end_ns = timebase.ns_column(batch.start).tolist(), timebase.ns_column(batch.end).tolist()
    h2p, p2h = batch.h2p.data.tobytes(), batch.p2h.data.tobytes()
    h2p_at, p2h_at = batch.h2p.offset.tolist(), batch.p2h.offset.tolist()
    for row in range(len(batch)):
        yield {
            "no": first_no + row,
            "time_ns": start_ns[row],
            "duration_ns": end_ns[row] - start_ns[row],
            "port": int(batch.port[row]),
            "mosi": h2p[h2p_at[row] : h2p_at[row + 1]].hex(),
            "miso": p2h[p2h_at[row] : p2h_at[row + 1]].hex(),
            "partial_bits": int(batch.partial_bits[row]),
            "stream": streams[int(batch.stream[row])],
        }


def frame_record(capture: Capture, frame: Frame) -> Record:
    """A frame, or a malformed stretch with its reason and its bytes as payload."""
    header = frame.header
    malformed = frame.malformed is not None
    return {
        "no": frame.no,
        "time_ns": capture.timebase.ns(frame.start),
        "end_ns": capture.timebase.ns(frame.end),
        "port": frame.port,
        "direction": frame.direction,
        "type": header.get("type"),
        "src_port": header.get("src_port"),
        "dst_port": header.get("dst_port"),
        "seq": header.get("seq"),
        "first": header.get("first"),
        "last": header.get("last"),
        "fragment": header.get("fragment"),
        "length": len(frame.content) if malformed else header.get("length", len(frame.content)),
        "payload": (frame.content if malformed else frame.payload).hex(),
        "crc_ok": frame.malformed is None,
        "malformed": frame.malformed,
        "packet": capture.packet_of_frame(frame.no),
        "retransmission": capture.is_retransmission(frame.no),
        "hop": capture.hop_of_frame(frame.no),
        "link_status": header.get("link_status"),
        "stream": capture.wiring.streams[frame.stream],
        **_energy(capture, "frames", frame.no),
    }


def packet_record(capture: Capture, packet: Packet) -> Record:
    """A packet; what did not come, or is locked, is null."""
    reading, timebase = packet.reading, capture.timebase
    header, body = reading.header, reading.body
    encrypted = header.get("encrypted")
    payload = body.payload if header else None
    return {
        "no": packet.no,
        "time_ns": timebase.ns(packet.start),
        "end_ns": timebase.ns(packet.end),
        "port": packet.port,
        "direction": packet.direction,
        "source": header.get("source"),
        "destination": header.get("destination"),
        "service": header.get("service"),
        "operation": header.get("operation"),
        "response": header.get("response"),
        "status": header.get("status"),
        "transaction": header.get("transaction"),
        "counter": header.get("counter"),
        "time_utc": header.get("time"),
        "signed": header.get("signed"),
        "encrypted": encrypted,
        "session_id": body.session_id,
        "decrypted": False if encrypted else None,
        "locked_reason": _locked_reason(packet),
        "signature": "unverified" if header.get("signed") else None,
        "payload": None if payload is None else payload.hex(),
        "fields": None if payload is None or reading.payload is None else reading.payload.record,
        "frames": capture.frames_of_packet(packet.no),
        "findings": capture.codes_of_packet(packet.no),
        "length": len(packet.content),
        "complete": packet.ending is Ending.WHOLE,
        "hop_delay_ns": timebase.ns(packet.hop_start) - timebase.ns(packet.start) if packet.hop_start >= 0 else None,
        "stream": capture.wiring.streams[packet.stream],
        **_energy(capture, "packets", packet.no),
    }


def _energy(capture: Capture, layer: str, no: int) -> Record:
    """What a record took from its port's supply above the base load, in whole nanojoules and nanocoulombs."""
    found = capture.energies.of(layer, no) if capture.energies is not None else None
    if found is None:
        return {"energy_nj": None, "charge_nc": None, "energy_shared": None}
    return {"energy_nj": found.energy_nj, "charge_nc": found.charge_nc, "energy_shared": found.shared}


def _locked_reason(packet: Packet) -> str | None:
    if not packet.reading.header.get("encrypted"):
        return None
    return "body_too_short" if packet.reading.body.problem else "no_key"


def transaction_record(capture: Capture, transaction: Transaction) -> Record:
    """A command with its response."""
    profile, opening = capture.profile, transaction.opening
    command, response = transaction.command, transaction.response
    source, destination = (profile.packet.field(name) if name in profile.packet else None for name in ("source", "destination"))
    status = profile.enumerations["status"].by_number
    latency = None
    if command is not None and response is not None:
        latency = capture.timebase.ns(response.start) - capture.timebase.ns(command.end)
    return {
        "no": transaction.no,
        "command": command.no if command else None,
        "response": response.no if response else None,
        "latency_ns": latency,
        "initiator": value_at(source, transaction.initiator) if source else None,
        "responder": value_at(destination, transaction.responder) if destination else None,
        "service": profile.service_name(opening.service),
        "operation": profile.operation_name(opening.service, opening.operation),
        "status": status.get(response.status, response.status) if response else None,
        **_energy(capture, "transactions", transaction.no),
    }


def finding_record(capture: Capture, no: int, finding: Finding) -> Record:
    """A finding with its place."""
    return {
        "no": no,
        "time_ns": capture.timebase.ns(finding.span.start),
        "severity": finding.code.severity.name.lower(),
        "code": finding.code.name,
        "text": finding.text,
        "layer": finding.code.layer,
        "record": finding.record,
    }


def session_record(capture: Capture, session: SecuritySession) -> Record:
    """A session; who began it and when is null where its establishing is not in the recording."""

    def ns(tick: int | None) -> int | None:
        return None if tick is None else capture.timebase.ns(tick)

    return {
        "id": session.id,
        "initiator": session.initiator,
        "responder": session.responder,
        "role": session.role,
        "established_ns": ns(session.established),
        "expires_ns": ns(session.expires),
        "key_source": "none",
        "packets": session.packets,
        "locked": session.locked,
        "devices": list(session.devices),
        "closed_ns": ns(session.closed),
    }


def flag_record(timebase: Timebase, said: Said) -> Record:
    """A message of an EN 62056-21 exchange; times are null where the log has none, `direction` where nobody can tell."""
    message = said.message
    return {
        "no": said.no,
        "time_ns": None if message.start is None else timebase.ns(message.start),
        "direction": message.direction,
        "kind": message.kind,
        "text": message.text,
        "fields": message.fields,
        "bcc": message.bcc,
        "parity_errors": message.parity_errors,
        "end_ns": None if message.end is None else timebase.ns(message.end),
        "data": message.raw.hex(),
        "crc": message.crc,
        "notes": list(message.notes),
        "stream": said.stream,
    }


def layer_records(capture: Capture, layer: str) -> Iterator[Record]:
    """All records of frames, packets, transactions, sessions or findings."""
    match layer:
        case "frames":
            return (frame_record(capture, frame) for frame in capture.frames())
        case "packets":
            return (packet_record(capture, packet) for packet in capture.packets())
        case "transactions":
            return (transaction_record(capture, transaction) for transaction in capture.transactions)
        case "sessions":
            return (session_record(capture, session) for session in sessions_of(capture))
        case "findings":
            return (finding_record(capture, no, finding) for no, finding in enumerate(capture.findings, 1))
        case _:
            raise ValueError(f"a capture keeps no {layer}")
