"""Where the command line writes: plain text into a pipe, colours and a progress bar on a terminal."""

from __future__ import annotations

import errno
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import NoReturn

from app.analysis.text.words import Paint, clean, plain
from decoders.core.errors import RecordingError

STYLES = {
    "error": "bold red",
    "warning": "yellow",
    "note": "cyan",
    "chat": "bright_black",
    "dim": "bright_black",
    "heading": "bold",
}
"""Colours of the terminal's own palette, which suits its background; each is beside a sign or a word that says the same."""
_PATIENCE_S = 0.5
"""Shorter work shows no bar."""
_CLOSED = (errno.EPIPE, errno.EINVAL, errno.ESHUTDOWN)


class ColorWhen(StrEnum):
    """When output is coloured."""

    auto = "auto"
    always = "always"
    never = "never"


class OutputClosedError(Exception):
    """Whoever read the output, such as `head`, has seen enough."""


class Screen:
    """Standard output and standard error as the global options want them."""

    def __init__(self, *, quiet: bool = False, color: ColorWhen = ColorWhen.auto) -> None:
        self.quiet = quiet
        self.width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        self.paint: Paint = _paint() if _is_coloured(color) else plain

    def line(self, text: str) -> None:
        """One line of output."""
        self.write(text + "\n")

    def lines(self, lines: Iterable[str]) -> None:
        """Lines of output."""
        for line in lines:
            self.write(line + "\n")

    def write(self, text: str) -> None:
        """Output as it is."""
        try:
            sys.stdout.write(text)
        except OSError as fault:
            _give_up(fault)

    def flush(self) -> None:
        """Hand everything to whoever reads."""
        try:
            sys.stdout.flush()
        except OSError as fault:
            _give_up(fault)

    def note(self, text: str) -> None:
        """One line beside the output, unless it should be quiet."""
        if not self.quiet:
            self.flush()
            sys.stderr.write(f"umiscope: {clean(text)}\n")

    @contextmanager
    def progress(self, what: str, total: int | None) -> Iterator[Callable[[int], None]]:
        """A bar on a terminal's standard error while work is done; called with how far it is."""
        if self.quiet or not sys.stderr.isatty():
            yield lambda _done: None
            return
        from rich.console import Console  # noqa: PLC0415 - only terminals need it
        from rich.progress import Progress  # noqa: PLC0415

        bar = Progress(console=Console(stderr=True), transient=True)
        task = bar.add_task(clean(what), total=total)
        began = time.monotonic()

        def show(done: int) -> None:
            bar.update(task, completed=done)
            if time.monotonic() - began > _PATIENCE_S:
                bar.start()

        try:
            yield show
        finally:
            bar.stop()


def _give_up(fault: OSError) -> NoReturn:
    if fault.errno in _CLOSED:
        raise OutputClosedError from fault
    raise RecordingError(f"the output cannot be written: {fault.strerror or fault}", "", "make room or choose another place")


def _is_coloured(color: ColorWhen) -> bool:
    if color is not ColorWhen.auto:
        return color is ColorWhen.always
    if not sys.stdout.isatty():
        return False
    from rich.console import Console  # noqa: PLC0415 - only terminals need it

    console = Console()
    return console.color_system is not None and not console.no_color and not console.legacy_windows


def _paint() -> Paint:
    from rich.color import ColorSystem  # noqa: PLC0415 - only colours need it
    from rich.style import Style  # noqa: PLC0415

    styles = {meaning: Style.parse(style) for meaning, style in STYLES.items()}
    return lambda text, meaning: styles[meaning].render(text, color_system=ColorSystem.STANDARD)
