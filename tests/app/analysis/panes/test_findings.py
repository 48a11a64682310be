"""The list of findings: order, choice, and where each leads."""

from __future__ import annotations

import numpy as np
import pytest

from app.analysis.panes.findings import FindingList, codes_by_weight, counts_text
from app.analysis.panes.listing import Target
from app.analysis.tables.filling import CODE_NUMBERS
from app.analysis.tables.snapshot import Snapshot
from app.analysis.tables.store import Store
from decoders.core.finding import Severity
from decoders.core.span import Timebase
from tests.helpers import growing, umi

PROFILE = umi.shipped("reference-1")
TIMEBASE = Timebase(2_000_000)


@pytest.fixture(scope="module")
def demo() -> Snapshot:
    return growing.whole(PROFILE, growing.demo())


def made(*findings: tuple[int, str, int]) -> FindingList:
    """Findings at a tick, with a code, about a record."""
    store = Store(PROFILE)
    for start, code, record in findings:
        text = np.frombuffer(f"at {start}".encode(), np.uint8)
        at = store.append("texts", {"data": text})
        numbers = {
            "start": start,
            "end": start + 1,
            "code": CODE_NUMBERS[code],
            "record": record,
            "text_at": at,
            "text_size": len(text),
        }
        store.append("findings", {name: np.array([number]) for name, number in numbers.items()})
    return FindingList(Snapshot(PROFILE, store), TIMEBASE)


def test_findings_are_in_order_of_time_and_at_one_time_in_the_order_in_which_they_were_made() -> None:
    findings = made((30, "nak", 1), (10, "bad-crc", 2), (30, "bad-crc", 3), (20, "garbage", 4))
    assert findings.order().tolist() == [2, 4, 1, 3]


def test_severity_and_code_choose_together() -> None:
    findings = made((1, "nak", 1), (2, "bad-crc", 2), (3, "garbage", 3), (4, "partial-packet", 4))
    findings.least = Severity.WARNING
    assert findings.order().tolist() == [2, 3]
    findings.code = "garbage"
    assert findings.order().tolist() == [3]
    findings.code, findings.least = "nak", Severity.NOTE
    assert findings.order().tolist() == [1]


def test_every_finding_of_the_demo_is_a_row_in_words(demo: Snapshot) -> None:
    findings = FindingList(demo, TIMEBASE)
    rows = [findings.row(int(no)).cells for no in findings.order()]
    assert rows[0] == ("! warning", "0.139 272 000", "bad-crc", "frame 22", "55 bytes from a start of frame on fail the checksum")
    assert [row[2] for row in rows] == [
        "bad-crc", "nak", "retransmission", "operation-failed", "garbage", "bad-crc", "nak", "retransmission",
    ]  # fmt: skip


def test_counts_are_by_code_and_their_text_by_severity(demo: Snapshot) -> None:
    counts = FindingList(demo, TIMEBASE).counts()
    assert counts == {"bad-crc": 2, "nak": 2, "retransmission": 2, "garbage": 1, "operation-failed": 1}
    assert counts_text(counts) == "8 findings: 3 warnings, 5 notes"
    assert counts_text({}) == ""
    assert codes_by_weight(counts) == ["bad-crc", "garbage", "nak", "operation-failed", "retransmission"]


def test_a_frame_s_or_packet_s_finding_leads_to_it_and_a_transfer_s_to_its_time() -> None:
    findings = made((7, "bad-crc", 12), (8, "partial-packet", 3), (9, "gap", 0), (10, "partial-word", 4))
    assert [findings.target(no) for no in (1, 2, 3, 4)] == [
        Target("frames", 12, 7), Target("packets", 3, 8), Target("", 0, 9), Target("", 0, 10),
    ]  # fmt: skip


def test_a_transaction_s_finding_leads_to_its_command_or_else_to_its_response() -> None:
    bench = umi.Bench(PROFILE)
    bench.data(1, (0, 1), umi.packet(PROFILE, "objects.read", {"codes": ["00420001"]}, source=umi.HOST, destination=umi.METER))
    bench.wave.wait(3_000_000)
    bench.data(1, (1, 0), umi.packet(PROFILE, "objects.write", {"items": []}, response=True, transaction=9))
    snapshot = growing.whole(PROFILE, umi.decoded(bench.chunks(), PROFILE, bench.wiring))
    findings = FindingList(snapshot, Timebase(umi.RATE_HZ))
    leads = {findings.row(int(no)).cells[2]: findings.target(int(no)) for no in findings.order()}
    assert (leads["no-response"].layer, leads["no-response"].no) == ("packets", 1)
    assert (leads["response-without-command"].layer, leads["response-without-command"].no) == ("packets", 2)


def test_what_is_about_a_record_is_what_leads_to_it(demo: Snapshot) -> None:
    listing = FindingList(demo, Timebase(2_000_000))
    leading: dict[tuple[str, int], list[int]] = {}
    for no in listing.order().tolist():
        target = listing.target(no)
        leading.setdefault((target.layer, target.no), []).append(no)
    for layer in ("frames", "packets"):
        for no in range(1, demo.count(layer) + 1):
            assert set(leading.get((layer, no), [])) <= set(listing.about(layer, no))
    assert {no for no in range(1, demo.count("frames") + 1) if listing.about("frames", no)} == {
        no for layer, no in leading if layer == "frames"
    }


def test_what_is_not_shown_is_about_nothing(demo: Snapshot) -> None:
    listing = FindingList(demo, Timebase(2_000_000))
    assert listing.about("packets", 12)
    listing.least = Severity.ERROR
    assert listing.about("packets", 12) == []
    listing.least, listing.code = Severity.CHAT, "nak"
    assert listing.about("packets", 12) == []
    assert listing.about("frames", 23) != []
