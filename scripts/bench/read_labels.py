#!/usr/bin/env python3
"""Time and peak memory of reading a COCO file of 1,000,000 annotations.

    scripts/bench/read_labels.py [--annotations N] [--build FOLDER]

A tenth as many images; every second annotation has a polygon of 8 points. Builds the reader's
program in build/ (preannotate_read_labels). Python's own json.load of the same file stands beside it.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHON = ("import json, sys; d = json.load(open(sys.argv[1]));"
          "print(json.dumps({'images': len(d['images']), 'labels': len(d['annotations'])}))")


def write(path, count):
    rng = random.Random(7)
    images = max(count // 10, 1)
    with path.open("w") as file:
        file.write('{"info":{},"licenses":[],"categories":[')
        file.write(",".join(json.dumps({"id": i, "name": f"class {i}"}) for i in range(1, 81)))
        file.write('],\n"images":[')
        for i in range(1, images + 1):
            file.write(("" if i == 1 else ",\n") + json.dumps(
                {"id": i, "file_name": f"{i % 97:02}/{i:07}.jpg", "width": 640, "height": 480}))
        file.write('],\n"annotations":[')
        for i in range(1, count + 1):
            x, y = rng.uniform(0, 500), rng.uniform(0, 400)
            w, h = rng.uniform(5, 120), rng.uniform(5, 70)
            points = [round(v, 2) for p in range(8) for v in (x + w * (p % 3) / 2, y + h * p / 7)]
            file.write(("" if i == 1 else ",\n") + json.dumps(
                {"id": i, "image_id": 1 + i % images, "category_id": 1 + i % 80,
                 "bbox": [round(v, 2) for v in (x, y, w, h)], "area": round(w * h, 2), "iscrowd": 0,
                 "segmentation": [points] if i % 2 else []}))
        file.write("]}\n")


def measured(command):
    """Seconds, peak MB and what the command printed."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024, json.loads(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--annotations", type=int, default=1_000_000)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    args = parser.parse_args()
    subprocess.run(["cmake", "--build", args.build, "-j2", "--target", "preannotate_read_labels"],
                   check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "annotations.json"
        write(path, args.annotations)
        print(f"{args.annotations:,} annotations, {path.stat().st_size / 1e6:.0f} MB")
        for name, command in [
                ("preannotate", [args.build / "tests" / "bench" / "preannotate_read_labels", path]),
                ("Python's json.load", [sys.executable, "-c", PYTHON, path])]:
            seconds, peak, found = measured(command)
            print(f"{name:20} {seconds:6.1f} s {peak:7.0f} MB  {json.dumps(found)}")


if __name__ == "__main__":
    main()
