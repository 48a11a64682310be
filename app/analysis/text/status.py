"""The window's frame in words: where the bits come from; counts, gaps, what is locked, which profile and keys, the cursor."""

from __future__ import annotations

from app.analysis.tables.progress import State
from app.analysis.text.words import clean, count_text, grouped, rate_text, time_text
from app.analysis.workspace import Workspace

LONGEST_NAME = 40
NO_KEYS = "no keys"
"""Locked packets stay locked as long as no keys can be loaded."""


def source_text(workspace: Workspace) -> str:
    """Where the bits come from and how finely they were sampled; a long name gives way in its middle."""
    name = clean(workspace.path.name)
    half = LONGEST_NAME // 2
    short = name if len(name) <= LONGEST_NAME else f"{name[:half]}…{name[1 - half :]}"
    return f"source: {short} · {rate_text(workspace.timebase.rate_hz)}"


def status_text(workspace: Workspace) -> str:
    """What a recording holds so far, in one line. Frames are counted where they made no packet."""
    snapshot = workspace.snapshot
    parts = [count_text(snapshot.count("packets"), "packet")]
    if not snapshot.count("packets"):
        parts.append(count_text(snapshot.count("frames"), "frame"))
    if gaps := snapshot.count("gaps"):
        parts.append(count_text(gaps, "gap"))
    if locked := _locked(workspace):
        parts.append(f"{grouped(locked)} locked")
    placeholders = any(origin == "P" for _, origin in workspace.profile.statements())
    parts.append(f"profile {workspace.profile.name}{' (placeholder layouts)' if placeholders else ''}")
    parts.append(NO_KEYS)
    return " · ".join(parts)


def progress_text(workspace: Workspace) -> str:
    """How far decoding has come; empty when it is done."""
    progress = workspace.progress
    match progress.state:
        case State.RUNNING:
            share = f" {100 * progress.tick // progress.total} %" if progress.total else ""
            return f"Decoding{share}"
        case State.STOPPED:
            return "Decoding stopped"
        case State.FAILED:
            return "Decoded in part"
        case State.DONE:
            return ""


def missing_text(workspace: Workspace) -> str:
    """Why the recording is shown only in part; empty while it is decoded and when all of it was."""
    match workspace.progress.state:
        case State.FAILED:
            return f"Only a part of the recording is shown: {workspace.error}"
        case State.STOPPED:
            return "Only a part of the recording is shown, since decoding was stopped."
        case _:
            return ""


def cursor_text(workspace: Workspace, tick: int) -> str:
    """The time cursor's place."""
    return f"{time_text(workspace.timebase.ns(tick))} s"


def _locked(workspace: Workspace) -> int:
    column = workspace.snapshot.header_column("packets", "encrypted")
    return 0 if column is None else int((column != 0).sum())
