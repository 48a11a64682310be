"""Frames written from records: the bytes of one frame, and how its framing puts them on the wire.

The inverse of `framing.find_frames`.
"""

from __future__ import annotations

from decoders.profile.crc import crc_bytes
from decoders.profile.framing_delimited import COBS_DELIMITER, cobs_encode, stuff
from decoders.profile.layout import Record
from decoders.profile.leaf import EncodeError
from decoders.profile.schema import Field
from decoders.profile.wire_profile import WireProfile


def frame_bytes(profile: WireProfile, record: Record, payload: bytes) -> bytes:
    """Header, payload and checksum of one frame, without stuffing.

    The length field is computed; where the record gives one it must be right. Raises EncodeError for what does not fit a field
    or a frame.
    """
    framing = profile.framing
    size = len(_header(profile, record, None)) + len(payload) + (profile.crc.size if profile.crc else 0)
    if not framing.min_bytes <= size <= framing.max_bytes:
        raise EncodeError(f"a frame of {size} bytes where {framing.min_bytes} to {framing.max_bytes} are allowed")
    content = _header(profile, record, size) + payload
    if not content.startswith(framing.start):
        raise EncodeError(f"the frame does not begin with {framing.start.hex()}")
    if profile.crc is None or profile.crc_of is None:
        return content
    return content + crc_bytes(profile.crc, profile.crc_of(content[profile.crc.first_byte :]))


def _header(profile: WireProfile, record: Record, size: int | None) -> bytes:
    """The link header of a frame of `size` bytes; None for a stand-in of the same size."""
    length = _length_field(profile)
    if length is None:
        return profile.frame.write(record)
    if size is None:
        return profile.frame.write({**record, length.name: length.bias})
    if record.get(length.name, size) != size:
        raise EncodeError(f"{length.name} is {record[length.name]} in a frame of {size} bytes")
    return profile.frame.write({**record, length.name: size})


def _length_field(profile: WireProfile) -> Field | None:
    """The link field that says the frame's size, also where framing does not need it."""
    name = profile.framing.length_field or "length"
    return profile.frame.field(name) if name in profile.frame else None


def on_wire(profile: WireProfile, content: bytes) -> bytes:
    """A frame's bytes as they stand on the line: stuffed and between delimiters where the framing has them.

    Pauses, and the transfer's bounds, are for the caller to make.
    """
    match profile.framing.strategy:
        case "hdlc":
            return stuff(content, profile.framing)
        case "cobs":
            # The delimiter in front keeps filler that is not a delimiter out of the frame.
            return bytes([COBS_DELIMITER]) + cobs_encode(content)
        case "length" | "transfer" | "pause":
            return content
