"""Chains of DATA frames: which are retransmissions, and which follow each other in one packet.

A chain is all DATA attempts of one (stream, port, route) in order; a NAK stands in it as the attempt that it refuses, whether that
was seen as a frame or not. All chains of a batch are worked on at once, as columns sorted by chain.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from decoders.profile.schema import Procedures

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


class Role(enum.IntEnum):
    """What an element of a chain is."""

    DATA = 0
    NAK = 1
    ABORT = 2
    """A NAK whose reason ends the packet."""
    SEEN = 3
    """What remains of the attempts before the batch: the last sequence number, and that its frame was assembled already."""
    REFUSED = 4
    """The same where the last attempt was never seen whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Elements:
    """Elements of chains as columns, all int64.

    `key` names the chain; `row` orders elements in time and is negative for what was carried from earlier batches; `epoch` counts
    the resets of the port before it; `source` is the payload's place: a row of the batch, or −1 − index among carried payloads.
    """

    key: Ints
    row: Ints
    role: Ints
    seq: Ints
    first: Ints
    last: Ints
    fragment: Ints
    epoch: Ints
    frame_no: Ints
    source: Ints

    def __len__(self) -> int:
        return len(self.key)

    def take(self, rows: Ints | Bools) -> Elements:
        return Elements(*(getattr(self, field.name)[rows] for field in fields(self)))

    @classmethod
    def joined(cls, parts: list[Elements]) -> Elements:
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    @classmethod
    def empty(cls) -> Elements:
        none = np.empty(0, np.int64)
        return cls(*(none for _ in fields(cls)))


@dataclass(frozen=True, slots=True, eq=False)
class Attempts:
    """What the sequence numbers of sorted elements say.

    `retransmission` and `duplicate` (its content was assembled before) are of DATA elements; `original` is the index of the
    element that a duplicate repeats; `jump` marks DATA whose number does not follow the one before.
    """

    retransmission: Bools
    duplicate: Bools
    original: Ints
    jump: Bools


def judge_attempts(elements: Elements, procedures: Procedures) -> Attempts:
    """Tell retransmissions from new DATA in elements sorted by chain and time."""
    count = len(elements)
    none = np.zeros(count, np.bool_)
    index = np.arange(count)
    if procedures.acknowledgement == "none" or not count:
        return Attempts(none, none, index, none)
    if procedures.acknowledgement == "window":
        return _judge_window(elements, procedures)
    is_data = elements.role == Role.DATA
    holds = is_data | (elements.role == Role.SEEN)
    same_chain = np.concatenate([[False], (elements.key[1:] == elements.key[:-1]) & (elements.epoch[1:] == elements.epoch[:-1])])
    step = np.concatenate([[0], (elements.seq[1:] - elements.seq[:-1]) % procedures.sequence_modulus])
    run_start = ~same_chain | (step != 0)
    run_begin = np.maximum.accumulate(np.where(run_start, index, 0))
    held_before = np.cumsum(holds) - holds
    duplicate = is_data & (held_before > held_before[run_begin])
    holder = np.where(holds, index, -1)
    first_holder = np.maximum.accumulate(np.where(holds & (held_before == held_before[run_begin]), holder, -1))
    return Attempts(
        is_data & ~run_start,
        duplicate,
        np.where(duplicate, first_holder, index),
        is_data & same_chain & (step > 1),
    )


def _judge_window(elements: Elements, procedures: Procedures) -> Attempts:
    """Go back n: a number that stands among the last n of its chain is sent again."""
    count = len(elements)
    is_data = elements.role == Role.DATA
    holds = is_data | (elements.role == Role.SEEN)
    retransmission = np.zeros(count, np.bool_)
    original = np.arange(count)
    for back in range(1, min(2 * procedures.window, procedures.sequence_modulus - 1, count - 1) + 1):
        same = (
            (elements.key[back:] == elements.key[:-back])
            & (elements.epoch[back:] == elements.epoch[:-back])
            & (elements.seq[back:] == elements.seq[:-back])
        )
        hit = np.concatenate([np.zeros(back, np.bool_), same]) & is_data
        retransmission |= hit
        earlier = np.arange(count) - back
        repeats = hit & np.concatenate([np.zeros(back, np.bool_), holds[:-back]]) & (original == np.arange(count))
        original[repeats] = original[earlier[repeats]]
    return Attempts(retransmission, original != np.arange(count), original, np.zeros(count, np.bool_))


class Ending(enum.IntEnum):
    """Why a packet's frames end where they do; only WHOLE is a complete packet."""

    WHOLE = 0
    NO_FIRST = 1
    """Its first frames were not seen."""
    NEXT_FIRST = 2
    """Another packet of the same route began."""
    JUMP = 3
    """The fragment index jumped."""
    RESET = 4
    ABORTED = 5
    GAP = 6
    END = 7
    """The recording ended first."""
    OPEN = 8
    """More may come; never in a finished packet."""
    TOO_LONG = 9


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Runs of DATA elements that belong to one packet each, as columns.

    Segment i is elements `member[begin[i] : begin[i + 1]]`; `ended_row` is the row of the element that ended it.
    """

    member: Ints
    begin: Ints
    ending: Ints
    ended_row: Ints

    def __len__(self) -> int:
        return len(self.ending)


def segment(
    elements: Elements, attempts: Attempts, procedures: Procedures, reset_rows: dict[int, Ints], port_of_key: Ints
) -> Segments:
    """Cut the new DATA of sorted elements into packets.

    `reset_rows` are the rows of resets by port key; `port_of_key` is the port key of each element.
    """
    kept = np.flatnonzero((elements.role == Role.DATA) & ~attempts.duplicate)
    if not len(kept):
        return Segments(kept, np.zeros(1, np.int64), kept, kept)
    data = elements.take(kept)
    aborts_before = np.cumsum(elements.role == Role.ABORT)[kept]
    same = (data.key[1:] == data.key[:-1]) & (data.epoch[1:] == data.epoch[:-1]) & (aborts_before[1:] == aborts_before[:-1])
    open_before = same & (data.last[:-1] == 0)
    follows = data.fragment[1:] == (data.fragment[:-1] + 1) % procedures.fragment_modulus
    continues = open_before & (data.first[1:] == 0) & follows
    begin = _limited(np.concatenate([[0], np.flatnonzero(~continues) + 1]), len(kept), procedures)
    end = np.concatenate([begin[1:], [len(kept)]]) - 1
    ending = np.full(len(begin), Ending.OPEN, np.int64)
    ended_row = data.row[end].copy()
    has_last = data.last[end] == 1
    ending[has_last] = np.where(data.first[begin[has_last]] == 1, Ending.WHOLE, Ending.NO_FIRST)
    too_long = np.concatenate([continues[begin[1:] - 1], [False]]) | (end - begin + 1 >= _most_frames(procedures))
    ending[too_long & ~has_last] = Ending.TOO_LONG
    for index in np.flatnonzero(~has_last & ~too_long).tolist():
        ending[index], ended_row[index] = _why_ended(elements, attempts.duplicate, int(kept[end[index]]), reset_rows, port_of_key)
    return Segments(kept, np.concatenate([begin, [len(kept)]]), ending, ended_row)


def _most_frames(procedures: Procedures) -> int:
    return -(-procedures.max_packet_bytes // procedures.fragment_bytes)


def _limited(begin: Ints, count: int, procedures: Procedures) -> Ints:
    """The same cuts and one wherever a packet has as many frames as the largest may have, so that no packet grows for ever."""
    most = _most_frames(procedures)
    size = np.diff(np.concatenate([begin, [count]]))
    if not (size > most).any():
        return begin
    parts = [np.arange(start, start + length, most) for start, length in zip(begin.tolist(), size.tolist(), strict=True)]
    return np.concatenate(parts)


def _why_ended(elements: Elements, duplicate: Bools, at: int, reset_rows: dict[int, Ints], port_of_key: Ints) -> tuple[Ending, int]:
    """What ended the packet whose last element is `at`, and in which row."""
    resets = reset_rows.get(int(port_of_key[at]), np.empty(0, np.int64))
    next_reset = resets[np.searchsorted(resets, elements.row[at], side="right") :][:1]
    reset_row = int(next_reset[0]) if len(next_reset) else None
    for later in range(at + 1, len(elements)):
        if elements.key[later] != elements.key[at] or elements.epoch[later] != elements.epoch[at]:
            break
        if elements.role[later] == Role.ABORT:
            return Ending.ABORTED, int(elements.row[later])
        if elements.role[later] == Role.DATA and not duplicate[later]:
            return (Ending.NEXT_FIRST if elements.first[later] else Ending.JUMP), int(elements.row[later])
    if reset_row is not None:
        return Ending.RESET, reset_row
    return Ending.OPEN, 0
