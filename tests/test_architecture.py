"""The house rules a machine can check: who may import whom, and how long anything may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

import networkx as nx
import pytest

ROOT = Path(__file__).resolve().parent.parent
ORDER = ("netlist", "spice_backend", "learning")
"""Each package may use itself and those before it."""

MODULES = sorted(path for package in ORDER for path in (ROOT / package).rglob("*.py"))
_LONGEST_MODULE, _LONGEST_FUNCTION = 600, 60

ROOMS = {
    "netlist": (
        *("span", "errors", "naming", "printable", "reading", "number", "expression", "circuit"),
        *("text", "passes", "parts", "machine", "views", "checks"),
    ),
    "spice_backend": (
        *(
            "errors",
            "arrays",
            "protocol",
            "safety",
            "setup",
            "decks",
            "waveforms",
            "worker",
            "session",
        ),
        *("batch", "simulate", "conformance"),
    ),
    "learning": (
        *("errors", "arrays", "writing", "design", "tasks", "twin", "experiment", "measure"),
        "benches",
        *(
            "fidelity",
            "running",
            "result",
            "report",
            "studies",
            "papers",
            "version",
            "commands",
            "cli",
        ),
    ),
}
"""Each room may use itself and those before it; the public face (``__init__``) uses all of them."""

INNER = {
    "learning/studies": (
        *("single", "digital", "planned", "kept", "judged"),
        *("played", "told", "estimators", "ladder", "optimise"),
    ),
}
"""The same inside a room that has rooms of its own."""


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    first = function.body[0]
    told = ast.get_docstring(function) is not None
    docstring = (first.end_lineno or first.lineno) - first.lineno + 1 if told else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - docstring


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and top-level package of every import, those inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, (node.module or "").partition(".")[0]
        elif isinstance(node, ast.Call) and _called(node) in {"import_module", "__import__"}:
            yield node.lineno, _named(node).partition(".")[0]


def _named(node: ast.Call) -> str:
    """What a call imports; of the text before a command's name, the package it lies in."""
    named = node.args[0] if node.args else None
    if isinstance(named, ast.JoinedStr) and isinstance(named.values[0], ast.Constant):
        return str(named.values[0].value).rstrip(".")
    assert isinstance(named, ast.Constant), f"line {node.lineno}: an import nobody can read"
    return str(named.value)


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def test_there_is_something_to_check() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in MODULES} == set(ORDER)
    assert len(MODULES) > 50


def test_imports_go_one_way() -> None:
    wrong = [
        f"{_name(path)}:{line} imports {package}"
        for path in MODULES
        for line, package in _imports(_tree(path))
        if package in ORDER[ORDER.index(path.relative_to(ROOT).parts[0]) + 1 :]
    ]
    assert wrong == []


def _room(path: Path) -> str:
    """The room a module lies in: a folder or a module at its package's top."""
    return path.relative_to(ROOT).with_suffix("").parts[1]


def _modules(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every module of ours that a module imports."""
    for node in ast.walk(_tree(path)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if _file(name) else node.module for name in inner]
        elif isinstance(node, ast.Call) and _called(node) in {"import_module", "__import__"}:
            names = [_named(node)]
        yield from ((node.lineno, name) for name in names if name.partition(".")[0] in ORDER)


def _file(name: str) -> Path | None:
    path = ROOT.joinpath(*name.split("."))
    found = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in found if file.is_file()), None)


def test_every_room_has_its_place() -> None:
    for package, rooms in ROOMS.items():
        inside = (p for p in MODULES if p.relative_to(ROOT).parts[0] == package)
        assert {_room(path) for path in inside} == {"__init__", *rooms}
        assert len(rooms) <= 18


def test_rooms_use_those_before_them() -> None:
    wrong = []
    for path in MODULES:
        package, room = path.relative_to(ROOT).parts[0], _room(path)
        order = ROOMS[package]
        for line, name in _modules(path):
            file = _file(name)
            assert file is not None, f"{_name(path)}:{line} imports {name}"
            if room == "__init__" or file.relative_to(ROOT).parts[0] != package:
                continue
            used = _room(file)
            if used == "__init__" or order.index(used) > order.index(room):
                wrong.append(f"{_name(path)}:{line} imports {name}")
    assert wrong == []


@pytest.mark.parametrize("room", INNER)
def test_inner_rooms_use_those_before_them(room: str) -> None:
    folder, order = ROOT / room, INNER[room]

    def inner(path: Path) -> str:
        return path.relative_to(folder).with_suffix("").parts[0]

    paths = [path for path in MODULES if path.is_relative_to(folder)]
    assert {inner(path) for path in paths} == {"__init__", *order}
    wrong = [
        f"{_name(path)}:{line} imports {name}"
        for path in paths
        for line, name in _modules(path)
        if (file := _file(name)) and file.is_relative_to(folder) and inner(path) != "__init__"
        if inner(file) not in order[: order.index(inner(path)) + 1]
    ]
    assert wrong == []


def test_a_run_never_touches_a_simulator() -> None:
    """A run asks plants; which simulator plays, and how it is talked to, is theirs to know."""
    owned = ("spice_backend.session", "spice_backend.worker", "spice_backend.batch")
    told = "spice_backend.session.outcome"
    wrong = [
        f"{_name(path)}:{line} imports {name}"
        for path in MODULES
        if path.is_relative_to(ROOT / "learning" / "run")
        for line, name in _modules(path)
        if name.startswith(owned) and name != told
    ]
    assert wrong == []


def test_no_circle_of_modules() -> None:
    graph = nx.DiGraph()
    for path in MODULES:
        files = [_file(name) for _, name in _modules(path)]
        graph.add_edges_from((_name(path), _name(file)) for file in files if file)
    assert [c for c in nx.strongly_connected_components(graph) if len(c) > 1] == []


def test_the_import_reader_sees_every_form() -> None:
    text = (
        "import learning.x\ndef f():\n    from learning import y\n    import_module('learning')\n"
    )
    assert [package for _, package in _imports(ast.parse(text))] == ["learning"] * 3


def test_no_tests_are_imported() -> None:
    outside = {"tests", "benchmarks", "pytest", "hypothesis"}
    found = [_name(p) for p in MODULES if outside & {name for _, name in _imports(_tree(p))}]
    assert found == []


def test_no_star_imports() -> None:
    files = [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))]
    stars = [
        f"{_name(path)}:{node.lineno}"
        for path in files
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
    ]
    assert stars == []


def test_modules_have_a_ceiling() -> None:
    sizes = {_name(p): len(p.read_text(encoding="utf-8").splitlines()) for p in MODULES}
    assert {name: size for name, size in sizes.items() if size > _LONGEST_MODULE} == {}


def test_functions_have_a_ceiling() -> None:
    long = {
        f"{_name(path)}:{node.lineno} {node.name}": size
        for path in MODULES
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (size := _lines(node)) > _LONGEST_FUNCTION
    }
    assert long == {}


def test_every_module_says_what_it_is() -> None:
    assert [_name(path) for path in MODULES if not ast.get_docstring(_tree(path))] == []


def _inits() -> list[Path]:
    return [path for path in MODULES if path.name == "__init__.py"]


def _public() -> list[Path]:
    """The faces whose names are imported when they are first used: those of all packages."""
    lazy = [path for path in _inits() if path.with_suffix(".pyi").is_file()]
    assert {ROOT / package / "__init__.py" for package in ORDER} <= set(lazy)
    return lazy


@pytest.mark.parametrize("path", sorted(set(_inits()) - set(_public())), ids=_name)
def test_init_only_re_exports(path: Path) -> None:
    """A docstring, imports, and plain tables (`__all__`, a list of commands): no code."""
    plain = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
    first, *rest = _tree(path).body
    assert isinstance(first, ast.Expr)
    assert [node for node in rest if not isinstance(node, (*plain, ast.Expr))] == []
    texts = [node for node in rest if isinstance(node, ast.Expr)]
    assert all(isinstance(node.value, ast.Constant) for node in texts)
    calls = [node for node in ast.walk(_tree(path)) if isinstance(node, ast.Call)]
    assert calls == []


_FACE = """\
import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
"""


@pytest.mark.parametrize("path", _public(), ids=_name)
def test_a_public_face_is_its_stub(path: Path) -> None:
    """A docstring and one call: which names there are stands in the stub beside it alone."""
    _, *rest = _tree(path).body
    assert ast.dump(ast.Module(rest, [])) == ast.dump(ast.parse(_FACE))
    stub = _tree(path.with_suffix(".pyi"))
    assert all(isinstance(node, ast.ImportFrom | ast.Assign) for node in stub.body)
    package = import_module(".".join(path.relative_to(ROOT).parent.parts))
    told = next(node for node in stub.body if isinstance(node, ast.Assign))
    assert sorted(package.__all__) == sorted(ast.literal_eval(told.value)) == sorted(dir(package))
    for name in package.__all__:
        value = getattr(package, name)
        assert not isinstance(value, ModuleType), f"{name} is hidden behind a module of its name"


def test_no_print_no_bare_except_no_assert_on_input() -> None:
    wrong = []
    for path in MODULES:
        for node in ast.walk(_tree(path)):
            printed = isinstance(node, ast.Call) and _called(node) == "print"
            bare = isinstance(node, ast.ExceptHandler) and node.type is None
            if printed or bare:
                wrong.append(f"{_name(path)}:{node.lineno}")
    assert wrong == []


_ADAPTERS = ("design/refusal.py", "design/valid.py")
"""Where a parsed table of unknown keys is turned into a dataclass, or told why it cannot be."""


def _of_anything(tree: ast.Module) -> Iterator[int]:
    """Lines that name a mapping from text to anything."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
            names = [inner.id for inner in node.slice.elts if isinstance(inner, ast.Name)]
            if names == ["str", "Any"]:
                yield node.lineno


def test_data_has_a_type() -> None:
    """Figures and facts are dataclasses: a misspelt name is found by the type checker."""
    adapters = {ROOT / "learning" / name for name in _ADAPTERS}
    wrong = [
        f"{_name(path)}:{line}"
        for path in MODULES
        if path.is_relative_to(ROOT / "learning") and path not in adapters
        for line in _of_anything(_tree(path))
    ]
    assert wrong == []


def test_the_counter_of_untyped_data_sees_every_form() -> None:
    text = "def f(a: dict[str, Any]) -> Mapping[str, Any]:\n    b: list[dict[str, Any]] = []\n"
    assert list(_of_anything(ast.parse(text))) == [1, 1, 2]


def test_no_module_without_a_noun() -> None:
    empty_words = {"utils", "util", "helpers", "helper", "misc", "common", "stuff"}
    assert [_name(path) for path in MODULES if path.stem in empty_words] == []
