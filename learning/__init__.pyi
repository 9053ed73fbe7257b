from .design.read import dump_design, find_design, load_design
from .design.sections import Design
from .errors import LearningError
from .experiment.experiment import Experiment
from .experiment.prepare import prepare
from .result.finish import finish
from .run.controller import learn
from .run.learned import Learned, Progress
from .version import __version__

__all__ = [
    "Design",
    "Experiment",
    "Learned",
    "LearningError",
    "Progress",
    "__version__",
    "dump_design",
    "find_design",
    "finish",
    "learn",
    "load_design",
    "prepare",
]
