#!/usr/bin/env python3
"""mAP and exact match of multi-label drafts on the cards set.

    scripts/bench/multilabel.py [-- OPTIONS of train]

The set's boxes become image-level labels of their categories.
"""

import csv
import json
import sys
import tempfile
from pathlib import Path

from harness.machine import print_header
from harness.program import Program
from harness.sets import arguments, parse, place, split_at_dashes


def labelled_folder(cards, part, folder):
    """Images of the part and labels.csv; (images, images with two or more labels)."""
    document = json.loads((cards / f"{part}.coco.json").read_text())
    names = {category["id"]: category["name"] for category in document["categories"]}
    labels = {image["id"]: set() for image in document["images"]}
    for annotation in document["annotations"]:
        labels[annotation["image_id"]].add(names[annotation["category_id"]])
    folder.mkdir()
    with open(folder / "labels.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "label"])
        for image in document["images"]:
            place(cards / "images" / image["file_name"], folder / image["file_name"])
            writer.writerow([image["file_name"], ";".join(sorted(labels[image["id"]]))])
    return len(labels), sum(len(names) > 1 for names in labels.values())


def figure(value):
    return "    -" if value is None else f"{value:.3f}"


def print_figures(who, figures):
    match = figures["exact_match"]
    ece = figures.get("ece", {}).get("value")
    print(f"{who:12} {figures['items']:6} {figures['map']:.3f}"
          f" {match['value']:.3f} ({match['low']:.3f}-{match['high']:.3f})"
          f" {figures['micro_f1']:8.3f} {figures['macro_f1']:8.3f}"
          f" {figures['log_loss']:8.3f} {figure(ece)}")


def print_classes(pool):
    print("\nclass        images precision recall    F1    AP")
    for entry in pool["per_class"]:
        print(f"{entry['name']:12} {entry['support']:6}     {figure(entry['precision'])}"
              f"  {figure(entry['recall'])} {figure(entry['f1'])}"
              f" {figure(entry['average_precision'])}")


def main():
    words, variants = split_at_dashes(sys.argv[1:])
    args = parse(arguments(__doc__), words)
    print_header(args.program, "Multi-label drafts of cards")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = Program(args.program, folder / "cache")
        for part in ("seed", "pool"):
            images, several = labelled_folder(args.data / "cards", part, folder / part)
            print(f"{part}: {images} images, {several} with two labels or more")
        for variant in variants:
            trained = program.run("train", "--data", folder / "seed", "--task", "multilabel",
                                  "--output", folder / "run", "--force", *variant)
            program.run("predict", "--model", folder / "run", "--source", folder / "pool",
                        "--output", folder / "drafts", "--force")
            pool = program.run("evaluate", "--drafts", folder / "drafts",
                               "--data", folder / "pool").document["validation"]
            print(f"\n{' '.join(['train --task multilabel', *variant])}")
            print("on           images   mAP all right, 95 %   micro F1 macro F1 log-loss   ECE")
            if trained.document["validation"]:
                print_figures("seed, folds", trained.document["validation"])
            print_figures("pool", pool)
            print_classes(pool)


if __name__ == "__main__":
    main()
