from .design.read import find_design, load_design
from .design.whole import Design
from .design.written import dump_design
from .errors import LearningError
from .experiment.experiment import Experiment
from .experiment.prepare import prepare
from .result.finish import finish
from .result.result import Result
from .running.controller import learn
from .running.learned import Learned, Progress
from .studies.digital.comparison import Comparison, compare
from .studies.estimators.estimator import SelfLearningClassifier, SelfLearningRegressor
from .studies.kept.opened import OpenStudy, study
from .studies.played.run_study import Wish, run_study
from .studies.single.cell_bench import bench
from .studies.single.one_run import Run, open_run, run
from .version import __version__

__all__ = [
    "Comparison",
    "Design",
    "Experiment",
    "Learned",
    "LearningError",
    "OpenStudy",
    "Progress",
    "Result",
    "Run",
    "SelfLearningClassifier",
    "SelfLearningRegressor",
    "Wish",
    "__version__",
    "bench",
    "compare",
    "dump_design",
    "find_design",
    "finish",
    "learn",
    "load_design",
    "open_run",
    "prepare",
    "run",
    "run_study",
    "study",
]
