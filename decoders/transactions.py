"""Transactions: a command and its response (wire-format 4)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from decoders.core.finding import Code, Finding, Severity
from decoders.core.span import Span
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
CODES = (NO_RESPONSE, LATE_RESPONSE, NO_COMMAND, MISMATCH)


@dataclass(frozen=True, slots=True)
class PacketFacts:
    """What pairing needs to know of one packet; ids and numbers as on the wire, ticks of its first and last bit."""

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
        self._timeout = -(-procedures.response_timeout_ns * rate_hz // 1_000_000_000)
        self._open: dict[tuple[int, int, int], deque[Transaction]] = {}
        self._unanswered: deque[Transaction] = deque()
        self._next_no = 1

    def feed(self, packet: PacketFacts) -> tuple[Transaction, list[Finding]]:
        """The transaction that this packet opens or completes, and what is noticed."""
        if not packet.response:
            return self._command(packet), []
        waiting = self._open.get((packet.destination, packet.source, packet.number))
        if not waiting:
            transaction = Transaction(self._take_no(), packet.destination, packet.source, packet.number, None, packet)
            return transaction, [self._finding(NO_COMMAND, "the response answers no command in the recording", transaction)]
        transaction = waiting.pop() if self._newest_first else waiting.popleft()
        if not waiting:
            del self._open[packet.destination, packet.source, packet.number]
        transaction.response = packet
        return transaction, self._judge(transaction)

    def gap(self, tick: int) -> None:
        """The recording has a gap from `tick` on: what could still be answered then is not judged."""
        self._unanswered = deque(one for one in self._unanswered if one.response is None and self._deadline(one) < tick)

    def finish(self, tick: int) -> list[Finding]:
        """The recording ends at `tick`: commands that were never answered, although there was time, are reported."""
        self.gap(tick)
        return [self._finding(NO_RESPONSE, "the command was not answered", one) for one in self._unanswered]

    def _deadline(self, transaction: Transaction) -> int:
        return transaction.opening.end + self._timeout

    def _command(self, packet: PacketFacts) -> Transaction:
        transaction = Transaction(self._take_no(), packet.source, packet.destination, packet.number, packet)
        self._open.setdefault((packet.source, packet.destination, packet.number), deque()).append(transaction)
        self._unanswered.append(transaction)
        while self._unanswered[0].response is not None:
            self._unanswered.popleft()
        return transaction

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
