"""Sessions of whole recordings, from the wire up."""

from __future__ import annotations

from typing import Any

import pytest

from app.analysis.records import layer_records
from tests.helpers.umi import HOST, METER, PROFILES, Bench, packet, shipped

SESSION = "59a54a7c"
EPHEMERAL = {"reference-1": "04" + "11" * 64, "variant-a": "02" + "11" * 32}


@pytest.mark.parametrize("name", PROFILES)
def test_a_session_is_followed_from_its_proof_to_its_end(name: str) -> None:
    bench = Bench(shipped(name), (1,))

    def exchange(number: int, call: str, asked: dict[str, Any], given: dict[str, Any]) -> None:
        to_meter = {"source": HOST, "destination": METER, "transaction": number, "counter": number}
        bench.data(1, (0, 1), packet(bench.profile, call, asked, **to_meter))
        bench.data(1, (1, 0), packet(bench.profile, call, given, response=True, transaction=number, counter=number))

    exchange(1, "security.prove", {"signature": "22" * 64}, {"role": 3, "lifetime_s": 60})
    ephemeral = {"ephemeral": EPHEMERAL[name]}
    exchange(2, "security.establish", {"session_id": SESSION} | ephemeral, ephemeral if name == "variant-a" else {})
    exchange(3, "security.close", {"session_id": SESSION}, {})
    capture = bench.decode()
    ends = {one.number: one.response.end for one in capture.transactions if one.response is not None}
    (record,) = layer_records(capture, "sessions")
    assert record == {
        "id": SESSION,
        "initiator": HOST,
        "responder": METER,
        "role": 3,
        "established_ns": capture.timebase.ns(ends[2]),
        "expires_ns": capture.timebase.ns(ends[1]) + 60 * 10**9,
        "key_source": "none",
        "packets": 0,
        "locked": 0,
        "devices": [HOST, METER],
        "closed_ns": capture.timebase.ns(ends[3]),
    }
