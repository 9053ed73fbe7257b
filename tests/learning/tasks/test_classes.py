"""Classes of a table: their order, and spellings that could be one class or two."""

from __future__ import annotations

from pathlib import Path

import pytest

from learning.errors import LearningError
from learning.tasks.classes import class_names
from learning.tasks.records import Form, read_records


def ordered(folder: Path, labels: list[str], *, said: bool = True) -> tuple[str, ...]:
    text = "a;kind\n" + "".join(f"1;{label}\n" for label in labels)
    (folder / "mine.csv").write_text(text, encoding="utf-8")
    records = read_records(folder / "mine.csv", "mine.csv", Form("semicolon", None, True))
    return class_names(records, 1, said=said)


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["10", "9", "11", "9", "1"], ("1", "9", "10", "11")),
        (["2", "-10", "-9", "0"], ("-10", "-9", "0", "2")),
        (["1e1", "9.5", "2"], ("2", "9.5", "1e1")),
        (["10,5", "9,5", "-1,5"], ("-1,5", "9,5", "10,5")),
        (["c10", "c9", "c1", "c2"], ("c1", "c2", "c9", "c10")),
        (["b2", "a10", "a9"], ("a9", "a10", "b2")),
        (["x 01", "x 1", "x 002"], ("x 01", "x 1", "x 002")),
        (["wet", "dry", "3"], ("3", "dry", "wet")),
        (["9" * 6000 + "a", "1a"], ("1a", "9" * 6000 + "a")),
        (["A", "a"], ("A", "a")),
    ],
)
def test_people_count(tmp_path: Path, labels: list[str], names: tuple[str, ...]) -> None:
    assert ordered(tmp_path, labels) == names
    assert ordered(tmp_path, labels[::-1]) == names


@pytest.mark.parametrize("labels", [["1", "1.0", "2"], ["01", "1"], ["0", "-0"], ["1e1", "10"]])
def test_two_spellings_of_a_number_are_asked_about(tmp_path: Path, labels: list[str]) -> None:
    for said in (True, False):
        with pytest.raises(LearningError, match="one class\\?") as error:
            ordered(tmp_path, labels, said=said)
        assert error.value.where == "mine.csv"


@pytest.mark.parametrize("labels", [["yes", "no", "Yes"], ["A", "a"], ["É", "é"]])
def test_words_that_differ_in_capitals_are_asked_about(tmp_path: Path, labels: list[str]) -> None:
    with pytest.raises(LearningError, match="one class\\?") as error:
        ordered(tmp_path, labels, said=False)
    assert 'task.labels = "classes"' in error.value.hint
    assert len(ordered(tmp_path, labels)) == len(set(labels))
