"""What derives from the table of slots does so, and the table is whole."""

from __future__ import annotations

import dataclasses

from learning.design.sections import CellsSpec
from learning.measure.ledger import BLOCKS as BILLED
from learning.measure.ledger import NETWORKS
from netlist.parts.slots import BLOCKS, BY_NAME, RAILS, SLOTS


def test_every_slot_is_a_key_of_a_design() -> None:
    keys = [field.name for field in dataclasses.fields(CellsSpec)]
    assert sorted(keys) == sorted([*BY_NAME, "parameters"])
    assert [getattr(CellsSpec(), slot.name) for slot in SLOTS] == [slot.cell for slot in SLOTS]


def test_filling_a_slot_leaves_the_others() -> None:
    found = CellsSpec().filled(driver="driver_ab")
    assert (found.driver, found.edge) == ("driver_ab", "edge")


def test_every_bill_goes_to_a_block() -> None:
    names = [block.name for block in BLOCKS]
    assert names == list(BILLED)
    assert {slot.billed_to for slot in SLOTS} <= set(names)
    assert len({block.colour for block in BLOCKS}) == len(BLOCKS)
    assert NETWORKS == ("network_free", "network_clamped")


def test_every_rail_is_a_slots_own() -> None:
    assert {slot.rail for slot in SLOTS} == set(RAILS)
    assert all(BY_NAME[BY_NAME[slot.rail].rail].name == slot.rail for slot in SLOTS)
    assert RAILS == ("update", "clamp", "bias", "sequencer", "driver")
