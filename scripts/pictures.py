"""Draws the pictures of the window for the readme and the manual, without a screen: `make screenshots`."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from scripts.demo_recording import RECORDING

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"
DATASHEETS = sorted((ROOT / "resources" / "datasheets").glob("*.toml"))
MOST_BYTES = 200_000
COLOURS = 256


@dataclass(frozen=True, slots=True)
class Picture:
    """A pane or dialog of the demonstration recording with one packet selected; of an empty window with `packet` None."""

    name: str
    view: str
    packet: int | None
    theme: str = "light"


PICTURES = (
    Picture("packets", "packets", 28),
    Picture("packets-dark", "packets", 28, "dark"),
    Picture("findings", "findings", 24),
    Picture("transactions", "transactions", 22),
    Picture("devices", "devices", 22),
    Picture("timeline", "timeline", 29),
    Picture("start", "packets", None),
    Picture("wiring", "wiring", 1),
    Picture("pasted-bytes", "pasted", 22),
    Picture("shortcuts", "shortcuts", 1),
    Picture("manual", "manual", 1),
)


def draw(picture: Picture, folder: Path) -> Path:
    """Write one picture; SystemExit with a reason where that fails or it is too large for a repository."""
    path = folder / f"{picture.name}.png"
    named = [word for sheet in DATASHEETS for word in ("--datasheet", str(sheet))]
    shown = [] if picture.packet is None else [str(RECORDING), *named, "--select", str(picture.packet)]
    command = [
        sys.executable, "-m", "umiscope", "open", *shown, "--screenshot", str(path), "--view", picture.view, "--theme", picture.theme,
    ]  # fmt: skip
    run = subprocess.run(  # noqa: S603 - the command is ours
        command, cwd=ROOT, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True, check=False
    )
    if run.returncode:
        sys.exit(f"{path.name} was not drawn: {run.stderr.strip()}")
    shrink(path)
    if path.stat().st_size > MOST_BYTES:
        sys.exit(f"{path.name} has {path.stat().st_size} bytes; at most {MOST_BYTES} belong into the repository")
    return path


def shrink(path: Path) -> None:
    """Let 256 colours stand for all, and pack as tightly as PNG can."""
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32)
    colours, at, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    kept = _few(colours[np.argsort(-counts, kind="stable")])
    distance = np.abs(_channels(colours)[:, None] - _channels(kept)[None]).sum(axis=2)
    places = distance.argmin(axis=1).astype(np.uint8)[at].tobytes()
    small = QImage(places, image.width(), image.height(), image.width(), QImage.Format.Format_Indexed8)
    small.setColorTable(kept.tolist())
    small.save(str(path), "PNG", 0)  # type: ignore[call-overload]  # the stubs want bytes where Qt takes text


def _few(colours: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """At most 256 of them, the first ones preferably, with none far from one that stays: what is rare may well be a warning."""
    channels = _channels(colours)
    return next(colours[kept] for farthest in itertools.count() if len(kept := _apart(channels, farthest)) <= COLOURS)


def _apart(channels: NDArray[np.int16], farthest: int) -> list[int]:
    """Places of colours that lie farther apart than that, so that every other one is as near to one of them."""
    kept: list[int] = []
    is_left = np.ones(len(channels), np.bool_)
    while is_left.any():
        kept.append(int(is_left.argmax()))
        is_left &= np.abs(channels - channels[kept[-1]]).sum(axis=1) > farthest
    return kept


def _channels(colours: NDArray[np.uint32]) -> NDArray[np.int16]:
    """Red, green and blue of each."""
    return np.stack([colours >> shift & 0xFF for shift in (16, 8, 0)], axis=1).astype(np.int16)


def main() -> None:
    """Argument: a folder other than docs/pictures, if any."""
    folder = Path(sys.argv[1]) if sys.argv[1:] else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        sys.stdout.write(f"{draw(picture, folder)}\n")


if __name__ == "__main__":
    main()
