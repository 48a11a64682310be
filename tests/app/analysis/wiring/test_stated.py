from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.analysis.wiring.stated import stated_text, wiring_of
from app.analysis.wiring.wiring import wiring_from_options
from capture.formats.opening import open_recording
from capture.formats.signals import Signals
from capture.formats.sigrok_writer import write_sr
from capture.session.writer import SessionNotes, write_umi
from decoders.core.chunk import Samples
from decoders.core.errors import UsageError

NAMELESS = ("D0", "D1", "D2", "D3", "D4")
NAMED = ("SCK", "MOSI", "MISO", "CS1", "D4")


def test_a_session_file_states_its_wiring(tmp_path: Path) -> None:
    wiring = wiring_from_options(["port=7,sck=D3,mosi=D2,miso=D1,cs=D0"], ["rx=D4,baud=9600"], NAMELESS)
    write_umi(tmp_path / "a.umi", Signals(NAMELESS, 1000), [], SessionNotes(wiring=stated_text(wiring, NAMELESS)))
    assert wiring_of(open_recording(tmp_path / "a.umi")) == wiring


def test_without_a_statement_the_names_decide(tmp_path: Path) -> None:
    named = wiring_from_options(["port=1,sck=SCK,mosi=MOSI,miso=MISO,cs=CS1"], [], NAMED)
    write_umi(tmp_path / "a.umi", Signals(NAMED, 1000), [])
    write_sr(tmp_path / "a.sr", NAMED, 1000, [Samples(0, np.zeros(5, np.uint8))])
    assert wiring_of(open_recording(tmp_path / "a.umi")) == wiring_of(open_recording(tmp_path / "a.sr")) == named


def test_a_statement_that_makes_no_sense_is_told(tmp_path: Path) -> None:
    write_umi(tmp_path / "a.umi", Signals(NAMED, 1000), [], SessionNotes(wiring="--spi port=1,sck=D99,mosi=MOSI,miso=MISO,cs=CS1"))
    with pytest.raises(UsageError, match="D99"):
        wiring_of(open_recording(tmp_path / "a.umi"))
