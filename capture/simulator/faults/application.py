"""Faults of the application layer: answers that come late, wrong or not at all, and counters and clocks that go astray."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from capture.simulator.faults.chance import Chance
from capture.simulator.kernel import NS_PER_MS, NS_PER_S
from capture.simulator.packets import Packet
from capture.simulator.talker import Answer

SLOW_NS = 2_200 * NS_PER_MS
OTHER_NUMBER = 0x4000
"""So far off that no other command of the time has the number."""
DRIFT_PPM = 50_000.0
ASK_NS, ASK_TIMES = 4 * NS_PER_S, 40
"""A host that says too little, so that its clock would not be noticed, is made to ask now and then."""


def slow_response(chance: Chance) -> None:
    """A device thinks for longer than it may."""
    _on_answer(chance, lambda answer: replace(answer, think_ns=SLOW_NS))


def no_response(chance: Chance) -> None:
    """A device does what it is told and says nothing."""
    _on_answer(chance, lambda _: None)


def wrong_transaction(chance: Chance) -> None:
    """A device answers under another number than its command's."""
    _on_answer(chance, lambda answer: replace(answer, number_off=OTHER_NUMBER))


def _on_answer(chance: Chance, alter: Callable[[Answer], Answer | None]) -> None:
    def arm(number: int) -> None:
        device = chance.system.devices[number]
        inner = device.alter_answer

        def altered(packet: Packet, given: Answer) -> Answer | None:
            answer = given if inner is None else inner(packet, given)
            # What another fault has altered is left to it, so that each shows as what it is.
            if answer is None or answer is not given or not chance.is_due:
                return answer
            chance.strike(chance.system.kernel.now_ns, number)
            return alter(answer)

        device.alter_answer = altered

    for number in chance.ports():
        arm(number)
    chance.prompt()


def counter_reset(chance: Chance) -> None:
    """A device forgets its counter and begins again; the ledger tells of each packet whose counter has not grown."""

    def act(number: int) -> None:
        chance.strike(chance.system.kernel.now_ns, number, ())
        chance.system.devices[number].talker.counter = 0
        chance.read()

    chance.once_met(act)


def clock_drift(chance: Chance) -> None:
    """The host's clock begins to run fast."""

    def act() -> None:
        host = chance.system.host
        host.drifts_from_ns, host.drift_ppm = chance.system.kernel.now_ns, DRIFT_PPM
        chance.strike(chance.system.kernel.now_ns, None)
        for times in range(1, ASK_TIMES + 1):
            chance.system.kernel.after(times * ASK_NS, chance.read)

    chance.system.kernel.at(chance.at_ns, act)
