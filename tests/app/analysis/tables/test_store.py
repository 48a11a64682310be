"""All tables of a recording: one writer, readers that follow what it publishes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.analysis.tables.filling import Filler
from app.analysis.tables.schema import HEADER_PREFIX, header_fields, tables
from app.analysis.tables.snapshot import Snapshot
from app.analysis.tables.store import Store, StoreReader, are_complete
from tests.helpers import growing
from tests.helpers.umi import shipped

REFERENCE, VARIANT = shipped("reference-1"), shipped("variant-a")


def test_rows_are_numbered_from_the_first_and_every_column_must_come() -> None:
    store = Store(REFERENCE)
    one = {"start": np.array([1, 2]), "end": np.array([3, 4])}
    assert store.append("gaps", one) == 0
    assert store.append("gaps", one) == 2
    assert store.view("gaps", "start").tolist() == [1, 2, 1, 2]
    with pytest.raises(ValueError, match=r"gaps needs \['end'\]"):
        store.append("gaps", {"start": np.array([1])})
    with pytest.raises(ValueError, match=r"gaps needs \['more'\]"):
        store.append("gaps", one | {"more": np.array([1, 2])})
    with pytest.raises(ValueError, match="different lengths"):
        store.append("gaps", {"start": np.array([1]), "end": np.array([1, 2])})
    assert store.counts["gaps"] == 4


@pytest.mark.parametrize("profile", [REFERENCE, VARIANT], ids=["reference-1", "variant-a"])
def test_header_columns_are_those_of_the_profile_in_no_other_column_s_way(profile: object) -> None:
    of = REFERENCE if profile is REFERENCE else VARIANT
    for table, layout in (("frames", of.frame), ("packets", of.packet)):
        names = {name.removeprefix(HEADER_PREFIX) for name in tables(of)[table] if name.startswith(HEADER_PREFIX)}
        assert names == {field.name for field in header_fields(layout)}
        assert all(dtype != np.dtype(object) for dtype in tables(of)[table].values())


def test_a_reader_sees_what_was_published_and_not_what_was_only_written(tmp_path: Path) -> None:
    pieces = growing.demo()
    store, reader = Store(REFERENCE, tmp_path), StoreReader(REFERENCE, tmp_path)
    snapshot, filler = Snapshot(REFERENCE, reader), Filler(REFERENCE, store)
    assert snapshot.count("frames") == 0
    for piece in pieces:
        filler.add(piece)
        before = {name: snapshot.count(name) for name in tables(REFERENCE)}
        counts = store.flush()
        assert {name: len(snapshot.column(name, next(iter(tables(REFERENCE)[name])))) for name in before} == before
        reader.advance(counts)
        for table, columns in tables(REFERENCE).items():
            for name in columns:
                assert np.array_equal(snapshot.column(table, name), store.view(table, name))
    assert snapshot.count("packets") == 34
    assert are_complete(REFERENCE, tmp_path, store.counts)
    store.close()
    reader.close()


def test_files_of_another_length_are_not_complete(tmp_path: Path) -> None:
    store = Store(REFERENCE, tmp_path)
    store.append("gaps", {"start": np.array([1]), "end": np.array([2])})
    counts = store.flush()
    store.close()
    assert are_complete(REFERENCE, tmp_path, counts)
    assert not are_complete(REFERENCE, tmp_path, counts | {"gaps": 2})
    assert not are_complete(VARIANT, tmp_path, counts)
    (tmp_path / "gaps.end").unlink()
    assert not are_complete(REFERENCE, tmp_path, counts)
