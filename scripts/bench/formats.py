#!/usr/bin/env python3
"""Opens the drafts with the real readers of each format; fails where one refuses.

    scripts/bench/formats.py [--images 60]

Drafts a part of the clothing pool (classify) and of cards (multi-label), then reads them with
pycocotools, the Label Studio SDK, pandas and the rule of torchvision's ImageFolder. Installs the
readers into a virtual environment of its own in the cache folder.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import venv
from importlib.metadata import version
from pathlib import Path

from harness.machine import cache_folder, print_header
from harness.program import Program
from harness.sets import arguments, images_in, parse, place, seed_with
from multilabel import labelled_folder

READERS = ["pycocotools", "label-studio-sdk", "pandas"]
FORMATS = "coco,label_studio,csv,folder"


def enter_environment():
    """Runs this script again with the Python of the virtual environment, made where absent."""
    folder = cache_folder() / "readers-venv"
    python = folder / "bin/python"
    if Path(sys.prefix).resolve() == folder.resolve():
        return
    imports = ["-c", "import pycocotools, label_studio_sdk, pandas"]
    if not python.exists() or subprocess.run([python, *imports], capture_output=True).returncode:
        print(f"installing {', '.join(READERS)} into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *READERS], check=True)
    os.execv(python, [str(python), *sys.argv])


def ledger_of(drafts):
    return [json.loads(line) for line in (drafts / "drafts.jsonl").read_text().splitlines()]


def read_coco(drafts, ledger, source):
    """COCO() and loadRes take it, and COCOeval finds every draft when compared with itself."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
    with contextlib.redirect_stdout(io.StringIO()):
        drafted = COCO(str(drafts / "coco/annotations.json"))
        annotations = drafted.loadAnns(drafted.getAnnIds())
        results = drafted.loadRes([
            {key: annotation[key] for key in ("image_id", "category_id", "bbox", "score")}
            for annotation in annotations])
        judge = COCOeval(drafted, results, "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    assert len(drafted.getImgIds()) == len(ledger), "images are missing"
    assert len(annotations) == sum(len(line["labels"]) for line in ledger), "labels are missing"
    assert judge.stats[0] > 0.999, f"AP of the drafts against themselves is {judge.stats[0]:.3f}"
    return f"{len(annotations)} annotations, AP against themselves {judge.stats[0]:.3f}"


def read_label_studio(drafts, ledger, source):
    """The configuration is valid, and so is every task and prediction under it."""
    from label_studio_sdk.label_interface import LabelInterface
    interface = LabelInterface((drafts / "label_studio/config.xml").read_text())
    interface.validate()
    tasks = json.loads((drafts / "label_studio/tasks.json").read_text())
    assert len(tasks) == len(ledger), "tasks are missing"
    for task in tasks:
        # Its data only: 2.1.2 calls its own validate_prediction without the prediction.
        assert interface.validate_task({"data": task["data"]}), f"task refused: {task}"
        for prediction in task["predictions"]:
            errors = interface.validate_prediction(prediction, return_errors=True)
            assert not errors, f"{task['data']['pa_image']}: {errors}"
    return f"{len(tasks)} tasks with predictions"


def read_csv(drafts, ledger, source):
    import pandas
    table = pandas.read_csv(drafts / "csv/labels.csv", keep_default_na=False, dtype=str)
    assert list(table.columns) == ["path", "label", "score", "bucket", "id"], list(table.columns)
    assert list(table["path"]) == [line["image"] for line in ledger], "other images"
    for written, line in zip(table["label"], ledger, strict=True):
        assert written == ";".join(label["category"] for label in line["labels"]), line["image"]
    return f"{len(table)} rows"


def read_folder(drafts, ledger, source):
    """ImageFolder: a class for each folder, sorted; each image below it, whole."""
    classes = sorted(path for path in (drafts / "folder").iterdir() if path.is_dir())
    found = [(path.relative_to(folder), folder.name)
             for folder in classes for path in images_in(folder)]
    wanted = [(Path(line["image"]), label["category"])
              for line in ledger for label in line["labels"]]
    assert sorted(found) == sorted(wanted), "other images or classes"
    for image, category in found:
        copy = drafts / "folder" / category / image
        assert copy.read_bytes() == (source / image).read_bytes(), f"{copy} is not the image"
    return f"{len(found)} images in {len(classes)} classes"


READING = {
    "pycocotools": read_coco,
    "label-studio-sdk": read_label_studio,
    "pandas": read_csv,
    "ImageFolder's rule": read_folder,
}


def check(drafts, source):
    """Readers that refuse the drafts."""
    ledger = [line for line in ledger_of(drafts) if line["status"] in ("done", "empty")]
    refused = 0
    for reader, read in READING.items():
        try:
            verdict = f"pass  {read(drafts, ledger, source)}"
        except Exception as error:  # whatever a reader raises, it refuses
            verdict = f"FAIL  {type(error).__name__}: {str(error)[:500]}"
            refused += 1
        name = f"{reader} {version(reader)}" if reader in READERS else reader
        print(f"  {name:24} {verdict}", flush=True)
    return refused


def draft(program, folder, seed, source, *options):
    program.run("train", "--data", seed, "--output", folder / "run", "--force", *options)
    program.run("predict", "--model", folder / "run", "--source", source, "--output",
                folder / "drafts", "--formats", FORMATS, "--force")
    return folder / "drafts"


def main():
    parser = arguments(__doc__)
    parser.add_argument("--images", type=int, default=60, help="of each pool [%(default)s]")
    args = parse(parser, sys.argv[1:])
    enter_environment()

    print_header(args.program, "Drafts, and whether the readers of their formats take them")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = Program(args.program, folder / "cache")
        clothing = args.data / "clothing"
        for image in images_in(clothing / "pool")[::750 // args.images][:args.images]:
            place(image, folder / "clothing" / image.relative_to(clothing / "pool"))
        print(f"\nclassify: {args.images} images of clothing")
        refused = check(draft(program, folder, seed_with(clothing, 5, folder / "seed"),
                              folder / "clothing"), folder / "clothing")
        labelled_folder(args.data / "cards", "seed", folder / "cards")
        print("\nmultilabel: the seed of cards")
        refused += check(draft(program, folder, folder / "cards", folder / "cards",
                               "--task", "multilabel"), folder / "cards")
    sys.exit(1 if refused else 0)


if __name__ == "__main__":
    main()
