from __future__ import annotations

import numpy as np
import pytest

from decoders.core.chunk import LogicChunk, Lost, Runs, Samples


@pytest.fixture
def gap() -> list[LogicChunk]:
    """Runs, a lost stretch, and samples."""
    return [
        Runs(0, 100, np.array([0, 10, 40]), np.array([1, 3, 1], np.uint8)),
        Lost(100, 150, "the buffer was full"),
        Samples(150, np.array([9] * 20 + [8] * 30, np.uint8)),
    ]
