"""The program as a user starts it: long recordings and the memory they take, printing, and the time to start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.against_sigrok import Recorded
from bench.conversation import Conversation, batches
from bench.process import Run, measured, own
from bench.progress import say
from bench.report import Row, digits, scaled
from bench.sizes import Sizes
from bench.waveform import BYTE_TICKS, CHANNELS, RATE_HZ, draw
from capture.formats.sigrok_writer import write_sr
from decoders.core.chunk import Runs

BATCH = 128
MEAN_FRAME_BYTES = 55
COMMAND = "`umiscope decode FILE --layer {} --format jsonl`"
MIB = 1 << 20
MOST_MEMORY = 400 * MIB
MOST_START_SECONDS = 0.3
STARTS = 5


class WrongOutputError(Exception):
    """The program printed something else than it should: its speed means nothing."""


def long_recordings(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """The rows for decoding a recording of a giga-sample, once mostly quiet, once busy."""
    for name, busy in (("mostly quiet, 1 % busy", 0.01), ("95 % busy", 0.95)):
        say(f"drawing {scaled(sizes.long, ' samples')}, {name}")
        path = folder / "long.sr"
        conversation, samples = record_conversation(path, sizes.long, busy)
        say(f"decoding {scaled(sizes.long, ' samples')}, {name}")
        run = decode(path, "packets", conversation.packets)
        path.unlink()
        value = (
            f"{run.peak_bytes / MIB:.0f} MiB, {digits(run.seconds)} s ({scaled(conversation.frames / run.seconds, ' frames/s')})"
        )
        yield Row(
            f"whole stack on {scaled(samples, ' samples')}, {name}: peak memory and time", value, f"< {MOST_MEMORY // MIB} MiB",
            run.peak_bytes < MOST_MEMORY, f"{COMMAND.format('packets')}; {scaled(conversation.frames, ' frames')} in one recording",
        )  # fmt: skip


def record_conversation(path: Path, samples: int, busy: float) -> tuple[Conversation, int]:
    """Write a conversation as a sigrok file of at least so many samples; what was said, and the samples in the end."""
    conversation = Conversation(seed=1)
    mean_pause = MEAN_FRAME_BYTES * BYTE_TICKS * (1 - busy) / busy
    end = 0

    def chunks() -> Iterator[Runs]:
        nonlocal end
        for _, traffic in batches(conversation, BATCH, mean_pause):
            runs = draw(traffic, end)
            end = runs.end
            yield runs
            if end >= samples:
                return

    write_sr(path, CHANNELS, RATE_HZ, chunks())
    return conversation, end


def decode(path: Path, layer: str, records: int) -> Run:
    """Decode a file to JSON Lines; WrongOutputError where the number of records is another one."""
    output = path.with_suffix(".out")
    run = measured(own("umiscope", "decode", str(path), "--layer", layer, "--format", "jsonl"), output)
    with output.open("rb") as file:
        printed = sum(1 for _ in file)
    output.unlink()
    if printed != records:
        raise WrongOutputError(f"{path.name} holds {records} {layer}, but {printed} were printed")
    return run


def printing(recorded: Recorded) -> Row:
    """The row for decoding the dense file with all its transfers printed."""
    subject = "the dense file with every transfer printed as JSON Lines"
    say("printing transfers")
    run = decode(recorded.path, "transfers", recorded.transfers)
    return Row(
        subject, f"{scaled(recorded.samples / run.seconds, 'S/s')}, {digits(run.seconds)} s", how=COMMAND.format("transfers")
    )


def start_up(folder: Path) -> Row:
    """The row for the time that the program takes to say its version."""
    say("starting the program")
    output = folder / "version.txt"
    seconds = median(measured(own("umiscope", "--version"), output).seconds for _ in range(STARTS))
    if not output.read_text().startswith("umiscope "):
        raise WrongOutputError(f"--version printed {output.read_text()!r}")
    return Row(
        "`umiscope --version`", f"{seconds:.3f} s", f"≤ {MOST_START_SECONDS} s", seconds <= MOST_START_SECONDS,
        f"median of {STARTS} fresh processes",
    )  # fmt: skip
