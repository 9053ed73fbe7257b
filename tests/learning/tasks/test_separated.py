"""Tables in other people's forms: what is found out, and what is asked instead of guessed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from learning.design.sections import TaskSpec
from learning.errors import LearningError
from learning.tasks.columns import CLASS, INPUT, LABEL, UNUSED, in_units, told
from learning.tasks.examples import Task
from learning.tasks.lesson import lesson
from learning.tasks.records import MOST_COLUMNS, Form, read_records
from learning.tasks.separated import as_number, find_decimal, find_separator, rows_of
from netlist.printable import counted

_NUMBERS = ((12.5, 1.0, 40.25), (20.0, 3.5, 55.5), (30.0, 2.25, 61.75))


def _file(folder: Path, text: str) -> Path:
    path = folder / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return path


def _make(folder: Path, text: str, n_source: int = 2, n_target: int = 1, **keys: Any) -> Task:
    spec = TaskSpec(kind="csv", csv=str(_file(folder, text)), **{"test_fraction": 0.0, **keys})
    return lesson(spec).task(n_source, n_target, np.random.default_rng(5))


def _written(separator: str, decimal: str) -> str:
    rows = [[f"{value:.2f}".replace(".", decimal) for value in row] for row in _NUMBERS]
    return "".join(separator.join(row) + "\n" for row in [["mass", "size", "heat"], *rows])


@pytest.mark.parametrize(
    ("separator", "name", "mark", "decimal"),
    [
        (";", "semicolon", ".", "point"),
        (";", "semicolon", ",", "comma"),
        ("\t", "tab", ".", "point"),
        ("\t", "tab", ",", "comma"),
    ],
)
def test_every_form_gives_the_same_task(
    tmp_path: Path, separator: str, name: str, mark: str, decimal: str
) -> None:
    plain = _make(tmp_path, _written(",", "."))
    found = _make(tmp_path, _written(separator, mark))
    np.testing.assert_array_equal(found.train.inputs, plain.train.inputs)
    np.testing.assert_array_equal(found.train.labels, plain.train.labels)
    assert found.table is not None
    assert (found.table.separator, found.table.decimal) == (name, decimal)


def test_quoted_cells_may_have_decimal_commas(tmp_path: Path) -> None:
    task = _make(tmp_path, 'a,b,y\n"0,1","0,2","0,15"\n"0,3","0,4","0,35"\n')
    np.testing.assert_array_equal(task.train.inputs, [[0.1, 0.2], [0.3, 0.4]])


def test_a_table_that_two_separators_cut_evenly_is_asked_about(tmp_path: Path) -> None:
    text = "a,b;c,d\n1,2;3,x\n4,5;6,y\n"
    with pytest.raises(LearningError, match=r'(?s)even rows.*task\.separator = "comma" or'):
        _make(tmp_path, text)
    told_so = read_records(_file(tmp_path, text), "mine.csv", Form(separator="semicolon"))
    assert told_so.header == ("a,b", "c,d")


def test_a_semicolon_table_of_decimal_commas_needs_no_question() -> None:
    assert find_separator("1,5;2,5\n3,5;4,5\n", "mine.csv") == "semicolon"
    assert find_separator("a;b\n", "mine.csv") == "semicolon"
    assert find_separator("only\none\n", "mine.csv") == "comma"
    assert find_separator('a;b\n"x\ny";2\n', "mine.csv") == "semicolon"


@pytest.mark.parametrize(
    ("cells", "decimal"),
    [
        (["1", "2.5"], "point"),
        (["1", "2,5"], "comma"),
        (["1,25", "1,250"], "comma"),
        (["0,250"], "comma"),
        (["red", "3"], "point"),
    ],
)
def test_decimal_marks_are_found_out(cells: list[str], decimal: str) -> None:
    assert find_decimal(cells, "mine.csv") == decimal


@pytest.mark.parametrize("cells", [["1,250", "3,000"], ["1,5", "2.5"]])
def test_what_may_be_a_thousand_is_asked_about(cells: list[str]) -> None:
    with pytest.raises(
        LearningError, match=r'(?s)decimal comma or without.*task\.decimal = "comma'
    ):
        find_decimal(cells, "mine.csv")


def test_the_answer_about_decimals_is_heeded(tmp_path: Path) -> None:
    text = "a;b;y\n1,250;2,500;3,000\n2,125;1,375;4,250\n"
    with pytest.raises(LearningError, match="1,250 can be read with a decimal comma or without"):
        _make(tmp_path, text)
    assert _make(tmp_path, text, decimal="comma").table is not None
    with pytest.raises(LearningError, match=r"(?s)'3,000', which looks like a number.*decimal"):
        _make(tmp_path, text, decimal="point")
    with pytest.raises(LearningError, match="holds '1,250', which is not a number"):
        _make(tmp_path, text, n_target=2, decimal="point", labels="classes")


@pytest.mark.parametrize("text", ["1_000", "nan", "inf", "", "1.2.3", "1,5"])
def test_what_is_no_number(text: str) -> None:
    assert as_number(text) is None
    assert as_number("1,5", "comma") == 1.5
    assert as_number("1.234,5", "comma") is None


def test_a_quote_that_fits_nothing_is_refused_at_its_line() -> None:
    with pytest.raises(LearningError, match=r"mine\.csv:2: this is no CSV row"):
        rows_of('a,b\n1,"2\n', "comma", "mine.csv")


# The first line


_BARE = "0.1,0.2,0.15\n0.3,0.4,0.35\n0.2,0.1,0.15\n"


def test_a_first_line_that_looks_like_data_is_asked_about(tmp_path: Path) -> None:
    with pytest.raises(
        LearningError, match=r"(?s):1: the first line looks like data.*= false.*= t"
    ):
        _make(tmp_path, _BARE)


def test_the_answer_about_the_first_line_is_heeded(tmp_path: Path) -> None:
    data = _make(tmp_path, _BARE, header=False)
    assert (len(data.train), data.train.lines) == (3, (1, 2, 3))
    assert data.table is not None
    assert [column.name for column in data.table.columns] == ["1", "2", "3"]
    assert len(_make(tmp_path, _BARE, header=True).train) == 2


def test_rows_without_a_header_that_repeat_a_value(tmp_path: Path) -> None:
    with pytest.raises(LearningError, match=r"(?s)appears twice.*task\.header = false"):
        _make(tmp_path, "0.1,0.1,0.1\n0.3,0.4,0.35\n")
    assert len(_make(tmp_path, "0.1,0.1,0.1\n0.3,0.4,0.35\n", header=False).train) == 2


def test_years_beside_a_word_are_asked_about_and_a_word_is_a_name(tmp_path: Path) -> None:
    with pytest.raises(LearningError, match="looks like data and not like names: 2019, 2020"):
        _make(tmp_path, "kind,2019,2020\nred,0.1,0.2\nblue,0.3,0.4\n", input_columns=("2019",))
    named = read_records(_file(tmp_path, "mass,2020\n1,2\n"), "mine.csv")
    assert named.header == ("mass", "2020")


def test_a_table_of_too_many_columns(tmp_path: Path) -> None:
    wide = ",".join(f"c{i}" for i in range(MOST_COLUMNS + 1))
    with pytest.raises(LearningError, match=r"1001 columns is more than the 1000"):
        _make(tmp_path, f"{wide}\n{wide}\n")


def test_a_table_of_too_many_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("learning.tasks.records.MOST_ROWS", 3)
    with pytest.raises(LearningError, match=r"a table of 4 rows is more than the 3"):
        _make(tmp_path, "a,b,y\n" + "0.1,0.2,0.15\n" * 3)


# Classes or numbers


_CODES = "a,b,kind\n" + "".join(f"{i},{i * i},{1 + i % 3}\n" for i in range(9))


def test_labels_that_look_like_classes_are_asked_about(tmp_path: Path) -> None:
    with pytest.raises(LearningError, match=r'(?s)only 1, 2, 3, which may.*"classes".*"numbers"'):
        _make(tmp_path, _CODES)


def test_the_answer_about_labels_is_heeded(tmp_path: Path) -> None:
    classes = _make(tmp_path, _CODES, n_target=3, labels="classes")
    assert classes.class_names == ("1", "2", "3")
    numbers = _make(tmp_path, _CODES, labels="numbers")
    assert numbers.train.classes is None
    assert numbers.train.labels.shape == (9, 1)


def test_several_columns_of_classes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LearningError, match="2 columns of classes"):
        _make(tmp_path, _CODES, n_source=1, label_columns=("b", "kind"), labels="classes")


def test_whole_numbers_that_hardly_repeat_are_numbers(tmp_path: Path) -> None:
    rows = "".join(f"{i},{i * i},{3 * i}\n" for i in range(9))
    assert _make(tmp_path, "a,b,y\n" + rows).train.classes is None


def test_another_word_in_every_row_is_no_class(tmp_path: Path) -> None:
    text = "a,b,who\n1,5,ann\n2,6,bob\n3,7,cyd\n"
    with pytest.raises(LearningError, match="column 'who' holds another word in every row"):
        _make(tmp_path, text, n_target=3)
    assert _make(tmp_path, text, n_target=3, labels="classes").class_names == ("ann", "bob", "cyd")


# What is told


def test_how_every_column_was_taken_is_told(tmp_path: Path) -> None:
    text = "id;mass;volt;heat\n\n7;10;0,1;40\n8;20;0,2;60\n9;30;0,3;80\n"
    task = _make(tmp_path, text, input_columns=("mass", "volt"), label_columns=("heat",))
    use = task.table
    assert use is not None
    assert [(c.name, c.role) for c in use.columns] == [
        ("mass", INPUT), ("volt", INPUT), ("heat", LABEL), ("id", UNUSED),
    ]  # fmt: skip
    lines = list(told(use))
    assert lines[0] == (
        "3 rows, 1 blank line left out; cells parted by semicolons, decimal comma; its first "
        "line names the columns"
    )
    assert "mass: input, scaled: V = 0.0225 · value -0.225" in lines
    assert "heat: label, scaled: V = 0.00375 · value +0" in lines
    assert lines[-1] == "id: left out"


def test_inputs_taken_as_volts_are_told_as_such(tmp_path: Path) -> None:
    task = _make(tmp_path, "a,b,y\n0.1,0.2,0.15\n0.3,0.4,0.35\n")
    assert task.table is not None
    assert list(told(task.table))[1:] == [
        "a: input, taken as volts", "b: input, taken as volts", "y: label, taken as volts",
    ]  # fmt: skip


def test_classes_and_clipped_cells_are_told(tmp_path: Path) -> None:
    rows = "".join(f"{i},{i},{'hot' if i % 2 else 'cold'}\n" for i in range(20))
    task = _make(tmp_path, "a,b,kind\n" + rows, n_target=2, test_fraction=0.5)
    use = task.table
    assert use is not None
    assert use.of(CLASS)[0].name == "kind"
    assert any("kind: names of classes" in line for line in told(use))
    clipped = use.of(INPUT)[0].clipped
    assert clipped > 0
    assert any(
        f"{counted(clipped, 'cell')} beyond the training rows clipped" in line for line in told(use)
    )


def test_volts_go_back_to_the_table_s_units(tmp_path: Path) -> None:
    rows = "".join(f"{i},{i},{100 + 7 * i}\n" for i in range(12))
    task = _make(tmp_path, "a,b,y\n" + rows, test_fraction=0.25)
    assert task.table is not None
    assert task.test is not None
    for part in (task.train, task.test):
        found = in_units(part.labels, task.table.of(LABEL))[:, 0]
        np.testing.assert_allclose(found, [100 + 7 * (line - 2) for line in part.lines], rtol=1e-12)
