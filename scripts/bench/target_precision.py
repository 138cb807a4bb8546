#!/usr/bin/env python3
"""Whether drafts accepted by `train --target-precision` are right as often as was promised.

    scripts/bench/target_precision.py                      100 draws a set, 10 of whole commands
    scripts/bench/target_precision.py --draws 20 --runs 0

Draws seeds of the same size as a set's own, class by class, from seed and pool together; what is
left plays the pool. A draw trains the head as `train` does (on features of all images, computed
once), chooses the scores for each target and counts the accepted drafts of the pool that are right
(preannotate_acceptance_bench). --runs draws more with the commands themselves: train, then predict
on the files of the pool.

  kept      the target lies within the Wilson interval (95 %) of the precision on the pool, or below
  in        the precision on the pool lies in the interval that train states
  below     it lies below that interval
  coverage  of the pool, the share that is accepted; mean over draws
  none      draws in which nothing was accepted; the other columns leave them out

"naive" accepts, class by class, from the least score from which the seed's own precision reaches the
target.
"""

import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random

from harness.machine import print_header
from harness.program import Program
from harness.sets import CLASSIFICATION, arguments, images_in, parse, place

COLUMNS = "1280,112,320"  # of the default network: embedding, maps of stride 16 and 32
# The usual side; naming it spares the look at a larger one.
TRAIN = ["--imgsz", "224"]
HEADER = ("set          target way     draws none  kept    in below coverage precision stated")


def wilson(hits, total):
    z = 1.959963984540054
    share = hits / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * math.sqrt(
        share * (1 - share) / total + z * z / (4 * total * total))
    return centre - half, centre + half


def mean(values):
    values = list(values)
    return sum(values) / len(values) if values else math.nan


def print_row(name, target, way, draws):
    """`draws`: (accepted, right, images, stated interval or None) of each."""
    some = [draw for draw in draws if draw[0] > 0]
    stated = [draw for draw in some if draw[3]]
    inside = mean(s["low"] - 1e-9 <= right / accepted <= s["high"] + 1e-9
                  for accepted, right, _, s in stated)
    below = mean(right / accepted < s["low"] - 1e-9 for accepted, right, _, s in stated)
    kept = mean(target <= wilson(right, accepted)[1] for accepted, right, _, _ in some)
    print(f"{name:12} {target:6} {way:7} {len(draws):5} {len(draws) - len(some):4} {kept:5.2f} "
          f"{inside:5.2f} {below:5.2f} {mean(a / n for a, _, n, _ in some):8.3f} "
          f"{mean(r / a for a, r, _, _ in some):9.4f} {mean(s['value'] for _, _, _, s in stated):6.4f}",
          flush=True)


def merged(labelled, target):
    """Seed and pool in one folder a class."""
    for part in ("seed", "pool"):
        for image in images_in(labelled / part):
            place(image, target / image.parent.name / f"{part}-{image.name}")
    return target


def per_class(labelled):
    lines = (labelled / "seed.txt").read_text().split()
    return len(lines) // len({line.split("/")[0] for line in lines})


def draw_features(args, program, labelled, images, folder):
    """All draws from features that are computed once."""
    program.run("train", "--data", images, "--output", folder / "all", *TRAIN, "--features",
                "embedding+maps", "--dump-features", folder / "dump")
    done = subprocess.run(
        [args.bench, folder / "dump", COLUMNS, str(per_class(labelled)), str(args.draws),
         *map(str, args.targets)], check=True, stdout=subprocess.PIPE, text=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    for target in args.targets:
        for way in ("ours", "naive"):
            print_row(labelled.name, target, way,
                      [(line[way]["accepted"], line[way]["right"], line["images"],
                        line.get("stated") if way == "ours" else None)
                       for line in lines if line["target"] == target])


def split(images, count, number, folder):
    """Hard links: `count` of each class drawn for the seed, the rest for the pool."""
    random = Random(number)
    for category in sorted(path for path in images.iterdir() if path.is_dir()):
        files = images_in(category)
        random.shuffle(files)
        for i, file in enumerate(files):
            part = "seed" if i < count else "pool"
            place(file, folder / part / category.name / file.name)


def counted(drafts):
    """Images, accepted drafts, and those of them that name the image's folder."""
    images = accepted = right = 0
    with (drafts / "drafts.jsonl").open() as ledger:
        for line in ledger:
            entry = json.loads(line)
            images += 1
            if entry.get("bucket") == "accept":
                accepted += 1
                right += entry["labels"][0]["category"] == entry["image"].split("/")[0]
    return accepted, right, images


def run_commands(args, program, labelled, images, target, folder):
    draws = []
    for number in range(args.runs):
        with tempfile.TemporaryDirectory(dir=folder) as name:
            work = Path(name)
            split(images, per_class(labelled), number, work)
            trained = program.run("train", "--data", work / "seed", "--output", work / "run", *TRAIN,
                                  "--target-precision", target)
            program.run("predict", "--model", work / "run", "--source", work / "pool", "--output",
                        work / "drafts", "--formats", "csv")
            draws.append((*counted(work / "drafts"), trained.document["thresholds"]["precision"]))
    print_row(labelled.name, target, "command", draws)


def main():
    parser = arguments(__doc__)
    parser.add_argument("--sets", nargs="+", metavar="SET", default=CLASSIFICATION)
    parser.add_argument("--targets", nargs="+", type=float, metavar="P", default=[0.95, 0.98])
    parser.add_argument("--draws", type=int, default=100, help="[%(default)s]")
    parser.add_argument("--runs", type=int, default=10,
                        help="draws of whole commands, at the first target [%(default)s]")
    parser.add_argument("--bench", type=Path, help="[beside the program: tests/pipeline/...]")
    args = parse(parser, sys.argv[1:])
    args.bench = (args.bench or args.program.parent / "tests/pipeline/preannotate_acceptance_bench"
                  ).resolve()
    if not args.bench.is_file():
        parser.error(f"{args.bench} is not there: build the target preannotate_acceptance_bench")

    print_header(args.program, "Precision promised by --target-precision, and that on the pool")
    print(HEADER)
    with tempfile.TemporaryDirectory() as name:
        for set_name in args.sets:
            labelled, folder = args.data / set_name, Path(name) / set_name
            folder.mkdir()
            program = Program(args.program, folder / "cache")
            images = merged(labelled, folder / "images")
            draw_features(args, program, labelled, images, folder)
            if args.runs:
                run_commands(args, program, labelled, images, args.targets[0], folder)


if __name__ == "__main__":
    main()
