"""The numerical twin: the same learning without a circuit, fast enough to sweep and plan with."""

from learning.twin.linear import train_linear
from learning.twin.linear_network import LinearNetwork, Response
from learning.twin.training import Training

__all__ = ["LinearNetwork", "Response", "Training", "train_linear"]
