"""Every scenario with every fault: what is decoded is what happened, no more and no less."""

from __future__ import annotations

from collections import Counter

import pytest

from capture.simulator.faults import BY_NAME, FAULTS, Fault
from tests.capture.simulator.truth import SCENARIOS, Run, Seen, Truth, run, scenario

NAMES = sorted(path.stem for path in SCENARIOS.glob("*.toml"))
SECONDS = {"busy-15-ports": 4.5, "firmware-upgrade": 5.0}
POWER_FAULTS = frozenset({"over-current", "brown-out", "leakage"})
ANALOG_RATE_HZ = 4_000


def compare(told: Run) -> None:
    truth = Truth(told)
    seen = Seen(told, truth)
    assert Counter(seen.packets.values()) == Counter(truth.packets.values())
    assert seen.transactions() == truth.transactions()
    assert seen.broken() == truth.broken()
    for kind in ("nak", "retransmission"):
        assert seen.link_events(kind) == truth.link_events(kind), kind


def seconds_of(name: str, fault: str) -> float:
    return SECONDS.get(name, 8.0) if fault != "clock-drift" else {"busy-15-ports": 25.0}.get(name, 100.0)


@pytest.mark.parametrize("name", NAMES)
def test_a_system_without_faults_is_decoded_as_it_happened(name: str) -> None:
    told = run(name, scenario(name).seconds, analog_rate_hz=min(ANALOG_RATE_HZ, scenario(name).analog_rate_hz))
    compare(told)
    assert Seen(told, Truth(told)).findings() == Counter()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.parametrize("name", NAMES)
def test_a_fault_raises_its_findings_and_no_others(name: str, fault: Fault) -> None:
    analog_rate_hz = ANALOG_RATE_HZ if fault.name in POWER_FAULTS else 0
    told = run(name, seconds_of(name, fault.name), [f"{fault.name}@1.6"], analog_rate_hz=analog_rate_hz)
    compare(told)
    truth = Truth(told)
    assert Seen(told, truth).findings() == truth.findings()
    assert set(truth.findings()) == set(fault.findings)
    assert {entry["name"] for entry in told.ledger if entry["kind"] == "fault"} == {fault.name}
    assert fault.name != "lost-ack" or truth.link_events("retransmission").total() == 1


def test_many_faults_together_raise_all_their_findings() -> None:
    """Each at its time, on one system; a gap would hide verdicts on what came shortly before."""
    together = (
        "bad-crc", "bit-noise", "garbage", "cut-transfer", "lost-ack", "stuck-busy", "lost-fragment", "altered-forwarding",
        "lost-forwarding", "slow-response", "no-response", "wrong-transaction", "counter-reset",
    )  # fmt: skip
    told = run("busy-15-ports", 16.0, ["capture-gap@0.5", *(f"{fault}@{no}" for no, fault in enumerate(together, 1))])
    compare(told)
    truth = Truth(told)
    assert Seen(told, truth).findings() == truth.findings()
    assert set(truth.findings()) == {"gap", *(code for fault in together for code in BY_NAME[fault].findings)}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_another_seed_is_another_run_that_is_decoded_as_well(seed: int) -> None:
    told = run("hot-plug", 8.0, ["bit-noise@1"], seed=seed)
    compare(told)
    assert Seen(told, Truth(told)).findings() == Truth(told).findings()
