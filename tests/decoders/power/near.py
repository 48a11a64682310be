"""A number that floating point may miss by its last digits, where types ask for a number."""

from __future__ import annotations

from typing import Any

import pytest


def near(value: float, rel: float = 1e-6) -> Any:
    """Equal to what differs from `value` by one part in a million at most."""
    return pytest.approx(value, rel=rel)
