"""EN/IEC 62056-21 ("FLAG") exchanges: from serial bytes to messages, whichever side and however many receivers heard them."""

from decoders.bus.flag.decoder import FlagDecoder
from decoders.bus.flag.message import NOTES, Continuation, Direction, FlagMessage, Kind

__all__ = ["NOTES", "Continuation", "Direction", "FlagDecoder", "FlagMessage", "Kind"]
