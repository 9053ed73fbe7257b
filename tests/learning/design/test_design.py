"""The design file: what reads back, what is laid over it, and every refusal with its place."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learning.design import read as design_module
from learning.design.origin import key_lines
from learning.design.read import find_design, load_design
from learning.design.sections import InitialSpec, NetworkSpec, RolesSpec, TaskSpec
from learning.design.whole import Design
from learning.design.written import dump_design
from learning.errors import LearningError
from learning.experiment.network import build_network
from learning.tasks.lesson import lesson
from netlist.errors import NetlistError
from netlist.machine.topology import Port

SMALL = """\
name = "lattice"

[network]
topology = "square"
[network.roles]
sources = [0, "5"]
targets = ["10", "2-3"]
ground = [15]

[task]
kind = "regression"
coefficients = [
  [0.2, 0.3],
  [0.1, 0]
]

[schedule]
rise_s = 1e-7  # fast
"""


def written(folder: Path, text: str = SMALL, name: str = "design.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refused(path: Path, *overrides: str, seed: int | None = None) -> LearningError:
    with pytest.raises(LearningError) as error:
        load_design(path, overrides, seed)
    assert error.value.hint
    return error.value


# --- reading and writing ------------------------------------------------------------------------


def test_a_small_design_and_its_defaults(tmp_path: Path) -> None:
    design = load_design(written(tmp_path))
    assert design.network.roles == RolesSpec(
        sources=("0", "5"), targets=("10", "2-3"), ground=("15",)
    )
    assert design.task.coefficients == ((0.2, 0.3), (0.1, 0.0))
    assert all(isinstance(c, float) for row in design.task.coefficients for c in row)
    assert (design.process, design.seed, design.description) == ("generic180", 0, "")
    assert dataclasses.asdict(design.schedule) == {
        "presentation_s": 1e-4,
        "settle_s": 2e-5,
        "windows_s": (),
        "warm_up_s": 0.0,
        "evaluation_s": 2e-5,
        "rise_s": 1e-7,
        "clk_rise_s": None,
        "clk_fall_s": None,
        "order": "shuffled",
        "epochs": 50,
        "evaluate_every": 5,
    }
    assert dataclasses.asdict(design.cells) == {
        **{slot: slot for slot in ("edge", "update", "clamp", "driver", "bias")},
        "sequencer": None,
        "parameters": {},
    }
    assert (design.learning.nudge, design.learning.power_weight) == (0.5, 0.0)
    assert (design.task.input_high_V, design.task.test_fraction) == (0.45, 0.333333)
    assert (design.supply.rail_V, design.initial.gate_V, design.simulator.max_step_s) == (None,) * 3
    assert (design.simulator.threads, design.simulator.timeout_s) == (1, 3600.0)
    assert (design.measure.audit, design.measure.late_presentation) == (True, -1)


def test_dump_reads_back(tmp_path: Path) -> None:
    design = load_design(
        written(tmp_path),
        (
            "cells.parameters.update.wp=2e-6",
            "simulator.options={reltol=3e-3, method='gear', klu=true, trtol=20}",
            "network.roles.targets=3",
            "initial={kind='given', gates_V=[1.0, 1.25]}",
            'description="two\\nlines"',
        ),
        seed=11,
    )
    assert design.seed == 11
    assert design.simulator.options == {
        "reltol": 3e-3,
        "method": "gear",
        "klu": True,
        "trtol": 20.0,
    }
    text = dump_design(design)
    again = load_design(written(tmp_path, text, "again.toml"))
    assert again == design
    assert dump_design(again) == text
    assert "gate_V" not in text


finite = st.floats(allow_nan=False, allow_infinity=False)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    name=st.text(min_size=1).filter(lambda t: t.isprintable() and t.strip()),
    description=st.text(st.characters(exclude_categories=["Cs"])),
    gates=st.lists(finite).map(tuple),
    noise=st.floats(0, allow_infinity=False),
    placement=st.integers(1) | st.lists(st.from_regex(r"\w+(-\w+)?"), min_size=1).map(tuple),
)
def test_any_design_reads_back(
    tmp_path: Path,
    name: str,
    description: str,
    gates: tuple[float, ...],
    noise: float,
    placement: int | tuple[str, ...],
) -> None:
    design = Design(
        name=name,
        description=description,
        network=NetworkSpec(
            topology="square",
            roles=RolesSpec(sources=placement, targets=placement, ground=("0",)),
        ),
        task=TaskSpec(kind="xor", noise_V=noise),
        initial=InitialSpec(gates_V=gates),
    )
    assert load_design(written(tmp_path, dump_design(design))) == design


def test_files_are_relative_to_whoever_named_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, here = tmp_path / "designs", tmp_path / "here"
    folder.mkdir()
    here.mkdir()
    monkeypatch.chdir(here)
    text = (
        SMALL.replace('"square"', '"file"\nfile = "../nets/a.graphml"')
        .replace('"regression"', '"csv"\ncsv = "/data/b.csv"')
        .replace("[schedule]", '[cells]\nedge = "mine.cir"\nclamp = "clamp_ideal"\n[schedule]')
    )
    path = written(folder, text)
    design = load_design(path, ("cells.update=./rule.cir", "process=odd/p.cir"))
    assert design.network.file == str(tmp_path.resolve() / "nets" / "a.graphml")
    assert design.task.csv == "/data/b.csv"
    assert design.cells.edge == str(folder.resolve() / "mine.cir")
    assert design.cells.update == str(here.resolve() / "rule.cir")
    assert design.process == str(here.resolve() / "odd" / "p.cir")
    assert (design.cells.clamp, design.cells.driver) == ("clamp_ideal", "driver")
    moved = load_design(written(here, dump_design(design)))
    assert moved == design
    whole = load_design(path, ('cells={edge="b.cir"}',))
    assert whole.cells.edge == str(here.resolve() / "b.cir")


def test_overrides_are_toml_or_plain_text(tmp_path: Path) -> None:
    path = written(tmp_path)
    design = load_design(
        path,
        ("name=4x4 lattice", "schedule.epochs = 7", "measure.audit=false", "schedule.order=cyclic"),
    )
    assert (design.name, design.schedule.epochs) == ("4x4 lattice", 7)
    assert (design.measure.audit, design.schedule.order) == (False, "cyclic")
    assert load_design(path, ("schedule.epochs=7", "schedule.epochs=8")).schedule.epochs == 8
    assert load_design(path, ("description=a\nb = 1",)).description == "a\nb = 1"


# --- shipped designs ----------------------------------------------------------------------------


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "circuits" / "designs"
    folder.mkdir(parents=True)
    for name in ("lattice", "xor"):
        written(folder, name=f"{name}.toml")
    monkeypatch.setattr(design_module, "files", lambda package: tmp_path / package)
    return folder


def test_find_by_name_or_path(shipped: Path, tmp_path: Path) -> None:
    assert find_design("xor") == shipped / "xor.toml"
    mine = written(tmp_path)
    assert find_design(mine) == mine
    assert find_design(str(mine)) == mine


@pytest.mark.usefixtures("shipped")
def test_unknown_name_lists_the_shipped_ones() -> None:
    with pytest.raises(LearningError, match="no such file and no such shipped design") as error:
        find_design("latice")
    assert error.value.where == "latice"
    assert error.value.hint == "did you mean lattice? shipped designs: lattice, xor"
    with pytest.raises(LearningError) as error:
        find_design("nothing/like/it.toml")
    assert error.value.hint == "shipped designs: lattice, xor"


def test_a_run_s_folder_is_told_which_file_of_it_is_meant(tmp_path: Path) -> None:
    (tmp_path / "design.toml").write_text("", encoding="utf-8")
    with pytest.raises(LearningError, match="this is the folder of a run") as error:
        find_design(tmp_path)
    assert error.value.hint == str(tmp_path / "design.toml")


def test_the_real_folder_is_looked_into() -> None:
    with pytest.raises(LearningError, match="no such shipped design"):
        find_design("no such design at all")


# --- refusals -----------------------------------------------------------------------------------


def test_an_unreadable_file(tmp_path: Path) -> None:
    error = refused(tmp_path / "none.toml")
    assert "cannot read this design: No such file" in error.message
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    assert "it is not UTF-8 text" in refused(tmp_path / "bytes.toml").message


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (SMALL.replace("topology =", "topology"), 4),
        (SMALL + "x = [1,\n", 19),
        (SMALL + "[task]\n", 19),
    ],
)
def test_broken_toml(tmp_path: Path, text: str, line: int) -> None:
    path = written(tmp_path, text)
    error = refused(path)
    assert error.where == f"{path}:{line}"
    assert error.message.startswith("this is not TOML: ")


@pytest.mark.parametrize(
    ("old", "new", "place", "message", "hint"),
    [
        ("rise_s", "rise", "18: schedule.rise", "unknown key rise", "schedule.rise_s"),
        ("kind", "epochs=5\nkind", "11: task.epochs", "unknown key epochs", "schedule.epochs"),
        ("topology", "topologie", "4: network.topologie", "unknown key", "network.topology"),
        ("[schedule]", "[shedule]", "17: shedule", "unknown key shedule", "schedule"),
        ("rise_s", "zzz", "18: schedule.zzz", "unknown key", "one of presentation_s, settle_s"),
        ('name = "lattice"', "", "1: name", "name is missing", "name = ..."),
        ('topology = "square"', "", "3: network.topology", "topology is missing", "[network]"),
        ('kind = "regression"', "", "10: task.kind", "kind is missing", "kind = ... under [task]"),
        ('"square"', '"sqare"', "4: network.topology", "'sqare' should be 'square',", '"square"'),
        ('"square"', "4", "4: network.topology", "4 should be 'square',", '"regular"'),
        ("1e-7", "-1.0", "18: schedule.rise_s", "-1.0 should be greater than 0", "2e-07"),
        ("1e-7", "inf", "18: schedule.rise_s", "inf should be a finite number", "the default"),
        ("1e-7", '"fast"', "18: schedule.rise_s", "'fast' should be a valid number", "2e-07"),
        ("1e-7", "true", "18: schedule.rise_s", "True should be a valid number", "2e-07"),
        ("[0.1, 0]", '[0.1, "b"]', "12: task.coefficients", "'b' should be a valid number", "SI"),
        ("[0.1, 0]", "0.1", "12: task.coefficients", "0.1 should be a valid list", "correct"),
        ("[0.1, 0]", "[0.1]", "12: task.coefficients", "the rows are not equally long", "one row"),
        ('"lattice"', '"a\\nb"', "1: name", "should be one line of text", "correct"),
        ('"lattice"', '" "', "1: name", "should be one line of text", "correct"),
        ('"lattice"', "4", "1: name", "4 should be a valid string", "text in"),
        ("[15]", "15", "8: network.roles.ground", "15 should be a list of nodes", "correct"),
        ("[15]", "[1.5]", "8: network.roles.ground", "[1.5] should be a list of nodes", "correct"),
        ('[0, "5"]', "0", "6: network.roles.sources", "a number of nodes", "correct"),
        ('[0, "5"]', "true", "6: network.roles.sources", "a number of nodes", "correct"),
        ('[0, "5"]', "[true]", "6: network.roles.sources", "list of nodes", "correct"),
        ("ground = [15]", "", "5: network.roles.ground", "the network has no ground", "ground ="),
        ('[0, "5"]', "[]", "6: network.roles.sources", "the network has no source", "sources ="),
        ('["10", "2-3"]', "[]", "7: network.roles.targets", "has no target", "targets ="),
    ],
)
def test_what_is_wrong_and_where(
    tmp_path: Path, old: str, new: str, place: str, message: str, hint: str
) -> None:
    path = written(tmp_path, SMALL.replace(old, new, 1))
    error = refused(path)
    assert error.where == f"{path}:{place}"
    assert message in error.message
    assert hint in error.hint
    assert str(error) == f"{error.where}: {error.message}\n  try: {error.hint}"


def test_missing_sections(tmp_path: Path) -> None:
    path = written(tmp_path, 'name = "x"\ntask.kind = "xor"\n')
    error = refused(path)
    assert (error.where, error.message) == (f"{path}:1: network", "network is missing")
    assert error.hint == "a section [network]"


@pytest.mark.parametrize(
    ("override", "where", "message", "hint"),
    [
        ("schedule.epocs=3", "schedule.epocs", "unknown key epocs", "schedule.epochs"),
        ("sched.epochs=3", "sched.epochs", "unknown key sched", "schedule"),
        ("learning.nudge=0", "learning.nudge", "0 should be greater than 0", "0.5"),
        ("learning.nudge=1.1", "learning.nudge", "should be less than or equal to 1", "0.5"),
        ("learning.power_weight=-0.1", "learning.power_weight", "greater than or equal", "0.0"),
        ("learning.power_weight=2", "learning.power_weight", "less than or equal to 1", "0.0"),
        ("learning.patience=1.5", "learning.patience", "1.5 should be a valid integer", "0"),
        ("task.test_fraction=1", "task.test_fraction", "less than 1", "0.333333"),
        ("task.noise_V=-1", "task.noise_V", "greater than or equal to 0", "0.0"),
        ("task.examples=0", "task.examples", "greater than or equal to 1", "10"),
        ("task.input_columns=a", "task.input_columns", "'a' should be a valid list", "correct"),
        ("task.input_low_V=1", "task.input_low_V", "input_low_V is not below input_high_V", "swap"),
        ("task.input_high_V=-1", "task.input_high_V", "is not below input_high_V", "swap"),
        (
            "task={kind='xor', label_low_V=0.3, label_high_V=0.2}",
            "task",
            "label_low_V is not below label_high_V",
            "swap",
        ),
        ("task={kind='csv'}", "task", 'task "csv" without a file', "under [task]"),
        ("task.kind=csv", "task.kind", 'task "csv" without a file', "under [task]"),
        ("network.file=''", "network.file", "at least 1 character", "leave the key out"),
        ("network.topology=file", "network.topology", 'topology "file" without a file', "file ="),
        ("network.topology=layered", "network.topology", "without layers", "layers ="),
        ("network.rows=0", "network.rows", "greater than or equal to 1", "4"),
        ("network.periodic=1", "network.periodic", "1 should be a valid boolean", "True"),
        ("network=3", "network", "3 should be a table of keys", "correct"),
        ("simulator.options.trtol=-1", "simulator.options.trtol", "a number above 0", "trtol = 3"),
        ("simulator.options.reltol=0", "simulator.options.reltol", "a number above 0", "trtol = 3"),
        ("schedule.settle_s=1", "schedule.settle_s", "settle_s leaves no time to learn", "below"),
        ("schedule.presentation_s=1e-5", "schedule.presentation_s", "leaves no time", "below"),
        ("schedule.rise_s=2e-5", "schedule.rise_s", "rise_s is not over before", "well below"),
        ("schedule.evaluation_s=1e-8", "schedule.evaluation_s", "rise_s is not over", "below"),
        ("schedule.order=sorted", "schedule.order", "'sorted' should be 'shuffled' or", "shuffled"),
        ("initial.kind=given", "initial.kind", 'kind "given" without gates_V', "gates_V ="),
        ("initial.spread_V=-1", "initial.spread_V", "greater than or equal to 0", "0.0"),
        ("cells.parameters.egde.w=1", "cells.parameters.egde.w", "'egde' should be", '"edge"'),
        ("cells.parameters.edge.w=a", "cells.parameters.edge.w", "a valid number", "SI units"),
        ("cells.parameters.edge={'a b'=1}", "cells.parameters.edge", "letters, digits", "correct"),
        ("cells.edge=''", "cells.edge", "should be one line of text", "edge"),
        ("simulator.options.a=[1]", "simulator.options.a", "[1] should be a number, a", "correct"),
        ("simulator.options.a='b c'", "simulator.options.a", "should be a number, a w", "correct"),
        ("simulator.options.a=nan", "simulator.options.a", "nan should be a number, a", "correct"),
        ("simulator.options={'a\\n'=1}", "simulator.options", "letters, digits", "correct"),
        ("simulator.threads=0", "simulator.threads", "greater than or equal to 1", "1"),
        ("simulator.timeout_s=0", "simulator.timeout_s", "greater than 0", "3600.0"),
        ("supply.rail_V=-1", "supply.rail_V", "greater than 0", "leave the key out"),
        ("name.first=1", "name.first", "name is a value and holds no keys", "no keys under name"),
        ("seed=-1", "seed", "greater than or equal to 0", "0"),
        ("seed", "seed", "'seed' sets nothing", "--set section.key=value"),
        ("a..b=1", "a..b", "'a..b=1' sets nothing", "--set section.key=value"),
    ],
)
def test_wrong_overrides(
    tmp_path: Path, override: str, where: str, message: str, hint: str
) -> None:
    error = refused(written(tmp_path), override)
    assert error.where == f"--set {where}"
    assert message in error.message
    assert hint in error.hint


def test_wrong_seed(tmp_path: Path) -> None:
    assert refused(written(tmp_path), "seed=4", seed=-1).where == "--seed"


def test_an_error_beside_an_override_is_in_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, SMALL.replace("1e-7", "0"))
    assert refused(path, "schedule.epochs=3").where == f"{path}:18: schedule.rise_s"


def test_a_file_may_bring_the_roles(tmp_path: Path) -> None:
    text = 'name = "x"\nnetwork = {topology = "file", file = "n.graphml"}\ntask.kind = "xor"\n'
    assert load_design(written(tmp_path, text)).network.roles == RolesSpec()


def test_lines_of_keys() -> None:
    text = (
        'a = """\n[b]\nc = 1\n"""\n'
        "b.c = {d = 1,\te = [2]}\n\n# [x]\n"
        '[ f . "g" ]\nh = [\n[1],\n]\ni=2\n'
    )
    assert key_lines(text) == {
        ("a",): 1,
        ("b",): 5,
        ("b", "c"): 5,
        ("b", "c", "d"): 5,
        ("b", "c", "e"): 5,
        ("f",): 8,
        ("f", "g"): 8,
        ("f", "g", "h"): 9,
        ("f", "g", "i"): 12,
    }


# --- the network of a design --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("overrides", "n_node", "n_edge"),
    [
        ((), 16, 32),
        (("network.periodic=false",), 16, 24),
        (("network.topology=regular", "network.degree=3"), 16, 24),
        (("network.topology=layered", "network.layers=[4, 8, 4]"), 16, 64),
    ],
)
def test_networks(tmp_path: Path, overrides: tuple[str, ...], n_node: int, n_edge: int) -> None:
    design = load_design(written(tmp_path), overrides)
    network = build_network(design.network, lesson(design.task), np.random.default_rng(design.seed))
    assert (len(network.nodes), len(network.edges)) == (n_node, n_edge)
    assert network.targets == (Port("10"), Port("2", "3"))
    assert network == build_network(
        design.network, lesson(design.task), np.random.default_rng(design.seed)
    )


def test_network_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "net.txt").write_text("a b\nb c\n", encoding="utf-8")
    roles = 'roles = {sources = ["a"], targets = 1, ground = ["c"]}'
    text = f'name="x"\ntask.kind="xor"\n[network]\ntopology="file"\nfile="net.txt"\n{roles}\n'
    design = load_design(written(tmp_path, text))
    assert build_network(design.network, lesson(design.task), np.random.default_rng(0)).targets == (
        Port("b"),
    )


def test_a_role_the_network_does_not_have(tmp_path: Path) -> None:
    design = load_design(written(tmp_path), ("network.roles.ground=['16']",))
    with pytest.raises(NetlistError, match=re.escape("network.roles.ground: the network has no")):
        build_network(design.network, lesson(design.task), np.random.default_rng(0))


# --- sizes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("network.rows=1000000000", r"more than 10000 edges, of some fifty transistors each"),
        ("task.examples=1000000000000", r"more than 1000000 examples, each shown once an epoch"),
        ("schedule.epochs=100000000000", r"more than 1000000 epochs would never end"),
        ("schedule.epochs=" + "9" * 4000, r"more than 1000000 epochs would never end"),
        ("network.rows=1e9", r"1000000000\.0 should be a valid integer"),
        ("simulator.threads=99999999", r"should be less than or equal to 1024"),
        ("schedule.epochs=" + "9" * 5000, r"'9{59} … 9{59}' should be a valid integer"),
        ("task.noise_V=" + "9" * 4000, r"9{60} … 9{60} should be"),
    ],
    ids=lambda text: text[:24],
)
def test_sizes_beyond_reason_are_refused_before_anything_is_built(
    tmp_path: Path, override: str, message: str
) -> None:
    with pytest.raises(LearningError, match=message) as error:
        load_design(written(tmp_path), (override,))
    assert error.value.where.startswith("--set ")
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    ("topology", "keys"),
    [
        ("regular", ("network.nodes=30000", "network.degree=4")),
        ("layered", ("network.layers=[200, 200]",)),
    ],
)
def test_every_topology_has_its_limit(tmp_path: Path, topology: str, keys: tuple[str, ...]) -> None:
    with pytest.raises(LearningError, match="more than 10000 edges"):
        load_design(written(tmp_path), (f"network.topology={topology}", *keys))


@pytest.mark.parametrize(
    ("design", "override", "choice"),
    [
        ("regression", "network.file=mine.graphml", "topology"),
        ("regression", "network.layers=[4, 2]", "topology"),
        ("regression", "network.degree=6", "topology"),
        ("regression", "task.csv=mine.csv", "kind"),
        ("xor", "task.examples=3", "kind"),
        ("iris", "task.coefficients=[[0.1]]", "kind"),
        ("regression", "initial.gates_V=[1.0]", "kind"),
    ],
)
def test_an_override_that_nothing_would_read_is_refused(design, override, choice):
    with pytest.raises(LearningError, match=rf"is read for {choice} .* only") as error:
        load_design(find_design(design), (override,))
    assert override.partition("=")[0] in error.value.where


def test_what_a_replaced_choice_leaves_behind_is_no_error():
    design = load_design(find_design("csv"), ("task.kind=xor", "network.rows=4"))
    assert design.task.csv is not None
    regular = load_design(find_design("xor"), ("network.topology=regular", "network.rows=4"))
    assert regular.network.topology == "regular"
