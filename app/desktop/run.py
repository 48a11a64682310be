"""Starts the window: `umiscope [open] [FILE]`, or draws it without showing it, for documentation and tests."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

PANES = ("packets", "tree", "bytes", "timeline", "findings", "transactions", "devices", "workbench")
DIALOGS = {
    "wiring": ("wiring", "wiring"),
    "pasted": ("decode_pasted", "pasted"),
    "simulate": ("simulate", "simulate"),
    "shortcuts": ("shortcuts", "shortcut-list"),
    "manual": ("help", "manual"),
}
"""Dialogs that can be drawn, each with the window's action that opens it and the name that it has there."""
VIEWS = (*PANES, *DIALOGS)
"""What can be drawn: a pane brought to the front of the window, or a dialog alone."""
WINDOW_SIZE = (1280, 800)
USAGE = "umiscope [open] [FILE] [--screenshot PNG [--size WxH] [--view NAME] [--select N] [--theme light|dark]]"


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("umiscope open", usage=USAGE, description="Open the window, on a recording if one is named.")
    parser.add_argument("file", nargs="?", type=Path, help="a recording")
    parser.add_argument("--screenshot", type=Path, metavar="PNG", help="draw the window into a picture without showing it")
    parser.add_argument("--size", metavar="WxH", help="the picture's size; 1280x800 without, or what a dialog takes")
    parser.add_argument("--view", default="packets", choices=VIEWS, help="the pane to bring to the front, or the dialog to draw")
    parser.add_argument("--select", type=int, metavar="N", help="the packet to select")
    parser.add_argument("--theme", choices=("light", "dark"), help="light or dark; as last used without")
    parser.add_argument("--datasheet", action="append", default=[], type=Path, metavar="FILE", help="names and units of objects")
    return parser.parse_args(words)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and 0 < int(width) <= 8192 and 0 < int(height) <= 8192):
        sys.stderr.write(f"umiscope: {text} is no size; write one such as 1280x800\n")
        sys.exit(2)
    return int(width), int(height)


def run(version: str, words: list[str], *, screen: bool) -> int:
    """Show the window, or draw it where there is no `screen`; the exit status. `words` are those of the command line."""
    wanted = _arguments(words[1:] if words[:1] == ["open"] else words)
    size = _size(wanted.size) if wanted.size else WINDOW_SIZE if wanted.view in PANES else None
    if wanted.file is not None and not wanted.file.is_file():
        sys.stderr.write(f"umiscope: there is no file {wanted.file}; check the name\n")
        return 3
    if wanted.screenshot is not None or not screen:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from app.desktop.start import show, take_picture  # noqa: PLC0415 - Qt reads its platform when it is imported

    if wanted.screenshot is None and screen:
        return show(version, wanted.file, wanted.theme, wanted.datasheet)
    picture = wanted.screenshot or Path("umiscope.png").absolute()
    theme = wanted.theme or "light"
    trouble = take_picture(wanted.file, picture, size, wanted.view, wanted.select, theme, wanted.datasheet)
    if trouble:
        sys.stderr.write(f"umiscope: {' '.join(trouble.split())}\n")
        return 3
    if wanted.screenshot is None:
        sys.stdout.write(f"There is no screen here. The window is drawn in {picture}\n")
    return 0
