"""Which DATA attempts repeat an earlier one, by their sequence numbers (wire-format 3, sequence)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from decoders.profile.schema import Procedures
from decoders.transport.chains import Bools, Elements, Ints, Role


@dataclass(frozen=True, slots=True, eq=False)
class Attempts:
    """What the sequence numbers of sorted elements say.

    `holder` is the index of the element whose content stands for that of this attempt (itself, where it is new), −1 where none
    was seen; `origin` is that of the first attempt that it repeats, seen or not. `retransmission`, `duplicate` (its content was
    assembled before) and `jump` (its number does not follow the one before) are of DATA.
    """

    retransmission: Bools
    duplicate: Bools
    holder: Ints
    jump: Bools
    origin: Ints


def judge_attempts(elements: Elements, epoch: Ints, zeroed: Bools, procedures: Procedures) -> Attempts:
    """Tell retransmissions from new DATA in elements sorted by chain and time.

    `epoch` counts the resets of each element's port in this batch, `zeroed` says whether there ever was one.
    """
    count = len(elements)
    index, none = np.arange(count), np.zeros(count, np.bool_)
    is_data = elements.role == Role.DATA
    holds = is_data | (elements.role == Role.SEEN)
    match procedures.acknowledgement:
        case "none":
            return Attempts(none, none, np.where(holds, index, -1), none, index)
        case "window":
            origin = _first_attempts(elements, epoch, window_depth(procedures))
            order = np.argsort(origin, kind="stable")
            repeats = np.diff(origin[order], prepend=-1) == 0
            sorted_holder = _holders(repeats, holds[order])
            holder = np.empty(count, np.int64)
            holder[order] = np.where(sorted_holder < 0, -1, order[sorted_holder])
            retransmission, jump = is_data & (origin != index), none
        case _:
            follows = _same_chain(elements, epoch, 1)
            step = np.diff(elements.seq, prepend=0) % procedures.sequence_modulus
            repeats = follows & (step == 0)
            holder, origin = _holders(repeats, holds), np.maximum.accumulate(np.where(repeats, 0, index))
            retransmission = is_data & repeats
            jump = is_data & np.where(follows, step > 1, zeroed & (elements.seq != 0))
    return Attempts(retransmission, is_data & (holder != index), holder, jump, origin)


def window_depth(procedures: Procedures) -> int:
    """How many attempts back a repetition is looked for: go back n repeats one of the last 2 n."""
    if procedures.acknowledgement != "window":
        return 1
    return min(2 * procedures.window, procedures.sequence_modulus - 1)


def _same_chain(elements: Elements, epoch: Ints, back: int) -> Bools:
    """Whether the attempt that stands `back` before each is one of the same chain since the same reset."""
    same = np.zeros(len(elements), np.bool_)
    same[back:] = (elements.key[back:] == elements.key[:-back]) & (epoch[back:] == epoch[:-back])
    return same


def _holders(repeats: Bools, holds: Bools) -> Ints:
    """For each attempt the first one of its run that was seen whole; a run is an attempt and those that repeat it behind it."""
    index = np.arange(len(repeats))
    begin = np.maximum.accumulate(np.where(repeats, 0, index))
    held_before: Ints = np.cumsum(holds) - holds
    first_held = holds & (held_before == held_before[begin])
    holder = np.maximum.accumulate(np.where(first_held, index, -1))
    return np.where(holder >= begin, holder, -1)


def _first_attempts(elements: Elements, epoch: Ints, depth: int) -> Ints:
    """For each attempt the first of those that repeat each other within `depth` attempts."""
    first = np.arange(len(elements))
    found = np.zeros(len(elements), np.bool_)
    for back in range(1, min(depth, len(elements) - 1) + 1):
        same = _same_chain(elements, epoch, back) & ~found
        same[back:] &= elements.seq[back:] == elements.seq[:-back]
        first[same] -= back
        found |= same
    while not np.array_equal(further := first[first], first):
        first = further
    return first
