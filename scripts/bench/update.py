#!/usr/bin/env python3
"""Does update ever make a model worse, and does it see wrong answers?

    scripts/bench/update.py                        50 draws, clothing and sign_digits
    scripts/bench/update.py --draws 5 --sets clothing --choice unsure

A run on the seed drafts the pool. In each draw 200 images of the pool are the gold set, and people
answer 20 % of the pool from the rest, chosen at random or the least sure first: their answers are
the true labels, and once more with 30 % of them replaced by a class drawn at random from the
others. The parts of `update` learn from seed and answers and decide (preannotate_update_bench);
--runs draws more with the command itself. "Worse": the new head's accuracy on the gold set is
lower, beyond the 95 % interval of the paired bootstrap. What is left of the pool, which neither
has seen, says what became of the accuracy in truth: mean and least change of those promoted.
"""

import json
import os
import random
import shutil
import statistics
import subprocess
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

    def write(self, name, gold, labels):
        """A drafts folder with these answers, and a gold set, below work/name."""
        folder = self.work / name
        shutil.rmtree(folder, ignore_errors=True)
        for image in gold:
            place(self.folder / image, folder / "gold" / image)
        (folder / "drafts").mkdir(exist_ok=True)
        for file in ("drafts.jsonl", "run.json", "summary.json"):
            shutil.copy(self.drafts / file, folder / "drafts" / file)
        (folder / "drafts/review.jsonl").write_text(
            "".join(json.dumps(self.answer(*item)) + "\n" for item in labels.items()))
        return folder

    def update(self, name, gold, labels):
        """What the command says, and its seconds."""
        folder = self.write(name, gold, labels)
        done = self.program.run("update", "--model", self.run, "--reviewed", folder / "drafts",
                                "--gold", folder / "gold", "--output", folder / "run",
                                allowed=(0, REFUSED))
        return done.document["lineage"], done.wall_s


class Bench:
    """preannotate_update_bench at work on one run."""

    def __init__(self, path, pool, seed, cache):
        self.pool = pool
        environment = {**os.environ, "PREANNOTATE_CACHE": str(cache)}
        self.child = subprocess.Popen([path, pool.run, seed], stdin=subprocess.PIPE, text=True,
                                      stdout=subprocess.PIPE, env=environment)

    def decide(self, gold, rest, labels):
        folder = self.pool.write("draw", gold, labels)
        for image in rest:
            place(self.pool.folder / image, folder / "rest" / image)
        places = [str(folder / name) for name in ("drafts", "gold", "rest")]
        self.child.stdin.write("\t".join(places) + "\n")
        self.child.stdin.flush()
        line = self.child.stdout.readline()
        if not line:
            sys.exit("preannotate_update_bench ended early")
        return json.loads(line)


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


def figures(verdict, seconds, rest=None):
    return {"promoted": verdict["promoted"], "worse": verdict["gold"]["difference"]["high"] < 0,
            "gold": verdict["gold"]["difference"]["value"], "rest": rest, "seconds": seconds,
            "pulled": verdict.get("pulled", False)}


def say(name, kind, draws):
    rest = [draw["rest"] for draw in draws if draw["rest"] is not None]
    promoted = sum(draw["promoted"] for draw in draws)
    bad = sum(draw["promoted"] and draw["worse"] for draw in draws)
    gold = statistics.mean(draw["gold"] for draw in draws)
    truth = f"{statistics.mean(rest):+6.3f} {min(rest):+6.3f}" if rest else "     -      -"
    seconds = statistics.median(draw["seconds"] for draw in draws)
    print(f"{name:12} {kind:12} {len(draws):5} {promoted:9} {len(draws) - promoted:8} "
          f"{sum(draw['worse'] for draw in draws):6} {bad:13} {gold:+8.3f}  {truth}  "
          f"{sum(draw['pulled'] for draw in draws):6} {seconds:6.1f}", flush=True)


def draw_of(pool, args, number):
    """The gold set, what is left, and right and wrong answers."""
    rng = random.Random(number)
    gold = rng.sample(sorted(pool.truth), GOLD)
    answered = chosen(pool, gold, args.choice, rng)
    rest = sorted(set(pool.truth) - set(gold) - set(answered))
    labels = {image: pool.truth[image] for image in answered}
    return gold, rest, {"right": labels, "30 % wrong": spoiled(pool, labels, rng)}


def measure(name, args, work):
    program, data = Program(args.program, work / "cache"), (args.data / name).resolve()
    pool = Pool(program, data, work)
    bench = Bench(args.bench, pool, data / "seed", program.cache)
    rows = {}
    for number in range(args.draws):
        gold, rest, kinds = draw_of(pool, args, number)
        for kind, labels in kinds.items():
            verdict = bench.decide(gold, rest, labels)
            change = verdict["rest"]["difference"]["value"] if verdict["promoted"] else None
            rows.setdefault(kind, []).append(figures(verdict, verdict["seconds"], change))
            if args.verbose:
                wrong = verdict["answers"]["wrong"]
                print(f"  {number} {kind}: {verdict['reason']}; wrong {wrong['value']:.2f}, "
                      f"at least {wrong['low']:.2f}", file=sys.stderr, flush=True)
    for number in range(args.runs):
        gold, _, kinds = draw_of(pool, args, 1000 + number)
        for kind, labels in kinds.items():
            rows.setdefault(kind + "*", []).append(figures(*pool.update("draw", gold, labels)))
    for kind, draws in rows.items():
        say(name, kind, draws)


def main(words):
    parser = arguments(__doc__)
    parser.add_argument("--draws", type=int, default=50)
    parser.add_argument("--runs", type=int, default=0, metavar="N",
                        help="N more draws with the command update itself, marked * [%(default)s]")
    parser.add_argument("--sets", nargs="+", default=CLASSIFICATION)
    parser.add_argument("--choice", choices=["random", "unsure"], default="random",
                        help="which images people answer [%(default)s]")
    parser.add_argument("--bench", type=Path, help="preannotate_update_bench [beside the program]")
    parser.add_argument("--verbose", action="store_true", help="say each verdict")
    args = parse(parser, words)
    args.bench = args.bench or args.program.parent / "tests/pipeline/preannotate_update_bench"
    if not args.bench.is_file():
        parser.error(f"{args.bench} is not there: build the target preannotate_update_bench")
    print_header(args.program, "update: champion against challenger")
    print(f"answers: {args.choice}\n\n{'':12} {'answers':12} draws  promoted  refused  worse  "
          "promoted and  mean on  on the rest    pulled median")
    print(f"{'':48} on gold worse on gold     gold    mean  least  to old      s")
    for name in args.sets:
        with tempfile.TemporaryDirectory() as work:
            measure(name, args, Path(work))


if __name__ == "__main__":
    main(sys.argv[1:])
