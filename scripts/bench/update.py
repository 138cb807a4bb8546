#!/usr/bin/env python3
"""Does update ever make a model worse, and does it see wrong answers?

    scripts/bench/update.py                        50 draws, clothing and sign_digits
    scripts/bench/update.py --repeats 5 --sets clothing --choice unsure

A run on the seed drafts the pool. In each draw 200 images of the pool are the gold set, and people
answer 20 % of the pool from the rest, chosen at random or the least sure first: their answers are
the true labels, and once more with 30 % of them replaced by a class drawn at random from the
others. `update` learns from seed and answers and decides. "Worse": the new run's accuracy on the
gold set is lower, beyond the 95 % interval of the paired bootstrap; "promoted and worse" is what
must not happen. What is left of the pool, which update has never seen, says for the first draws
what became of the accuracy in truth: the change of those promoted, mean and least.
"""

import json
import random
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from certificate import truth_below
from harness.machine import print_header
from harness.program import Program
from harness.sets import CLASSIFICATION, arguments, parse, place

GOLD, SHARE, WRONG = 200, 0.2, 0.3
REFUSED = 1


class Pool:
    """A run on the seed and its drafts of the pool."""

    def __init__(self, program, data, work):
        self.program, self.folder, self.work = program, data / "pool", work
        self.run, self.drafts = work / "run", work / "drafts"
        program.run("train", "--data", data / "seed", "--output", self.run, "--task", "classify")
        program.run("predict", "--model", self.run, "--source", self.folder, "--output",
                    self.drafts, "--formats", "csv")
        self.truth = truth_below(self.folder)
        self.classes = sorted(set(self.truth.values()))
        lines = map(json.loads, (self.drafts / "drafts.jsonl").read_text().splitlines())
        self.entries = {entry["image"]: entry for entry in lines}

    def answer(self, image, label):
        entry = self.entries[image]
        drafts = [{key: draft[key] for key in ("id", "category", "score")}
                  for draft in entry["labels"]]
        return {"at": "2026-01-01T00:00:00Z", "image": image, "sha256": entry["sha256"],
                "reviewer": "ann", "via": "review", "selection": "", "purpose": "",
                "shown": "draft", "model_version": "", "action": "labels", "drafts": drafts,
                "labels": [{"id": "", "category": label}], "seconds": 1}

    def update(self, name, gold, labels):
        """What update says of these answers, and the run that it wrote."""
        folder = self.work / name
        shutil.rmtree(folder, ignore_errors=True)
        for image in gold:
            place(self.folder / image, folder / "gold" / image)
        (folder / "drafts").mkdir()
        for file in ("drafts.jsonl", "run.json", "summary.json"):
            shutil.copy(self.drafts / file, folder / "drafts" / file)
        (folder / "drafts/review.jsonl").write_text(
            "".join(json.dumps(self.answer(*item)) + "\n" for item in labels.items()))
        done = self.program.run("update", "--model", self.run, "--reviewed", folder / "drafts",
                                "--gold", folder / "gold", "--output", folder / "run",
                                allowed=(0, REFUSED))
        return done, folder / "run"

    def accuracy(self, run, images, name):
        """On images of the pool, by evaluate."""
        folder = self.work / name
        shutil.rmtree(folder, ignore_errors=True)
        for image in images:
            place(self.folder / image, folder / image)
        document = self.program.run("evaluate", "--model", run, "--data", folder).document
        return document["validation"]["accuracy"]["value"]


def chosen(pool, gold, how, rng):
    rest = sorted(set(pool.truth) - set(gold))
    count = round(SHARE * len(pool.truth))
    if how == "random":
        return rng.sample(rest, count)
    return sorted(rest, key=lambda image: -pool.entries[image]["uncertainty"])[:count]


def spoiled(pool, labels, rng):
    wrong = rng.sample(sorted(labels), round(WRONG * len(labels)))
    return {**labels, **{image: rng.choice([c for c in pool.classes if c != labels[image]])
                         for image in wrong}}


def figures(pool, done, run, rest, before):
    lineage = done.document["lineage"]
    promoted = done.document["outcome"] == "promoted"
    looks = promoted and before is not None
    change = pool.accuracy(run, rest, "rest") - before if looks else None
    return {"promoted": promoted, "worse": lineage["gold"]["difference"]["high"] < 0,
            "gold": lineage["gold"]["difference"]["value"], "rest": change,
            "seconds": done.wall_s, "reason": done.document["reason"]}


def say(name, kind, draws):
    rest = [draw["rest"] for draw in draws if draw["rest"] is not None]
    promoted = sum(draw["promoted"] for draw in draws)
    bad = sum(draw["promoted"] and draw["worse"] for draw in draws)
    gold = statistics.mean(draw["gold"] for draw in draws)
    truth = f"{statistics.mean(rest):+.3f} {min(rest):+.3f}" if rest else "     -      -"
    seconds = statistics.median(draw["seconds"] for draw in draws)
    print(f"{name:12} {kind:8} {len(draws):5} {promoted:9} {len(draws) - promoted:8} "
          f"{sum(draw['worse'] for draw in draws):6} {bad:10} {gold:+10.3f}  {truth} {seconds:6.1f}",
          flush=True)


def measure(name, args, work):
    program = Program(args.program, work / "cache")
    pool = Pool(program, (args.data / name).resolve(), work)
    kinds = {"right": [], "30 % bad": []}
    for draw in range(args.repeats):
        rng = random.Random(draw)
        gold = rng.sample(sorted(pool.truth), GOLD)
        answered = chosen(pool, gold, args.choice, rng)
        rest = sorted(set(pool.truth) - set(gold) - set(answered))
        before = pool.accuracy(pool.run, rest, "rest") if draw < args.truth else None
        labels = {image: pool.truth[image] for image in answered}
        for kind, answers in zip(kinds, (labels, spoiled(pool, labels, rng))):
            done, run = pool.update("draw", gold, answers)
            kinds[kind].append(figures(pool, done, run, rest, before))
            if args.verbose:
                print(f"  {draw} {kind}: {done.document['outcome']}: {done.document['reason']}",
                      file=sys.stderr, flush=True)
    for kind, draws in kinds.items():
        say(name, kind, draws)


def main(words):
    parser = arguments(__doc__)
    parser.add_argument("--repeats", type=int, default=50)
    parser.add_argument("--sets", nargs="+", default=CLASSIFICATION)
    parser.add_argument("--choice", choices=["random", "unsure"], default="random",
                        help="which images people answer [%(default)s]")
    parser.add_argument("--truth", type=int, default=5, metavar="N",
                        help="draws whose runs are also judged by what is left [%(default)s]")
    parser.add_argument("--verbose", action="store_true", help="say each verdict")
    args = parse(parser, words)
    print_header(args.program, "update: champion against challenger")
    print(f"answers: {args.choice}\n\n{'':12} {'answers':8} draws  promoted  refused  worse  "
          "promoted   gold mean  change on the rest  median")
    print(f"{'':44} on gold and worse     change  mean   least          s")
    for name in args.sets:
        with tempfile.TemporaryDirectory() as work:
            measure(name, args, Path(work))


if __name__ == "__main__":
    main(sys.argv[1:])
