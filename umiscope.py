"""UMIscope's public face for scripts and notebooks, and what `python -m umiscope` runs."""

from __future__ import annotations
