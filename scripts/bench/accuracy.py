#!/usr/bin/env python3
"""Accuracy on the pools of clothing and sign_digits, trained on their seeds.

    scripts/bench/accuracy.py                              both sets, the whole seeds
    scripts/bench/accuracy.py --per-class 5 10 20 30       seeds of that many images a class
    scripts/bench/accuracy.py -- --augment light           with options of train
    scripts/bench/accuracy.py -- -- --augment light        without and with, one below the other
    scripts/bench/accuracy.py --random-weights             beside the same network untrained

The out-of-fold accuracy is what train itself says; only it may choose between options. The pool
confirms. Each train starts with an empty feature cache.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from harness.machine import ROOT, print_header
from harness.program import Program
from harness.sets import CLASSIFICATION, arguments, parse, seed_with, split_at_dashes

COLUMNS = "set          seed  own acc. pool accuracy, 95 % F1    log-l.  ECE train s  img/s"
NETWORK = "efficientnet_lite0"


def export_random(folder):
    """The default network with random weights."""
    output = folder / "random.pt"
    subprocess.run([ROOT / "scripts/export_backbone.sh", "--model", NETWORK, "--random-weights",
                    "--output", output], check=True, stdout=sys.stderr)
    return output


def figure(value, form=".3f"):
    return "-" if value is None else format(value, form)


def measure(program, labelled, seed, options, folder):
    """One row: train on the seed, draft the pool, compare with its labels."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        work = Path(name)
        trained = program.run("train", "--data", seed, "--output", work / "run", *options,
                              cache=work / "cache")
        drafted = program.run("predict", "--model", work / "run", "--source", labelled / "pool",
                              "--output", work / "drafts", "--formats", "csv")
        judged = program.run("evaluate", "--drafts", work / "drafts", "--data", labelled / "pool")
    own = trained.document["validation"] or {}
    pool = judged.document["validation"]
    accuracy = pool["accuracy"]
    print(f"{labelled.name:12} {trained.document['data']['images']:4}"
          f"  {figure(own.get('accuracy', {}).get('value')):>8}"
          f"  {accuracy['value']:.3f} ({accuracy['low']:.3f}-{accuracy['high']:.3f})"
          f" {pool['macro_f1']:.3f} {figure(pool.get('log_loss')):>6}"
          f" {figure(pool.get('ece', {}).get('value')):>5} {trained.wall_s:7.1f}"
          f" {drafted.document['time']['images_per_s']:6.0f}", flush=True)
    for sentence in trained.document["advice"]:
        print(f"  advice: {sentence}")


def main():
    words, variants = split_at_dashes(sys.argv[1:])
    parser = arguments(__doc__)
    parser.add_argument("--sets", nargs="+", metavar="SET", default=CLASSIFICATION)
    parser.add_argument("--per-class", nargs="+", type=int, metavar="N",
                        help="seed images of a class; 0 for all [0]", default=[0])
    parser.add_argument("--backbone", type=Path, help="instead of the default")
    parser.add_argument("--random-weights", action="store_true",
                        help=f"also {NETWORK} with random weights (exported first)")
    args = parse(parser, words)

    print_header(args.program, "Accuracy on the pool of what was learned from the seed")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        backbones = {"default backbone": []}
        if args.backbone:
            backbones = {args.backbone.name: ["--backbone", args.backbone, "--trust-backbone"]}
        if args.random_weights:
            backbones[f"{NETWORK}, random weights"] = [
                "--backbone", export_random(folder), "--trust-backbone"]
        program = Program(args.program, folder / "cache")
        for variant in variants:
            for backbone, options in backbones.items():
                print(f"\n{' '.join([backbone, *variant])}\n{COLUMNS}")
                for labelled in (args.data / name for name in args.sets):
                    for count in args.per_class:
                        seed = labelled / "seed" if count == 0 else folder / f"{labelled.name}{count}"
                        if not seed.exists():
                            seed_with(labelled, count, seed)
                        measure(program, labelled, seed, [*options, *variant], folder)


if __name__ == "__main__":
    main()
