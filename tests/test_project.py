"""The project keeps its own rules: where things lie, how long they are, who may import whom."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.pictures import MOST_BYTES, PICTURES

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OUTSIDE_THE_PROGRAM = {"tests", "bench", "docs", "scripts", "resources", "build", "dist"}

MOST_LINES = 400
LONGER_FOR_A_REASON: dict[str, str] = {}
SAYS_NOTHING = re.compile(r"(utils?|helpers?|managers?|common|misc)\.py")
ONE_MACHINE_ONLY = re.compile(r"(?<![\w.])/(?:home|root|work|Users)/\w|\b[A-Z]:\\Users\\")

BREACHES = {
    "capture/base.py": ("app.analysis", "capture -> app"),
    "decoders/profile/load.py": ("capture.session", "decoders -> capture"),
    "app/analysis/index.py": ("app.cli", "analysis -> cli"),
    "app/audit/rules.py": ("app.desktop", "audit -> desktop"),
    "app/cli/main.py": ("app.desktop", "cli -> desktop"),
    "decoders/link.py": ("decoders.bus.spi", "one layer -> another"),
    "decoders/packet.py": ("decoders.stack", "layer -> stack"),
    "decoders/core/span.py": ("decoders.profile", "core -> profile"),
    "app/cli/open.py": ("PySide6.QtCore", "command line -> Qt"),
    "app/analysis/energy.py": ("pyqtgraph", "analysis -> Qt"),
    "decoders/transport.py": ("socket", "decoders -> socket"),
    "decoders/security/session.py": ("time", "decoders -> clock"),
    "decoders/services/images.py": ("pathlib", "decoders -> files"),
    "capture/session.py": ("umiscope", "inside -> public face"),
    "capture/simulator/host.py": ("decoders.transport", "virtual meter -> decoder"),
}
ALLOWED = {
    "app/desktop/window.py": "PySide6.QtWidgets",
    "app/cli/decode.py": "app.analysis",
    "app/analysis/workspace.py": "decoders.stack",
    "capture/formats/sigrok.py": "decoders.link",
    "capture/simulator/frames.py": "decoders.core",
    "decoders/stack.py": "decoders.link",
    "decoders/bus/spi.py": "decoders.core",
}
EMPTY = {f"{package}/__init__.py" for package in PROJECT["tool"]["importlinter"]["root_packages"]} | {
    f"{module.replace('.', '/')}/__init__.py"
    for contract in PROJECT["tool"]["importlinter"]["contracts"]
    for module in contract.get("forbidden_modules", ())
    if module.startswith("decoders.") and f"{module.replace('.', '/')}.py" not in {*BREACHES, *ALLOWED}
}


def packages() -> list[str]:
    """The top-level folders that hold the program's own code."""
    folders = {path.relative_to(ROOT).parts[0] for path in ROOT.glob("[a-z]*/**/*.py")}
    return sorted(folders - OUTSIDE_THE_PROGRAM)


def program() -> Iterator[Path]:
    yield ROOT / "umiscope.py"
    for package in packages():
        yield from sorted((ROOT / package).rglob("*.py"))


def test_every_folder_of_code_is_a_package() -> None:
    folders = {parent for path in program() for parent in path.relative_to(ROOT).parents if parent != Path()}
    assert [folder.as_posix() for folder in sorted(folders) if not (ROOT / folder / "__init__.py").is_file()] == []


def test_every_package_is_checked_for_imports_and_shipped() -> None:
    assert sorted(PROJECT["tool"]["importlinter"]["root_packages"]) == packages()
    qt_rule = next(rule for rule in PROJECT["tool"]["importlinter"]["contracts"] if "PySide6" in rule.get("forbidden_modules", ()))
    assert sorted(qt_rule["source_modules"]) == packages()
    shipped = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    assert {*packages(), "resources", "umiscope.py"} <= set(shipped)


def test_no_module_is_long_without_a_reason() -> None:
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in program()}
    assert {name for name, lines in lengths.items() if lines > MOST_LINES} == set(LONGER_FOR_A_REASON)


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [str(path) for path in program() if SAYS_NOTHING.fullmatch(path.name)] == []


def test_nothing_names_a_path_of_one_machine() -> None:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode:
        pytest.skip("this is no git checkout, so its own files are not told from others")
    found = []
    for name in listing.stdout.decode().split("\0"):
        path = ROOT / name
        if not path.is_file() or b"\0" in (data := path.read_bytes()):
            continue
        lines = data.decode("utf-8", "replace").splitlines()
        found += [f"{name}:{number}: {line}" for number, line in enumerate(lines, 1) if ONE_MACHINE_ONLY.search(line)]
    assert found == []


def test_decoders_open_no_file() -> None:
    calls = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "decoders").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"open", "print", "input"}
    ]
    assert calls == []


def test_every_picture_is_shown_or_drawn_and_small() -> None:
    shown = {
        name for path in ROOT.glob("*.md") for name in re.findall(r"!\[[^]]*\]\((docs/pictures/[^)]+)\)", path.read_text("utf-8"))
    }
    assert shown, "the README shows no picture"
    drawn = {f"docs/pictures/{picture.name}.png" for picture in PICTURES}
    assert {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs" / "pictures").iterdir()} == drawn
    assert shown <= drawn
    assert [name for name in sorted(drawn) if (ROOT / name).stat().st_size > MOST_BYTES] == []


def import_linter(folder: Path, modules: dict[str, str]) -> str:
    """What import-linter says of an imitation of the project in which each of `modules` imports one other."""
    for name in {*BREACHES, *ALLOWED, *EMPTY}:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        for parent in list(path.relative_to(folder).parents)[:-1]:
            (folder / parent / "__init__.py").touch()
        path.write_text(f"import {modules[name]}\n" if name in modules else "", encoding="utf-8")
    linter = Path(sys.executable).with_name("lint-imports")
    command = [str(linter), "--no-logo", "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def test_the_import_rules_notice_every_breach(tmp_path: Path) -> None:
    said = import_linter(tmp_path, {name: imported for name, (imported, _) in BREACHES.items()})
    modules = {name: name.removesuffix(".py").replace("/", ".") for name in BREACHES}
    unnoticed = [rule for name, (imported, rule) in BREACHES.items() if f"{modules[name]} -> {imported.split('.')[0]}" not in said]
    assert unnoticed == []
    assert " KEPT" not in said


def test_the_import_rules_allow_what_the_design_asks_for(tmp_path: Path) -> None:
    said = import_linter(tmp_path, ALLOWED)
    assert " KEPT" in said
    assert " BROKEN" not in said
