#!/usr/bin/env python3
"""Does the audit's interval hold the error that is left, whoever reviewed?

    scripts/bench/audit.py                       500 simulated audits for each kind of reviewer
    scripts/bench/audit.py --repeats 50 --budget 200

Drafts of a pool by a run on the seed are certified at 5 %; a simulated reviewer goes through the
others, corrects a wrong draft, but accepts it with probability beta. `select --for audit` draws from
the finished set, the true labels are the answers, and `audit --max-error` is asked after each 100 of
them until it says that the promise is kept or broken: one may stop at any time. Covered: the 95 %
interval at that point holds the true share of wrong labels. Wrongly kept: the promise is called kept
though more are wrong. Also: how often 60 honeypots put beta into their interval.
"""

import json
import random
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from certificate import pool_drafts
from harness.machine import print_header
from harness.program import Program
from harness.sets import CLASSIFICATION, arguments, parse

STEP = 100
BETAS = [0.0, 0.1, 0.3]


def csv_of(labels):
    return "path,label\n" + "".join(f"{image},{label}\n" for image, label in labels.items())


def ledger_of(drafts):
    return {entry["image"]: entry for entry in map(
        json.loads, (drafts.folder / "drafts.jsonl").read_text().splitlines())}


def certify(program, drafts, work):
    """Accepts what 5 % allow; what the sample's images are is known afterwards."""
    program.run("select", drafts.folder, "--for", "certify", "--budget", 150, "--seed", 1)
    chosen = json.loads((drafts.folder / "selections/certify/selection.json").read_text())["images"]
    (work / "sample.csv").write_text(csv_of({image: drafts.truth[image] for image in chosen}))
    program.run("certify", drafts.folder, "--answers", work / "sample.csv", "--max-error", 0.05)
    return set(chosen)


def reviewed(drafts, ledger, beta, rng):
    """The finished label of every image."""
    labels = {}
    for image, entry in ledger.items():
        label = entry["labels"][0]["category"]
        if entry["bucket"] == "answered":
            label = drafts.truth[image]
        elif entry["bucket"] == "review" and drafts.wrong[image] and rng.random() >= beta:
            label = drafts.truth[image]
        labels[image] = label
    return labels


def one_audit(program, drafts, labels, promise, budget, seed, work):
    """What audit says when it is done, or the sample is."""
    shutil.rmtree(drafts.folder / "selections/audit", ignore_errors=True)
    (work / "finished.csv").write_text(csv_of(labels))
    program.run("select", drafts.folder, "--for", "audit", "--budget", budget, "--seed", seed,
                "--labels", work / "finished.csv")
    chosen = json.loads((drafts.folder / "selections/audit/selection.json").read_text())["images"]
    for answered in range(STEP, budget + STEP, STEP):
        (work / "audit.csv").write_text(
            csv_of({image: drafts.truth[image] for image in chosen[:answered]}))
        said = program.run("audit", drafts.folder, "--labels", work / "finished.csv", "--answers",
                           work / "audit.csv", "--max-error", promise, allowed=(0, 1)).document
        if said["verdict"] != "open":
            break
    return said


def simulate(program, drafts, beta, promise, args, work):
    ledger = ledger_of(drafts)
    covered = wrongly_kept = 0
    verdicts, answers, errors = {"kept": 0, "broken": 0, "open": 0}, [], []
    for seed in range(args.repeats):
        labels = reviewed(drafts, ledger, beta, random.Random(f"{seed} {beta}"))
        error = sum(labels[image] != drafts.truth[image] for image in labels) / len(labels)
        said = one_audit(program, drafts, labels, promise, args.budget, seed, work)
        covered += said["error"]["low"] - 1e-9 <= error <= said["error"]["high"] + 1e-9
        wrongly_kept += said["verdict"] == "kept" and error > promise
        verdicts[said["verdict"]] += 1
        answers.append(said["answers"])
        errors.append(error)
    share = 100 / args.repeats
    print(f"{beta:4.0%}  {100 * statistics.mean(errors):5.2f} %  {100 * promise:2.0f} %"
          f"  {share * covered:7.1f} %  {share * wrongly_kept:6.1f} %"
          f"  {share * verdicts['kept']:5.1f} {share * verdicts['broken']:6.1f}"
          f" {share * verdicts['open']:5.1f}  {statistics.mean(answers):6.0f}", flush=True)


def honeypots(program, drafts, sample, args, work):
    """60 planted wrong drafts a reviewer, who accepts each with probability beta."""
    (work / "gold.csv").write_text(csv_of({image: drafts.truth[image] for image in sample}))
    print("\nbeta  60 honeypots: interval holds beta, mean width")
    for beta in BETAS:
        held, widths = 0, []
        for seed in range(args.repeats):
            shutil.rmtree(drafts.folder / "selections/review", ignore_errors=True)
            program.run("select", drafts.folder, "--for", "review", "--budget", 200, "--honeypots",
                        0.3, "--gold", work / "gold.csv", "--seed", seed)
            planted = json.loads((drafts.folder / "selections/review/selection.json").read_text())
            rng = random.Random(f"{seed} {beta}")
            answers = {}
            for pot in planted["honeypots"]:
                shown, truth = (pot[key][0]["category"] for key in ("labels", "truth"))
                answers[pot["image"]] = shown if pot["right"] or rng.random() < beta else truth
            (work / "reviewed.csv").write_text(csv_of(answers))
            said = program.run("audit", drafts.folder, "--reviewed",
                               work / "reviewed.csv").document["reviewers"][0]["over_acceptance"]
            held += said["low"] <= beta <= said["high"]
            widths.append(said["high"] - said["low"])
        print(f"{beta:4.0%}  {100 * held / args.repeats:5.1f} %"
              f"  {100 * statistics.mean(widths):5.1f} points", flush=True)


def main():
    parser = arguments(__doc__)
    parser.add_argument("--set", choices=CLASSIFICATION, default="sign_digits")
    parser.add_argument("--repeats", type=int, default=500)
    parser.add_argument("--promise", type=float, default=0.02)
    parser.add_argument("--budget", type=int, default=400)
    args = parse(parser, sys.argv[1:])
    print_header(args.program, f"Audits of finished labels, {args.set}")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        program = Program(args.program, work / "cache")
        drafts = pool_drafts(program, args.data / args.set, work)
        sample = certify(program, drafts, work)
        print("beta   error  promise  covered  wrongly kept  kept broken open %  answers")
        for beta in BETAS:
            simulate(program, drafts, beta, args.promise, args, work)
        honeypots(program, drafts, sample, args, work)


if __name__ == "__main__":
    main()
