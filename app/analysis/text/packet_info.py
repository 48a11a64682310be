"""What a packet says in one line: for the packet list and for the command line."""

from __future__ import annotations

from app.analysis.capture import Packet
from app.analysis.text.words import count_text, duration_text
from decoders.core.span import Timebase
from decoders.services.summary import summarise
from decoders.services.words import Names
from decoders.transport.chains import Ending


def packet_info(packet: Packet, timebase: Timebase, names: Names) -> str:
    """What a packet says in one line, and what became of it on its way."""
    reading = packet.reading
    said = []
    if not reading.header:
        said.append("header not seen" if packet.ending is Ending.NO_FIRST else "no header")
    elif reading.body.payload is None:
        said.append(f"{count_text(len(reading.body.ciphertext or b''), 'byte')} locked")
        said += [f"session {reading.body.session_id}"] if reading.body.session_id else []
    elif reading.payload is not None:
        said.append(summarise(reading.header, reading.payload.record, names))
    else:
        said.append(count_text(len(reading.body.payload), "byte"))
    if packet.ending is not Ending.WHOLE:
        said.append(f"{count_text(len(packet.content), 'byte')} of it came")
    if packet.hop_start >= 0:
        said.append(f"forwarded after {duration_text(timebase.ns(packet.hop_start) - timebase.ns(packet.start))}")
    return ", ".join(filter(None, said))
