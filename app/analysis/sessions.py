"""The sessions in a decoded recording."""

from __future__ import annotations

from app.analysis.capture import Capture, Packet
from decoders.security.session import Message, SecuritySession, SessionFollower
from decoders.transport.chains import Ending


def sessions_of(capture: Capture) -> list[SecuritySession]:
    """All sessions, in order of the packets that they were first seen in; reads every packet once."""
    follower = SessionFollower(capture.timebase.rate_hz)
    for packet in capture.packets():
        if packet.ending is Ending.WHOLE and packet.reading.header:
            follower.feed(_message(packet))
    return follower.sessions()


def _message(packet: Packet) -> Message:
    reading = packet.reading
    body, fields = reading.body, None if reading.payload is None else reading.payload.record
    return Message(packet.no, packet.start, packet.end, reading.header, body.session_id, body.payload is None, fields)
