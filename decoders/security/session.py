"""Sessions: from an accepted `establish` to `close`, followed through the packets of two devices (wire-format 5)."""

from __future__ import annotations

from dataclasses import dataclass

from decoders.core.span import NS_PER_S, Timebase
from decoders.core.tree import Value
from decoders.security.body import session_digits

Pair = tuple[str, str]
"""Two UMI IDs."""


@dataclass(frozen=True, slots=True)
class Message:
    """What following needs to know of one whole packet; ticks of its first and last bit, header values as in records.

    `session_id` is the session that an encrypted body names, None where it is in clear; `is_locked` whether nothing opened that
    body; `fields` the payload, None where it is locked or has no known layout.
    """

    no: int
    start: int
    end: int
    header: dict[str, Value]
    session_id: str | None
    is_locked: bool
    fields: dict[str, Value] | None


@dataclass(slots=True)
class SecuritySession:
    """One session.

    `initiator`, `responder`, `established` and the numbers of the `command` and the `response` that established it are None where
    that is not in the recording; then `devices` are the two in the order of the first packet. Times are ticks of a packet's last
    bit; `expires` is the end of the granted `role`. `packets` are those encrypted under it, `locked` those that nothing opened.
    """

    id: str
    devices: Pair
    initiator: str | None = None
    responder: str | None = None
    command: int | None = None
    response: int | None = None
    established: int | None = None
    role: int | None = None
    expires: int | None = None
    closed: int | None = None
    packets: int = 0
    locked: int = 0


@dataclass(frozen=True, slots=True)
class _Grant:
    role: int
    expires: int


class SessionFollower:
    """Collects the sessions of a recording from its whole packets, fed in order of completion."""

    def __init__(self, rate_hz: int) -> None:
        self._timebase = Timebase(rate_hz)
        self._sessions: list[SecuritySession] = []
        self._newest: dict[tuple[frozenset[str], str], SecuritySession] = {}
        self._commands: dict[tuple[str, str, Value], Message] = {}
        self._grants: dict[Pair, _Grant] = {}

    def sessions(self) -> list[SecuritySession]:
        """All sessions so far, in order of the packets that they were first seen in."""
        return self._sessions

    def feed(self, message: Message) -> None:
        """Take in the next packet."""
        if message.session_id is not None:
            self._count(message, message.session_id)
        if message.header.get("service") != "security":
            return
        source, destination = _ends(message)
        number, operation = message.header.get("transaction"), message.header.get("operation")
        if not message.header.get("response"):
            self._commands[source, destination, number] = message
            return
        command = self._commands.pop((destination, source, number), None)
        if command is None or message.header.get("status") != "ok" or command.header.get("operation") != operation:
            return
        match operation:
            case "establish":
                self._establish(command, message)
            case "prove":
                self._grant(command, message)
            case "close":
                self._close(command, message)

    def _count(self, message: Message, digits: str) -> None:
        devices = _ends(message)
        session = self._newest.get((frozenset(devices), digits)) or self._add(SecuritySession(digits, devices))
        session.packets += 1
        session.locked += message.is_locked

    def _add(self, session: SecuritySession) -> SecuritySession:
        self._sessions.append(session)
        self._newest[frozenset(session.devices), session.id] = session
        return session

    def _establish(self, command: Message, response: Message) -> None:
        digits = _session_of(command)
        if digits is None:
            return
        initiator, responder = pair = _ends(command)
        session = SecuritySession(digits, pair, initiator, responder, command.no, response.no, response.end)
        grant = self._grants.get(pair)
        if grant is not None and response.end < grant.expires:
            session.role, session.expires = grant.role, grant.expires
        self._add(session)

    def _grant(self, command: Message, response: Message) -> None:
        """A proof in a session belongs to that, one in clear to the two devices."""
        role, lifetime_s = (response.fields or {}).get("role"), (response.fields or {}).get("lifetime_s")
        if not isinstance(role, int) or not isinstance(lifetime_s, int):
            return
        grant = _Grant(role, response.end + self._timebase.ticks(lifetime_s * NS_PER_S))
        if command.session_id is None:
            self._grants[_ends(command)] = grant
            return
        session = self._newest.get((frozenset(_ends(command)), command.session_id))
        if session is not None:
            session.role, session.expires = grant.role, grant.expires

    def _close(self, command: Message, response: Message) -> None:
        """A closed session takes no more packets; its number may be given again."""
        digits = _session_of(command)
        session = None if digits is None else self._newest.pop((frozenset(_ends(command)), digits), None)
        if session is not None:
            session.closed = response.end


def _session_of(message: Message) -> str | None:
    return session_digits((message.fields or {}).get("session_id"))


def _ends(message: Message) -> Pair:
    return str(message.header.get("source")), str(message.header.get("destination"))
