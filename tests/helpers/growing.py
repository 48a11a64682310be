"""Tables that grow piece by piece in memory, as the window sees them while a decoder works."""

from __future__ import annotations

from collections.abc import Sequence

from app.analysis.tables.filling import Filler
from app.analysis.tables.snapshot import Snapshot
from app.analysis.tables.store import Store
from app.analysis.wiring.wiring import wiring_from_names
from capture.formats.sigrok import open_sr
from decoders.core.chunk import LogicChunk, Lost, Runs, Samples
from decoders.profile.wire_profile import WireProfile
from decoders.stack import Decoded
from tests.helpers import story, umi


class GrowingTables:
    """A recording in pieces; `snapshot` answers for those that were added."""

    def __init__(self, profile: WireProfile, pieces: Sequence[Decoded]) -> None:
        self._pieces = list(pieces)
        self._added = 0
        store = Store(profile)
        self._filler = Filler(profile, store)
        self.snapshot = Snapshot(profile, store)

    @property
    def left(self) -> int:
        return len(self._pieces) - self._added

    def add(self, pieces: int = 1) -> None:
        """So many pieces more."""
        for piece in self._pieces[self._added : self._added + pieces]:
            self._filler.add(piece)
        self._added = min(self._added + pieces, len(self._pieces))


def whole(profile: WireProfile, pieces: Sequence[Decoded]) -> Snapshot:
    """The tables of all pieces."""
    tables = GrowingTables(profile, pieces)
    tables.add(len(pieces))
    return tables.snapshot


def demo() -> list[Decoded]:
    """The recording that is told by hand, in small pieces."""
    with open_sr(story.recording()) as recording:
        wiring = wiring_from_names(recording.channels)
        chunks = [piece for chunk in recording.chunks() for piece in _pieces(chunk, 40_000)]
        return umi.decoded(chunks, umi.shipped("reference-1"), wiring, recording.rate_hz or 1)


def busy(profile: WireProfile) -> list[Decoded]:
    """Long packets on one port while short ones pass on the other, one sent again, one cut off, control frames, garbage and a gap."""
    bench = umi.Bench(profile)
    step = profile.procedures.fragment_bytes
    long = umi.packet(profile, "tunnelling.data", {"tunnel": 1, "data": "ab" * (2 * step)}, source=umi.METER)
    short = umi.packet(profile, "objects.read", {"count": 1, "codes": ["00420001"]}, source=umi.HOST, destination=umi.VALVE)
    pieces = [long[at : at + step] for at in range(0, len(long), step)]
    seq = 0
    for turn in range(4):
        for index, piece in enumerate(pieces[: 1 if turn == 3 else None]):
            fields = {"seq": seq % profile.procedures.sequence_modulus, "first": index == 0, "last": index == len(pieces) - 1}
            for _ in range(2 if turn == 1 and index == 0 else 1):
                bench.frame(1, "data", (1, 0), piece, fragment=index, **fields)
            bench.frame(1, "ack", (0, 1), seq=fields["seq"])
            seq += 1
            bench.data(2, (0, 2), short)
            bench.frame(2, "poll", (0, 2))
        bench.say(2, b"\x5a\x7e\x7e\x3c")
    runs = bench.wave.runs()
    samples = umi.dense(runs)
    chunks: list[LogicChunk] = [*_pieces(samples, 3_000), Lost(samples.end, samples.end + 5_000, "the buffer was full")]
    return umi.decoded(chunks, profile, bench.wiring)


def _pieces(chunk: LogicChunk, ticks: int) -> list[LogicChunk]:
    match chunk:
        case Samples():
            return [Samples(chunk.start + at, chunk.words[at : at + ticks]) for at in range(0, len(chunk.words), ticks)]
        case Runs() | Lost():
            return [chunk]
