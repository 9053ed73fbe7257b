"""Circuits as text and as data: parsing, emitting, networks, cells, and the deck made of them.

<<<<<<< HEAD
Only the names others use; what they do is told in the module that defines each.
"""

from netlist.checks import RULES, Finding, Rule, check_deck, check_file, sarif
from netlist.circuit import (
    Behavioural,
    Branch,
    Bundle,
    Circuit,
    CodeModel,
    Command,
    Comment,
    Conditional,
    Connection,
    Control,
    Coupling,
    Digital,
    Directive,
    Expression,
    Foreign,
    Function,
    Gate,
    Instance,
    Model,
    NumericalModel,
    Parameter,
    Params,
    Polynomial,
    Primitive,
    Raw,
    Section,
    Source,
    Statement,
    Subcircuit,
    Table,
    Transfer,
    Value,
    Vector,
    Waveform,
    bodies,
)
from netlist.errors import NetlistError
from netlist.expression import inner_terms, read_expression
from netlist.machine.assembly import (
    Assembly,
    Blueprint,
    ControlLine,
    Crossing,
    Rail,
    Target,
    Transient,
    assemble,
    with_transient,
)
from netlist.machine.roles import Placement, with_roles
from netlist.machine.topology import (
    Network,
    Port,
    layered,
    random_regular,
    read_network,
    square_lattice,
)
from netlist.number import format_number, parse_number
from netlist.parts.cell import Cell, library_path, load_cell
from netlist.parts.process import Process, load_process
from netlist.parts.slots import BLOCKS, CONTRACTS, SLOTS, Block, Contract, Slot
from netlist.passes.connectivity import connectivity, write_graphml
from netlist.passes.difference import Difference, differences
from netlist.passes.edit import (
    rename_device,
    rename_model,
    rename_node,
    rename_subcircuit,
    replace_subcircuit,
    set_parameter,
)
from netlist.passes.flattened import flattened
from netlist.passes.inventory import Inventory, inventory
from netlist.passes.leaves import Device, Leaf, leaves
from netlist.passes.sizes import Size, transistor_sizes
from netlist.span import Span
from netlist.text.emitter import emit, emit_statements
from netlist.text.parser import parse, parse_library, survey, survey_library
from netlist.views.pyspice import from_pyspice, to_pyspice

__all__ = [
    "BLOCKS",
    "CONTRACTS",
    "RULES",
    "SLOTS",
    "Assembly",
    "Behavioural",
    "Block",
    "Blueprint",
    "Branch",
    "Bundle",
    "Cell",
    "Circuit",
    "CodeModel",
    "Command",
    "Comment",
    "Conditional",
    "Connection",
    "Contract",
    "Control",
    "ControlLine",
    "Coupling",
    "Crossing",
    "Device",
    "Difference",
    "Digital",
    "Directive",
    "Expression",
    "Finding",
    "Foreign",
    "Function",
    "Gate",
    "Instance",
    "Inventory",
    "Leaf",
    "Model",
    "NetlistError",
    "Network",
    "NumericalModel",
    "Parameter",
    "Params",
    "Placement",
    "Polynomial",
    "Port",
    "Primitive",
    "Process",
    "Rail",
    "Raw",
    "Rule",
    "Section",
    "Size",
    "Slot",
    "Source",
    "Span",
    "Statement",
    "Subcircuit",
    "Table",
    "Target",
    "Transfer",
    "Transient",
    "Value",
    "Vector",
    "Waveform",
    "assemble",
    "bodies",
    "check_deck",
    "check_file",
    "connectivity",
    "differences",
    "emit",
    "emit_statements",
    "flattened",
    "format_number",
    "from_pyspice",
    "inner_terms",
    "inventory",
    "layered",
    "leaves",
    "library_path",
    "load_cell",
    "load_process",
    "parse",
    "parse_library",
    "parse_number",
    "random_regular",
    "read_expression",
    "read_network",
    "rename_device",
    "rename_model",
    "rename_node",
    "rename_subcircuit",
    "replace_subcircuit",
    "sarif",
    "set_parameter",
    "square_lattice",
    "survey",
    "survey_library",
    "to_pyspice",
    "transistor_sizes",
    "with_roles",
    "with_transient",
    "write_graphml",
]
=======
Only the names others use; they stand in ``__init__.pyi``, each is imported when it is first used,
and what it does is told in the module that defines it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
>>>>>>> door
