"""Transactions: a command and its response (wire-format 4)."""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass

from decoders.core.finding import Code, Finding, Severity
from decoders.core.span import Span, Timebase
from decoders.profile.wire_profile import WireProfile

NO_RESPONSE = Code(
    "no-response",
    "transactions",
    Severity.WARNING,
    "A command was never answered, although the recording goes on for the profile's response time.",
)
LATE_RESPONSE = Code("late-response", "transactions", Severity.WARNING, "A response came after the profile's response time.")
NO_COMMAND = Code(
    "response-without-command", "transactions", Severity.CHAT, "A response answers no command that is in the recording."
)
MISMATCH = Code(
    "response-mismatch", "transactions", Severity.ERROR, "A response names another service or operation than its command."
)
WRONG_NUMBER = Code(
    "wrong-transaction",
    "transactions",
    Severity.ERROR,
    "A command was not answered in time, but a response of the same devices, service and operation came under another number.",
)
CODES = (NO_RESPONSE, LATE_RESPONSE, NO_COMMAND, MISMATCH, WRONG_NUMBER)

NEWEST_SUSPECTED = 64
"""A response under a wrong number answers one of so many commands that wait; older ones are not looked at."""


Key = tuple[int, int, int]
"""Initiator, responder and transaction number."""


@dataclass(frozen=True, slots=True)
class PacketFacts:
    """What pairing needs to know of one packet; ids and numbers as on the wire, ticks of its first and last bit.

    `answerable` is False for one of which nobody can expect that it is answered: it did not come whole, or never reached its
    destination.
    """

    no: int
    start: int
    end: int
    source: int
    destination: int
    number: int
    service: int
    operation: int
    status: int
    response: bool
    answerable: bool = True


@dataclass(slots=True)
class Transaction:
    """A command and its response, each None where it is not in the recording; ids are raw 64-bit numbers."""

    no: int
    initiator: int
    responder: int
    number: int
    command: PacketFacts | None
    response: PacketFacts | None = None

    @property
    def latency(self) -> int | None:
        """Ticks from the last bit of the command to the first of the response."""
        if self.command is None or self.response is None:
            return None
        return self.response.start - self.command.end

    @property
    def opening(self) -> PacketFacts:
        """The packet that the record begins with."""
        packet = self.command or self.response
        assert packet is not None  # noqa: S101  # a transaction is made from one of them
        return packet


class TransactionPairing:
    """Pairs responses with commands, both of packets that come in order of completion; numbers transactions by their opening."""

    def __init__(self, profile: WireProfile, rate_hz: int) -> None:
        procedures = profile.procedures
        self._profile = profile
        self._newest_first = procedures.pairing == "newest-first"
        self._timeout = Timebase(rate_hz).ticks(procedures.response_timeout_ns)
        self._open: dict[Key, deque[Transaction]] = {}
        self._waiting: deque[Transaction] = deque()
        self._overdue: list[Transaction] = []
        self._suspects: dict[int, tuple[Transaction, Transaction]] = {}
        """By the number of a command's transaction: it, and that of the response which may have been meant for it."""
        self._excused: set[int] = set()
        """Commands, by the numbers of their packets, that nobody has to answer."""
        self._next_no = 1

    def feed(self, packet: PacketFacts) -> tuple[Transaction, list[Finding]]:
        """The transaction that this packet opens or completes, and what is noticed."""
        if not packet.response:
            return self._command(packet), []
        key = (packet.destination, packet.source, packet.number)
        transaction = self._answered(key, packet.start)
        if transaction is None:
            transaction = Transaction(self._take_no(), *key, None, packet)
            command = self._meant(packet)
            if command is None:
                return transaction, [self._without_command(transaction)]
            self._suspects[command.no] = command, transaction
            return transaction, []
        transaction.response = packet
        return transaction, self._judge(transaction)

    def excuse(self, packet: int) -> None:
        """The receiver of a packet has refused it for good, so that no answer is due."""
        self._excused.add(packet)

    def gap(self, tick: int) -> None:
        """The recording has a gap from `tick` on: what could still be answered then is not judged."""
        self._overdue += [one for one in self._waiting if one.response is None and self._deadline(one) < tick]
        self._waiting.clear()

    def finish(self, tick: int) -> list[Finding]:
        """The recording ends at `tick`: commands that were never answered, although there was time, are reported."""
        self.gap(tick)
        unanswered = [one for one in self._overdue if one.response is None and one.opening.no not in self._excused]
        findings = []
        for one in unanswered:
            _, response = self._suspects.pop(one.no, (None, None))
            if response is None:
                findings.append(self._finding(NO_RESPONSE, "the command was not answered", one))
            else:
                text = f"packet {response.opening.no} answers it under the number {response.number} instead of {one.number}"
                findings.append(self._finding(WRONG_NUMBER, text, one))
        return findings + [self._without_command(response) for _, response in self._suspects.values()]

    def _deadline(self, transaction: Transaction) -> int:
        return transaction.opening.end + self._timeout

    def _command(self, packet: PacketFacts) -> Transaction:
        key = (packet.source, packet.destination, packet.number)
        transaction = Transaction(self._take_no(), *key, packet)
        self._open.setdefault(key, deque()).append(transaction)
        if packet.answerable:
            self._waiting.append(transaction)
        while self._waiting and self._waiting[0].response is not None:
            self._waiting.popleft()
        return transaction

    def _answered(self, key: Key, response_start: int) -> Transaction | None:
        """The command that a response answers, taken out of those that wait; it ended before the response began."""
        waiting = self._open.get(key, deque())
        places = range(len(waiting) - 1, -1, -1) if self._newest_first else range(len(waiting))
        for place in places:
            transaction = waiting[place]
            if transaction.opening.end < response_start:
                del waiting[place]
                if not waiting:
                    del self._open[key]
                return transaction
        return None

    def _meant(self, response: PacketFacts) -> Transaction | None:
        """The newest command that waits for such a response under another number and has no other suspect."""
        for waiting in itertools.islice(reversed(self._open.values()), NEWEST_SUSPECTED):
            one = waiting[-1]
            command = one.opening
            ends = (one.responder, one.initiator, command.service, command.operation)
            is_such = ends == (response.source, response.destination, response.service, response.operation)
            if is_such and command.answerable and command.end < response.start and one.no not in self._suspects:
                return one
        return None

    def _without_command(self, transaction: Transaction) -> Finding:
        return self._finding(NO_COMMAND, "the response answers no command in the recording", transaction)

    def _judge(self, transaction: Transaction) -> list[Finding]:
        command, response = transaction.command, transaction.response
        assert command is not None and response is not None  # noqa: S101, PT018  # it was just completed
        findings = []
        if (command.service, command.operation) != (response.service, response.operation):
            asked, given = self._name(command), self._name(response)
            findings.append(self._finding(MISMATCH, f"the command is {asked} and the response {given}", transaction))
        latency = transaction.latency
        if latency is not None and latency > self._timeout:
            findings.append(self._finding(LATE_RESPONSE, "the response came too late", transaction))
        return findings

    def _name(self, packet: PacketFacts) -> str:
        return f"{self._profile.service_name(packet.service)} {self._profile.operation_name(packet.service, packet.operation)}"

    def _take_no(self) -> int:
        self._next_no += 1
        return self._next_no - 1

    def _finding(self, code: Code, text: str, transaction: Transaction) -> Finding:
        first = transaction.opening
        last = transaction.response or first
        return Finding(code, text, Span(first.start, max(first.start, last.end) + 1), transaction.no)
