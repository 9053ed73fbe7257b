"""The report read back as a browser would, and every folder it must refuse."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from learning.cli import main
from learning.errors import LearningError
from learning.report.page import write_report
from learning.report.published import PUBLISHED
from learning.report.quantity import engineering, percent
from learning.report.summary import share
from learning.result.read import read_finished
from learning.running.folder import RunFolder

Finished = Callable[..., Path]
Make = Callable[..., dict[str, Any]]

_VOID = {"meta", "br", "img", "link", "input", "hr"}


class _Reader(HTMLParser):
    """Checks that tags close in order, and collects tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for key, value in attrs if key in {"src", "href", "xlink:href"}]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for key, value in attrs if key in {"src", "href", "xlink:href"}]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text += data


def _read(path: Path) -> _Reader:
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    assert reader.open == []
    reader.text = re.sub(r"\s+", " ", reader.text)
    return reader


def test_page_carries_every_figure(finished: Finished, plain_result: Make) -> None:
    told = plain_result()
    path = write_report(finished())
    assert path.name == "report.html"
    page = _read(path)
    assert page.tags.count("svg") == 8
    for joules in told["energy_J"].values():
        assert engineering(joules, "J") in page.text
        assert percent(share(joules, told["energy_J"]["total"])) in page.text
    for words in (
        "The network learned: error 2.00×10⁻² V² → 2.00×10⁻⁴ V², 100× lower",
        "Everything around the network burned 54.0 times what the network burned.",
        "1.8 % of the energy went into the networks, 98.2 % is overhead, the largest part",
        "the largest part of it update cells (54.5 % of the whole)",
        "The balance closes: residual 2.0×10⁻⁴, limit 0.001",
        "joulearn learn design.toml --seed 7 --out again",
        "123 transistors",
        "update_ideal (ideal, behavioural)",
        "network (7, 0)",
        "numpy 2.4.6",
        "ngspice 39",
        "20.0 s wall, 18.0 s in the solver",
        'name = "hand made"',
        "3.00 µs, slowest query",
    ):
        assert words in page.text, words


_SLOT = {"transistors": 17, "gate_m2": 8e-11, "capacitor_m2": 5e-10, "resistor_m2": 0.0}
_AREA = {name: _SLOT | {"total_m2": 5.8e-10} for name in ("total", "per_edge")}
_COST = {"machine_J": 1.3e-11, "networks_J": 2e-13}


def test_the_first_screen_answers_three_questions(finished: Finished) -> None:
    path = finished(
        ideal_cells=[],
        chip={"mismatch": True, "seed": 4, "draw": 7, "scale": 2.0},
        area_m2={**_AREA, "by_slot": {"update": _AREA["total"]}, "note": "devices alone"},
        unit_costs_J={
            "per_edge_and_update": _COST, "per_edge_and_query": _COST, "per_query": _COST
        },
    )  # fmt: skip
    page = _read(write_report(path))
    text = page.text.replace("\N{NO-BREAK SPACE}", " ")
    first = text[: text.index("The network learned")]
    for words in (
        "Did it learn?", "What did it cost?", "Can it be built?",
        "580 µm²", "13.0 pJ", "chip 7",
        "every device its own, seed 4, 2 times the process's mismatch",
    ):  # fmt: skip
        assert words in first, words
    assert "per edge and query13.0 pJ200 fJ" in text
    assert "update17805000" in text
    for source in PUBLISHED:
        assert source.source in text


def test_retention_is_told_with_how_it_was_found(finished: Finished) -> None:
    keeping = {
        "capacitance_F": 1.2e-12, "leak_A": 1.2e-15, "droop_s": 11.8, "between_updates_V": 6.4e-8,
        "run_leak_A": 6.8e-13, "run_droop_s": 0.0219, "run_between_updates_V": 3.5e-5,
        "start_s": 2.2e-5, "note": "by the bench",
    }  # fmt: skip
    text = _read(write_report(finished(keeping=keeping))).text
    for words in (
        "the first gate has moved by 1 % after 11.8 s as the models leak, 1.20 fA at 1.20 pF",
        "after 21.9 ms with the simulator's gmin, which the run had (680 fA) (bench)",
        "droop between updates: 64.0 nV in a presentation, 35.0 µV with gmin (bench)",
        "start-up: bias lines stand 22.0 µs after their rail begins to rise (bench)",
    ):
        assert words in text, words
    never = keeping | {"droop_s": None, "start_s": None}
    text = _read(write_report(finished(keeping=never))).text
    assert "no gate ever moves by 1 %" in text
    assert "start-up" not in text


def test_ideal_cells_cannot_be_built(finished: Finished) -> None:
    assert "update: behavioural, no circuit" in _read(write_report(finished())).text


def test_early_and_late_are_not_confused(finished: Finished) -> None:
    path = finished()
    with xr.load_dataset(path / "waveforms.nc", engine="scipy") as data:
        read = read_finished(RunFolder(path)).waveforms
        for end, (time_s, volts) in (("early", read.early), ("late", read.late)):
            np.testing.assert_array_equal(volts, data[end].values)
            np.testing.assert_array_equal(time_s, data[f"{end}_time"].values)
    html = write_report(path).read_text(encoding="utf-8")
    titles = ["Before learning", "After learning", "Early in learning", "Late in learning"]
    places = [html.index(f">{title}<") for title in titles]
    assert places == sorted(places)


def test_page_needs_nothing_but_itself(finished: Finished) -> None:
    page = _read(write_report(finished()))
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert page.links
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in page.links)
    html = write_report(finished()).read_text(encoding="utf-8")
    assert "@import" not in html
    outside = set(re.findall(r"https?://[^\"' )]+", html))
    assert outside == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_same_result_same_bytes(finished: Finished) -> None:
    first = write_report(finished()).read_bytes()
    assert write_report(finished()).read_bytes() == first


def test_every_string_is_escaped(finished: Finished) -> None:
    evil = '<script>alert("x")</script>'
    path = finished(
        design=evil, description=evil, process=evil, status=evil, warnings=[evil],
        cells={evil: evil}, versions={"joulearn": evil, evil: evil}, seeds={evil: [1]},
        engine={"name": evil, "version": evil}, energy_J={evil: 1.0, "total": 1.0,
        "network_free": 0.5, "network_clamped": 0.5}, power_W={"total": 1.0},
    )  # fmt: skip
    (path / "design.toml").write_text(f"name = '{evil}'\n", encoding="utf-8")
    html = write_report(path).read_text(encoding="utf-8")
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 10
    assert _read(path / "report.html").text.count(evil) >= 8


def test_strings_in_the_network_and_the_signals_are_escaped(finished: Finished) -> None:
    evil = "</svg><script>"
    path = finished(
        network={
            "nodes": [evil, "b"], "edges": [[evil, "b"]] * 4, "ground": [evil],
            "positions": {evil: [0, 0], "b": [1, 1]}, "sources": [evil], "targets": ["b"],
        }
    )  # fmt: skip
    with xr.load_dataset(path / "waveforms.nc", engine="scipy") as data:
        names = [evil if name == "g_1" else str(name) for name in data["signal"].values]
        data.assign_coords(signal=names, gate=[evil] * 4).to_netcdf(path / "waveforms.nc")
    html = write_report(path).read_text(encoding="utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_a_power_weight_that_was_chosen_is_told_epoch_by_epoch(finished: Finished) -> None:
    text = _read(write_report(finished(power_weights=[0.0, 0.0123456, 0.02]))).text
    assert "chosen from the measured error, epoch by epoch: 0.0, 0.01235, 0.02" in text
    assert "epoch by epoch" not in _read(write_report(finished())).text


def test_without_an_audit_it_says_so(finished: Finished) -> None:
    text = _read(write_report(finished(energy_balance=None))).text
    assert "not audited (measure.audit = false): nothing vouches for the ledger" in text
    assert "The balance closes" not in text


def test_an_open_balance_is_told_in_red(finished: Finished, plain_result: Make) -> None:
    balance = plain_result()["energy_balance"] | {"residual": 0.2}
    html = write_report(finished(energy_balance=balance)).read_text(encoding="utf-8")
    assert '<b class="bad">does not close</b>' in html
    assert '<p class="bad"><strong>The balance DOES NOT CLOSE: residual 2.0×10⁻¹' in html


def test_accuracy_is_told_where_there_are_classes(finished: Finished) -> None:
    assert "right class" not in _read(write_report(finished())).text
    text = _read(write_report(finished(accuracy={"train": 0.98, "test": None}))).text
    assert "right class, training" in text
    assert "98.0 %" in text
    assert "unseen" not in text
    assert "right class, unseen" in _read(
        write_report(finished(accuracy={"train": 0.98, "test": 0.9}))
    ).text  # fmt: skip


def test_what_is_unknown_is_told_as_such(finished: Finished, plain_result: Make) -> None:
    cost = plain_result()["inference"] | {"settling_time_s": None}
    text = _read(write_report(finished(inference=cost, overhead_ratio=None, description=""))).text
    assert "does not settle in the evaluation time" in text
    assert "The networks took no energy" in text


def test_warnings_stand_on_the_page(finished: Finished) -> None:
    text = _read(write_report(finished(warnings=["mind the gap", "mind the step"]))).text
    assert "Warnings mind the gap mind the step" in text
    assert "Warning" not in _read(write_report(finished())).text


def test_a_folder_without_its_design_still_has_a_report(finished: Finished) -> None:
    path = finished()
    (path / "design.toml").unlink()
    assert "every default filled in" not in _read(write_report(path)).text


def test_no_finished_run(tmp_path: Path) -> None:
    with pytest.raises(LearningError, match=r"no finished run here: result\.json is missing"):
        write_report(tmp_path)
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "cannot read this result: line 1 is not JSON: Expecting"),
        ("\xff", "cannot read this result: it is not UTF-8 text"),
        ("[]", "this result is damaged: the whole"),
        ('{"schema": 1}', "this result is damaged: design: Missing|damaged: design"),
    ],
)
def test_damaged_result(finished: Finished, content: str, message: str) -> None:
    path = finished()
    (path / "result.json").write_text(content, encoding="latin-1")
    with pytest.raises(LearningError, match=message):
        write_report(path)


def test_damage_names_the_key(finished: Finished, plain_result: Make) -> None:
    error = {"initial": "much", "final": 1.0, "history": []}
    with pytest.raises(LearningError, match=r"damaged: error_V2\.initial: .*number"):
        write_report(finished(error_V2=error))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("presentations", -5, "presentations is -5"),
        ("wall_time_s", float("inf"), "wall_time_s is inf"),
        ("error_V2", {"initial": float("nan"), "final": 1.0, "history": []}, "initial is nan"),
        ("error_V2", {"initial": 1.0, "final": -1.0, "history": []}, r"error_V2\.final is -1"),
    ],
)
def test_what_no_run_can_have_had_is_damage(
    finished: Finished, key: str, value: object, message: str
) -> None:
    with pytest.raises(LearningError, match=f"this result is damaged: .*{message}"):
        write_report(finished(**{key: value}))


@pytest.mark.parametrize("key", ["total", "network_free", "network_clamped"])
def test_a_ledger_without_its_networks_or_total(
    finished: Finished, plain_result: Make, key: str
) -> None:
    energy_J = plain_result()["energy_J"]
    del energy_J[key]
    with pytest.raises(LearningError, match=f"damaged: energy_J has no {key}"):
        write_report(finished(energy_J=energy_J))


def test_another_schema(finished: Finished) -> None:
    with pytest.raises(LearningError, match="this result has schema 99, not 1 or 2"):
        write_report(finished(schema=99))


@pytest.mark.parametrize("broken", ["conductances", "positions", "edges", "roles"])
def test_network_that_does_not_fit_together(
    finished: Finished, plain_result: Make, broken: str
) -> None:
    told = plain_result()
    match broken:
        case "conductances":
            told["conductances_S"]["final"].pop()
        case "positions":
            del told["network"]["positions"]["2"]
        case "edges":
            told["network"]["edges"][0] = ["0", "nowhere"]
        case _:
            told["network"]["targets"] = ["1-9"]
    with pytest.raises(LearningError, match="do not fit together"):
        write_report(finished(network=told["network"], conductances_S=told["conductances_S"]))


def test_missing_waveforms(finished: Finished) -> None:
    path = finished()
    (path / "waveforms.nc").unlink()
    with pytest.raises(LearningError, match=r"no waveforms here: waveforms\.nc is missing"):
        write_report(path)


def test_incomplete_waveforms(finished: Finished) -> None:
    path = finished()
    with xr.load_dataset(path / "waveforms.nc", engine="scipy") as data:
        data.drop_vars(["late", "late_time"]).to_netcdf(path / "waveforms.nc", engine="scipy")
    with pytest.raises(LearningError, match="these waveforms are incomplete: no late, late_time"):
        write_report(path)


@pytest.mark.parametrize("content", [b"", b"CDF\x01\x00", b"not a netCDF file at all"])
def test_damaged_waveforms(finished: Finished, content: bytes) -> None:
    path = finished()
    (path / "waveforms.nc").write_bytes(content)
    with pytest.raises(LearningError, match="these waveforms are damaged") as refused:
        write_report(path)
    assert "pip install" not in str(refused.value)


def test_a_refusal_names_file_and_way_out(finished: Finished) -> None:
    path = finished()
    (path / "result.json").write_text(json.dumps({}), encoding="utf-8")
    with pytest.raises(LearningError) as refused:
        write_report(path)
    assert refused.value.where == str(path / "result.json")
    assert "joulearn learn design.toml" in refused.value.hint


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_figures_that_do_not_fit_together_are_told_in_words(
    finished: Finished, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each of its kind, and no page can be drawn of them: somebody has edited the folder."""
    history = [{"epoch": n, "presentations": n, "error_V2": 1e308} for n in range(2)]
    folder = finished(error_V2={"initial": 1e-2, "final": 1e308, "history": history})
    assert main(["report", str(folder)]) == 2
    said = capsys.readouterr().err
    assert "the figures of this run do not fit together: " in said
    assert str(folder) in said
