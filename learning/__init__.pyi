from .design.read import dump_design, find_design, load_design
from .design.whole import Design
from .errors import LearningError
from .experiment.experiment import Experiment
from .experiment.prepare import prepare
from .result.finish import finish
from .result.result import Result
from .running.controller import learn
from .running.learned import Learned, Progress
from .studies.one_run import Run, open_run, run
from .version import __version__

__all__ = [
    "Design",
    "Experiment",
    "Learned",
    "LearningError",
    "Progress",
    "Result",
    "Run",
    "__version__",
    "dump_design",
    "find_design",
    "finish",
    "learn",
    "load_design",
    "open_run",
    "prepare",
    "run",
]
