"""
An estimator of scikit-learn
============================

Three classes of points, learned by a lattice of resistors (its numerical twin: no circuit, no bill) behind
scikit-learn's interface. The background is the class whose target shows the highest voltage.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_blobs

from learning import SelfLearningClassifier

centers = [(0, 0), (4, 0), (2, 4)]
points, classes = make_blobs(90, centers=centers, random_state=4)
network = SelfLearningClassifier(fidelity="twin", settings={"schedule.epochs": 200})
network.fit(points, classes)

(left, below), (right, above) = points.min(axis=0) - 1, points.max(axis=0) + 1
x, y = np.meshgrid(np.linspace(left, right, 120), np.linspace(below, above, 90))
answers = network.predict(np.column_stack([x.ravel(), y.ravel()])).reshape(x.shape)
figure, panel = plt.subplots(figsize=(6, 4))
panel.pcolormesh(x, y, answers, cmap="tab10", vmin=0, vmax=9, alpha=0.3)
panel.scatter(
    *points.T, c=classes, cmap="tab10", vmin=0, vmax=9, s=18, edgecolor="white", linewidth=0.5
)
panel.set(xlabel="first column", ylabel="second column")
panel.set_title(f"{100 * network.score(points, classes):.0f} % right", fontsize=10)
figure.tight_layout()
