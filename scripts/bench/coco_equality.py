#!/usr/bin/env python3
"""Compares our COCO figures with pycocotools on random cases; fails where one differs by > 1e-6.

    scripts/bench/coco_equality.py [--cases 300]

The cases have crowds, equal scores, overlaps exactly on a threshold, images and categories without
anything, all sizes, and more than 100 boxes in an image. A last, large case is timed. Installs
pycocotools into a virtual environment of its own in the cache folder, and builds the program that
prints our figures (tests/bench/coco_figures.cpp).
"""

import argparse
import contextlib
import io
import json
import subprocess
import sys
import time
from pathlib import Path

from harness.coco import VERSION, enter_environment
from harness.machine import ROOT

GOAL = 1e-6
NAMES = ["AP", "AP50", "AP75", "AP small", "AP medium", "AP large", "AR1", "AR10", "AR100",
         "AR small", "AR medium", "AR large"]


def random_boxes(random, count, extent, grid):
    """Corners on a grid (0: any float32); sides from 4 px to the image's, evenly in log."""
    import numpy as np
    sides = np.exp(random.uniform(np.log(4), np.log(extent), (count, 2)))
    corner = random.uniform(0, 1, (count, 2)) * (extent - sides)
    return on_grid(np.concatenate([corner, corner + sides], axis=1), grid)


def on_grid(boxes, grid):
    import numpy as np
    if grid:
        boxes = np.round(boxes / grid) * grid
        boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + grid)
    return boxes.astype(np.float32).astype(np.float64)


def random_image(random, classes, objects, drafts, settings):
    """Truth, and drafts near it and anywhere."""
    import numpy as np
    extent, grid, levels, crowds = settings
    boxes = random_boxes(random, objects, extent, grid)
    truth = []
    for box in boxes:
        area = (box[2] - box[0]) * (box[3] - box[1])
        area *= random.choice([1, random.uniform(0.4, 1)])  # that of the box, or of a mask in it
        truth.append([*box, int(random.integers(classes)), int(random.random() < crowds),
                      float(area)])
    drafted = random_boxes(random, drafts, extent, grid)
    for d in range(drafts if objects else 0):
        if random.random() < 0.7:
            box = boxes[random.integers(objects)]
            sides = np.tile(box[2:] - box[:2], 2)
            moved = box + sides * random.normal(0, random.choice([0, 0.05, 0.2]), 4)
            drafted[d] = on_grid(np.concatenate([moved[:2], np.maximum(moved[2:], moved[:2] + 1)])
                                 [None], grid)[0]
    scores = random.uniform(0, 1, drafts)
    if levels:
        scores = np.ceil(scores * levels) / levels
    categories = [truth[random.integers(objects)][4] if objects and random.random() < 0.7
                  else int(random.integers(classes)) for _ in range(drafts)]
    return {"truth": truth,
            "drafts": [[*map(float, box), category, float(score)]
                       for box, category, score in zip(drafted, categories, scores)]}


def random_case(random):
    """Classes above `drawn` stay without boxes."""
    drawn = int(random.integers(1, 5))
    settings = (float(random.choice([64, 320, 640])), float(random.choice([0, 1, 8])),
                int(random.choice([0, 4, 10])), float(random.choice([0, 0.1, 0.5])))
    images = []
    crowded = random.random() < 0.2
    for _ in range(int(random.integers(1, 13))):
        objects = int(random.choice([0, 1, 3, 12]))
        drafts = int(random.choice([0, 1, 5, 40]))
        if crowded and random.random() < 0.3:
            objects, drafts = int(random.integers(30, 150)), int(random.integers(90, 320))
        images.append(random_image(random, drawn, objects, drafts, settings))
    return {"classes": drawn + int(random.integers(0, 3)), "images": images}


def large_case(random):
    """300 images, 3 categories, 100 drafts of each in each image."""
    settings = (640.0, 0, 0, 0.02)
    return {"classes": 3,
            "images": [random_image(random, 3, 30, 300, settings) for _ in range(300)]}


def ours(build, cases):
    target = "preannotate_coco_figures"
    subprocess.run(["cmake", "--build", build, "--target", target], check=True,
                   stdout=subprocess.DEVNULL)
    done = subprocess.run([build / "tests/metrics" / target], check=True, text=True,
                          stdout=subprocess.PIPE,
                          input="".join(json.dumps(case) + "\n" for case in cases))
    return [json.loads(line) for line in done.stdout.splitlines()]


def annotation(number, image, row):
    x1, y1, x2, y2, category = row[:5]
    return {"id": number, "image_id": image, "category_id": category + 1,
            "bbox": [x1, y1, x2 - x1, y2 - y1]}


def in_coco(case):
    """(truth, drafts) as pycocotools holds them."""
    from pycocotools.coco import COCO
    truth, drafts = [], []
    for i, image in enumerate(case["images"], start=1):
        truth += [annotation(len(truth) + k, i, row) | {"iscrowd": row[5], "area": row[6]}
                  for k, row in enumerate(image["truth"], start=1)]
        drafts += [annotation(0, i, row) | {"score": row[5]} for row in image["drafts"]]
    held = COCO()
    held.dataset = {"images": [{"id": i + 1} for i in range(len(case["images"]))],
                    "categories": [{"id": c + 1} for c in range(case["classes"])],
                    "annotations": truth}
    held.createIndex()
    if drafts:
        return held, held.loadRes(drafts)
    none = COCO()  # loadRes refuses an empty list
    none.dataset = held.dataset | {"annotations": []}
    none.createIndex()
    return held, none


def theirs(case):
    from pycocotools.cocoeval import COCOeval
    with contextlib.redirect_stdout(io.StringIO()):
        truth, drafts = in_coco(case)
        start = time.perf_counter()
        judge = COCOeval(truth, drafts, "bbox")
        judge.evaluate()
        judge.accumulate()
        seconds = time.perf_counter() - start
        judge.summarize()
    precision, recall = judge.eval["precision"], judge.eval["recall"]
    classes = range(case["classes"])

    def mean(values):
        return float(values[values > -1].mean()) if (values > -1).any() else -1.0

    return {"stats": [float(value) for value in judge.stats],
            "class_ap": [mean(precision[:, :, c, 0, 2]) for c in classes],
            "class_ap50": [mean(precision[0, :, c, 0, 2]) for c in classes],
            "class_ar100": [mean(recall[:, c, 0, 2]) for c in classes],
            "seconds": seconds}


def differences(a, b):
    """[(figure, |a - b|)]"""
    pairs = list(zip(NAMES, a["stats"], b["stats"], strict=True))
    for key in ("class_ap", "class_ap50", "class_ar100"):
        pairs += [(key, x, y) for x, y in zip(a[key], b[key], strict=True)]
    return [(name, abs(x - y)) for name, x, y in pairs]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=300, help="random cases [%(default)s]")
    parser.add_argument("--seed", type=int, default=7, help="of the random cases [%(default)s]")
    parser.add_argument("--build", type=Path, default=ROOT / "build",
                        help="configured build folder [%(default)s]")
    args = parser.parse_args()
    enter_environment()
    import numpy as np

    random = np.random.default_rng(args.seed)
    cases = [random_case(random) for _ in range(args.cases)] + [large_case(random)]
    found, wanted = ours(args.build.resolve(), cases), [theirs(case) for case in cases]
    largest, differing, figures, defined = {}, 0, 0, 0
    for a, b in zip(found, wanted, strict=True):
        of_case = differences(a, b)
        differing += any(not difference <= GOAL for _, difference in of_case)
        figures += len(of_case)
        defined += sum(value > -1 for key in b if key != "seconds" for value in b[key])
        for name, difference in of_case:
            largest[name] = max(largest.get(name, 0), difference)
    boxes = sum(len(image["drafts"]) for case in cases for image in case["images"])
    print(f"{len(cases)} cases, {boxes} drafts, {figures} figures ({defined} defined) against "
          f"pycocotools {VERSION}")
    for name, difference in largest.items():
        print(f"  {name:12} largest difference {difference:.1e}")
    print(f"largest of all {max(largest.values()):.1e}; {differing} cases differ by more than "
          f"{GOAL:.0e}")
    print(f"300 images x 3 categories x 100 drafts: ours {found[-1]['seconds']:.2f} s, "
          f"pycocotools {wanted[-1]['seconds']:.2f} s")
    if differing:
        sys.exit("our figures are not those of pycocotools")


if __name__ == "__main__":
    main()
