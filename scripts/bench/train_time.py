#!/usr/bin/env python3
"""Time and memory of a whole `train` on the clothing seed, with and without cached features.

    scripts/bench/train_time.py [--repeats 3] [-- OPTIONS of train]

Prints medians; the goal is 15 s on two cores with an empty cache. `rest` is start-up, the trial at
another size, calibration and the report.
"""

import sys
import tempfile
from pathlib import Path
from statistics import median

from harness.machine import load, print_header
from harness.program import Program
from harness.sets import arguments, parse, split_at_dashes

GOAL_S = 15.0


def row(name, runs):
    def middle(value):
        return median(value(run) for run in runs)

    time = {key: middle(lambda run: run.document["time"][key]) for key in ("features_s", "head_s")}
    wall_s = middle(lambda run: run.wall_s)
    print(f"{name:12} {wall_s:7.2f} {middle(lambda run: run.cpu_s):7.2f}"
          f" {middle(lambda run: run.peak_mib):8.0f}"
          f" {time['features_s']:10.2f} {time['head_s']:7.2f}"
          f" {wall_s - sum(time.values()):7.2f}", flush=True)
    return wall_s


def main():
    words, variants = split_at_dashes(sys.argv[1:])
    parser = arguments(__doc__)
    parser.add_argument("--set", default="clothing", help="[%(default)s]")
    parser.add_argument("--repeats", type=int, default=3, help="[%(default)s]")
    args = parse(parser, words)

    seed = args.data / args.set / "seed"
    print_header(args.program, f"train on {args.set}/seed, whole process, median of {args.repeats}")
    for variant in variants:
        print(f"\n{' '.join(['train', *variant])}")
        print("features       wall s   CPU s peak MiB features s  head s  rest s")
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            program = Program(args.program, folder)
            runs = {"computed": [], "cached": []}
            for i in range(args.repeats):
                for kind, done in runs.items():
                    done.append(program.run("train", "--data", seed, "--output", folder / "run",
                                            "--force", *variant, cache=folder / f"cache{i}"))
            cold_s = row("computed", runs["computed"])
            row("cached", runs["cached"])
        print(f"goal {GOAL_S:.0f} s for computed: {'met' if cold_s <= GOAL_S else 'NOT met'}"
              f"; {load()} at the end")


if __name__ == "__main__":
    main()
