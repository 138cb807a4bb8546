#!/usr/bin/env python3
"""One epoch of Ultralytics' yolo11n on bccd on this processor, against a whole training of ours.

    scripts/bench/yolo_epoch.py [--json FILE of detection.py] [--images N] [--threads 2]

yolo11n.yaml from random weights (nothing is downloaded), 640 px, batches of 16, all of its default
augmentation, on the pool and seed of bccd. Its epochs all take the same time, so 100 of them, which
is its default, are extrapolated from one. Ultralytics (AGPL-3.0) and PyTorch are installed into a
virtual environment of their own in the cache folder; the project uses neither.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness.machine import ROOT, cache_folder, load, print_header
from harness.sets import arguments, parse, place

ULTRALYTICS, TORCHVISION = "8.4.190", "0.26.0"
NEEDED = ["opencv-python-headless", "pyyaml", "requests", "psutil", "matplotlib", "scipy", "polars"]
EPOCHS, SIDE, BATCH = 100, 640, 16
OUR_ROW, GOAL = "bccd-pool", 20


class EpochDone(Exception):
    pass


def enter_environment():
    """Runs this script again with the Python of the virtual environment, made where absent."""
    folder = cache_folder() / "yolo-venv"
    python = folder / "bin/python"
    if Path(sys.prefix).resolve() == folder.resolve():
        return
    check = ("from importlib.metadata import version; import torch, torchvision, cv2; "
             f"assert version('ultralytics') == '{ULTRALYTICS}'")
    if not python.exists() or subprocess.run([python, "-c", check], capture_output=True).returncode:
        print(f"installing ultralytics {ULTRALYTICS} and torch into {folder} (700 MB)",
              file=sys.stderr)
        pip = [python, "-m", "pip", "install", "--quiet"]
        subprocess.run([ROOT / "scripts/torch_venv.sh", folder], check=True)
        subprocess.run([*pip, *NEEDED], check=True)
        subprocess.run([*pip, "--no-deps", f"torchvision=={TORCHVISION}", "ultralytics-thop",
                        f"ultralytics=={ULTRALYTICS}"], check=True)
    os.execv(python, [str(python), *sys.argv])


def yolo_tree(labelled, count, folder):
    """images/, labels/ and data.yaml with up to `count` images of pool and seed; their number."""
    documents = [json.loads((labelled / f"{part}.coco.json").read_text())
                 for part in ("pool", "seed")]
    images = [(document, image) for document in documents for image in document["images"]][:count]
    index = {one["id"]: i for i, one in enumerate(documents[0]["categories"])}
    for document, image in images:
        lines = []
        for one in document["annotations"]:
            if one["image_id"] != image["id"]:
                continue
            left, top, width, height = one["bbox"]
            middle = ((left + width / 2) / image["width"], (top + height / 2) / image["height"])
            lines.append(f"{index[one['category_id']]} {middle[0]:.6f} {middle[1]:.6f}"
                         f" {width / image['width']:.6f} {height / image['height']:.6f}\n")
        file_name = Path(image["file_name"])
        place(labelled / "images" / file_name, folder / "images" / file_name)
        text = folder / "labels" / file_name.with_suffix(".txt")
        text.parent.mkdir(exist_ok=True)
        text.write_text("".join(lines))
    names = {i: one["name"] for i, one in enumerate(documents[0]["categories"])}
    (folder / "data.yaml").write_text(json.dumps(  # JSON is YAML
        {"path": str(folder), "train": "images", "val": "images", "names": names}))
    return len(images)


def epoch_seconds(tree, folder, threads):
    """Forward, backward, step and loading of one epoch; no validation, no start-up."""
    os.environ |= {"YOLO_CONFIG_DIR": str(folder), "YOLO_OFFLINE": "true",
                   "YOLO_AUTOINSTALL": "false", "YOLO_VERBOSE": "false"}
    import torch
    from ultralytics import YOLO
    clock = {}

    def begin(trainer):
        torch.set_num_threads(threads)  # it had taken one core less than there are
        clock["begin"] = time.perf_counter()

    def end(trainer):
        clock["end"] = time.perf_counter()
        raise EpochDone

    model = YOLO("yolo11n.yaml")
    model.add_callback("on_train_epoch_start", begin)
    model.add_callback("on_train_epoch_end", end)
    try:
        # close_mosaic: else an only epoch counts as one of the last, which have no mosaic.
        model.train(data=str(tree / "data.yaml"), epochs=1, imgsz=SIDE, batch=BATCH, device="cpu",
                    pretrained=False, close_mosaic=0, plots=False, val=False,
                    project=str(folder), name="run", verbose=False)
    except EpochDone:
        return clock["end"] - clock["begin"], torch.__version__
    sys.exit("Ultralytics ended before its epoch did")


def ours(file):
    """Our whole training, as detection.py --json measured it."""
    rows = [row for row in json.loads(file.read_text())["rows"] if row["row"] == OUR_ROW]
    if not rows:
        sys.exit(f"{file} has no row {OUR_ROW}: run detection.py --rows {OUR_ROW} --json {file}")
    return rows[0]


def main():
    parser = arguments(__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE",
                        help=f"of detection.py, with row {OUR_ROW}, for the ratio")
    parser.add_argument("--images", type=int, default=300, metavar="N", help="at most [%(default)s]")
    parser.add_argument("--threads", type=int, default=2, help="[%(default)s]")
    args = parse(parser, sys.argv[1:])
    enter_environment()

    print_header(args.program, f"One epoch of yolo11n, Ultralytics {ULTRALYTICS}, {SIDE} px")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        images = yolo_tree(args.data / "bccd", args.images, folder / "tree")
        epoch_s, torch_version = epoch_seconds(folder / "tree", folder, args.threads)
    whole_s = epoch_s * EPOCHS
    print(f"PyTorch {torch_version}, {args.threads} threads, {images} images, batches of {BATCH}")
    print(f"one epoch        {epoch_s:8.1f} s ({images / epoch_s:.1f} images/s)")
    print(f"{EPOCHS} epochs       {whole_s:8.0f} s ({whole_s / 3600:.1f} h), extrapolated")
    if args.json:
        row = ours(args.json)
        same_s = whole_s * row["images"] / images
        ratio = same_s / row["train_s"]
        print(f"{EPOCHS} epochs       {same_s:8.0f} s on {row['images']} images, in proportion")
        print(f"our whole train  {row['train_s']:8.1f} s on {row['images']} images:"
              f" {ratio:.0f} times as fast, goal {GOAL}: {'met' if ratio >= GOAL else 'NOT met'}")
    print(f"{load()} at the end")


if __name__ == "__main__":
    main()
