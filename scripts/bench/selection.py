#!/usr/bin/env python3
"""How many labels does `select --for label` save against labels drawn at random?

    scripts/bench/selection.py                       10 divisions of clothing and of sign_digits
    scripts/bench/selection.py --sets clothing --splits 4 --draws 1 --output curves.json

Seed and pool of a set are one unlabelled pool, but for a third of the images that judges. Rounds of
20 labels: the first 20 by k-means, then what `select` takes (its blind share among it), or 20 drawn
at random; after each the head that `train` would fit, of embedding or embedding and maps.
Reached: labels at which the mean learning curve meets 95 % of the accuracy of a head fitted on the
whole pool; the intervals are of 1,000 bootstrap draws of the divisions. Worse: rounds in which
`select` is below random by more than two standard errors of the difference.

Exit code 1 where more than 0.6 of the labels are needed, or a round is worse.
Builds nothing: `cmake --build build --target preannotate_selection_bench` first.
"""

import json
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import mean, stdev

from harness.machine import print_header
from harness.program import Program
from harness.sets import CLASSIFICATION, arguments, images_in, parse, place

GOAL, SHARE = 0.6, 0.95


def columns_of(path):
    """Columns of a NumPy file [N, D]."""
    with path.open("rb") as file:
        header = file.read(128).decode("latin-1")
    return int(header.split("(")[1].split(")")[0].split(",")[1])


def dump(program, data, work):
    """Features of seed and pool together; columns of the embedding."""
    for part in ("seed", "pool"):
        for image in images_in(data / part):
            place(image, work / "all" / image.parent.name / f"{part}_{image.name}")
    for features in ("embedding", "embedding+maps"):
        program.run("train", "--data", work / "all", "--output", work / "run", "--force",
                    "--features", features, "--dump-features", work / features,
                    "--allow-skipped")
    return work / "embedding+maps", columns_of(work / "embedding/features.npy")


def curves(args, folder, embedding):
    """{method: {split: [accuracy of each round]}}, labels of the rounds, {split: full accuracy}"""
    methods = ["full", "select", *(f"random{i}" for i in range(args.draws))]

    def one(split):
        words = [args.bench, folder, embedding, args.step, args.step, args.end, split, 1, *methods]
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{args.bench} ended with {done.returncode}:\n{done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    found, full, labels = {}, {}, []
    with ThreadPoolExecutor(args.jobs) as pool:
        for line in (line for lines in pool.map(one, range(args.splits)) for line in lines):
            if line["method"] == "full":
                full[line["split"]] = line["full"]
            else:
                found.setdefault(line["method"], {})[line["split"]] = line["accuracy"]
                labels = line["labels"]
    drawn = [found[method] for method in found if method.startswith("random")]
    return {"select": found["select"],
            "random": {split: [mean(values) for values in zip(*(one[split] for one in drawn))]
                       for split in full}}, labels, full


def reached(accuracies, labels, target):
    """Labels at which the curve meets the target, between rounds by a straight line."""
    before = None
    for count, accuracy in zip(labels, accuracies):
        if accuracy >= target:
            if before is None:
                return count
            share = (target - before[1]) / (accuracy - before[1])
            return before[0] + share * (count - before[0])
        before = count, accuracy
    return None


def need(found, splits, labels, full):
    target = SHARE * mean(full[split] for split in splits)
    return {method: reached([mean(values) for values in zip(*(by_split[s] for s in splits))],
                            labels, target)
            for method, by_split in found.items()}


def ratio_interval(found, labels, full, repeats=1000):
    """Of divisions drawn again; one that random never reaches counts as its last round."""
    draw, ratios = random.Random(0), []
    for _ in range(repeats):
        splits = draw.choices(sorted(full), k=len(full))
        reach = need(found, splits, labels, full)
        ratios.append((reach["select"] or labels[-1]) / (reach["random"] or labels[-1]))
    ratios.sort()
    return ratios[int(0.025 * repeats)], ratios[int(0.975 * repeats) - 1]


def worse_rounds(found, labels, full):
    worse = []
    for i, count in enumerate(labels):
        differences = [found["select"][s][i] - found["random"][s][i] for s in full]
        error = stdev(differences) / len(differences) ** 0.5 if len(differences) > 1 else 0
        if mean(differences) < -2 * error:
            worse.append(count)
    return worse


def figures(name, found, labels, full):
    reach = need(found, sorted(full), labels, full)
    both = reach["select"] and reach["random"]
    low, high = ratio_interval(found, labels, full)
    return {"set": name, "splits": len(full), "full": mean(full.values()),
            "labels_needed": reach, "ratio": reach["select"] / reach["random"] if both else None,
            "ratio_interval": [low, high], "worse_rounds": worse_rounds(found, labels, full),
            "labels": labels,
            "accuracy": {method: [mean(values) for values in zip(*by_split.values())]
                         for method, by_split in found.items()}}


def row(f):
    words = {method: f"{value:6.0f}" if value else f"> {f['labels'][-1]:4d}"
             for method, value in f["labels_needed"].items()}
    ratio = f"{f['ratio']:.2f}" if f["ratio"] else "   -"
    low, high = f["ratio_interval"]
    print(f"{f['set']:12s} {100 * f['full']:5.1f} %  {words['random']}  {words['select']}  "
          f"{ratio} ({low:.2f}-{high:.2f})  {len(f['worse_rounds'])} of {len(f['labels'])}",
          flush=True)


def learning_curves(f):
    shown = [i for i, count in enumerate(f["labels"]) if i < 5 or count % 100 == 0]
    print("  labels " + " ".join(f"{f['labels'][i]:5d}" for i in shown))
    for method in ("random", "select"):
        print(f"  {method} " + " ".join(f"{100 * f['accuracy'][method][i]:5.1f}" for i in shown))


def main():
    parser = arguments(__doc__)
    parser.add_argument("--bench", type=Path, help="[beside --program, in tests/pipeline]")
    parser.add_argument("--sets", nargs="+", choices=CLASSIFICATION, default=CLASSIFICATION)
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--draws", type=int, default=2, help="random ones a division [%(default)s]")
    parser.add_argument("--step", type=int, default=20, help="labels a round [%(default)s]")
    parser.add_argument("--end", type=int, default=400, help="labels at most [%(default)s]")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--output", type=Path, help="JSON of all figures and curves")
    args = parse(parser, sys.argv[1:])
    args.bench = args.bench or args.program.parent / "tests/pipeline/preannotate_selection_bench"
    if not args.bench.is_file():
        parser.error(f"{args.bench} is not there: build its target preannotate_selection_bench")
    print_header(args.program, "Labels to 95 % of the accuracy of all labels")
    print("set            full   random  select  ratio (95 %)      rounds worse")
    all_figures = []
    for name in args.sets:
        with tempfile.TemporaryDirectory() as folder:
            program = Program(args.program, Path(folder) / "cache")
            features, embedding = dump(program, args.data / name, Path(folder))
            all_figures.append(figures(name, *curves(args, features, embedding)))
        row(all_figures[-1])
    for found in all_figures:
        print(found["set"])
        learning_curves(found)
    if args.output:
        args.output.write_text(json.dumps(all_figures, indent=1) + "\n")
    missed = [f for f in all_figures
              if f["ratio"] is None or f["ratio"] > GOAL or f["worse_rounds"]]
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
