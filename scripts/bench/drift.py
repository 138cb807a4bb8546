#!/usr/bin/env python3
"""Whether predict tells folders like the seed from others, on the labelled sets.

    scripts/bench/drift.py                              all sets, 3 draws of each folder
    scripts/bench/drift.py --sets clothing --draws 10   more draws of one
    scripts/bench/drift.py --sizes 30 -- --unfreeze 2   with options of train

Trains on each set's seed and drafts folders drawn at random: of its pool, of its pool after a
change (blurred, darkened, turned, JPEG at quality 10, half of the classes), and of the other sets.
Pools, and pools of half of the classes, are to be like the seed; all others are not. Prints the
share of folders that were warned of, the median AUC with its ends, and the median p.
Images are changed by Pillow, in an environment that is made in the project's cache.
"""

import json
import random
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from harness.detection import copy_part
from harness.machine import print_header
from harness.pictures import blurred, changed, compressed, darkened, enter_environment, rotated
from harness.program import Program
from harness.sets import CLASSIFICATION, arguments, images_in, parse, place, split_at_dashes

DETECTION = ["cards", "bccd", "dsb_small"]
CHANGES = {"blurred": blurred, "darkened": darkened, "turned by 90": rotated,
           "JPEG quality 10": compressed}
COLUMNS = "seed         folder            like images  warned  AUC, median (ends)      p"


def images_of(data, name, part):
    """Paths of a set's part."""
    if name in CLASSIFICATION:
        return images_in(data / name / part)
    document = json.loads((data / name / f"{part}.coco.json").read_text())
    return [data / name / "images" / image["file_name"] for image in document["images"]]


def half_of_the_classes(paths):
    classes = sorted({path.parent.name for path in paths})
    return [path for path in paths if path.parent.name in classes[::2]]


def seed_of(data, name, folder):
    """What train takes."""
    if name in CLASSIFICATION:
        return ["--data", data / name / "seed"]
    copy_part(data / name, "seed", folder)
    return ["--data", folder / "annotations.json", "--task", "detect"]


def sources(data, name):
    """Name of a folder -> whether it is like the seed, images, and what becomes of them."""
    pool = images_of(data, name, "pool")
    found = {"pool": (True, pool, None)}
    if name in CLASSIFICATION:
        found["half its classes"] = (True, half_of_the_classes(pool), None)
    for change, function in CHANGES.items():
        found[change] = (False, pool, function)
    for other in CLASSIFICATION + DETECTION:
        if other != name:
            found[other] = (False, images_of(data, other, "pool"), None)
    return found


def drafted(program, run, paths, change, work):
    """summary.json's "drift" of one folder."""
    shutil.rmtree(work, ignore_errors=True)
    for i, path in enumerate(paths):
        target = work / "folder" / f"{i:04}{path.suffix.lower()}"
        if change:
            changed(path, target.with_suffix(".jpg"), change)
        else:
            place(path, target)
    done = program.run("predict", "--model", run, "--source", work / "folder", "--output",
                       work / "drafts", "--formats", "coco")
    return done.document["drift"]


def measure(program, name, run, folder, source, size, draws, work):
    like, paths, change = source
    found = []
    for draw in range(draws if len(paths) > size else 1):
        chosen = random.Random(f"{name} {folder} {size} {draw}").sample(paths, min(size, len(paths)))
        found.append(drafted(program, run, chosen, change, work))
    aucs = [one["auc"]["value"] for one in found]
    warned = sum(one["verdict"] == "unlike" for one in found)
    print(f"{name:12} {folder:17} {'yes' if like else 'no':4} {found[0]['images']:6}"
          f"  {warned:2} of {len(found):2}  {statistics.median(aucs):.2f}"
          f" ({min(aucs):.2f}-{max(aucs):.2f})"
          f" {statistics.median(one['p_value'] for one in found):12.2g}", flush=True)
    return like, warned, len(found)


def main():
    words, variants = split_at_dashes(sys.argv[1:])
    parser = arguments(__doc__)
    parser.add_argument("--sets", nargs="+", metavar="SET", default=CLASSIFICATION + DETECTION)
    parser.add_argument("--sizes", nargs="+", type=int, metavar="N", default=[30, 100, 300],
                        help="images of a folder [30 100 300]")
    parser.add_argument("--draws", type=int, metavar="N", default=3, help="of each size [3]")
    args = parse(parser, words)
    enter_environment()

    print_header(args.program, "Folders that predict warns of")
    totals = {True: [0, 0], False: [0, 0]}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = Program(args.program, folder / "cache")
        print(COLUMNS)
        for labelled in args.sets:
            run = folder / labelled / "run"
            program.run("train", *seed_of(args.data, labelled, folder / labelled), "--output", run,
                        *variants[0])
            for kind, source in sources(args.data, labelled).items():
                for size in args.sizes:
                    like, warned, runs = measure(program, labelled, run, kind, source, size,
                                                 args.draws, folder / "work")
                    totals[like][0] += warned
                    totals[like][1] += runs
    for like, (warned, runs) in totals.items():
        print(f"{'like' if like else 'unlike'} the seed: {warned} of {runs} warned of")


if __name__ == "__main__":
    main()
