from .linear import train_linear
from .linear_network import LinearNetwork, Response
from .training import Training

__all__ = ["LinearNetwork", "Response", "Training", "train_linear"]
