"""Random conversations give what the frame by frame model gives, for any split into batches."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decoders.profile.wire_profile import WireProfile
from tests.decoders.transport.conversation import Step, timed
from tests.decoders.transport.reference import Reference
from tests.decoders.transport.running import Outcome, row_of, run
from tests.decoders.transport.talk import OBSERVED, Act, Talk, acts

PIECES = st.lists(st.integers(1, 9), max_size=30)


def expected(model: Reference, steps: list[Step]) -> Outcome:
    model.run(timed(steps))
    model.close("END")
    return Outcome(
        [row_of(packet) for packet in model.packets],
        sorted(no for code, no in model.findings if code == "retransmission"),
        model.repeats,
        {
            one.no: other.no
            for packet in model.packets
            for pair in zip(packet.pieces, packet.leaving, strict=False)
            for one, other in (pair, pair[::-1])
        },
        sorted(model.findings),
    )


def compare(profile: WireProfile, steps: list[Step], wanted: Outcome, pieces: list[int]) -> None:
    for sizes in ([], [1] * len(steps), pieces):
        found = run(profile, steps, OBSERVED, sizes)
        assert replace(found, texts=[]) == wanted


@given(acts((0, 5, 33, 248, 300, 600)), PIECES)
@settings(max_examples=40, deadline=None)
def test_stop_and_wait(profile: WireProfile, conversation: list[Act], pieces: list[int]) -> None:
    steps = Talk(248).play(conversation)
    compare(profile, steps, expected(Reference(OBSERVED), steps), pieces)


@given(acts((0, 3, 9, 33, 40, 64, 90)), PIECES)
@settings(max_examples=40, deadline=None)
def test_the_longest_packet(profile: WireProfile, conversation: list[Act], pieces: list[int]) -> None:
    """Limits so small that packets often are too long."""
    limits = replace(profile.procedures, fragment_bytes=8, max_packet_bytes=64)
    steps = Talk(8).play(conversation)
    model = Reference(OBSERVED, fragment_bytes=8, most_frames=8)
    compare(replace(profile, procedures=limits), steps, expected(model, steps), pieces)


@pytest.mark.parametrize("acknowledgement", ["stop-and-wait", "window"])
@given(conversation=acts((0, 20), ("busy", "busy", "busy", "busy", "busy", "busy", "send", "again", "reset", "gap")), pieces=PIECES)
@settings(max_examples=40, deadline=None)
def test_receivers_that_are_mostly_busy(
    profile: WireProfile, acknowledgement: Literal["stop-and-wait", "window"], conversation: list[Act], pieces: list[int]
) -> None:
    procedures = replace(profile.procedures, acknowledgement=acknowledgement, window=2, fragment_bytes=8)
    narrow = [replace(act, lane=act.lane % 2) for act in conversation]
    steps = Talk(8).play(narrow)
    model = Reference(OBSERVED, fragment_bytes=8, most_frames=8192, depth=4 if acknowledgement == "window" else 1)
    compare(replace(profile, procedures=procedures), steps, expected(model, steps), pieces)


@pytest.mark.parametrize("window", [1, 3])
@given(conversation=acts((0, 5, 20, 40)), pieces=PIECES)
@settings(max_examples=20, deadline=None)
def test_a_window(profile: WireProfile, window: int, conversation: list[Act], pieces: list[int]) -> None:
    procedures = replace(profile.procedures, acknowledgement="window", window=window, fragment_bytes=8)
    steps = Talk(8).play(conversation)
    model = Reference(OBSERVED, fragment_bytes=8, most_frames=8192, depth=2 * window)
    compare(replace(profile, procedures=procedures), steps, expected(model, steps), pieces)
