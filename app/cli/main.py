"""The command line `umiscope`: its commands, its global options, and how every mistake becomes one line and a status."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from app.analysis.text.words import clean
from app.cli import decode, findings, info, profile, simulate, wiring
from app.cli.screen import ColorWhen, OutputClosedError, Screen
from decoders.core.errors import FilterError, MaterialError, RecordingError, UsageError, UserError

STATUS: dict[type[UserError], int] = {UsageError: 2, RecordingError: 3, FilterError: 4, MaterialError: 5}
INTERRUPTED = 130
OUTPUT_CLOSED = 141
INTERNAL = 70
_TRACEBACK = "UMISCOPE_TRACEBACK"

app = typer.Typer(
    name="umiscope",
    help="Protocol analyser for UMI, the Universal Metering Interface.",
    epilog="Exit status: 0 done, 1 findings at or above --fail-on, 2 wrong usage, 3 file cannot be read or written, "
    "5 bad datasheet or profile. --quiet and --color may also stand after the command.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(name="decode")(decode.decode)
app.command(name="info")(info.info)
app.command(name="wiring")(wiring.wiring)
app.command(name="findings")(findings.findings)
app.command(name="simulate")(simulate.simulate)
app.add_typer(profile.app, name="profile")


@app.callback(invoke_without_command=True)
def choose(
    context: typer.Context,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Records only: no headings, notes or progress.")] = False,
    color: Annotated[ColorWhen, typer.Option("--color", help="Colours on a terminal, always or never.")] = ColorWhen.auto,
    version: Annotated[bool, typer.Option("--version", help="Say the version and leave.")] = False,
) -> None:
    """Protocol analyser for UMI, the Universal Metering Interface."""
    screen = Screen(quiet=quiet, color=color)
    if version:
        screen.line(f"umiscope {context.obj}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        screen.write(context.get_help() + "\n")
        raise typer.Exit
    context.obj = screen


def run(version: str) -> NoReturn:
    """Run the command line with the arguments of the process and leave with its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(**({"errors": "replace"} if stream.isatty() else {"encoding": "utf-8", "newline": "\n"}))
    raise SystemExit(status_of(sys.argv[1:], version))


def status_of(arguments: list[str], version: str) -> int:
    """Run one command line; the exit status."""
    try:
        result = app(global_options_first(arguments), prog_name="umiscope", standalone_mode=False, obj=version)
        Screen().flush()
    except (OutputClosedError, BrokenPipeError):
        return _closed()
    except UserError as error:
        return _told(_said(error), next(status for kind, status in STATUS.items() if isinstance(error, kind)))
    except typer.TyperException as error:
        return _told(_usage(error), STATUS[UsageError])
    except (KeyboardInterrupt, typer.Abort):
        return _told("interrupted", INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - a mistake of the program is told in one line too
        return _mistaken(error)
    return _told("interrupted", INTERRUPTED) if result == INTERRUPTED else result if isinstance(result, int) else 0


def global_options_first(arguments: list[str]) -> list[str]:
    """The same arguments with the options that every command has in front of the command."""
    ahead: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            rest += [argument, *waiting]
        elif argument == "--color":
            ahead += [argument, *(value for value in [next(waiting, None)] if value is not None)]
        elif argument in ("-q", "--quiet") or argument.startswith("--color="):
            ahead.append(argument)
        else:
            rest.append(argument)
    return ahead + rest


def _said(error: UserError) -> str:
    """What, where and what to do; a fault in a text file that says no more is corrected where it is."""
    return f"{error}; correct it there" if isinstance(error, MaterialError) and not error.remedy else str(error)


def _usage(error: typer.TyperException) -> str:
    """What is wrong with the arguments, in a line, and whose help says more."""
    context: typer.Context | None = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "umiscope"
    what = error.format_message().replace("Value error, ", "").rstrip(".")
    return f"{what[:1].lower()}{what[1:]}; '{command} --help' lists what there is"


def _told(text: str, status: int) -> int:
    try:
        sys.stdout.flush()
    except OSError:
        closed = _closed()
        if status in (0, 1):
            return closed
    with contextlib.suppress(OSError):
        sys.stderr.write(f"umiscope: {clean(text)}\n")
    return status


def _closed() -> int:
    """Nobody reads the output any more; Python must not find that out once more when it ends."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    return OUTPUT_CLOSED


def _mistaken(error: Exception) -> int:
    if os.environ.get(_TRACEBACK):
        traceback.print_exc()
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}, line {place.lineno}"
    what = f"a mistake in the program itself: {type(error).__name__}: {error}"
    return _told(f"{where}: {what}; please report it, {_TRACEBACK}=1 shows more", INTERNAL)
