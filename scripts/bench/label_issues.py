#!/usr/bin/env python3
"""Plants wrong labels and counts how many of them `issues` and cleanlab find.

    scripts/bench/label_issues.py                     classes (clothing) and boxes (bccd, cards)
    scripts/bench/label_issues.py --only classes --repeats 5
    scripts/bench/label_issues.py --only boxes

Classes: 5 and 15 % of clothing's 1,050 labels (seed and pool) are changed, to any other class or
among shirt, longsleeve, outwear and t-shirt, which look alike. cleanlab gets the very
probabilities of `issues --rounds 0`; both lists are flagged labels first (prune_by_noise_rate),
then by normalised margin. The default of `issues` is a third. Printed: the share of planted labels
among the first k of a list, k planted, and the area under precision and recall of the margin.

Boxes: of a set's pool a tenth of the boxes each is left out, given another class, or moved. A run
trained on the seed judges. ObjectLab's scores by cleanlab are compared with those of `issues` on
the same drafts, and the planted boxes counted among the first k of a kind.

Exit code 1 where the areas differ by 0.005 or box scores by 1e-4, or where cleanlab's first k hold
more planted labels. Installs cleanlab into a virtual environment of its own.
"""

import csv
import json
import random
import sys
import tempfile
from pathlib import Path
from statistics import mean

from harness.cleanlab import enter_environment
from harness.detection import copy_part
from harness.machine import print_header
from harness.program import Program
from harness.sets import arguments, images_in, parse, place

ALIKE = ["longsleeve", "outwear", "shirt", "t-shirt"]
KINDS = ["overlooked", "swapped", "badly_located"]
BOX_SETS = ["bccd", "cards"]


def clothing(data, folder):
    """All its images below one folder; (path, class) of each."""
    labels = []
    for part in ("seed", "pool"):
        for image in images_in(data / "clothing" / part):
            path = Path(part) / image.relative_to(data / "clothing" / part)
            place(image, folder / path)
            labels.append((str(path), image.parent.name))
    return labels


def planted(labels, share, kind, seed):
    """The labels with `share` of all changed, and the images changed."""
    draw = random.Random(seed)
    classes = sorted({label for _, label in labels})
    among = ALIKE if kind == "alike" else classes
    candidates = [i for i, (_, label) in enumerate(labels) if label in among]
    wrong = set(draw.sample(candidates, round(share * len(labels))))
    changed = [(path, draw.choice([c for c in among if c != label]) if i in wrong else label)
               for i, (path, label) in enumerate(labels)]
    return changed, {labels[i][0] for i in wrong}


def judged(program, folder, labels, *options):
    """What `issues --dump-scores` says of each image, in order."""
    table = folder / "labels.csv"
    with table.open("w", newline="") as file:
        csv.writer(file).writerows([("path", "label"), *labels])
    dump = folder / "scores.json"
    done = program.run("issues", "--data", table, "--output", folder / "issues", "--force",
                       "--dump-scores", dump, *options)
    return json.loads(dump.read_text()), done.wall_s


def first_hits(flagged, margin, wrong):
    """Share of wrong ones among the first k of a list, k wrong ones; flagged first, then by margin."""
    order = sorted(range(len(margin)), key=lambda i: (not flagged[i], margin[i]))
    return mean(wrong[i] for i in order[:sum(wrong)])


def figures(flagged, margin, wrong):
    """Share of the first k, area, how many are flagged, and the share of these."""
    from sklearn.metrics import average_precision_score
    right = [w for f, w in zip(flagged, wrong) if f]
    return (first_hits(flagged, margin, wrong),
            average_precision_score(wrong, [-m for m in margin]), len(right),
            mean(right) if right else 0)


def by_cleanlab(document):
    import numpy as np
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
    scores = np.array([image["scores"] for image in document["images"]])
    labels = np.array([image["labels"][0] for image in document["images"]])
    flagged = find_label_issues(labels, scores, filter_by="prune_by_noise_rate", n_jobs=1)
    return flagged.tolist(), get_label_quality_scores(labels, scores, method="normalized_margin").tolist()


def by_program(document):
    return ([image["flagged"] for image in document["images"]],
            [image["score"] for image in document["images"]])


def compare_classes(program, data, repeats, folder):
    """Prints a row a list and kind of planted labels; what is behind cleanlab."""
    labels = clothing(data, folder)
    behind = []
    print(f"\n{'planted in clothing':22} {'list':22} {'first k':>8} {'area':>7} {'flagged':>8} "
          f"{'right':>6}")
    for share in (0.05, 0.15):
        for kind in ("random", "alike"):
            rows = {"cleanlab": [], "ours, --rounds 0": [], "ours, default": []}
            for seed in range(repeats):
                changed, wrong_images = planted(labels, share, kind, seed)
                plain, _ = judged(program, folder, changed, "--rounds", 0)
                rounds, _ = judged(program, folder, changed)
                wrong = [image["image"] in wrong_images for image in plain["images"]]
                rows["cleanlab"].append(figures(*by_cleanlab(plain), wrong))
                rows["ours, --rounds 0"].append(figures(*by_program(plain), wrong))
                rows["ours, default"].append(figures(*by_program(rounds), wrong))
            means = {name: [mean(column) for column in zip(*row)] for name, row in rows.items()}
            for name, (first, area, flagged, right) in means.items():
                print(f"{f'{100 * share:.0f} % {kind}':22} {name:22} {first:8.3f} {area:7.3f} "
                      f"{flagged:8.1f} {right:6.2f}", flush=True)
            if abs(means["cleanlab"][1] - means["ours, --rounds 0"][1]) > 0.005:
                behind.append(f"areas differ at {share} {kind}")
            if means["ours, default"][0] < means["cleanlab"][0]:
                behind.append(f"fewer found at {share} {kind}")
    return behind


def spoil_boxes(document, seed):
    """Leaves out, renames and moves a tenth of the boxes each; {kind: [(image, box)]}."""
    draw = random.Random(seed)
    boxes = document["annotations"]
    tenth = len(boxes) // 10
    chosen = draw.sample(range(len(boxes)), 3 * tenth)
    names = {image["id"]: image["file_name"] for image in document["images"]}
    categories = [category["id"] for category in document["categories"]]
    spoilt = {kind: [] for kind in KINDS}
    for place_in_order, index in enumerate(chosen):
        one = boxes[index]
        kind = KINDS[place_in_order // tenth]
        if kind == "swapped" and len(categories) > 1:
            one["category_id"] = draw.choice([c for c in categories if c != one["category_id"]])
        elif kind == "badly_located":
            x, y, width, height = one["bbox"]
            one["bbox"] = [x + draw.choice([-1, 1]) * 0.4 * width,
                           y + draw.choice([-1, 1]) * 0.4 * height, width, height]
        spoilt[kind].append((names[one["image_id"]], one["bbox"]))
    left_out = set(chosen[:tenth])
    document["annotations"] = [one for i, one in enumerate(boxes) if i not in left_out]
    return spoilt


def inside(document):
    """Boxes cut to their images, as reading them does."""
    sizes = {image["id"]: (image["width"], image["height"]) for image in document["images"]}
    for one in document["annotations"]:
        x, y, width, height = one["bbox"]
        w, h = sizes[one["image_id"]]
        x1, y1 = max(x, 0), max(y, 0)
        one["bbox"] = [x1, y1, min(x + width, w) - x1, min(y + height, h) - y1]


def overlap(a, b):
    """IoU of two boxes given as x, y, width, height."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(width, 0) * max(height, 0)
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def found_boxes(issues, kind, spoilt):
    """Of the list's flagged boxes of a kind: how many, and how many of them are planted ones."""
    at = {}
    for image, box in spoilt[kind]:
        at.setdefault(image, []).append(box)
    flagged = [one for one in issues["issues"] if one["kind"] == kind and one["flagged"]]
    hits = sum(any(overlap(one["suggested_bbox" if kind == "overlooked" else "bbox"], box) > 0.5
                   for box in at.get(Path(one["image"]).name, [])) for one in flagged)
    return len(flagged), hits


def objectlab(document):
    """(overlooked, badly located, swapped, image) scores by cleanlab, image after image."""
    import numpy as np
    from cleanlab.object_detection import rank
    labels, drafts = [], []
    for image in document["images"]:
        labels.append({"bboxes": np.array([b["bbox"] for b in image["truth"]]).reshape(-1, 4),
                       "labels": np.array([b["category"] for b in image["truth"]], int)})
        of_class = np.empty(len(document["classes"]), dtype=object)
        for c in range(len(of_class)):
            rows = [[*b["bbox"], b["score"]] for b in image["drafts"] if b["category"] == c]
            of_class[c] = np.array(rows).reshape(-1, 5)
        drafts.append(of_class)
    shared = rank._get_valid_inputs_for_compute_scores(0.9, labels, drafts)
    return (rank.compute_overlooked_box_scores(auxiliary_inputs=shared),
            rank.compute_badloc_box_scores(auxiliary_inputs=shared),
            rank.compute_swap_box_scores(auxiliary_inputs=shared),
            rank.get_label_quality_scores(labels, drafts, verbose=False))


def largest_difference(document):
    import numpy as np
    overlooked, located, swapped, whole = objectlab(document)
    largest = 0
    for i, image in enumerate(document["images"]):
        order = sorted(range(len(image["drafts"])), key=lambda d: image["drafts"][d]["category"])
        pairs = [(np.nan_to_num(overlooked[i], nan=1.0),
                  [image["drafts"][d]["overlooked"] for d in order]),
                 (located[i], [b["badly_located"] for b in image["truth"]]),
                 (swapped[i], [b["swapped"] for b in image["truth"]]),
                 ([whole[i]], [image["score"]])]
        for theirs, ours in pairs:
            if len(ours):
                largest = max(largest, float(np.max(np.abs(np.array(theirs) - np.array(ours)))))
    return largest


def compare_boxes(program, data, name, folder):
    """Prints a row a kind of planted boxes; what is behind."""
    program.run("train", "--data", data / name / "seed.coco.json", "--output", folder / "run")
    document = copy_part(data / name, "pool", folder / "pool")
    spoilt = spoil_boxes(document, 0)
    inside(document)
    (folder / "pool/annotations.json").write_text(json.dumps(document))
    done = program.run("issues", "--data", folder / "pool/annotations.json", "--model",
                       folder / "run", "--output", folder / "issues",
                       "--dump-scores", folder / "scores.json")
    for kind in KINDS:
        flagged, hits = found_boxes(done.document, kind, spoilt)
        print(f"{name:8} {kind:14} {len(spoilt[kind]):8} {flagged:8} {hits:8} "
              f"{hits / flagged if flagged else 0:8.2f}")
    difference = largest_difference(json.loads((folder / "scores.json").read_text()))
    print(f"{name:8} scores of cleanlab and ours differ by at most {difference:.1e}", flush=True)
    return [f"box scores of {name} differ"] if difference > 1e-4 else []


def main():
    parser = arguments(__doc__)
    parser.add_argument("--only", choices=["classes", "boxes"])
    parser.add_argument("--repeats", type=int, default=5, help="[%(default)s]")
    args = parse(parser, sys.argv[1:])
    enter_environment()
    print_header(args.program, "Planted wrong labels")
    behind = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = Program(args.program, folder / "cache")
        if args.only != "boxes":
            behind += compare_classes(program, args.data, args.repeats, folder / "clothing")
        if args.only != "classes":
            print(f"\n{'set':8} {'kind':14} {'planted':>8} {'flagged':>8} {'of these':>8} "
                  f"{'right':>8}")
            for box_set in BOX_SETS:
                behind += compare_boxes(program, args.data, box_set, folder / box_set)
    if behind:
        sys.exit("; ".join(behind))


if __name__ == "__main__":
    main()
