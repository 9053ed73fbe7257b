"""Cards of a foundry's library: which are taken, and what is in them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from netlist.circuit import Circuit, Model
from netlist.errors import NetlistError
from netlist.parts.model_cards import Library, library_text
from netlist.passes.sizes import Size
from netlist.text.emitter import emit_statements
from tests.netlist.foundry_files import PLAIN, SECTIONED

TEXT = PLAIN.format(corner="tt", vto=0.4)


def values(model: Model) -> dict[str, float]:
    return {p.name: p.value for p in model.parameters}


def models(*sizes: Size, text: str = TEXT) -> tuple[Model, ...]:
    return Library(text, "fab.lib", {"mc_switch": 0.0}).models(sizes)


def test_only_the_bins_in_use_in_the_library_s_order() -> None:
    found = models(Size("fab_n", 5e-7, 1e-6), Size("fab_n", 2e-6, 1e-5), Size("fab_p", 1.0, 1.0))
    assert [m.name for m in found] == ["fab_n.0", "fab_n.2", "fab_p"]
    assert [m.kind for m in found] == ["nmos", "nmos", "pmos"]
    assert values(found[0]) == {
        "lmin": 2e-6, "lmax": 1e-4, "wmin": 1e-6, "wmax": 1e-4, "level": 8, "vth0": 0.4, "u0": 0.03,
    }  # fmt: skip


def test_a_card_s_version_stays_a_text() -> None:
    (found,) = models(Size("fab_n", 2e-6, 1e-6))
    assert values(found)["version"] == "3.3"
    assert "version=3.3 " in emit_statements([found]).replace("\n+", "")


def test_fingers_share_the_width() -> None:
    (found,) = models(Size("fab_n", 4e-6, 1e-6, fingers=8))
    assert found.name == "fab_n.2"


def test_models_of_other_names_are_not_the_library_s_business() -> None:
    assert models(Size("nch", 1e-6, 1e-6)) == ()


@pytest.mark.parametrize("length", [2e-6, 2.000001e-6, 1.999999e-6])
def test_a_size_on_an_edge_gets_the_bin_that_ngspice_takes(length: float, tmp_path: Path) -> None:
    """The whole library in the deck, and only our card: the same current."""
    (card,) = models(Size("fab_n", 2e-6, length))
    currents = []
    for cards in (TEXT, emit_statements([card])):
        deck = f"edge\n{cards}M1 d d 0 0 fab_n w=2e-6 l={length}\nV1 d 0 1\n.op\n.end\n"
        path = tmp_path / "deck.cir"
        path.write_text(deck, encoding="utf-8")
        done = subprocess.run(
            ["ngspice", "-b", str(path)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            cwd=tmp_path,
        )
        currents.append(float(re.findall(r"v1#branch\s+(\S+)", done.stdout)[0]))
    assert currents[0] == currents[1] != 0


def test_no_bin() -> None:
    with pytest.raises(
        NetlistError, match=r"fab_n has no bin for w = 1e-07 m, l = 1e-06 m"
    ) as error:
        models(Size("fab_n", 1e-7, 1e-6))
    assert error.value.where == "fab.lib"
    assert error.value.hint == (
        "its bins go w from 2e-07 m to 0.0001 m and l from 1e-07 m to 0.0001 m"
    )


@pytest.mark.parametrize(("section", "vto"), [("typical", 0.41), ("SS", 0.46)])
def test_sections_parameters_and_mismatch_at_its_mean(
    section: str, vto: float, tmp_path: Path
) -> None:
    path = tmp_path / "fab.lib"
    path.write_text(SECTIONED, encoding="utf-8")
    text = library_text([path], section)
    found = models(Size("fab_n", 1e-6, 1e-6), Size("fab_p", 1e-6, 1e-6), text=text)
    assert values(found[0])["vth0"] == pytest.approx(vto, rel=1e-12)
    assert values(found[0])["u0"] == 0.03
    assert Circuit("t", found)


def test_a_card_that_cannot_be_worked_out(tmp_path: Path) -> None:
    text = TEXT.replace("vth0 = 0.4", "vth0 = {0.4 + shift}")
    with pytest.raises(NetlistError, match="parameter shift is not defined"):
        models(Size("fab_n", 2e-6, 1e-5), text=text)


def test_no_such_section(tmp_path: Path) -> None:
    path = tmp_path / "fab.lib"
    path.write_text(SECTIONED, encoding="utf-8")
    with pytest.raises(NetlistError, match="there is no section ff") as error:
        library_text([path], "ff")
    assert (error.value.where, error.value.hint) == (str(path), "its sections: cards, ss, typical")


def test_sections_that_name_each_other(tmp_path: Path) -> None:
    path = tmp_path / "fab.lib"
    path.write_text('.lib a\n.lib "fab.lib" a\n.endl\n', encoding="utf-8")
    with pytest.raises(NetlistError, match="sections nest too deeply"):
        library_text([path], "a")


def test_a_library_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(NetlistError, match="cannot read this library: No such file") as error:
        library_text([tmp_path / "none.lib"])
    assert error.value.hint == "joulearn pdk list"
