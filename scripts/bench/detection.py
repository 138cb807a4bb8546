#!/usr/bin/env python3
"""AP of drafted boxes on bccd, cards and dsb_small, trained on one part and scored on the other.

    scripts/bench/detection.py                             every row
    scripts/bench/detection.py --rows bccd-seed,cards-10   some of them
    scripts/bench/detection.py -- --unfreeze 2             with options of train
    scripts/bench/detection.py --keep FOLDER               runs and drafts stay there; the same
                                                           program takes them from there again
    scripts/bench/detection.py --json FILE                 figures as JSON too

pycocotools scores every box of the ledger, those below the threshold too; only images of the other
part are scored. `own` is the AP50 that train itself says. `0.6-0.8` is the share of shown boxes of
such a score that are right at IoU 0.5, as a calibrated score promises 0.7. The seed's order makes a
row's first 10 images. Each train starts with an empty feature cache. Installs pycocotools into a
virtual environment of its own in the cache folder.
"""

import contextlib
import io
import json
import sys
import tempfile
from pathlib import Path

from harness.coco import VERSION, enter_environment
from harness.detection import ROWS, chosen_rows, draft
from harness.machine import load, print_header
from harness.program import Program
from harness.sets import arguments, parse, split_at_dashes

AP50_GOALS = {"bccd-pool": 0.93, "bccd-seed": 0.83, "bccd-10": 0.79, "cards-pool": 0.94,
              "cards-seed": 0.76, "cards-10": 0.62, "dsb-seed": 0.80, "dsb-pool": 0.78}
AP_GOALS = {"bccd-pool": 0.58}
SECONDS_GOALS = [(30, 75), (261, 240)]  # images up to, seconds of a whole train
COLUMNS = ("row        images  AP50 goal     AP  small    own  0.6-0.8 (boxes)"
           "  train s goal   step  img/s")


def seconds_goal(images):
    return next(seconds for most, seconds in SECONDS_GOALS if images <= most)


def every_box(ledger, truth):
    """Boxes of the ledger as COCO results; a shown one has `shown`."""
    images = {image["file_name"]: image["id"] for image in truth["images"]}
    categories = {category["name"]: category["id"] for category in truth["categories"]}
    found = []
    for line in ledger:
        for key in ("labels", "candidates"):
            found += [{"image_id": images[line["image"]],
                       "category_id": categories[box["category"]], "bbox": box["bbox"],
                       "score": box["score"], "shown": key == "labels"}
                      for box in line.get(key, [])]
    return found


def judge(truth_file, found):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(truth_file))
        if found:
            drafts = truth.loadRes(found)
        else:  # loadRes refuses an empty list
            drafts = COCO()
            drafts.dataset = truth.dataset | {"annotations": []}
            drafts.createIndex()
        judged = COCOeval(truth, drafts, "bbox")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    return judged


def per_class_ap50(judged):
    precision = judged.eval["precision"][0, :, :, 0, 2]  # IoU 0.5, all sizes, 100 boxes
    categories = judged.cocoGt.loadCats(judged.params.catIds)
    means = [column[column > -1] for column in precision.T]
    return {category["name"]: float(mean.mean()) if mean.size else None
            for category, mean in zip(categories, means, strict=True)}


def share_right(judged, low, high):
    """(boxes, share right at IoU 0.5) of the shown boxes with a score in [low, high]."""
    shown = {box["id"] for box in judged.cocoDt.dataset["annotations"] if box.get("shown")}
    right = []
    for image in judged.evalImgs:
        if image is None or image["aRng"] != judged.params.areaRng[0]:
            continue
        for box, score, match, ignored in zip(image["dtIds"], image["dtScores"],
                                              image["dtMatches"][0], image["dtIgnore"][0]):
            if box in shown and low <= score <= high and not ignored:
                right.append(match > 0)
    return len(right), sum(right) / len(right) if right else None


def figures_of(row, drafted):
    truth = json.loads(drafted.truth.read_text())
    ledger = drafted.ledger()
    lacking = {image["file_name"] for image in truth["images"]} - {
        line["image"] for line in ledger if line["status"] in ("done", "empty")}
    if lacking:
        sys.exit(f"{row.name}: {len(lacking)} images have no draft, e.g. {min(lacking)}")
    judged = judge(drafted.truth, every_box(ledger, truth))
    names = ["map", "map50", "map75", "map_small", "map_medium", "map_large"]
    stats = {name: float(value) if value > -1 else None
             for name, value in zip(names, judged.stats)}
    boxes, right = share_right(judged, 0.6, 0.8)
    metrics = drafted.metrics()
    own = metrics["validation"] or {}
    return {**drafted.cost, **stats, "per_class_map50": per_class_ap50(judged),
            "own_map50": own.get("map50"), "own_method": own.get("method"),
            "chosen_step": metrics.get("training", {}).get("chosen_step"),
            "confidence_check": {"low": 0.6, "high": 0.8, "boxes": boxes, "right": right},
            "scored_images": len(truth["images"])}


def figure(value, form=".3f"):
    return "-" if value is None else format(value, form)


def goal(value, wanted, form):
    """The goal, with ! where it is missed."""
    if wanted is None:
        return ""
    missed = value is None or (value < wanted if form == ".2f" else value > wanted)
    return format(wanted, form) + ("!" if missed else "")


def print_row(row, found):
    check = found["confidence_check"]
    print(f"{row.name:10} {found['images']:6}  {figure(found['map50'])}"
          f" {goal(found['map50'], AP50_GOALS.get(row.name), '.2f'):5}"
          f" {figure(found['map']):>6} {figure(found['map_small']):>6}"
          f" {figure(found['own_map50']):>6}    {figure(check['right'], '.2f'):>5}"
          f" {'(' + str(check['boxes']) + ')':>7}"
          f"  {found['train_s']:7.1f} {goal(found['train_s'], seconds_goal(found['images']), '.0f'):5}"
          f" {figure(found['chosen_step'], 'd'):>5} {found['images_per_s']:6.1f}")
    classes = ", ".join(f"{name} {figure(value)}"
                        for name, value in found["per_class_map50"].items())
    own = f"; own: {found['own_method']}" if found["own_method"] else ""
    wanted = AP_GOALS.get(row.name)
    ap = f"; AP goal {goal(found['map'], wanted, '.2f')}" if wanted else ""
    print(f"           AP50 {classes}{ap}{own};"
          f" {found['train_mib']:.0f} MiB", flush=True)


def main():
    words, variants = split_at_dashes(sys.argv[1:])
    parser = arguments(__doc__)
    parser.add_argument("--rows", default=",".join(AP50_GOALS), metavar="LIST",
                        help=f"of {', '.join(ROWS)} [those with a goal]")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="of runs and drafts")
    parser.add_argument("--json", type=Path, metavar="FILE", help="figures as JSON")
    args = parse(parser, words)
    rows = chosen_rows(args.rows, parser)
    enter_environment()

    print_header(args.program, f"Boxes: AP of all drafts, by pycocotools {VERSION}")
    results = []
    with tempfile.TemporaryDirectory() as name:
        program = Program(args.program, Path(name) / "cache")
        for variant in variants:
            print(f"\n{' '.join(['train', *variant])}\n{COLUMNS}")
            for row in rows:
                folder = (args.keep or Path(name)) / "_".join([row.name, *variant])
                drafted = draft(program, args.data, row, variant, folder)
                found = figures_of(row, drafted)
                print_row(row, found)
                results.append({"row": row.name, "set": row.set, "trained_on": row.train,
                                "map50_goal": AP50_GOALS.get(row.name), **found})
                if args.json:  # after each, so that what was measured is kept
                    args.json.write_text(json.dumps({"rows": results}, indent=1) + "\n")
    print(f"\n! goal missed; {load()} at the end")


if __name__ == "__main__":
    main()
