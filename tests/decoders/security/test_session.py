"""Sessions followed through the packets of two devices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from decoders.security.session import Message, SecuritySession, SessionFollower
from tests.helpers.umi import HOST, METER, VALVE

RATE_HZ = 1000
ID, OTHER_ID = "59a54a7c", "0badcafe"


@dataclass
class Said:
    """Feeds packets ten ticks apart, each one tick long."""

    follower: SessionFollower = field(default_factory=lambda: SessionFollower(RATE_HZ))
    no: int = 0

    def packet(self, pair: tuple[str, str], operation: str, **others: Any) -> int:
        """Returns the packet's number; its last bit is at ten times that."""
        self.no += 1
        usual: dict[str, Any] = {"service": "security", "response": False, "status": "ok", "transaction": 1}
        kept = {name: others.pop(name) for name in ("session_id", "fields", "is_locked") if name in others}
        header = usual | {"source": pair[0], "destination": pair[1], "operation": operation} | others
        session_id, is_locked = kept.get("session_id"), kept.get("is_locked", False)
        fields = None if is_locked else kept.get("fields", {})
        self.follower.feed(Message(self.no, self.no * 10 - 1, self.no * 10, header, session_id, is_locked, fields))
        return self.no

    def exchange(self, pair: tuple[str, str], operation: str, asked: Any = None, given: Any = None, **others: Any) -> int:
        """A command and its response; the number of the response."""
        self.packet(pair, operation, fields=asked or {}, **others)
        return self.packet(pair[::-1], operation, fields=given or {}, response=True, **others)

    def locked(self, pair: tuple[str, str], session_id: str = ID) -> None:
        self.packet(pair, "read", service="objects", session_id=session_id, is_locked=True, encrypted=True)

    def found(self) -> list[SecuritySession]:
        return self.follower.sessions()


HOST_FIRST = (HOST, METER)


def test_a_session_begins_with_the_accepted_response() -> None:
    said = Said()
    said.exchange(HOST_FIRST, "establish", {"session_id": ID})
    said.locked(HOST_FIRST)
    said.locked(HOST_FIRST[::-1])
    expected = SecuritySession(ID, HOST_FIRST, HOST, METER, command=1, response=2, established=20, packets=2, locked=2)
    assert said.found() == [expected]


def test_the_initiator_is_who_sent_the_command_whoever_that_is() -> None:
    said = Said()
    said.exchange(HOST_FIRST[::-1], "establish", {"session_id": ID})
    (session,) = said.found()
    assert (session.initiator, session.responder) == (METER, HOST)


@pytest.mark.parametrize("change", [
    {"status": "denied"}, {"transaction": 2}, {"operation": "close"}, {"source": VALVE}, {"service": "events"},
], ids=str)  # fmt: skip
def test_nothing_is_established_without_an_ok_response_to_that_command(change: dict[str, Any]) -> None:
    said = Said()
    said.packet(HOST_FIRST, "establish", fields={"session_id": ID})
    answer: dict[str, Any] = {"response": True, "operation": "establish"} | change
    said.packet(HOST_FIRST[::-1], answer.pop("operation"), fields={}, **answer)
    assert said.found() == []


def test_an_establish_that_is_locked_tells_nothing() -> None:
    said = Said()
    said.packet(HOST_FIRST, "establish", is_locked=True, session_id=OTHER_ID, encrypted=True)
    said.packet(HOST_FIRST[::-1], "establish", is_locked=True, session_id=OTHER_ID, encrypted=True, response=True)
    assert [(session.id, session.initiator, session.packets) for session in said.found()] == [(OTHER_ID, None, 2)]


def test_a_recording_that_begins_in_the_middle_shows_the_devices_but_not_who_began() -> None:
    said = Said()
    said.locked((METER, HOST))
    said.locked((HOST, METER))
    assert said.found() == [SecuritySession(ID, (METER, HOST), packets=2, locked=2)]


def test_sessions_of_other_devices_with_the_same_number_are_others() -> None:
    said = Said()
    said.locked((METER, HOST))
    said.locked((VALVE, HOST))
    assert [session.devices for session in said.found()] == [(METER, HOST), (VALVE, HOST)]


def test_establishing_again_begins_a_new_session_under_the_same_number() -> None:
    said = Said()
    for _ in range(2):
        said.exchange(HOST_FIRST, "establish", {"session_id": ID})
        said.locked(HOST_FIRST)
    assert [(session.established, session.packets) for session in said.found()] == [(20, 1), (50, 1)]


def test_a_closed_session_takes_no_more_packets() -> None:
    said = Said()
    said.exchange(HOST_FIRST, "establish", {"session_id": ID})
    said.exchange(HOST_FIRST, "close", {"session_id": ID})
    said.locked(HOST_FIRST)
    closed, unknown = said.found()
    assert (closed.closed, closed.packets) == (40, 0)
    assert (unknown.initiator, unknown.packets) == (None, 1)


def test_a_refused_close_closes_nothing() -> None:
    said = Said()
    said.exchange(HOST_FIRST, "establish", {"session_id": ID})
    said.packet(HOST_FIRST, "close", fields={"session_id": ID})
    said.packet(HOST_FIRST[::-1], "close", response=True, status="denied")
    assert [session.closed for session in said.found()] == [None]


def test_a_role_granted_in_clear_holds_for_the_sessions_of_its_initiator_while_it_lasts() -> None:
    said = Said()
    said.exchange(HOST_FIRST, "prove", given={"role": 3, "lifetime_s": 1})
    said.exchange(HOST_FIRST, "establish", {"session_id": ID})
    said.exchange(HOST_FIRST[::-1], "establish", {"session_id": OTHER_ID})
    assert [(session.role, session.expires) for session in said.found()] == [(3, 1020), (None, None)]


def test_a_role_that_ended_is_not_the_next_sessions() -> None:
    said = Said()
    said.exchange(HOST_FIRST, "prove", given={"role": 3, "lifetime_s": 0})
    said.exchange(HOST_FIRST, "establish", {"session_id": ID})
    assert [session.role for session in said.found()] == [None]


def test_a_proof_inside_a_session_belongs_to_that_session_only() -> None:
    said = Said()
    said.exchange(HOST_FIRST, "establish", {"session_id": ID})
    said.exchange(HOST_FIRST, "prove", given={"role": 15, "lifetime_s": 2}, session_id=ID)
    said.exchange(HOST_FIRST, "establish", {"session_id": OTHER_ID})
    first, second = said.found()
    assert (first.role, first.expires, first.packets, first.locked) == (15, 2040, 2, 0)
    assert second.role is None


def test_packets_in_clear_are_in_no_session() -> None:
    said = Said()
    said.exchange(HOST_FIRST, "challenge", given={"nonce": "00" * 32})
    said.packet(HOST_FIRST, "read", service="objects")
    assert said.found() == []
