"""Trainings on parts of the detection sets, and their drafts of the other part."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from .machine import commit
from .sets import place


@dataclass(frozen=True)
class Row:
    name: str
    set: str
    train: str  # part to train on; the other one is scored
    first: int = 0  # only so many of its images, in the file's order; 0 for all

    @property
    def score(self):
        return "pool" if self.train == "seed" else "seed"


ROWS = {row.name: row for row in [
    Row("bccd-10", "bccd", "seed", 10), Row("bccd-seed", "bccd", "seed"),
    Row("bccd-pool", "bccd", "pool"),
    Row("cards-10", "cards", "seed", 10), Row("cards-seed", "cards", "seed"),
    Row("cards-pool", "cards", "pool"),
    Row("dsb-10", "dsb_small", "seed", 10), Row("dsb-seed", "dsb_small", "seed"),
    Row("dsb-pool", "dsb_small", "pool"),
]}


def chosen_rows(names, parser):
    """Rows of a comma-separated list."""
    unknown = [name for name in names.split(",") if name not in ROWS]
    if unknown:
        parser.error(f"no row {', '.join(unknown)}; known: {', '.join(ROWS)}")
    return [ROWS[name] for name in names.split(",")]


def copy_part(labelled, part, target, first=0):
    """target/annotations.json and target/images of the part's first images; the document."""
    document = json.loads((labelled / f"{part}.coco.json").read_text())
    document["images"] = document["images"][:first or None]
    kept = {image["id"] for image in document["images"]}
    document["annotations"] = [one for one in document["annotations"] if one["image_id"] in kept]
    for image in document["images"]:
        place(labelled / "images" / image["file_name"], target / "images" / image["file_name"])
    (target / "annotations.json").write_text(json.dumps(document))
    return document


@dataclass
class Drafted:
    """What a row left behind."""
    folder: Path
    cost: dict  # of training and predicting: seconds, MiB, images; commit, program, options

    @property
    def drafts(self):
        return self.folder / "drafts"

    @property
    def truth(self):
        return self.folder / "score/annotations.json"

    def metrics(self):
        return json.loads((self.folder / "run/metrics.json").read_text())

    def ledger(self):
        return [json.loads(line) for line in
                (self.drafts / "drafts.jsonl").read_text(encoding="utf-8").splitlines()]


def draft(program, data, row, options, folder, any_program=False):
    """Trains on the row's part and drafts the other.

    What `folder` keeps from before is taken instead when the options and the program are the same;
    with `any_program`, from whichever program it is.
    """
    cost_file = folder / "cost.json"
    sha256 = hashlib.sha256(program.path.read_bytes()).hexdigest()
    if cost_file.is_file():
        cost = json.loads(cost_file.read_text())
        if cost["options"] == options and (any_program or cost["program"] == sha256):
            return Drafted(folder, cost)
    shutil.rmtree(folder, ignore_errors=True)
    seed = copy_part(data / row.set, row.train, folder / "train", row.first)
    copy_part(data / row.set, row.score, folder / "score")
    trained = program.run("train", "--data", folder / "train/annotations.json", "--task", "detect",
                          "--output", folder / "run", *options, cache=folder / "cache")
    drafted = program.run("predict", "--model", folder / "run", "--source",
                          folder / "score/images", "--output", folder / "drafts",
                          "--formats", "coco", cache=folder / "cache")
    shutil.rmtree(folder / "cache", ignore_errors=True)
    cost = {"train_s": trained.wall_s, "train_cpu_s": trained.cpu_s, "train_mib": trained.peak_mib,
            "images": len(seed["images"]),
            "images_per_s": drafted.document["time"]["images_per_s"],
            "predict_mib": drafted.peak_mib, "commit": commit().strip(" ()"), "program": sha256,
            "options": options}
    cost_file.write_text(json.dumps(cost))  # last, so that its presence says all is there
    return Drafted(folder, cost)
