"""A firmware upgrade as the host carries it out: announce, block after block, verify, activate."""

from __future__ import annotations

import hashlib
import struct
from random import Random

from capture.simulator.devices.images import ACTIVATE, ANNOUNCE, BLOCK, GOOD, VERIFY
from capture.simulator.devices.objects import READ, read_answer, read_command
from capture.simulator.host import Host
from capture.simulator.packets import Packet, Service, Status, Typed
from capture.simulator.scenario import Task
from capture.simulator.talker import OnAnswer

ANNOUNCED = struct.Struct(">IIIHQ32s")
MOST_TRIES = 3


class Upgrade:
    """Hands one random image to one device; each step waits for the answer to the one before."""

    def __init__(self, host: Host, task: Task, random: Random) -> None:
        self._host, self._task = host, task
        self._image = random.randbytes(task.size)
        self._image_id = random.getrandbits(32)
        self._signature = random.randbytes(64)
        self._at = 0
        self._tries = 0

    def begin(self) -> None:
        """Ask which version runs, so as to offer a newer one."""
        (code,) = self._task.codes
        self._host.command(self._task.port, Service.OBJECTS, READ, read_command([code]), self._announce)

    def _announce(self, response: Packet | None) -> None:
        (code,) = self._task.codes
        found = read_answer(response.payload).get(code) if response is not None and response.status == Status.OK else None
        if not isinstance(found, Typed) or not isinstance(found.value, int):
            return
        digest = hashlib.sha256(self._image).digest()
        fields = ANNOUNCED.pack(
            self._image_id, found.value + 1, len(self._image), self._task.block, self._host.talker.umi_id, digest
        )
        self._command(ANNOUNCE, fields + self._signature, self._announced)

    def _announced(self, response: Packet | None) -> None:
        if response is not None and response.status == Status.OK and response.payload == b"\1":
            self._send_block()

    def _send_block(self) -> None:
        """The next block; without an answer the same once more, a few times."""
        block = self._image[self._at : self._at + self._task.block]
        self._tries += 1

        def answered(response: Packet | None) -> None:
            if response is not None and response.status == Status.OK:
                self._at += len(block)
                self._tries = 0
            elif self._tries >= MOST_TRIES:
                return
            if self._at < len(self._image):
                self._send_block()
            else:
                self._command(VERIFY, self._named(), self._verified)

        self._command(BLOCK, self._named() + struct.pack(">I", self._at) + block, answered)

    def _verified(self, response: Packet | None) -> None:
        if response is not None and response.payload == bytes((GOOD,)):
            self._command(ACTIVATE, self._named() + struct.pack(">I", self._host.utc() + 1), None)

    def _named(self) -> bytes:
        return struct.pack(">I", self._image_id)

    def _command(self, operation: int, payload: bytes, on_answer: OnAnswer | None) -> None:
        self._host.command(self._task.port, Service.IMAGES, operation, payload, on_answer)
