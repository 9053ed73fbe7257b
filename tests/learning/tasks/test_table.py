"""Tables as tasks: what is read, what is scaled, and what is refused at which line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from learning.design.sections import TaskSpec
from learning.errors import LearningError
from learning.tasks.examples import Task
from learning.tasks.lesson import lesson

_VOLTS = "a,b,y\n0.1,0.2,0.15\n0.3,0.4,0.35\n0.2,0.1,0.15\n"


def _make(
    folder: Path, text: str | bytes, n_source: int = 2, n_target: int = 1, **keys: Any
) -> Task:
    file = folder / "mine.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    spec = TaskSpec(kind="csv", csv=str(file), **{"test_fraction": 0.0, **keys})
    return lesson(spec).task(n_source, n_target, np.random.default_rng(5))


def test_volts_are_taken_as_they_are(tmp_path: Path) -> None:
    task = _make(tmp_path, _VOLTS)
    np.testing.assert_array_equal(task.train.inputs, [[0.1, 0.2], [0.3, 0.4], [0.2, 0.1]])
    np.testing.assert_array_equal(task.train.labels, [[0.15], [0.35], [0.15]])
    assert task.train.classes is None
    assert task.class_names == ()


def test_other_units_are_scaled_to_the_ranges(tmp_path: Path) -> None:
    text = "mass,size,age\n10,1,0\n20,3,50\n30,2,100\n"
    task = _make(tmp_path, text, constants_V=(0.45,), n_source=3, label_low_V=0.1, label_high_V=0.2)
    expected = [[0, 0, 0.45], [0.225, 0.45, 0.45], [0.45, 0.225, 0.45]]
    np.testing.assert_allclose(task.train.inputs, expected, atol=1e-15)
    np.testing.assert_allclose(task.train.labels[:, 0], [0.1, 0.15, 0.2], rtol=1e-14)


def test_set_label_levels_scale_even_volts(tmp_path: Path) -> None:
    task = _make(tmp_path, _VOLTS, label_low_V=0.2, label_high_V=0.3)
    np.testing.assert_allclose(task.train.labels[:, 0], [0.2, 0.3, 0.2], rtol=1e-14)


def test_columns_are_chosen_by_name(tmp_path: Path) -> None:
    text = "id,y,b,a\n901,0.15,0.2,0.1\n902,0.35,0.4,0.3\n"
    task = _make(tmp_path, text, input_columns=("a", "b"), label_columns=("y",))
    np.testing.assert_array_equal(task.train.inputs, [[0.1, 0.2], [0.3, 0.4]])
    np.testing.assert_array_equal(task.train.labels, [[0.15], [0.35]])


def test_class_names_make_a_target_each(tmp_path: Path) -> None:
    text = "a,b,kind\n1,5,wet\n2,6,dry\n3,7,wet\n4,8,icy\n"
    task = _make(tmp_path, text, n_target=3)
    assert task.class_names == ("dry", "icy", "wet")
    assert task.train.classes is not None
    assert task.train.classes.tolist() == [2, 0, 2, 1]
    assert task.train.labels.argmax(axis=1).tolist() == [2, 0, 2, 1]


def test_rows_are_split(tmp_path: Path) -> None:
    rows = "".join(f"{i / 100},{i / 100},{i / 100}\n" for i in range(30))
    task = _make(tmp_path, "a,b,y\n" + rows, test_fraction=1 / 3)
    assert task.test is not None
    assert (len(task.train), len(task.test)) == (20, 10)
    both = np.concatenate([task.train.labels, task.test.labels])[:, 0]
    np.testing.assert_allclose(np.sort(both), np.arange(30) / 100)
    assert np.all(np.diff(task.train.labels[:, 0]) > 0)


def test_test_labels_beyond_the_training_range_are_not_clipped(tmp_path: Path) -> None:
    rows = "".join(f"{i},{i},{i}\n" for i in range(10))
    spans = []
    for seed in range(20):
        file = tmp_path / "mine.csv"
        file.write_text("a,b,y\n" + rows)
        spec = TaskSpec(kind="csv", csv=str(file), test_fraction=0.5)
        test = lesson(spec).task(2, 1, np.random.default_rng(seed)).test
        assert test is not None
        assert test.inputs.min() >= 0.0
        assert test.inputs.max() <= 0.45
        spans.append(test.labels.max())
    assert max(spans) > 0.3 + 1e-9


def test_blank_lines_and_a_byte_order_mark_are_passed_over(tmp_path: Path) -> None:
    task = _make(tmp_path, b"\xef\xbb\xbfa,b,y\r\n\r\n0.1,0.2,0.15\r\n  \r\n0.3,0.4,0.35\r\n")
    assert len(task.train) == 2


_BAD = {
    "a word": ("a,b,y\n0.1,0.2,0.1\n\n0.1,many,0.1\n", r"mine\.csv:4: column 'b' holds 'many'"),
    "nan": ("a,b,y\n0.1,nan,0.1\n", r":2: column 'b' holds 'nan', which is not a number"),
    "underscore": ("a,b,y\n0.1,1_0,0.1\n", r":2: column 'b' holds '1_0'"),
    "missing": ("a,b,y\n0.1,0.2,0.1\n,0.2,0.1\n", r"(?s):3: column 'a' is empty.*try: fill it in"),
    "one word among label numbers": (
        "a,b,y\n0.1,0.2,0.1\n0.1,0.2,x\n",
        r":3: column 'y' holds 'x'",
    ),
    "after a cell of two lines": (
        'a,b,note,y\n0.1,0.2,"one\ntwo",0.1\n0.1,zzz,x,0.1\n',
        r":4: column 'b' holds 'zzz'",
    ),
    "short row": ("a,b,y\n0.1,0.2\n", r":2: 2 cells under a header of 3 columns"),
    "decimal comma": ("a,b,y\n0,1,0,2,0,1\n", r"(?s):2: 6 cells.*a point for decimals"),
    "empty": ("", r"mine\.csv: the file is empty"),
    "header only": ("a,b,y\n", r"mine\.csv: the file has a header but no rows"),
    "twice": ("a,a,y\n0.1,0.2,0.1\n", r":1: column 'a' appears twice"),
    "quote": ('a,b,y\n0.1,0.2,0.1\n0.1,"0.2,0.1\n', r":3: this is no CSV row"),
    "out of reach": (
        "a,b,y\n0.4,0.2,0.1\n0.1,0.2,0.3\n",
        r":3: target 0 of example 1 .* 0 to 0\.2 V",
    ),
    "one column": (
        "y\n0.1\n",
        r":1: no input is left: the table has 1 column, and 1 target",
    ),
    "flat": ("a,b,y\n3,1,0\n3,2,1\n", r"column 'a' is 3 in every training row"),
    "too great": (
        "a,b,y\n3,1,0\n4,2,1e308\n5,3,-1e308\n",
        r"column 'y' goes from -1e\+308 to",
    ),
    "too small": ("a,b,y\n1e-320,1,0\n2e-320,2,1\n0,3,2\n", r"column 'a' goes from 0 to .*-320"),
}


@pytest.mark.parametrize(("text", "message"), _BAD.values(), ids=_BAD.keys())
def test_what_cannot_be_used_is_refused_at_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(LearningError, match=message):
        _make(tmp_path, text, input_columns=("a", "b") if "note" in text else ())


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    with pytest.raises(LearningError, match="not UTF-8"):
        _make(tmp_path, b"a,b,y\n\xff\xfe,1,2\n")


def test_a_missing_file(tmp_path: Path) -> None:
    spec = TaskSpec(kind="csv", csv=str(tmp_path / "none.csv"))
    with pytest.raises(LearningError, match=r"none\.csv: cannot read this table: No such file"):
        lesson(spec).task(2, 1, np.random.default_rng(5))


def test_no_file_at_all() -> None:
    with pytest.raises(LearningError, match=r"task\.csv: a csv task needs a file"):
        lesson(TaskSpec(kind="csv")).task(2, 1, np.random.default_rng(5))


def test_an_unknown_column_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(LearningError, match=r"(?s):1: there is no column 'z'.*one of a, b, y"):
        _make(tmp_path, _VOLTS, label_columns=("z",))


def test_a_column_cannot_be_input_and_label(tmp_path: Path) -> None:
    with pytest.raises(LearningError, match="'y' is both an input and a label"):
        _make(tmp_path, _VOLTS, input_columns=("a", "y"))


def test_columns_are_counted_against_the_network(tmp_path: Path) -> None:
    with pytest.raises(LearningError, match=r"(?s)2 source voltages.*3 sources.*roles\.sources"):
        _make(tmp_path, _VOLTS, n_source=3)
    with pytest.raises(LearningError, match=r"(?s)1 output .*2 targets.*roles\.targets"):
        _make(tmp_path, _VOLTS, n_target=2, input_columns=("a", "b"), label_columns=("y",))


def test_classes_are_counted_against_the_network(tmp_path: Path) -> None:
    with pytest.raises(
        LearningError, match=r"mine\.csv: kind: the task has 2 outputs .* 3 targets"
    ):
        _make(tmp_path, "a,b,kind\n1,5,wet\n2,6,dry\n", n_target=3)


def test_one_class_is_none(tmp_path: Path) -> None:
    with pytest.raises(LearningError, match="every row of column 'kind' says 'wet'"):
        _make(tmp_path, "a,b,kind\n1,5,wet\n2,6,wet\n")


def test_a_split_leaves_something_to_learn_from(tmp_path: Path) -> None:
    with pytest.raises(LearningError, match=r"task\.test_fraction.*leaves nothing to learn from 3"):
        _make(tmp_path, _VOLTS, test_fraction=0.9)
