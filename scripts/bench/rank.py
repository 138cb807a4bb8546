#!/usr/bin/env python3
"""Whether `rank` puts backbones in the order in which they do on images it has not seen.

    scripts/bench/rank.py                       exports the backbones first, kept in the cache folder
    scripts/bench/rank.py --folder FOLDER       every .pt file of a folder instead

For each classification set: `rank` on the seed, then, for each backbone, train on the seed at the
backbone's own side, predict the pool, evaluate. Prints accuracy and log-loss on the pool beside what
rank said of the seed, and how well the orders agree: Spearman's rho, Kendall's tau and the weighted
tau (the top of the list counts most), of rank's log-loss and of LogME, with the accuracy on the pool.

The backbones: EfficientNet-Lite0, Lite1 and Lite2; Lite0 for pictures of 128 and of 64 pixels;
MobileNetV2; Lite0 and ResNet-18 with random weights. SciPy is installed into a virtual environment
of its own in the cache folder.
"""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from harness.machine import ROOT, cache_folder, print_header
from harness.program import Program
from harness.sets import CLASSIFICATION, arguments, parse

PACKAGES = ["numpy==2.3.4", "scipy==1.16.3"]
GOAL = 0.9
EXPORTS = {
    "efficientnet_lite1": ["--model", "efficientnet_lite1"],
    "efficientnet_lite2": ["--model", "efficientnet_lite2"],
    "lite0_128": ["--model", "efficientnet_lite0", "--imgsz", "128"],
    "lite0_64": ["--model", "efficientnet_lite0", "--imgsz", "64"],
    "random_lite0": ["--model", "efficientnet_lite0", "--random-weights"],
    "random_resnet18": ["--model", "torchvision:resnet18", "--random-weights"],
    "mobilenet_v2": ["--model", "torchvision:mobilenet_v2", "--weights", "mobilenet_v2.pth"],
}


def enter_environment():
    """Runs the script again with the Python of an environment with SciPy, made where absent."""
    folder = cache_folder() / "rank-venv"
    python = folder / "bin/python"
    if Path(sys.prefix).resolve() == folder.resolve():
        return
    if not python.exists() or subprocess.run([python, "-c", "import scipy"],
                                             capture_output=True).returncode:
        print(f"installing {' and '.join(PACKAGES)} into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    os.execv(python, [str(python), *sys.argv])


def export(folder):
    """The backbones of EXPORTS that `folder` lacks."""
    folder.mkdir(parents=True, exist_ok=True)
    script = ROOT / "scripts/export_backbone.sh"
    for name, options in EXPORTS.items():
        output = folder / f"{name}.pt"
        if output.exists():
            continue
        words = list(options)
        if "--weights" in words:
            weights = folder / words[-1]
            python = cache_folder() / "export-venv/bin/python"
            subprocess.run([python, ROOT / "scripts/bench/peers/mobilenet_v2.py", weights],
                           check=True)
            words[-1] = weights
        subprocess.run([script, *words, "--output", output], check=True, stdout=sys.stderr)
    return folder


def on_pool(program, labelled, backbone, work):
    """Accuracy and log-loss on the pool of what train makes of the seed."""
    run, drafts = work / "run", work / "drafts"
    program.run("train", "--data", labelled / "seed", "--backbone", backbone["file"],
                "--trust-backbone", "--imgsz", backbone["input_side"], "--output", run, "--force")
    program.run("predict", "--model", run, "--source", labelled / "pool", "--output", drafts,
                "--precision", "fp32", "--formats", "csv", "--force")
    judged = program.run("evaluate", "--drafts", drafts, "--data", labelled / "pool")
    validation = judged.document["validation"]
    return validation["accuracy"]["value"], validation["log_loss"]


def agreement(said, accuracy):
    from scipy.stats import kendalltau, spearmanr, weightedtau
    return [judge(said, accuracy).statistic for judge in (spearmanr, kendalltau, weightedtau)]


def measure(program, labelled, files, work):
    """One set; returns the agreement of rank's log-loss."""
    words = ["rank", "--data", labelled / "seed", "--trust-backbone", "--backbones", *files]
    first, again = program.run(*words), program.run(*words)
    print(f"\n{labelled.name}: {len(files)} backbones, {first.document['data']['images']} images; "
          f"rank took {first.wall_s:.1f} s, features cached {again.wall_s:.1f} s")
    print(f"{'backbone':20} log-loss accuracy  LogME  img/s   pool: accuracy log-loss")
    losses, evidences, accuracies = [], [], []
    for backbone in first.document["backbones"]:
        accuracy, log_loss = on_pool(program, labelled, backbone, work)
        losses.append(-backbone["log_loss"])
        evidences.append(backbone["log_me"])
        accuracies.append(accuracy)
        print(f"{backbone['name']:20} {backbone['log_loss']:8.3f}"
              f" {backbone['accuracy']['value']:8.3f} {backbone['log_me']:6.3f}"
              f" {backbone['images_per_s']:6.0f} {accuracy:16.3f} {log_loss:8.3f}", flush=True)
    advice = first.document["recommendation"]
    print(f"use {advice['name']}: {advice['reason']}")
    print(f"{'agreement with the accuracy on the pool':42} Spearman Kendall weighted")
    of_losses = agreement(losses, accuracies)
    for title, row in (("log-loss", of_losses), ("LogME", agreement(evidences, accuracies))):
        marks = ["" if value >= GOAL else "*" for value in row]
        print(f"{title:42} " + " ".join(f"{value:7.3f}{mark or ' '}"
                                        for value, mark in zip(row, marks)))
    return of_losses


def main():
    parser = arguments(__doc__)
    parser.add_argument("--folder", type=Path, help="of the backbones; the default one joins them")
    parser.add_argument("--sets", nargs="+", metavar="SET", default=CLASSIFICATION)
    args = parse(parser, sys.argv[1:])
    enter_environment()
    folder = args.folder or export(cache_folder() / "rank-backbones")
    files = [ROOT / "models/efficientnet_lite0.pt", *sorted(folder.glob("*.pt"))]
    print_header(args.program, "The order of backbones, on the seed by rank and on the pool")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        program = Program(args.program, work / "cache")
        for labelled in args.sets:
            measure(program, args.data / labelled, files, work)
    print(f"\n* below the goal of {GOAL} (of the log-loss)")


if __name__ == "__main__":
    main()
