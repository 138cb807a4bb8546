#!/usr/bin/env python3
"""Peak memory of `predict` on 1,000 and on 10,000 images.

    scripts/bench/memory.py [--sizes 1000 10000] [--model RUN] [-- OPTIONS of train]

The images are those of the clothing pool under many names. With a small --imgsz for train the
network is fast and what grows with the number of images is the same. The goal is a ratio of at
most 1.10.
"""

import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path

from harness.machine import load, print_header
from harness.program import Program
from harness.sets import arguments, images_in, parse, place, split_at_dashes

GOAL = 1.10
A_FOLDER = 500


def fill(folder, pool, count):
    for i, image in enumerate(islice(cycle(images_in(pool)), count)):
        place(image, folder / f"{i // A_FOLDER:04}" / f"{i:06}{image.suffix.lower()}")
    return folder


def main():
    words, variants = split_at_dashes(sys.argv[1:])
    parser = arguments(__doc__)
    parser.add_argument("--set", default="clothing", help="[%(default)s]")
    parser.add_argument("--sizes", nargs="+", type=int, default=[1000, 10000])
    parser.add_argument("--formats", nargs="+", default=["csv", "coco,label_studio,csv"],
                        help="lists to write, one row each [%(default)s]")
    parser.add_argument("--model", type=Path, help="a run, instead of training one first")
    args = parse(parser, words)

    labelled = args.data / args.set
    print_header(args.program, "predict: peak resident memory and the number of images")
    print("\nformats                  images peak MiB  wall s images/s")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = Program(args.program, folder / "cache")
        model = args.model
        if not model:
            model = folder / "run"
            program.run("train", "--data", labelled / "seed", "--output", model, *variants[0])
        sources = {size: fill(folder / f"images{size}", labelled / "pool", size)
                   for size in args.sizes}
        for formats in args.formats:
            peaks = []
            for size, source in sources.items():
                done = program.run("predict", "--model", model, "--source", source, "--force",
                                   "--output", folder / "drafts", "--formats", formats)
                peaks.append(done.peak_mib)
                print(f"{formats:24} {size:6} {done.peak_mib:8.1f} {done.wall_s:7.1f}"
                      f" {done.document['time']['images_per_s']:8.0f}", flush=True)
            ratio = peaks[-1] / peaks[0]
            print(f"{'':24} ratio {ratio:.3f}, goal {GOAL:.2f}: "
                  f"{'met' if ratio <= GOAL else 'NOT met'}")
    print(load(), "at the end")


if __name__ == "__main__":
    main()
