"""What the documents say of the repository is so: files, modules, rooms, version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from docutils.utils.math.latex2mathml import tex2mathml

from learning import __version__
from tests.test_architecture import ROOMS

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
_TOPS = "netlist|spice_backend|learning|circuits|tests|benchmarks|docs"
_PATH = re.compile(rf"(?<![\w/.$-])(?:{_TOPS})/[\w./-]*\w/?")
_DOTTED = re.compile(r"`(?:netlist|spice_backend|learning)(?:\.\w+)+")
_LINK = re.compile(r"\]\(([^)#\s]+)")
_MADE_UP = {"circuits/cells/mine.cir", "circuits/processes/NAME.cir"}
"""Names that stand for a reader's own."""


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _missing(document: Path) -> Iterator[str]:
    text = document.read_text(encoding="utf-8")
    for found in sorted(set(_PATH.findall(text)) - _MADE_UP):
        if not ((ROOT / found).exists() or (ROOT / f"{found}.py").is_file()):
            yield found
    for link in sorted(set(_LINK.findall(text))):
        if "://" not in link and not _made(document.parent / link).exists():
            yield link


def _made(path: Path) -> Path:
    """The example that a page or picture of the gallery is made from; else the path."""
    name = re.fullmatch(r".*/gallery/(?:images/sphx_glr_(\w+)_\d{3}\.png|(\w+))", str(path))
    return ROOT / "docs" / "examples" / f"{name[1] or name[2]}.py" if name else path


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_what_a_document_points_at_is_there(document: Path) -> None:
    assert list(_missing(document)) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_names_in_a_document_can_be_imported(document: Path) -> None:
    for found in set(_DOTTED.findall(document.read_text(encoding="utf-8"))):
        _resolve(found.removeprefix("`"))


def _resolve(dotted: str) -> object:
    package, *names = dotted.split(".")
    found: object = import_module(package)
    for index, name in enumerate(names):
        if not hasattr(found, name):
            import_module(".".join((package, *names[: index + 1])))
        found = getattr(found, name)
    return found


_EQUATION = re.compile(r"\$\$(.+?)\$\$|(?<!\$)\$([^$]+)\$(?!\$)", re.DOTALL)


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "theory").glob("*.md")), ids=_name)
def test_equations_are_drawn_without_a_script(page: Path) -> None:
    """Every one becomes MathML, which a browser draws by itself, without a network."""
    found = [block or inline for block, inline in _EQUATION.findall(page.read_text("utf-8"))]
    assert found
    for equation in found:
        assert tex2mathml(equation.strip(), as_block=True).startswith("<math")


def test_a_missing_file_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "`learning/cli.py` `learning/none.py` [x](gone.md) <http://a.b/docs/x>\n", "utf-8"
    )
    assert list(_missing(page)) == ["learning/none.py", "gone.md"]
    with pytest.raises(ModuleNotFoundError):
        _resolve("learning.nowhere")


def test_the_table_of_rooms_is_whole() -> None:
    """Every room, in the order in which they may use each other."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)/(\w+)` \| \S", text, re.MULTILINE)
    assert told == [(package, room) for package, rooms in ROOMS.items() for room in rooms]


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\]\(([\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(p.name for p in folder.glob("*.md") if p.name != "README.md")


def test_the_version_is_one() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## (\S+) \((\d{4}-\d\d-\d\d)\)$", changes, re.MULTILINE)
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert released[0][0] == __version__
    assert f"\nversion: {__version__}\n" in citation
    assert f'date-released: "{released[0][1]}"' in citation
    assert [date for _, date in released] == sorted((d for _, d in released), reverse=True)


@pytest.mark.parametrize("package", ROOMS)
def test_the_packages_say_that_they_are_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()
