"""Learning networks: designs, schedules, the controller, the ledger and the command line."""

from learning.controller import Learned, Progress, learn
from learning.design import Design, dump_design, find_design, load_design
from learning.errors import LearningError
from learning.experiment import Experiment, prepare
from learning.result import finish

__all__ = [
    "Design",
    "Experiment",
    "Learned",
    "LearningError",
    "Progress",
    "dump_design",
    "find_design",
    "finish",
    "learn",
    "load_design",
    "prepare",
]
