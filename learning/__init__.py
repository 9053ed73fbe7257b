"""Learning networks: designs, schedules, the controller, the ledger and the command line."""

from learning.design.read import dump_design, find_design, load_design
from learning.design.sections import Design
from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from learning.experiment.prepare import prepare
from learning.result.finish import finish
from learning.run.controller import learn
from learning.run.learned import Learned, Progress

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
