#!/usr/bin/env python3
"""Does the certificate keep its promise, and how much does it accept?

    scripts/bench/certificate.py                       500 draws, clothing and sign_digits
    scripts/bench/certificate.py --repeats 50 --sets clothing

Drafts of the pool by a run on the seed, and drafts of seed and pool together by two runs, each on
the half that the other drafts (cross-fitted). For each error eps and size of the sample, many times
over: `select --for certify`, the true labels as answers, `certify`, and the labels that are wrong
once people have labelled all that was not accepted. A draw breaks the promise when their share is
above eps. Coverage is the accepted share of all images. The oracle knows the truth and accepts the
longest list, best score first, with at most eps wrong labels in the whole set: "share" is against one
for whom people have labelled the same sample, "of all" against one who needs no sample.
Naive: accept from the lowest score at which the sample's accepted drafts have at most eps errors,
as one does by eye.
"""

import json
import random
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from harness.machine import print_header
from harness.program import Program
from harness.sets import CLASSIFICATION, arguments, images_in, parse, place

CASES = [(0.05, 100), (0.02, 200), (0.01, 300)]
CONFIDENCE = 0.95


class Drafts:
    """A drafts folder with the truth of each image."""

    def __init__(self, name, folder, truth):
        self.name, self.folder, self.truth = name, folder, truth
        entries = [json.loads(line) for line in (folder / "drafts.jsonl").read_text().splitlines()]
        self.images = [e["image"] for e in entries]
        self.score = {e["image"]: e["labels"][0]["score"] for e in entries}
        self.wrong = {e["image"]: e["labels"][0]["category"] != truth[e["image"]] for e in entries}
        self.ranked = sorted(self.images, key=lambda image: -self.score[image])

    def error(self):
        return sum(self.wrong.values()) / len(self.images)

    def accepted_above(self, threshold, sample):
        return [i for i in self.images if self.score[i] >= threshold and i not in sample]

    def left(self, accepted):
        return sum(self.wrong[i] for i in accepted) / len(self.images)

    def oracle(self, eps, sample):
        """Images accepted by one who knows the truth, the sample labelled by people."""
        errors = accepted = 0
        for image in self.ranked:
            if image in sample:
                continue
            errors += self.wrong[image]
            if errors > eps * len(self.images):
                break
            accepted += 1
        return accepted / len(self.images)

    def naive(self, eps, sample):
        """The threshold at which the sample, as far as accepted, still looks good enough."""
        best, errors, seen = float("inf"), 0, 0
        for image in sorted(sample, key=lambda image: -self.score[image]):
            seen += 1
            errors += self.wrong[image]
            if errors / seen <= eps:
                best = self.score[image]
        return self.accepted_above(best, sample)


def truth_below(folder):
    return {str(path.relative_to(folder)): path.parent.name for path in images_in(folder)}


def draft(program, seed, source, work, name):
    program.run("train", "--data", seed, "--output", work / f"{name}.run")
    program.run("predict", "--model", work / f"{name}.run", "--source", source,
                "--output", work / f"{name}.drafts", "--formats", "csv")
    return work / f"{name}.drafts"


def pool_drafts(program, labelled, work):
    folder = draft(program, labelled / "seed", labelled / "pool", work, f"{labelled.name}.pool")
    return Drafts(f"{labelled.name}, pool", folder, truth_below(labelled / "pool"))


def halves(labelled, work):
    """The images of seed and pool in two folders of classes, image by image in turn."""
    files = images_in(labelled / "seed") + images_in(labelled / "pool")
    random.Random(0).shuffle(files)
    folders = [work / f"{labelled.name}.half{h}" for h in (0, 1)]
    for i, path in enumerate(files):
        place(path, folders[i % 2] / path.parent.name / f"{path.parent.parent.name}_{path.name}")
    return folders


def cross_fitted(program, labelled, work):
    folders = halves(labelled, work)
    both = work / f"{labelled.name}.crossed"
    lines, truth = [], {}
    for half in (0, 1):
        drafted = draft(program, folders[1 - half], folders[half], work,
                        f"{labelled.name}.half{half}")
        lines += (drafted / "drafts.jsonl").read_text().splitlines()
        truth |= truth_below(folders[half])
        if half == 0:
            shutil.copytree(drafted, both)
    (both / "drafts.jsonl").write_text(
        "".join(line + "\n" for line in sorted(lines, key=lambda line: json.loads(line)["image"])))
    return Drafts(f"{labelled.name}, cross-fitted", both, truth)


def one_draw(program, drafts, eps, budget, seed, work):
    """Sample, error left, coverage, of the program."""
    shutil.rmtree(drafts.folder / "selections", ignore_errors=True)
    program.run("select", drafts.folder, "--for", "certify", "--budget", budget, "--seed", seed)
    chosen = json.loads((drafts.folder / "selections/certify/selection.json").read_text())["images"]
    answers = work / "answers.csv"
    answers.write_text("path,label\n" + "".join(f"{i},{drafts.truth[i]}\n" for i in chosen))
    result = program.run("certify", drafts.folder, "--answers", answers, "--max-error", eps,
                         "--confidence", CONFIDENCE, allowed=(0, 1)).document
    sample = set(chosen)
    accepted = []
    if result["given"]:
        accepted = drafts.accepted_above(result["groups"][0]["threshold"], sample)
        assert len(accepted) == result["accepted"], (len(accepted), result)
    return sample, drafts.left(accepted), len(accepted) / len(drafts.images)


def measure(program, drafts, eps, budget, repeats, work):
    broken = naive_broken = 0
    coverage, oracle, free, naive = [], [], [], []
    for seed in range(repeats):
        sample, left, covered = one_draw(program, drafts, eps, budget, seed, work)
        broken += left > eps
        coverage.append(covered)
        oracle.append(drafts.oracle(eps, sample))
        free.append(drafts.oracle(eps, set()))
        by_eye = drafts.naive(eps, sample)
        naive.append(len(by_eye) / len(drafts.images))
        # Its promise is about what it accepts.
        naive_broken += bool(by_eye) and sum(drafts.wrong[i] for i in by_eye) > eps * len(by_eye)
    mean = statistics.mean
    print(f"{drafts.name:25} {100 * eps:3.0f} % {budget:4}  {100 * broken / repeats:6.1f} %"
          f"  {mean(coverage):8.3f}  {mean(coverage) / mean(oracle):5.2f}"
          f"  {mean(coverage) / mean(free):6.2f}"
          f"  {100 * naive_broken / repeats:6.1f} %  {mean(naive):6.3f}", flush=True)


def main():
    parser = arguments(__doc__)
    parser.add_argument("--sets", nargs="+", metavar="SET", default=CLASSIFICATION)
    parser.add_argument("--repeats", type=int, default=500)
    args = parse(parser, sys.argv[1:])
    print_header(args.program, "Certificates over repeated draws of the sample")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        program = Program(args.program, work / "cache")
        for labelled in (args.data / s for s in args.sets):
            for drafts in (pool_drafts(program, labelled, work),
                           cross_fitted(program, labelled, work)):
                print(f"\n{drafts.name}: {len(drafts.images)} images, "
                      f"{100 * drafts.error():.1f} % of the drafts wrong")
                print("drafts                     eps    n    broken  coverage  share  of all"
                      "  naive: broken, coverage")
                for eps, budget in CASES:
                    measure(program, drafts, eps, budget, args.repeats, work)


if __name__ == "__main__":
    main()
