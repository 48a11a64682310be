"""Columns that grow: memory and files behave alike, and a reader sees what was flushed and published."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.analysis.tables.columns import FIRST_CAPACITY, Column, FileReader, FileWriter, MemoryColumn
from tests.helpers.umi import ROOT

DTYPES = [np.dtype(code) for code in ("u1", "u2", "u4", "i8", "u8", "?")]


def made(kind: str, folder: Path, dtype: np.dtype[Any]) -> Column:
    return MemoryColumn(dtype) if kind == "memory" else FileWriter(folder / "column", dtype)


@pytest.fixture(params=["memory", "file"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_an_empty_column_has_no_rows(kind: str, tmp_path: Path) -> None:
    column = made(kind, tmp_path, np.dtype("i8"))
    column.flush()
    column.append(np.empty(0, np.int64))
    column.patch(np.empty(0, np.int64), np.empty(0, np.int64))
    assert column.view(0).tolist() == []
    assert column.view(0).dtype == np.int64
    column.close()


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_rows_are_what_was_added_in_the_column_s_type(kind: str, tmp_path: Path, dtype: np.dtype[Any]) -> None:
    column = made(kind, tmp_path, dtype)
    column.append(np.array([1, 0, 1]))
    column.append(np.array([[1, 0], [1, 0]])[:, 0])
    assert column.view(5).tolist() == [1, 0, 1, 1, 1]
    assert column.view(5).dtype == dtype
    column.close()


def test_a_column_grows_past_its_first_capacity_and_keeps_what_was_there(kind: str, tmp_path: Path) -> None:
    column = made(kind, tmp_path, np.dtype("u4"))
    total = 0
    for size in (FIRST_CAPACITY - 1, 1, 1, 3 * FIRST_CAPACITY, 0, 7):
        column.append(np.arange(total, total + size))
        total += size
        assert np.array_equal(column.view(total), np.arange(total))
    column.close()


def test_rows_that_are_there_can_be_changed_in_any_order(kind: str, tmp_path: Path) -> None:
    column = made(kind, tmp_path, np.dtype("u4"))
    column.append(np.arange(6))
    before = column.view(6)
    column.patch(np.array([4, 0]), np.array([40, 10]))
    column.append(np.array([6]))
    column.patch(np.array([6]), np.array([60]))
    assert column.view(7).tolist() == [10, 1, 2, 3, 40, 5, 60]
    assert before[4] == 40
    column.close()


def test_rows_that_are_not_there_cannot_be_changed(kind: str, tmp_path: Path) -> None:
    column = made(kind, tmp_path, np.dtype("u4"))
    column.append(np.arange(6))
    with pytest.raises(IndexError):
        column.patch(np.array([6]), np.array([1]))
    column.close()


def test_a_view_of_a_file_cannot_be_written(tmp_path: Path) -> None:
    column = FileWriter(tmp_path / "column", np.dtype("u1"))
    column.append(np.array([1]))
    with pytest.raises(ValueError, match="read-only"):
        column.view(1)[0] = 2
    column.close()


def test_a_reader_sees_what_was_flushed_and_then_what_is_changed_in_it(tmp_path: Path) -> None:
    path, dtype = tmp_path / "column", np.dtype("i8")
    writer, reader = FileWriter(path, dtype), FileReader(path, dtype)
    assert reader.view(0).tolist() == []
    writer.append(np.array([-1, 2, 3]))
    writer.flush()
    assert reader.view(2).tolist() == [-1, 2]
    early = reader.view(3)
    writer.append(np.array([4]))
    writer.patch(np.array([1, 3]), np.array([20, 40]))
    writer.flush()
    assert early.tolist() == [-1, 20, 3]
    assert reader.view(4).tolist() == [-1, 20, 3, 40]
    writer.close()
    assert reader.view(4).tolist() == [-1, 20, 3, 40]
    reader.close()
    assert early.tolist() == [-1, 20, 3]


def test_a_reader_of_rows_that_are_not_there_fails_and_can_go_on(tmp_path: Path) -> None:
    path, dtype = tmp_path / "column", np.dtype("u4")
    writer, reader = FileWriter(path, dtype), FileReader(path, dtype)
    writer.append(np.array([1, 2]))
    writer.flush()
    with pytest.raises(ValueError, match="greater than file size"):
        reader.view(3)
    assert reader.view(2).tolist() == [1, 2]
    writer.close()
    with pytest.raises(FileNotFoundError):
        FileReader(tmp_path / "nowhere", dtype).view(1)


def test_a_reader_that_let_go_of_its_pages_reads_them_again_and_what_was_changed_in_them(tmp_path: Path) -> None:
    writer, reader = FileWriter(tmp_path / "column", np.dtype("u4")), FileReader(tmp_path / "column", np.dtype("u4"))
    reader.release()
    writer.append(np.arange(5000))
    writer.flush()
    seen = reader.view(5000)
    before = seen.tolist()
    reader.release()
    assert seen.tolist() == before
    writer.patch(np.array([7, 4999]), np.array([1, 2]))
    reader.release()
    assert (int(seen[7]), int(seen[4999])) == (1, 2)
    reader.close()
    reader.release()
    writer.close()


def test_another_process_sees_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "column"
    writer = FileWriter(path, np.dtype("u2"))
    writer.append(np.array([7, 8, 9]))
    writer.patch(np.array([1]), np.array([500]))
    writer.flush()
    code = (
        "import sys, pathlib, numpy; from app.analysis.tables.columns import FileReader;"
        "print(FileReader(pathlib.Path(sys.argv[1]), numpy.dtype('u2')).view(3).tolist())"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[7, 500, 9]"
    writer.close()


steps = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.lists(st.integers(0, 255), max_size=1500)),
        st.tuples(st.just("patch"), st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=5)),
    ),
    max_size=8,
)


@given(steps=steps)
def test_memory_file_and_reader_agree_with_a_list(steps: list[tuple[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> None:
    path, dtype = tmp_path_factory.mktemp("columns") / "column", np.dtype("u1")
    columns: list[Column] = [MemoryColumn(dtype), FileWriter(path, dtype)]
    reader = FileReader(path, dtype)
    expected: list[int] = []
    for what, values in steps:
        changes = {row % len(expected): value for row, value in values} if what == "patch" and expected else {}
        if what == "append":
            expected += values
        for row, value in changes.items():
            expected[row] = value
        for column in columns:
            apply(column, what, values, changes)
            column.flush()
            assert column.view(len(expected)).tolist() == expected
        assert reader.view(len(expected)).tolist() == expected
    for column in columns:
        column.close()
    reader.close()


def apply(column: Column, what: str, values: list[int], changes: dict[int, int]) -> None:
    if what == "append":
        column.append(np.array(values, np.int64))
    else:
        rows: NDArray[np.int64] = np.array(list(changes), np.int64)
        column.patch(rows, np.array(list(changes.values()), np.int64))
