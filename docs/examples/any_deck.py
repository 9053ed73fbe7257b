"""
Anybody's deck
==============

``spice_backend`` knows nothing of learning. A ringing filter, run in a session; what the deck saves comes back with
names and units.
"""

import matplotlib.pyplot as plt

from spice_backend import Session
from spice_backend.session.record import record

deck = """a step into an RLC filter
V1 in 0 pulse(0 1 10u 1u 1u 1m 2m)
R1 in a 20
L1 a out 1m
C1 out 0 100n
.tran 1u 500u
.save v(in) v(out)
.end
"""
with Session() as session:
    outcome, (waves,) = record(session, deck)
outcome.check()
figure, panel = plt.subplots(figsize=(7, 3.2))
for name in ("v(in)", "v(out)"):
    panel.plot(1e6 * waves["scale"], waves["values"].sel(signal=name), label=name)
panel.set(xlabel="time, µs", ylabel="voltage, V")
panel.legend()
figure.tight_layout()
