#!/usr/bin/env python3
"""What the whole loop saves: seconds, answers and errors of complete label sets, by simulation.

    scripts/bench/loop.py                              clothing, sign_digits, bccd, cards
    scripts/bench/loop.py --sets sign_digits --repeats 5 --reviewers oracle noisy
    scripts/bench/loop.py --sets bccd --box-repeats 2 --keep FOLDER

`preannotate simulate` replays seed, drafts, review and certificate on seed and pool together, for
each reviewer and promise, from nothing to a finished label set: checked by planted drafts, or
trusted (--trust-reviewers), when the certificate is about unseen drafts alone. It plans by the
central costs; what people did is priced here in all three columns of human_cost.json. Answers:
images that somebody labels, corrects or verifies by itself; the share accepted by pages of 24
drafts of one class, and the share accepted unseen, stand beside it. Wrong: of all final labels, mean and
worst of the repeats. Broken: certified though more are wrong than promised. Detection: the first 10
images by hand, then in 3 rounds what the drafts leave to do; all of it is in the time saved.

With --keep, what simulate said is kept as JSON there, and what is there is not simulated again.
"""

import itertools
import json
import math
import sys
import tempfile
from pathlib import Path

from harness.machine import load, print_header
from harness.program import Program
from harness.sets import CLASSIFICATION, arguments, parse

COST = Path(__file__).with_name("human_cost.json")
COLUMNS = ["central", "optimistic", "pessimistic"]
BOXES = ["bccd", "cards"]
REVIEWERS = ["oracle", "noisy", "biased:0.1", "biased:0.3"]
PROMISES = [0.01, 0.05]
# Central costs, oracle and noisy: (seconds an image, answers an image).
GOALS = {("sign_digits", 0.01): (1.2, 0.55), ("sign_digits", 0.05): (0.8, 0.30),
         ("clothing", 0.01): (1.8, None), ("clothing", 0.05): (1.1, None)}
SAVED_GOAL = 0.6


def seconds_of(actions, classes, costs):
    """Seconds an image of what was done, in one column."""
    choose = costs["class_choose"] + costs["class_choose_doubling"] * math.log2(classes)
    return sum(times * (choose if name == "class_choose" else costs[name])
               for name, times in actions.items())


def column_costs(column):
    return {name: one[column] for name, one in json.loads(COST.read_text())["seconds"].items()}


class Simulations:
    """Runs simulate, or reads what it said before."""

    def __init__(self, program, keep, seed):
        self.program, self.keep, self.seed = program, keep, seed

    def run(self, name, *options):
        path = self.keep / f"{name}.json" if self.keep else None
        if path and path.is_file():
            return json.loads(path.read_text())
        document = self.program.run("simulate", "--cost", COST, "--seed", self.seed,
                                    *options).document
        if path:
            path.write_text(json.dumps(document, indent=1) + "\n")
        return document


def spread(figure, digits, unit=1.0):
    return f"{unit * figure['value']:.{digits}f}"


def missed(value, goal):
    return "" if goal is None else f" {goal:.2f}{'!' if value > goal else ''}"


def class_row(found, reviewer, promise, trusted, goals):
    loop, classes = found["loop"], len(found["classes"])
    prices = [seconds_of(loop["actions"], classes, column_costs(column)) for column in COLUMNS]
    goal_s, goal_a = goals if reviewer in ("oracle", "noisy") else (None, None)
    answers = loop["answers_per_image"]["value"]
    error = loop["residual_error"]
    print(f"{reviewer:10} {'trusted' if trusted else 'checked'} {100 * promise:3.0f} %"
          f" {prices[0]:5.2f}{missed(prices[0], goal_s):7}"
          f" {prices[1]:5.2f} {prices[2]:5.2f}  {answers:5.2f}{missed(answers, goal_a):7}"
          f" {100 * loop['in_pages_share']['value']:5.1f}"
          f" {100 * loop['unseen_share']['value']:6.1f}"
          f"  {spread(error, 2, 100):>5} {100 * error['high']:5.2f}"
          f"  {loop['certified']:3}/{found['repeats']:<3} {loop['broken']:3}", flush=True)


def class_table(simulations, data, name, args):
    print(f"\n{name}, {args.repeats} loops each")
    print("reviewer          eps   s/image goal    opt.  pess. answers goal    page unseen"
          " wrong%  worst certified broken")
    for reviewer, promise, trusted in itertools.product(args.reviewers, PROMISES, (False, True)):
        label = f"{name}_{reviewer.replace(':', '_')}_{promise}{'_trusted' if trusted else ''}"
        found = simulations.run(label, "--data", data / "seed", "--pool", data / "pool",
                                "--reviewer", reviewer, "--max-error", promise,
                                "--repeats", args.repeats, "--workers", args.workers,
                                *(["--trust-reviewers"] if trusted else []))
        class_row(found, reviewer, promise, trusted, GOALS[name, promise])
    classes = len(found["classes"])
    by_hand = [seconds_of({"class_choose": 1}, classes, column_costs(c)) for c in COLUMNS]
    alone = spread(found["drafts_only"]["seconds_per_image"], 2)
    print(f"by hand {by_hand[0]:.2f} ({by_hand[1]:.2f}, {by_hand[2]:.2f}) seconds an image, drafts"
          f" each verified alone {alone}; {found['data']['images']} images", flush=True)


def box_seconds(counts, costs):
    """(with drafts, by hand) an image, without the first images' share of draft work."""
    anew = costs["draw"] + costs["reclass"]
    opened = costs["load"] + costs["scan"]
    work = (counts["shown"] * costs["verify"] + counts["false_boxes"] * costs["remove"]
            + counts["badly_placed"] * costs["adjust"] + counts["swapped"] * costs["reclass"]
            + counts["missed"] * anew)
    return opened + work, opened + counts["objects"] * anew


def box_rows(simulations, data, name, args):
    found = simulations.run(f"{name}_{args.box_repeats}", "--data", data / "seed.coco.json",
                            "--pool", data / "pool.coco.json", "--repeats", args.box_repeats,
                            "--workers", args.workers)
    for column in COLUMNS:
        drafts, by_hand = box_seconds(found["loop"]["counts"], column_costs(column))
        saved = 1 - drafts / by_hand
        mark = f"{100 * SAVED_GOAL:.0f}{'!' if saved < SAVED_GOAL else ''}"
        print(f"{name if column == 'central' else '':8} {column:11} {by_hand:8.1f} {drafts:7.1f}"
              f"  {100 * saved:5.1f} %  {mark if column == 'central' else ''}")
    for point in found["curve"]:
        print(f"         {point['labelled']:.0f} labelled, {point['images']:.0f} drafted: AP50"
              f" {point['map50']:.3f}, {point['seconds_per_image']:.1f} s an image,"
              f" {100 * point['saved_share']:.1f} % saved", flush=True)


def main():
    parser = arguments(__doc__)
    parser.add_argument("--sets", nargs="+", metavar="SET", default=CLASSIFICATION + BOXES)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--box-repeats", type=int, default=1)
    parser.add_argument("--reviewers", nargs="+", metavar="KIND", default=REVIEWERS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=0, help="threads [all cores]")
    parser.add_argument("--keep", type=Path, metavar="FOLDER",
                        help="of what simulate says; what is there is not made again")
    args = parse(parser, sys.argv[1:])
    print_header(args.program, "Whole loops, simulated")
    if args.keep:
        args.keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        simulations = Simulations(Program(args.program, Path(work) / "cache"), args.keep, args.seed)
        for name in (s for s in args.sets if s in CLASSIFICATION):
            class_table(simulations, args.data / name, name, args)
        boxed = [s for s in args.sets if s in BOXES]
        if boxed:
            print("\nset      cost          by hand  drafts   saved    goal")
        for name in boxed:
            box_rows(simulations, args.data / name, name, args)
    print(f"\n! goal missed; {load()} at the end")


if __name__ == "__main__":
    main()
