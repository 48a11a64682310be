"""Draws SPI transfers as logic runs: one clock, one pair of data lines, a select line for each port."""

from __future__ import annotations

import numpy as np

from decoders.core.chunk import Runs

SCK, MOSI, MISO = 0, 1, 2
FIRST_CS = 3


class SpiWaveform:
    """Lines of one host in mode 0, most significant bit first, cs active low; times in samples.

    `ports` get one cs line each, from bit 3 on, in the order given; `half_bit` is half a clock period.
    """

    def __init__(self, ports: list[int], half_bit: int) -> None:
        self._cs = {port: 1 << (FIRST_CS + index) for index, port in enumerate(ports)}
        self._half_bit = half_bit
        self._idle = sum(self._cs.values())
        self._ticks = [0]
        self._words = [self._idle]
        self.now = 0

    @property
    def channels(self) -> list[str]:
        """The channel names, by bit."""
        return ["SCK", "MOSI", "MISO", *(f"CS{port}" for port in self._cs)]

    def wait(self, samples: int) -> None:
        """Nothing happens for a while."""
        self.now += samples

    def transfer(self, port: int, mosi: bytes, miso: bytes) -> None:
        """One transfer, the shorter side filled up with zero bytes."""
        length = max(len(mosi), len(miso))
        selected = self._idle & ~self._cs[port]
        self._set(selected, 4 * self._half_bit)
        for out, back in zip(mosi.ljust(length, b"\0"), miso.ljust(length, b"\0"), strict=True):
            for bit in range(7, -1, -1):
                data = selected | (out >> bit & 1) << MOSI | (back >> bit & 1) << MISO
                self._set(data, self._half_bit)
                self._set(data | 1 << SCK, self._half_bit)
            self._set(selected, 2 * self._half_bit)
        self._set(selected, 2 * self._half_bit)
        self._set(self._idle, 4 * self._half_bit)

    def runs(self) -> Runs:
        """All that was drawn."""
        return Runs(0, self.now, np.array(self._ticks, np.int64), np.array(self._words, np.uint8))

    def _set(self, word: int, samples: int) -> None:
        if self._ticks[-1] == self.now:
            self._words[-1] = word
        else:
            self._ticks.append(self.now)
            self._words.append(word)
        self.now += samples
