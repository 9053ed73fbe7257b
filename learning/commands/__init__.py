"""The commands of the command line, in the order the help lists them."""

from learning.commands.check import CHECK
from learning.commands.command import BAD_INPUT, DONE, FAILED, Command
from learning.commands.diff import DIFF
from learning.commands.draw import DRAW
from learning.commands.learn import LEARN
from learning.commands.netlist import NETLIST
from learning.commands.pdk import PDK
from learning.commands.report import REPORT
from learning.commands.reproduce import REPRODUCE
from learning.commands.show import SHOW
from learning.commands.simulate import SIMULATE
from learning.commands.stats import STATS

COMMANDS: tuple[Command, ...] = (
    *(LEARN, SHOW, NETLIST, SIMULATE, REPORT, REPRODUCE),
    *(CHECK, DIFF, STATS, DRAW, PDK),
)

__all__ = ["BAD_INPUT", "COMMANDS", "DONE", "FAILED", "Command"]
