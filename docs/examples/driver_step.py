"""
Two drivers and their bill
==========================

A source goes from 0.1 to 0.4 V and back, into a load of 50 kΩ. The class-A driver and the push-pull one follow alike;
what they take from the rail is not alike.
"""

import matplotlib.pyplot as plt

from netlist import library_path
from spice_backend import Session
from spice_backend.session.record import record

folder = library_path()
files = [folder.parent / "processes" / "generic180.cir", folder / "bias.cir"]
drivers = {"driver": "#dd8a3c", "driver_ab": "#2b6cb0"}
figure, (upper, lower) = plt.subplots(2, 1, figsize=(7, 4.6), sharex=True)
with Session() as session:
    for name, colour in drivers.items():
        library = "\n".join(
            path.read_text(encoding="utf-8") for path in [*files, folder / f"{name}.cir"]
        )
        deck = f"""a step into {name}
{library}
Vdd vdd 0 1.8
Xb vbias vdd 0 bias
Vr rail 0 1.8
Xd in out rail 0 vbias {name}
Rl out 0 50k
Vin in 0 pulse(0.1 0.4 5u 1u 1u 9u 40u)
.tran 0.1u 25u
.save v(in) v(out) i(vr)
.end
"""
        outcome, (waves,) = record(session, deck)
        outcome.check()
        time_us, values = 1e6 * waves["scale"], waves["values"]
        upper.plot(time_us, values.sel(signal="v(out)"), color=colour, label=name)
        lower.plot(time_us, -1e6 * values.sel(signal="i(vr)"), color=colour, label=name)
upper.plot(time_us, values.sel(signal="v(in)"), "k:", linewidth=1, label="asked for")
upper.set(ylabel="output, V")
lower.set(xlabel="time, µs", ylabel="from the rail, µA", ylim=(0, None))
upper.legend(loc="upper right")
figure.tight_layout()
