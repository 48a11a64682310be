"""What is going on, on standard error, so that the table alone goes to standard output."""

from __future__ import annotations

import sys


def say(step: str) -> None:
    """Name the step that begins."""
    print(f"bench: {step} …", file=sys.stderr, flush=True)
