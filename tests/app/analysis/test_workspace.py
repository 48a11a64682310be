"""One open recording: how it is wired, what is new, what went wrong, and that nothing stays open."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.analysis.material import profile_text
from app.analysis.opening import OpenRequest, open_workspace
from app.analysis.tables.progress import Progress, State
from app.analysis.text.status import cursor_text, progress_text, source_text, status_text
from app.analysis.wiring.wiring import wiring_from_names
from app.analysis.workspace import ProfileText, Workspace, compiled
from capture.formats.sigrok_writer import write_sr
from decoders.bus.wiring import Wiring
from decoders.core.errors import MaterialError, RecordingError
from decoders.datasheet.sheets import DatasheetSet
from tests.helpers import story

STORY = story.recording()
PATIENCE_S = 60
Open = Callable[[OpenRequest], Workspace]


@pytest.fixture
def request_for(tmp_path: Path) -> OpenRequest:
    copy = Path(shutil.copy2(STORY, tmp_path / "copy.sr"))
    return OpenRequest(copy, profile_text("reference-1"), cache=tmp_path / "decoded")


@pytest.fixture
def opened() -> Iterator[Open]:
    workspaces: list[Workspace] = []

    def begin(request: OpenRequest) -> Workspace:
        workspaces.append(open_workspace(request, DatasheetSet()))
        return workspaces[-1]

    yield begin
    for workspace in workspaces:
        workspace.close()


def finished(workspace: Workspace) -> Workspace:
    give_up = time.monotonic() + PATIENCE_S
    while workspace.is_decoding:
        assert time.monotonic() < give_up, workspace.progress
        workspace.poll()
        if workspace._run._process is not None:
            workspace._run._process.join(0.02)
    return workspace


def test_a_recording_is_wired_by_its_names_and_decoded(opened: Open, request_for: OpenRequest) -> None:
    workspace = opened(request_for)
    assert workspace.is_decoding
    assert workspace.snapshot.count("packets") == 0
    assert workspace.wiring == wiring_from_names(workspace.recording.channels)
    assert progress_text(workspace).startswith("Decoding")
    finished(workspace)
    assert (workspace.progress.state, workspace.error) == (State.DONE, "")
    assert not workspace.poll()
    assert workspace.snapshot.count("packets") == 34
    assert status_text(workspace) == "34 packets · profile reference-1 (placeholder layouts) · no keys"
    assert source_text(workspace) == "source: copy.sr · 2 MS/s"
    assert progress_text(workspace) == ""
    assert cursor_text(workspace, 3_000_001) == "1.500 000 500 s"


def test_what_is_in_the_cache_is_there_with_the_first_look(opened: Open, request_for: OpenRequest) -> None:
    finished(opened(request_for)).close()
    again = opened(request_for)
    assert again.poll()
    assert not again.is_decoding
    assert again.snapshot.count("packets") == 34


def test_names_that_say_nothing_wire_nothing_until_the_user_does(opened: Open, request_for: OpenRequest) -> None:
    named = opened(request_for)
    path = request_for.path.with_name("nameless.sr")
    write_sr(path, [f"D{at}" for at in range(6)], 2_000_000, named.recording.chunks())
    unwired = replace(request_for, path=path)
    workspace = finished(opened(unwired))
    assert (workspace.wiring.spi, workspace.wiring.uart) == ((), ())
    assert (workspace.progress.state, workspace.snapshot.count("frames")) == (State.DONE, 0)
    wired = finished(opened(unwired.with_wiring(named.wiring)))
    assert wired.snapshot.count("packets") == 34
    assert finished(opened(request_for.with_wiring(Wiring()))).snapshot.count("frames") == 0


def test_another_profile_decodes_anew(opened: Open, request_for: OpenRequest) -> None:
    workspace = finished(opened(request_for.with_profile(profile_text("variant-a"))))
    assert workspace.profile.name == "variant-a"
    assert workspace.progress.state is State.DONE
    assert workspace.snapshot.count("packets") == 0


def test_a_profile_is_compiled_once_whatever_it_is_called_and_a_fault_says_what_it_is_called() -> None:
    text = profile_text("reference-1").text
    assert compiled(ProfileText("mine", text)) is compiled(ProfileText("yours", text))
    assert compiled(ProfileText("mine", f"# {text}")) is not compiled(ProfileText("mine", text))
    for name in ("mine", "yours"):
        with pytest.raises(MaterialError) as fault:
            compiled(ProfileText(name, "format = 0"))
        assert fault.value.where.startswith(name)


def test_what_cannot_be_opened_says_why_and_leaves_nothing(request_for: OpenRequest) -> None:
    with pytest.raises(RecordingError, match=r"nowhere\.sr"):
        open_workspace(replace(request_for, path=request_for.path.with_name("nowhere.sr")), DatasheetSet())
    with pytest.raises(MaterialError, match="not valid TOML"):
        open_workspace(request_for.with_profile(ProfileText("mine.toml", "= nothing")), DatasheetSet())
    blocked = request_for.path.with_name("a file")
    blocked.touch()
    with pytest.raises(OSError, match="a file"):
        open_workspace(replace(request_for, cache=blocked), DatasheetSet())


def test_a_decoder_that_is_stopped_or_dies_is_told_in_words(opened: Open, request_for: OpenRequest) -> None:
    stopped = opened(request_for)
    stopped.stop_decoding()
    finished(stopped)
    assert (progress_text(stopped), stopped.error) == ("Decoding stopped", "")
    killed = opened(request_for)
    assert killed._run._process is not None
    os.kill(killed._run._process.pid or 0, signal.SIGTERM)
    finished(killed)
    assert progress_text(killed) == "Decoded in part"
    assert killed.error == "the decoder stopped without a word; open the recording again"


def test_progress_is_told_in_percent_where_the_length_is_known(opened: Open, request_for: OpenRequest) -> None:
    workspace = opened(request_for)
    workspace.progress = Progress(State.RUNNING, 250, 1_000, {})
    assert progress_text(workspace) == "Decoding 25 %"
    workspace.progress = Progress(State.RUNNING, 250, None, {})
    assert progress_text(workspace) == "Decoding"
    workspace.progress = Progress(State.RUNNING, 0, 0, {})
    assert progress_text(workspace) == "Decoding"


@pytest.mark.skipif(sys.platform != "linux", reason="open files are listed under /proc on Linux only")
def test_closing_lets_go_of_every_file(request_for: OpenRequest) -> None:
    workspace = finished(open_workspace(request_for, DatasheetSet()))
    assert len(workspace.snapshot.column("packets", "start")) == 34
    assert held(request_for)
    workspace.close()
    assert held(request_for) == []
    shutil.rmtree(request_for.cache or Path())
    request_for.path.unlink()


def held(request: OpenRequest) -> list[str]:
    """Files of the recording or its decode that this process has open or mapped; Windows would not delete them."""
    names = [str(entry.readlink()) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink() and entry.exists()]
    names += Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    return [name for name in names if str(request.path.parent) in name]
