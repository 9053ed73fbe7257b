"""Tables as programs leave them: row numbers beside the data, Excel's first line, empty ends."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from learning.design.sections import TaskSpec
from learning.errors import LearningError
from learning.tasks.examples import Task
from learning.tasks.lesson import lesson

INPUTS = [[0.1, 0.2], [0.3, 0.4], [0.2, 0.1]]
BODY = ["0.1,0.2,0.15", "0.3,0.4,0.35", "0.2,0.1,0.15"]


def taught(folder: Path, text: str, **keys: object) -> Task:
    (folder / "mine.csv").write_text(text, encoding="utf-8", newline="")
    spec = TaskSpec(kind="csv", csv=str(folder / "mine.csv"), test_fraction=0.0, **keys)  # type: ignore[arg-type]
    return lesson(spec).task(2, 1, np.random.default_rng(5))


def numbered(name: str, first: float = 0, step: float = 1) -> str:
    rows = (f"{first + step * n:g},{row}" for n, row in enumerate(BODY))
    return "\n".join([f"{name},a,b,y", *rows]) + "\n"


@pytest.mark.parametrize(
    "text",
    [
        numbered(""),
        numbered("", 7, 0.5),
        numbered("Unnamed: 0"),
        numbered("id", 1),
        numbered("ID", 1001),
        numbered("#", 1),
        "a,b,id\n0.1,0.2,1\n0.3,0.4,2\n0.2,0.1,3\n",
        "a,,y\n0.1,0.2,0.15\n0.3,0.4,0.35\n",
    ],
)
def test_a_column_that_numbers_the_rows_is_asked_about(tmp_path: Path, text: str) -> None:
    with pytest.raises(LearningError, match="is it data\\?") as error:
        taught(tmp_path, text)
    assert error.value.where == f"{tmp_path}/mine.csv:1"
    assert "task.input_columns" in error.value.hint


@pytest.mark.parametrize("name", ["", "id"])
def test_columns_that_were_chosen_are_taken(tmp_path: Path, name: str) -> None:
    task = taught(tmp_path, numbered(name), input_columns=("a", "b"), label_columns=("y",))
    np.testing.assert_array_equal(task.train.inputs, INPUTS)


@pytest.mark.parametrize(("first", "step"), [(0, 2), (3, -1), (0.1, 0.1)])
def test_an_id_that_does_not_count_is_data(tmp_path: Path, first: float, step: float) -> None:
    rows = [f"{first + step * n:g},{n},{10 + n * n}" for n in range(3)]
    assert taught(tmp_path, "\n".join(["id,a,y", *rows])).train.inputs.shape == (3, 2)


@pytest.mark.parametrize("line", ["sep=,", "SEP=,", '"sep=,"', "sep=;", "sep=\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_excel_s_first_line(tmp_path: Path, line: str, end: str) -> None:
    mark = line.strip('"')[-1]
    rows = [line, *(row.replace(",", mark) for row in ("a,b,y", *BODY))]
    task = taught(tmp_path, end.join(rows) + end)
    np.testing.assert_array_equal(task.train.inputs, INPUTS)
    assert task.train.lines == (3, 4, 5)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_separator_at_the_end_of_every_line(tmp_path: Path, mark: str) -> None:
    text = "".join(row.replace(",", mark) + mark + "\n" for row in ("a,b,y", *BODY))
    np.testing.assert_array_equal(taught(tmp_path, text).train.inputs, INPUTS)


def test_an_end_that_is_empty_in_some_rows_is_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(LearningError, match="column 'y' is empty") as error:
        taught(tmp_path, "a,b,y\n0.1,0.2,\n0.3,0.4,0.35\n")
    assert error.value.where == f"{tmp_path}/mine.csv:2"
