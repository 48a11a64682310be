"""Random conversations: peripherals and a host that send, repeat, refuse, forward, lose, reset and stop at will."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from tests.decoders.transport.conversation import (
    ACK,
    BAD_CRC,
    BUSY,
    H2P,
    NAK,
    NO_ROUTE,
    NOT_POWERED,
    P2H,
    POLL,
    RESET,
    Frame,
    Gap,
    Step,
    answer,
    fragments,
)  # fmt: skip

OBSERVED = ((0, 1), (0, 2), (1, 1), (1, 2))
LANES = (
    Frame(port=1, direction=P2H, src=1, dst=0),
    Frame(port=1, direction=H2P, src=0, dst=1),
    Frame(port=2, direction=P2H, src=2, dst=0),
    # two peripherals talk through the host, both ways: in here, out two lanes on
    Frame(port=1, direction=P2H, src=1, dst=2),
    Frame(port=2, direction=P2H, src=2, dst=1),
    Frame(port=2, direction=H2P, src=1, dst=2),
    Frame(port=1, direction=H2P, src=2, dst=1),
    # another stream has the same ports
    Frame(stream=1, port=1, direction=P2H, src=1, dst=2),
    Frame(stream=1, port=2, direction=H2P, src=1, dst=2),
    # a port that is not in the recording
    Frame(port=1, direction=P2H, src=1, dst=3),
    Frame(port=1, direction=H2P, src=3, dst=1),
    # to itself, and on a port that the route does not name
    Frame(port=1, direction=P2H, src=1, dst=1),
    Frame(port=2, direction=P2H, src=1, dst=2),
)
FORWARDING = {3: 5, 4: 6, 7: 8}
ACTIONS = (
    "send", "send", "send", "send", "send all", "send without answer", "again", "bad", "bad without nak", "busy", "abort", "abort bad",
    "lose", "skip number", "jump", "stop", "reset", "reset badly", "gap", "wait", "stray nak", "poll",
)  # fmt: skip
FORWARDS = ("at once", "at once", "begun", "as it is", "late", "changed end", "changed head", "cut", "twice")


@dataclass(frozen=True)
class Act:
    """One thing that happens on a lane; `size` and `pause` are used where they make sense."""

    lane: int
    action: str
    size: int
    pause: int
    forward: str


@dataclass
class Sender:
    """One lane's state: what it still has to send, and its next sequence number."""

    seq: int = 0
    queue: list[Frame] = field(default_factory=list)
    last: Frame | None = None
    done: bytes = b""


def acts(sizes: tuple[int, ...], actions: tuple[str, ...] = ACTIONS) -> st.SearchStrategy[list[Act]]:
    """Conversations whose packets have one of these sizes."""
    lanes = st.sampled_from([*range(len(LANES)), *FORWARDING, *FORWARDING.values()])
    act = st.builds(
        Act,
        lanes,
        st.sampled_from(actions),
        st.sampled_from(sizes),
        st.sampled_from((1, 1, 1, 30, 900, 2100, -700)),
        st.sampled_from(FORWARDS),
    )
    return st.lists(act, min_size=8, max_size=50)


class Talk:
    """Turns acts into the steps of a conversation; fragments carry `fragment_bytes`."""

    def __init__(self, fragment_bytes: int) -> None:
        self.steps: list[Step] = []
        self._fragment_bytes = fragment_bytes
        self._senders = [Sender() for _ in LANES]
        self._packets = 0

    def play(self, acts: list[Act]) -> list[Step]:
        for act in acts:
            self._play(act)
        return self.steps

    def _play(self, act: Act) -> None:
        lane, sender = LANES[act.lane], self._senders[act.lane]
        match act.action:
            case "gap":
                self.steps.append(Gap(act.pause))
            case "wait" | "poll":
                self._say(replace(lane, kind=POLL, pause=act.pause if act.action == "wait" else 1))
            case "reset" | "reset badly":
                self._reset(lane, zero=act.action == "reset")
            case "again":
                if sender.last:
                    self._say(sender.last)
            case "stop":
                sender.queue.clear()
            case "skip number":
                sender.seq = (sender.seq + 2) % 8
            case "stray nak":
                self._say(answer(replace(lane, seq=act.size % 8), NAK, act.size % 7))
            case _:
                self._attempt(act, sender)

    def _say(self, frame: Frame) -> None:
        self.steps.append(frame)

    def _reset(self, lane: Frame, *, zero: bool) -> None:
        self._say(replace(lane, kind=RESET, first=False, last=False))
        for other, sender in zip(LANES, self._senders, strict=True):
            if zero and (other.stream, other.port) == (lane.stream, lane.port):
                sender.seq = 0
                sender.queue.clear()

    def _attempt(self, act: Act, sender: Sender) -> None:
        if not sender.queue:
            self._packets += 1
            content = bytes((self._packets * 7 + place) % 160 for place in range(act.size))
            sender.queue = fragments(LANES[act.lane], content, self._fragment_bytes)
        frame = replace(sender.queue[0], seq=sender.seq, pause=act.pause)
        match act.action:
            case "send":
                self._sent(act, sender, frame, [answer(frame, ACK)])
            case "send without answer":
                self._sent(act, sender, frame, [])
            case "send all":
                for _ in range(len(sender.queue)):
                    self._sent(act, sender, replace(sender.queue[0], seq=sender.seq), [])
            case "jump":
                self._sent(act, sender, replace(frame, fragment=(frame.fragment + 3) % 256), [])
            case _:
                self._fail(act, sender, frame)

    def _fail(self, act: Act, sender: Sender, frame: Frame) -> None:
        """The frame is not accepted, or not even seen."""
        match act.action:
            case "bad without nak":
                self._say(replace(frame, ok=False))
            case "bad":
                self._say(replace(frame, ok=False))
                self._say(answer(frame, NAK, BAD_CRC))
            case "busy":
                self._say(frame)
                self._say(answer(frame, NAK, BUSY))
                sender.last = frame
            case "abort":
                self._sent(act, sender, frame, [answer(frame, NAK, NO_ROUTE)])
                sender.queue.clear()
            case "abort bad":
                self._say(replace(frame, ok=False))
                self._say(answer(frame, NAK, NOT_POWERED))
                sender.queue.clear()
            case "lose":
                sender.queue.pop(0)
                sender.seq = (sender.seq + 1) % 8

    def _sent(self, act: Act, sender: Sender, frame: Frame, answers: list[Frame]) -> None:
        sender.queue.pop(0)
        sender.seq = (sender.seq + 1) % 8
        sender.last = frame
        for step in [frame, *answers]:
            self._say(step)
        sender.done = frame.payload if frame.first else sender.done + frame.payload
        if frame.last and act.lane in FORWARDING:
            self._forward(act, sender.done)

    def _forward(self, act: Act, content: bytes) -> None:
        lane = FORWARDING[act.lane]
        match act.forward:
            case "late":
                self._say(replace(LANES[0], kind=POLL, pause=2500))
            case "changed end":
                content = content[:-1] + b"\xee" if content else b"\xee"
            case "changed head":
                content = b"\xee" + content[1:]
        host = self._senders[lane]
        frames = fragments(LANES[lane], content, self._fragment_bytes)
        host.queue = frames * 2 if act.forward == "twice" else frames[:-1] if act.forward == "cut" else frames
        for _ in range({"at once": len(host.queue), "begun": 1, "changed end": len(host.queue)}.get(act.forward, 0)):
            self._say(replace(host.queue.pop(0), seq=host.seq))
            host.seq = (host.seq + 1) % 8
