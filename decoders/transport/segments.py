"""Cutting chains of new DATA into packets (wire-format 3, fragmentation)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from decoders.profile.schema import Procedures
from decoders.transport.attempts import Attempts
from decoders.transport.chains import PLACES, Elements, Ending, Ints, Place, Resets, Role


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Runs of DATA elements that belong to one packet each, as columns.

    Segment i is elements `member[begin[i] : begin[i + 1]]`; `order` says which frame ended it, and how.
    """

    member: Ints
    begin: Ints
    ending: Ints
    order: Ints

    def __len__(self) -> int:
        return len(self.ending)

    @property
    def size(self) -> Ints:
        """How many elements each has."""
        return np.diff(self.begin)

    def members(self, rows: Ints) -> Ints:
        """The elements of some segments, which are in order."""
        chosen = np.zeros(len(self), np.bool_)
        chosen[rows] = True
        return self.member[np.repeat(chosen, self.size)]

    @property
    def head(self) -> Ints:
        return self.member[self.begin[:-1]]

    @property
    def tail(self) -> Ints:
        return self.member[self.begin[1:] - 1]


def cut_segments(elements: Elements, attempts: Attempts, epoch: Ints, resets: Resets, procedures: Procedures) -> Segments:
    """The packets that the DATA of sorted elements makes, the unfinished ones with the ending OPEN."""
    kept = np.flatnonzero(((elements.role == Role.DATA) & ~attempts.duplicate) | (elements.role == Role.HELD))
    if not len(kept):
        return Segments(kept, np.zeros(1, np.int64), kept, kept)
    aborts = np.cumsum(elements.role == Role.ABORT)[kept]
    key, first, last, fragment = elements.key[kept], elements.first[kept], elements.last[kept], elements.fragment[kept]
    same_chain = (np.diff(key) == 0) & (np.diff(epoch[kept]) == 0)
    follows = fragment[1:] == (fragment[:-1] + 1) % procedures.fragment_modulus
    continues = same_chain & (np.diff(aborts) == 0) & (last[:-1] == 0) & (first[1:] == 0) & follows
    most = -(-procedures.max_packet_bytes // procedures.fragment_bytes)
    begin = _limited(np.concatenate([[0], np.flatnonzero(~continues) + 1]), len(kept), most)
    end = np.append(begin[1:], len(kept)) - 1
    ending = np.where(first[begin] == 1, Ending.WHOLE, Ending.NO_FIRST).astype(np.int64)
    order = elements.frame_no[kept[end]] * PLACES + Place.COMPLETED
    unended = last[end] == 0
    too_long = unended & (end - begin + 1 == most)
    ending[too_long] = Ending.TOO_LONG
    cut = np.flatnonzero(unended & ~too_long)
    next_begin = np.append(kept, -1)[end[cut] + 1]
    ending[cut], by = _why_cut(elements, epoch, resets, kept[end[cut]], next_begin)
    order[cut] = by * PLACES + Place.ENDED
    return Segments(kept, np.append(begin, len(kept)), ending, order)


def _limited(begin: Ints, count: int, most: int) -> Ints:
    """The same cuts and one wherever a packet has as many frames as the largest may have, so that no packet grows for ever."""
    size = np.diff(begin, append=count)
    if not (size > most).any():
        return begin
    parts = -(-size // most)
    place: Ints = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
    return np.asarray(np.repeat(begin, parts) + place * most)


def _why_cut(elements: Elements, epoch: Ints, resets: Resets, last: Ints, following: Ints) -> tuple[Ints, Ints]:
    """What cut the packets whose last elements are `last`, and in which frames.

    `following` are the elements of new DATA behind them, of whatever chain, −1 behind the last.
    """
    aborts = np.append(np.flatnonzero(elements.role == Role.ABORT), -1)
    abort = aborts[np.searchsorted(aborts[:-1], last)]
    has_abort, has_next = (
        (place >= 0) & (elements.key[place] == elements.key[last]) & (epoch[place] == epoch[last]) for place in (abort, following)
    )
    aborted = has_abort & (~has_next | (abort < following))
    reset_no = resets.next(elements.port[last], elements.frame_no[last])
    ending = np.select(
        [aborted, has_next, reset_no >= 0],
        [Ending.ABORTED, np.where(elements.first[following] == 1, Ending.NEXT_FIRST, Ending.JUMP), Ending.RESET],
        Ending.OPEN,
    )
    abort_no = np.maximum(elements.frame_no[abort], elements.frame_no[last])
    ended_no = np.select([aborted, has_next], [abort_no, elements.frame_no[following]], reset_no)
    return ending, ended_no
