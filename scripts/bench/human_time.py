#!/usr/bin/env python3
"""Seconds a person needs to correct drafted boxes, against drawing all of them from nothing.

    scripts/bench/human_time.py                      every row: 10, 30 and 100 or more images
    scripts/bench/human_time.py --rows bccd-seed     some of them
    scripts/bench/human_time.py --keep FOLDER        what detection.py --keep left there is taken
    scripts/bench/human_time.py -- --unfreeze 2      with options of train

Drafts are corrected until each object has a box of its class with IoU >= 0.7, at the costs of
human_cost.json (three columns). `evaluate --cost` counts, and so does this script from the ledger;
it fails where the two are more than 0.5 points of saved time apart. Only shown boxes count.
"""

import json
import sys
import tempfile
from pathlib import Path

from harness.detection import ROWS, chosen_rows, draft
from harness.machine import load, print_header
from harness.program import Program
from harness.sets import arguments, parse, split_at_dashes

COST = Path(__file__).with_name("human_cost.json")
COST_COLUMNS = ["central", "optimistic", "pessimistic"]
WELL_PLACED, BADLY_PLACED = 0.7, 0.5
GOAL = {"bccd-seed": 0.55, "bccd-pool": 0.55, "cards-seed": 0.55, "cards-pool": 0.55}  # central
AGREEMENT = 0.005
COUNTS = ["shown", "right", "badly_placed", "swapped", "false_boxes", "missed"]
TABLE = ("row         trained on  cost         by hand  drafts  saved goal"
         "  this script's")


def overlap(a, b):
    """IoU of two [left, top, width, height]."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(0.0, width) * max(0.0, height)
    union = a[2] * a[3] + b[2] * b[3] - shared
    return shared / union if union > 0 else 0.0


def correct_image(boxes, objects):
    """What has to be done to the shown boxes: best score first, each object once."""
    boxes = sorted(boxes, key=lambda box: -box["score"])
    counts = dict.fromkeys(COUNTS, 0) | {"shown": len(boxes), "objects": len(objects)}
    fits = [("right", True, WELL_PLACED), ("badly_placed", True, BADLY_PLACED),
            ("swapped", False, WELL_PLACED)]
    for name, same, least in fits:
        left = []
        for box in boxes:
            near = [(overlap(box["bbox"], one["bbox"]), i) for i, one in enumerate(objects)
                    if (one["category"] == box["category"]) == same]
            best, i = max(near, default=(0, None), key=lambda pair: pair[0])
            if best >= least:
                counts[name] += 1
                objects = objects[:i] + objects[i + 1:]
            else:
                left.append(box)
        boxes = left
    return counts | {"false_boxes": len(boxes), "missed": len(objects)}


def correct(ledger, truth):
    """The counts summed over all images of the truth."""
    names = {category["id"]: category["name"] for category in truth["categories"]}
    objects = {image["file_name"]: [] for image in truth["images"]}
    file_of = {image["id"]: image["file_name"] for image in truth["images"]}
    for one in truth["annotations"]:
        objects[file_of[one["image_id"]]].append(
            {"bbox": one["bbox"], "category": names[one["category_id"]]})
    shown = {line["image"]: line.get("labels", []) for line in ledger}
    total = dict.fromkeys(COUNTS, 0) | {"objects": 0, "images": len(objects)}
    for image, boxes in objects.items():
        for name, count in correct_image(shown.get(image, []), boxes).items():
            total[name] += count
    return total


def seconds(counts, cost):
    """(by hand, with drafts) an image."""
    anew = cost["draw"] + cost["reclass"]
    opened = cost["load"] + cost["scan"]
    work = (counts["shown"] * cost["verify"] + counts["false_boxes"] * cost["remove"]
            + counts["badly_placed"] * cost["adjust"] + counts["swapped"] * cost["reclass"]
            + counts["missed"] * anew)
    return (opened + counts["objects"] * anew / counts["images"],
            opened + work / counts["images"])


def share(value):
    return f"{100 * value:5.1f} %"


def measure(program, row, drafted):
    """Prints the row; returns its figures a cost column."""
    model = json.loads(COST.read_text())["seconds"]
    counts = correct(drafted.ledger(), json.loads(drafted.truth.read_text()))
    found = {}
    for column in COST_COLUMNS:
        theirs = program.run("evaluate", "--drafts", drafted.drafts, "--data", drafted.truth,
                             "--cost", f"{COST}:{column}").document["validation"]["effort"]
        by_hand, with_drafts = seconds(counts, {name: one[column] for name, one in model.items()})
        saved = 1 - with_drafts / by_hand
        goal = GOAL.get(row.name) if column == "central" else None
        missed = goal is not None and theirs["saved_share"] < goal
        print(f"{row.name if column == 'central' else '':11} "
              f"{str(drafted.cost['images']) if column == 'central' else '':>10}"
              f"  {column:11}  {theirs['manual_seconds_per_image']:7.1f}"
              f" {theirs['seconds_per_image']:7.1f} {share(theirs['saved_share'])}"
              f" {'' if goal is None else format(100 * goal, '.0f') + ('!' if missed else ''):4}"
              f" {by_hand:7.1f} {with_drafts:6.1f} {share(saved)}")
        found[column] = {"manual_seconds_per_image": theirs["manual_seconds_per_image"],
                         "seconds_per_image": theirs["seconds_per_image"],
                         "saved_share": theirs["saved_share"], "own_saved_share": saved}
    for who, of in (("evaluate", theirs), ("this script", counts)):
        print(f"            {who:11} " + ", ".join(f"{name} {of[name]}" for name in COUNTS))
    print(f"            {counts['objects']} objects in {counts['images']} images,"
          f" of {drafted.cost['commit']}", flush=True)
    return found


def main():
    words, variants = split_at_dashes(sys.argv[1:])
    parser = arguments(__doc__)
    parser.add_argument("--rows", default=",".join(ROWS), metavar="LIST", help="[%(default)s]")
    parser.add_argument("--keep", type=Path, metavar="FOLDER",
                        help="of runs and drafts; what is there is not made again")
    parser.add_argument("--json", type=Path, metavar="FILE", help="figures as JSON")
    args = parse(parser, words)
    rows = chosen_rows(args.rows, parser)

    print_header(args.program, "Seconds an image to correct the drafts, and to draw all by hand")
    results = []
    with tempfile.TemporaryDirectory() as name:
        program = Program(args.program, Path(name) / "cache")
        for variant in variants:
            print(f"\n{' '.join(['train', *variant])}\n{TABLE}")
            for row in rows:
                folder = (args.keep or Path(name)) / "_".join([row.name, *variant])
                drafted = draft(program, args.data, row, variant, folder, any_program=True)
                results.append({"row": row.name, "options": variant,
                                "cost": measure(program, row, drafted)})
                if args.json:
                    args.json.write_text(json.dumps({"rows": results}, indent=1) + "\n")
    print(f"\n! goal missed; {load()} at the end")
    apart = {result["row"] for result in results for one in result["cost"].values()
             if abs(one["saved_share"] - one["own_saved_share"]) > AGREEMENT}
    if apart:
        sys.exit(f"evaluate and this script disagree on {', '.join(sorted(apart))}")


if __name__ == "__main__":
    main()
