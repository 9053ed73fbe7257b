"""The commands there are, in the order the help lists them."""

from __future__ import annotations

from learning.commands.command import Command

COMMANDS = (
    Command(
        "learn",
        "let a network teach itself, and bill every joule",
        "joulearn learn regression --out runs/a --set learning.power_weight=0.05 --seed 3",
    ),
    Command(
        "show",
        "print a design, every default filled in, and a drawing of its network",
        "joulearn show xor --set network.rows=5",
    ),
    Command(
        "keys",
        "list the keys of a design, each with its unit, default and range",
        "joulearn keys schedule",
    ),
    Command(
        "netlist",
        "write the self-contained SPICE deck of a design",
        "joulearn netlist regression -o deck.cir && ngspice -b deck.cir",
    ),
    Command(
        "simulate",
        "run any deck that contains its analysis, and keep its waveforms",
        "joulearn simulate deck.cir --out runs/deck --crosscheck",
    ),
    Command(
        "study",
        "evaluate designs over many chips and conditions, and hold them against specs",
        "joulearn study chips --out runs/chips --dry-run",
    ),
    Command(
        "optimise",
        "search for a design's best values under the specs of a study",
        "joulearn optimise mine.toml --out runs/search --trials 40",
    ),
    Command(
        "compare",
        "hold a run against processors: same task, as well done, every joule",
        "joulearn compare runs/first --against digital",
    ),
    Command(
        "report",
        "write a run's report again and print its summary",
        "joulearn report runs/first",
    ),
    Command(
        "reproduce",
        "reproduce a paper, every figure with the command that made it",
        "joulearn reproduce stern2024 --out runs/stern2024 --short",
    ),
    Command(
        "check",
        "look for what is wrong with SPICE decks, without running them",
        "joulearn check deck.cir --sarif deck.sarif",
    ),
    Command(
        "diff",
        "show what two netlists differ in, whatever their order and formatting",
        "joulearn diff before.cir after.cir",
    ),
    Command(
        "stats",
        "count devices and area of a deck, a cell or a design",
        "joulearn stats update_memory --process sky130",
    ),
    Command(
        "bench",
        "measure a cell alone by its slot's contract, with bounds it must keep",
        "joulearn bench clamp_single --corners tt ss ff --mismatch 5 --out runs/clamp",
    ),
    Command(
        "draw",
        "draw a cell as a schematic, or write a deck's connections as a graph",
        "joulearn draw clamp -o clamp.svg",
    ),
    Command(
        "pdk",
        "list processes, and bring a foundry's models to this machine",
        "joulearn pdk add sky130",
    ),
    Command(
        "completion",
        "write a script with which a shell completes commands, options and designs",
        "joulearn completion bash > joulearn.bash && source joulearn.bash",
    ),
)
