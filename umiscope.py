"""UMIscope's public face for scripts and notebooks, and what `python -m umiscope` runs."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.analysis.public import Recording

__all__ = ["__version__", "main", "open"]
__version__ = "0.1.0"
_COMPLETION = "_UMISCOPE_COMPLETE"
"""Set by a shell that asks the command line for completions."""


def open(  # noqa: A001 - scripts write umiscope.open
    path: str | Path,
    *,
    profile: str = "reference-1",
    datasheets: Sequence[str | Path] = (),
    spi: Sequence[str] = (),
    uart: Sequence[str] = (),
    power: Sequence[str] = (),
    rate_hz: int | None = None,
) -> Recording:
    """Open a recording or a byte log and decode it.

    `profile` is a wire profile by name or file, `datasheets` files that name objects. `spi`, `uart` and `power` are wirings as on
    the command line; channels named like sck, mosi, miso and cs1 and traces named like current1 need none. `rate_hz` stands in
    where the recording does not say its rate.

    The result has `info`, and gives typed records: `packets()`, `frames()`, `transactions()`, `sessions()`, `findings()` and
    `messages()`. Times are integer nanoseconds from the start of the recording.

    >>> import umiscope
    >>> recording = umiscope.open("resources/demo/gas-meter.umi", datasheets=["resources/datasheets/example-gas-meter.toml"])
    >>> recording.info.channels[:6]
    ['SCK', 'MOSI', 'MISO', 'CS1', 'CS2', 'CS3']
    >>> for packet in recording.packets():
    ...     if packet.response and packet.operation == "read" and packet.source == "acde48000000a001":
    ...         print(packet.no, recording.summary(packet))
    14 serial number = 'GAS-INDEX-060249', firmware version = 16909056
    22 volume index = 78380.007 m³, flow = 0.4410 m³/h, gas temperature = 7.07 °C
    28 volume index = 78380.007 m³
    51 daily log = array of 14
    53 firmware version = 16909056
    71 volume index = 78380.008 m³
    73 serial number = 'GAS-INDEX-060249'

    Raises RecordingError for a file that cannot be read at all, MaterialError for a mistake in a profile or datasheet, UsageError
    for a wiring that makes no sense. A file that is damaged on the way is decoded as far as it goes; `fault` then says why.
    """
    from app.analysis.public import open_and_decode  # noqa: PLC0415 - `umiscope --version` need not wait for the decoders

    return open_and_decode(path, profile=profile, datasheets=datasheets, spi=spi, uart=uart, power=power, rate_hz=rate_hz)


def main() -> None:
    """Run the command line and leave with its exit status."""
    _leave_working_directory()
    if sys.argv[1:] == ["--version"]:
        # Answered before anything slow is imported.
        sys.stdout.write(f"umiscope {__version__}\n")
        return
    if _wants_window(sys.argv[1:]):
        from app.desktop.run import run as open_window  # noqa: PLC0415 - the command line needs no Qt

        _enter_some_directory()
        sys.exit(open_window(__version__, sys.argv[1:], screen=has_screen()))
    from app.cli.main import run  # noqa: PLC0415 - imported once the search path is safe

    run(__version__)


def _wants_window(words: Sequence[str]) -> bool:
    """With `open`, with nothing but a file, or without a word where there is a screen: the window."""
    if _COMPLETION in os.environ:
        return False
    if not words:
        return has_screen()
    return words[0] == "open" or (len(words) == 1 and Path(words[0]).is_file())


def has_screen() -> bool:
    """Whether Qt would find a screen; without one it ends the interpreter."""
    if platform.system() in {"Windows", "Darwin"}:
        return True
    if "QT_QPA_PLATFORM" in os.environ:
        return os.environ["QT_QPA_PLATFORM"] not in {"offscreen", "minimal"}
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _leave_working_directory() -> None:
    """Take the working directory off the search path, since a user's folder may hold an `app` of its own."""
    own = Path(__file__).resolve().parent
    try:
        here = Path.cwd()
    except OSError:
        # It was deleted: nothing is to be found there.
        sys.path[:] = [entry for entry in sys.path if Path(entry).is_absolute()]
        return
    if here != own:
        sys.path[:] = [entry for entry in sys.path if Path(entry).absolute() != here]


def _enter_some_directory() -> None:
    """A window outlives the directory that it was started from, and file dialogs need one: the user's own, where it was deleted."""
    try:
        Path.cwd()
    except OSError:
        os.chdir(Path.home())


if __name__ == "__main__":
    main()
