"""The list of transactions: order by number, time and latency, and what a row says."""

from __future__ import annotations

import numpy as np
import pytest

from app.analysis.panes.transactions import LATENCY, NUMBER, SERVICE, STATUS, TIME, TransactionList
from app.analysis.tables.filling import NO_LATENCY
from app.analysis.tables.snapshot import Snapshot
from decoders.core.finding import Severity
from decoders.core.span import Timebase
from tests.helpers import growing, umi

PROFILE = umi.shipped("reference-1")


@pytest.fixture(scope="module")
def demo() -> Snapshot:
    return growing.whole(PROFILE, growing.demo())


def three() -> TransactionList:
    """A command that is answered, one that is not, and a response to nothing; long after the response time."""
    bench = umi.Bench(PROFILE)
    to_meter = {"source": umi.HOST, "destination": umi.METER}
    bench.data(1, (0, 1), umi.packet(PROFILE, "objects.read", {"codes": ["00420001"]}, transaction=1, **to_meter))
    bench.wave.wait(500)
    bench.data(1, (1, 0), umi.packet(PROFILE, "objects.read", {"items": []}, response=True, transaction=1))
    bench.data(1, (0, 1), umi.packet(PROFILE, "events.acknowledge", {"event": 1}, transaction=2, **to_meter))
    bench.wave.wait(3_000_000)
    bench.data(1, (1, 0), umi.packet(PROFILE, "objects.read", {"items": []}, response=True, transaction=3, status="busy"))
    bench.data(1, (0, 1), umi.packet(PROFILE, "events.acknowledge", {"event": 1}, transaction=4, **to_meter))
    return TransactionList(growing.whole(PROFILE, umi.decoded(bench.chunks(), PROFILE, bench.wiring)), Timebase(umi.RATE_HZ))


def test_latency_orders_both_ways_with_the_unanswered_last() -> None:
    transactions = three()
    transactions.sort_by(LATENCY, descending=False)
    assert transactions.order().tolist() == [1, 2, 3, 4]
    transactions.sort_by(LATENCY, descending=True)
    assert transactions.order().tolist() == [1, 2, 3, 4]


def test_the_demo_s_latencies_rise_when_sorted_by_them(demo: Snapshot) -> None:
    transactions = TransactionList(demo, Timebase(2_000_000))
    transactions.sort_by(LATENCY, descending=False)
    latency = demo.column("transactions", "latency")[transactions.order() - 1]
    assert (np.diff(latency) >= 0).all()
    assert (latency != NO_LATENCY).all()
    transactions.sort_by(LATENCY, descending=True)
    assert (np.diff(demo.column("transactions", "latency")[transactions.order() - 1]) <= 0).all()
    assert sorted(transactions.order().tolist()) == list(range(1, demo.count("transactions") + 1))


def test_time_is_that_of_the_first_packet(demo: Snapshot) -> None:
    transactions = TransactionList(demo, Timebase(2_000_000))
    transactions.sort_by(TIME, descending=True)
    targets = [transactions.target(int(no)) for no in transactions.order()]
    assert [target.tick for target in targets] == sorted((target.tick for target in targets), reverse=True)
    assert all(demo.packet(target.no).start == target.tick for target in targets)


def test_only_marked_columns_sort() -> None:
    with pytest.raises(ValueError, match="not sorted by Service"):
        three().sort_by(SERVICE, descending=False)


def test_a_row_says_who_asked_whom_for_what_and_how_long_it_took(demo: Snapshot) -> None:
    row = TransactionList(demo, Timebase(2_000_000)).row(6)
    assert row.cells == ("6", "0.194 700 000", umi.HOST, umi.METER, "3.84 ms", "denied", "objects write")
    assert row.severity is None


def test_an_unanswered_command_is_marked_only_when_there_was_time_to_answer() -> None:
    transactions = three()
    rows = [transactions.row(no) for no in (1, 2, 3, 4)]
    assert [row.cells[STATUS] for row in rows] == ["ok", "! no response", "busy, command not seen", "no response seen"]
    assert [row.severity for row in rows] == [None, Severity.WARNING, Severity.CHAT, Severity.CHAT]
    assert [bool(row.cells[LATENCY]) for row in rows] == [True, False, False, False]
    assert transactions.summary() == "4 transactions, 2 without a response"


def test_a_transaction_leads_to_its_command_or_else_to_its_response() -> None:
    transactions = three()
    assert [(transactions.target(no).layer, transactions.target(no).no) for no in (1, 2, 3)] == [
        ("packets", 1), ("packets", 3), ("packets", 4),
    ]  # fmt: skip
    assert transactions.columns[NUMBER].right
    assert transactions.columns[LATENCY].right


def test_a_packet_and_its_frames_belong_to_one_transaction_and_other_frames_to_none(demo: Snapshot) -> None:
    listing = TransactionList(demo, Timebase(2_000_000))
    for no in range(1, demo.count("transactions") + 1):
        exchange = demo.transaction(no)
        for packet in filter(None, (exchange.command, exchange.response)):
            assert listing.number_of("packets", packet) == no
            assert {listing.number_of("frames", frame) for frame in demo.frames_of_packet(packet)} == {no}
    assert listing.number_of("frames", 1) is None
    assert listing.number_of("packets", 999) is None
