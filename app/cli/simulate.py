"""`umiscope simulate`: a capture of a metering system that exists in software only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.screen import Screen
from decoders.core.errors import UsageError

if TYPE_CHECKING:
    from app.analysis.simulating import Outcome, Request


def simulate(
    context: typer.Context,
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The capture to write: .umi, .sr or .csv.")
    ] = None,
    scenario: Annotated[str, typer.Option(metavar="NAME|FILE", help="A scenario by its name, or a file.")] = "gas-meter",
    seconds: Annotated[float | None, typer.Option("--seconds", "-s", help="How long; a day has 86400.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed gives another run; the same gives the same bytes.")] = 0,
    fault: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[@S][:port=N]", help="A fault, at a time in seconds, on a port; may be given again."),
    ] = None,
    rate: Annotated[str | None, typer.Option(help="Samples of the lines a second, such as 24M.")] = None,
    analog_rate: Annotated[str | None, typer.Option(help="Samples of voltage and current a second, 0 for none.")] = None,
    ledger: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What truly happened, as JSON Lines.", show_default="FILE.ledger.jsonl")
    ] = None,
    no_ledger: Annotated[bool, typer.Option("--no-ledger", help="Write no ledger.")] = False,
    list_all: Annotated[bool, typer.Option("--list", help="List the scenarios and the faults, and write nothing.")] = False,
) -> None:
    """Simulate a host with its peripherals, and write the capture with a ledger of what truly happened."""
    from app.analysis import simulating  # noqa: PLC0415 - loading the simulator takes longer than --help may
    from app.cli.opened import rate_hz  # noqa: PLC0415
    from capture.simulator.faults import fault_plan  # noqa: PLC0415

    screen: Screen = context.obj
    if list_all:
        _list(screen)
        return
    if output is None:
        raise UsageError("nothing says where the capture should go", "--output", "give -o FILE.umi, or --list")
    if ledger is not None and no_ledger:
        raise UsageError("a ledger is asked for and refused", "--no-ledger", "leave one of the two out")
    request = simulating.Request(
        simulating.read_scenario(scenario), output, seconds, seed, tuple(map(fault_plan, fault or [])),
        rate_hz(rate) if rate else None, 0 if analog_rate == "0" else rate_hz(analog_rate, "--analog-rate") if analog_rate else None,
        None if no_ledger else ledger or simulating.ledger_beside(output),
    )  # fmt: skip
    with screen.progress(output.name, round(simulating.seconds_of(request) * 10**9)) as progress:
        outcome = simulating.simulate(request, progress)
    if not screen.quiet:
        screen.lines(_told(request, outcome))


def _told(request: Request, outcome: Outcome) -> list[str]:
    """What was written, in a line a file."""
    from app.analysis.text.words import clean, count_text, duration_text, listed_text  # noqa: PLC0415 - as above

    things = [count_text(outcome.entries.get(kind, 0), kind) for kind in ("packet", "transaction", "fault")]
    size = _size_text(request.path.stat().st_size)
    lines = [f"{clean(str(request.path))}: {duration_text(outcome.duration_ns)} of {request.scenario.name}, {size}"]
    if request.ledger is not None:
        lines.append(f"{clean(str(request.ledger))}: {listed_text(things)}")
    return lines


def _size_text(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"


def _list(screen: Screen) -> None:
    from app.analysis import simulating  # noqa: PLC0415 - as above
    from app.analysis.text.table import Column, Table  # noqa: PLC0415
    from capture.simulator.faults import FAULTS  # noqa: PLC0415

    scenarios = [(name, simulating.read_scenario(name).description) for name in simulating.shipped_scenarios()]
    for heading, rows in (("Scenario", scenarios), ("Fault", [(fault.name, fault.description) for fault in FAULTS])):
        table = Table([Column(heading, max(len(name) for name, _ in rows)), Column("What happens")], screen.width, screen.paint)
        if not screen.quiet:
            screen.line(table.heading())
        screen.lines(table.row(row) for row in rows)
        if heading == "Scenario":
            screen.line("")
