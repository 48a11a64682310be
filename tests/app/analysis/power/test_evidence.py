"""What the judgement of the supply takes from the decoded recording: requests, devices, claims, and the host's word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.analysis.power.evidence import BatteryClaim, Evidence, battery_claims
from app.analysis.power.supply import supply_findings
from decoders.bus.wiring import PowerRail
from decoders.core.chunk import LogicChunk
from decoders.core.finding import Finding
from decoders.core.tree import Value
from decoders.datasheet.load import load_datasheet
from decoders.datasheet.sheets import DatasheetSet
from tests.app.analysis.power.simulated import Simulated, simulate
from tests.helpers.umi import METER, PROFILES, RATE_HZ, VALVE, Bench, decoded, dense, packet, shipped, without

VOLUME = 0x0042_0100
OUI = bytes.fromhex("acde48")
ANY = BatteryClaim(OUI, 15, None, "any")
KNOWN = BatteryClaim(OUI, 15, VOLUME, "a meter")


@pytest.fixture(params=PROFILES)
def bench(request: pytest.FixtureRequest) -> Bench:
    return Bench(shipped(request.param))


def gathered(
    bench: Bench, claims: Sequence[BatteryClaim] = (), chunks: list[LogicChunk] | None = None, *, wired: bool = True
) -> tuple[Evidence, list[Finding]]:
    wiring = replace(bench.wiring, power=(PowerRail(0, 1), PowerRail(2, 3, 2))) if wired else bench.wiring
    evidence = Evidence(bench.profile, wiring, RATE_HZ, claims)
    chunks = chunks or bench.chunks()
    found = [finding for piece in decoded(chunks, bench.profile, wiring) for finding in evidence.add(piece)]
    evidence.finish(chunks[-1].end)
    return evidence, found


def ask(bench: Bench, kind: str = "high", number: int = 7, current_ma: int = 300) -> None:
    """A device asks the host for power."""
    wanted = packet(bench.profile, "power.request", {"class": kind, "current_ma": current_ma, "duration_s": 60}, transaction=number)
    bench.data(1, (1, 0), wanted)


def grant(bench: Bench, granted_ma: int, number: int = 7) -> None:
    """The host answers it."""
    answer = packet(
        bench.profile, "power.request", {"granted_ma": granted_ma, "until": 0}, response=True, transaction=number,
        source="acde480000000001", destination=METER, counter=2,
    )  # fmt: skip
    bench.data(1, (0, 1), answer)


def tell(bench: Bench, rail: str) -> None:
    layout = bench.profile.frame_payloads["power"]
    bench.frame(1, "power", (0, 1), layout.write({"port": 1, "rail": rail, "limit_ma": 50}))


def told(bench: Bench, chunks: list[LogicChunk] | None = None) -> list[str]:
    """The findings that need no traces at all."""
    evidence, found = gathered(bench, chunks=chunks, wired=False)
    recording = Simulated(simulate("gas-meter", 0.1, analog_rate_hz=0).simulation, [], [], [])
    for findings in supply_findings(recording, bench.wiring, RATE_HZ, evidence):
        found += findings
    return [finding.text for finding in found]


def test_a_request_of_the_class_high_is_known_with_what_was_granted(bench: Bench) -> None:
    ask(bench)
    ask(bench, number=8)
    grant(bench, 50, number=8)
    evidence, _ = gathered(bench)
    assert [(one.no, one.port, one.granted_ma) for one in evidence.high_requests[0, 1]] == [(1, 1, 0), (2, 1, 50)]


def test_a_high_device_in_a_low_port_is_told_without_traces(bench: Bench) -> None:
    tell(bench, "low")
    ask(bench)
    grant(bench, 50)
    assert told(bench) == ["port 1: a device of the class high was granted 50 mA, but the port has only 3 V"]


@pytest.mark.parametrize("why", ["refused", "high port", "class low", "nobody says what the port gives"])
def test_a_device_that_gets_what_it_may_have_is_not_told(bench: Bench, why: str) -> None:
    if why != "nobody says what the port gives":
        tell(bench, "low")
    ask(bench, kind="low" if why == "class low" else "high")
    grant(bench, 0 if why == "refused" else 50)
    if why == "high port":
        tell(bench, "high")
    assert told(bench) == []


def test_nothing_is_concluded_about_a_port_across_a_gap(bench: Bench) -> None:
    tell(bench, "low")
    ask(bench)
    grant(bench, 50)
    end = bench.chunks()[-1].end
    bench.wave.wait(100)
    assert told(bench, without(dense(bench.wave.runs()), end + 10, end + 20)) == []


def test_a_device_that_powers_itself_is_known(bench: Bench) -> None:
    ask(bench, kind="self", current_ma=0)
    evidence, _ = gathered(bench)
    assert evidence.notices.self_powered == {(0, 1)}
    assert evidence.high_requests == {}


def test_a_claim_for_a_maker_is_for_all_its_devices_and_one_for_an_object_for_those_that_have_it(bench: Bench) -> None:
    for port, device, code in ((1, METER, VOLUME), (2, VALVE, 0x0042_0300)):
        items: list[Value] = [{"code": f"{code:08x}", "result": "ok", "value": {"type": "uint8", "value": 1}}]
        answer = packet(bench.profile, "objects.read", {"count": 1, "items": items}, response=True, source=device)
        bench.data(port, (port, 0), answer)
    evidence, _ = gathered(bench, [ANY, KNOWN, replace(ANY, oui=b"\0\0\0", name="other")])
    assert evidence.claimed == {(0, 1): {ANY, KNOWN}, (0, 2): {ANY}}
    assert evidence.devices == {(0, 1): {int(METER, 16)}, (0, 2): {int(VALVE, 16)}}


def test_transfers_and_frames_of_wired_ports_are_kept(bench: Bench) -> None:
    bench.frame(2, "poll", (0, 2))
    bench.frame(1, "idle", (1, 0))
    bench.say(1, b"\x12\x34")
    evidence, _ = gathered(bench)
    assert evidence.transfers((0, 1)).no.tolist() == [2, 3]
    assert evidence.frames((0, 1)).no.tolist() == [2]
    assert evidence.frames((0, 2)).no.tolist() == [1]
    assert evidence.transfers((0, 9)).no.tolist() == []


def test_claims_come_from_datasheets_that_speak_of_a_battery() -> None:
    head = 'manufacturer = "M"\noui = "AC-DE-48"\nbanks = [0x0042]\n'
    sheets = [
        load_datasheet(head.replace("0x0042", bank) + text, bank)
        for bank, text in (("0x0001", ""), ("0x0002", "[supply]\nbattery = false\n"), ("0x0003", "[supply]\nbattery = true\n"))
    ]
    assert battery_claims(DatasheetSet(sheets)) == (BatteryClaim(OUI, 15, None, "M"),)
