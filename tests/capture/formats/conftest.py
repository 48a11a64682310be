from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

METADATA = """[global]
sigrok version=0.5.2

[device 1]
capturefile=logic-1
total probes=3
samplerate=4 MHz
total analog=0
probe1=sck
probe2=mosi
probe3=cs
unitsize=1
"""

Pack = Callable[[Mapping[str, bytes]], Path]


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """Zips members into a new file; a session file of three channels unless they say otherwise."""

    def pack(members: Mapping[str, bytes]) -> Path:
        path = tmp_path / "recording.sr"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in {"version": b"2", "metadata": METADATA.encode(), **members}.items():
                archive.writestr(name, content)
        return path

    return pack
