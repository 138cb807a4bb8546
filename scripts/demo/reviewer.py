#!/usr/bin/env python3
"""Plays the person of scripts/loop_demo.sh, who knows every true class.

  reviewer.py split SOURCE TRUTH.csv COLLECTION GOLD     copies every fourth picture to GOLD/<class>/,
                                                         the others to COLLECTION
  reviewer.py sort IMAGES.txt SOURCE TRUTH.csv SEED      copies the listed pictures to SEED/<class>/
  reviewer.py answer TASKS.json TRUTH.csv EXPORT.json    what Label Studio would export after a
      [--bucket NAME] [--reviewer NAME]                  review of these tasks (of those in a bucket)
  reviewer.py compare LABELS.csv TRUTH.csv               counts labels that are not the true ones

Seconds are those of the cost model in scripts/bench/human_cost.json: 1.5 to look at a draft, 3.0 more
to correct it, 3.0 to choose one of ten classes where no draft is shown.
"""

import argparse
import csv
import json
import os
import shutil

LOOK, CORRECT, CHOOSE = 1.5, 3.0, 3.0


def read_classes(path):
    with open(path, encoding="utf-8", newline="") as file:
        return {row["path"]: row["label"] for row in csv.DictReader(file)}


def collected(path):
    """The classes by the names that `split` gives the pictures."""
    return {image.replace("/", "_"): label for image, label in read_classes(path).items()}


def read_list(path):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if line.strip()]


def copy(source, folder, name):
    os.makedirs(folder, exist_ok=True)
    shutil.copyfile(source, os.path.join(folder, name))


def split(arguments):
    for number, (image, label) in enumerate(sorted(read_classes(arguments.truth).items())):
        gold = number % 4 == 0
        folder = os.path.join(arguments.gold, label) if gold else arguments.collection
        # Pictures of two folders may share a name.
        copy(os.path.join(arguments.source, image), folder, image.replace("/", "_"))


def sort(arguments):
    truth = collected(arguments.truth)
    for path in read_list(arguments.images):
        image = os.path.relpath(path, arguments.source)
        copy(path, os.path.join(arguments.seed, truth[image]), image)


def choice(label):
    return {"type": "choices", "from_name": "class", "to_name": "image", "origin": "manual",
            "value": {"choices": [label]}}


def annotation(task, label, reviewer):
    """The draft with its own id, corrected where it is wrong; or a class chosen from nothing."""
    drafts = [result for prediction in task.get("predictions", [])
              for result in prediction["result"]]
    if not drafts:
        results, seconds = [choice(label)], CHOOSE
    else:
        right = drafts[0]["value"]["choices"] == [label]
        results = [dict(drafts[0], value={"choices": [label]}, origin="prediction")]
        seconds = LOOK if right else LOOK + CORRECT
    return {"completed_by": {"email": reviewer}, "was_cancelled": False, "ground_truth": False,
            "lead_time": seconds, "result": results}


def answer(arguments):
    truth = collected(arguments.truth)
    with open(arguments.tasks, encoding="utf-8") as file:
        tasks = json.load(file)
    exported = []
    for number, task in enumerate(tasks, 1):
        image = task["data"]["pa_image"]
        if arguments.bucket and task["data"].get("pa_bucket") != arguments.bucket:
            continue
        exported.append(dict(task, id=number, annotations=[
            dict(annotation(task, truth[image], arguments.reviewer), id=number)]))
    with open(arguments.export, "w", encoding="utf-8") as file:
        json.dump(exported, file, indent=1)
    seconds = sum(task["annotations"][0]["lead_time"] for task in exported)
    print(f"{arguments.reviewer} answered {len(exported)} tasks in {seconds:.0f} s: {arguments.export}")


def compare(arguments):
    labels, truth = read_classes(arguments.labels), collected(arguments.truth)
    wrong = sum(truth[image] != label for image, label in labels.items())
    print(f"{wrong} of {len(labels)} labels are wrong: {100 * wrong / len(labels):.1f} %")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    splitting = commands.add_parser("split")
    for name in ("source", "truth", "collection", "gold"):
        splitting.add_argument(name)
    sorting = commands.add_parser("sort")
    for name in ("images", "source", "truth", "seed"):
        sorting.add_argument(name)
    answering = commands.add_parser("answer")
    for name in ("tasks", "truth", "export"):
        answering.add_argument(name)
    answering.add_argument("--bucket")
    answering.add_argument("--reviewer", default="ann@example.org")
    comparing = commands.add_parser("compare")
    for name in ("labels", "truth"):
        comparing.add_argument(name)
    arguments = parser.parse_args()
    {"split": split, "sort": sort, "answer": answer, "compare": compare}[arguments.command](arguments)


if __name__ == "__main__":
    main()
