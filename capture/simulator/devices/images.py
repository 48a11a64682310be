"""The image store of a device: announced, filled block by block, verified and activated (wire-format 6)."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from capture.simulator.kernel import NS_PER_MS, NS_PER_S
from capture.simulator.packets import Packet, Status
from capture.simulator.peripheral import Peripheral
from capture.simulator.talker import Answer

ANNOUNCE, BLOCK, VERIFY, ACTIVATE, ABORT = range(1, 6)
ANNOUNCEMENT = struct.Struct(">IIIHQ32s64s")
GOOD, BAD_DIGEST, BAD_SIGNATURE, INCOMPLETE, BAD_VERSION = range(5)
ERASE_NS, WRITE_NS, CHECK_NS = 60 * NS_PER_MS, 3 * NS_PER_MS, 25 * NS_PER_MS
FLASH_A = 6e-3


@dataclass(slots=True)
class _Coming:
    version: int
    size: int
    digest: bytes
    blocks: dict[int, bytes] = field(default_factory=dict)

    def joined(self) -> bytes | None:
        """The whole image; None while parts are missing."""
        image = b""
        while len(image) < self.size:
            block = self.blocks.get(len(image))
            if not block:
                return None
            image += block
        return image


class ImageStore:
    """One slot for a new image beside the running one of `version`."""

    def __init__(self, version: int) -> None:
        self.version = version
        self._coming: dict[int, _Coming] = {}

    def answer(self, device: Peripheral, packet: Packet, activated: Callable[[int], None]) -> Answer:
        """The answer to a command of the images service; `activated` hears of the version that runs from now on."""
        payload = packet.payload
        if packet.operation == ANNOUNCE and len(payload) == ANNOUNCEMENT.size:
            return self._announce(device, payload)
        coming = self._coming.get(int.from_bytes(payload[:4], "big"))
        if coming is None:
            return Answer(status=Status.UNKNOWN_CODE)
        match packet.operation:
            case 2:
                return self._write(device, coming, payload)
            case 3:
                return Answer(bytes((self._verdict(coming),)), think_ns=CHECK_NS)
            case 4:
                return self._activate(device, coming, int.from_bytes(payload[4:8], "big"), activated)
        self._coming.clear()
        return Answer() if packet.operation == ABORT else Answer(status=Status.UNKNOWN_OPERATION)

    def _write(self, device: Peripheral, coming: _Coming, payload: bytes) -> Answer:
        coming.blocks[int.from_bytes(payload[4:8], "big")] = payload[8:]
        device.work(WRITE_NS, FLASH_A)
        return Answer(struct.pack(">I", sum(map(len, coming.blocks.values()))), think_ns=WRITE_NS)

    def _announce(self, device: Peripheral, payload: bytes) -> Answer:
        image_id, version, size, _, _, digest, _ = ANNOUNCEMENT.unpack(payload)
        self._coming = {image_id: _Coming(version, size, digest)}
        device.work(ERASE_NS, FLASH_A)
        return Answer(b"\1", think_ns=ERASE_NS)

    def _verdict(self, coming: _Coming) -> int:
        image = coming.joined()
        if image is None or len(image) != coming.size:
            return INCOMPLETE
        if hashlib.sha256(image).digest() != coming.digest:
            return BAD_DIGEST
        return GOOD if coming.version > self.version else BAD_VERSION

    def _activate(self, device: Peripheral, coming: _Coming, at_utc: int, activated: Callable[[int], None]) -> Answer:
        if self._verdict(coming) != GOOD:
            return Answer(status=Status.BAD_VALUE)
        wait_s = max(0, at_utc - device.utc()) if device.utc() else 0

        def activate() -> None:
            self.version = coming.version
            self._coming.clear()
            activated(self.version)

        device.after(wait_s * NS_PER_S + ERASE_NS, activate)
        return Answer()
