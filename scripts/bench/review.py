#!/usr/bin/env python3
"""How long people wait for review: start, questions, answers, pictures, with many drafts.

    scripts/bench/review.py [--images N] [--classes N] [--repeats N] [--build FOLDER]

Makes a drafts folder of N images (links to one photograph of 1600 x 1200 pixels), all to be
reviewed, and asks the program as the page does. Once with an empty review.jsonl, once with half of
the images answered. Times are medians of `repeats` requests; answers are on the disk when the reply
comes.
"""

import argparse
import hashlib
import json
import random
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from harness import pictures
from harness.machine import ROOT, print_header

PAGE = 20


def photograph(path):
    """Noise as cameras have, which takes as long to decode as a photograph."""
    from PIL import Image
    rng = random.Random(5)
    small = Image.frombytes("RGB", (160, 120), rng.randbytes(160 * 120 * 3))
    small.resize((1600, 1200), Image.Resampling.BICUBIC).save(path, quality=90)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_drafts(folder, images, classes):
    rng = random.Random(7)
    names = [f"class {i}" for i in range(classes)]
    source, drafts = folder / "pictures", folder / "drafts"
    source.mkdir()
    drafts.mkdir()
    digest = photograph(folder / "photograph.jpg")
    with (drafts / "drafts.jsonl").open("w") as ledger:
        for i in range(images):
            name = f"{i:07}.jpg"
            (source / name).symlink_to("../photograph.jpg")
            scores = [rng.random() ** 3 for _ in names]
            scores = [round(score / sum(scores), 6) for score in scores]
            best = max(range(classes), key=scores.__getitem__)
            ledger.write(json.dumps({
                "image": name, "sha256": digest, "width": 1600, "height": 1200, "orientation": 1,
                "status": "done", "bucket": "review", "uncertainty": round(1 - scores[best], 6),
                "labels": [{"id": f"{i:012x}", "category": names[best], "score": scores[best]}],
                "scores": scores}, separators=(",", ":")) + "\n")
    (drafts / "run.json").write_text(json.dumps({
        "kind": "drafts", "model_version": "0123456789ab", "task": "classify",
        "categories": names, "source": [str(source)]}))
    (drafts / "summary.json").write_text('{"buckets":{}}')
    return drafts


class Review:
    """The program at work, and what it cost to get it there."""

    def __init__(self, program, drafts):
        start = time.perf_counter()
        self.process = subprocess.Popen([program, "review", drafts, "--no-browser", "--quiet"],
                                        stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        self.start_s = time.perf_counter() - start
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        self.cpu_s = (int(fields[11]) + int(fields[12])) / 100
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        self.memory_mib = int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def ask(self, path, body=None):
        """Seconds and the reply."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data,
                                         {"Content-Type": "application/json"})
        start = time.perf_counter()
        with urllib.request.urlopen(request) as reply:
            text = reply.read()
        return time.perf_counter() - start, text

    def next_items(self):
        seconds, text = self.ask("api/items", {"reviewer": "ann", "count": PAGE, "mode": "single"})
        return seconds, json.loads(text)["items"]

    def answer(self, items):
        answers = [{"item": item["item"], "action": "labels", "seconds": 1,
                    "labels": [{"category": item["drafts"][0]["category"]}]} for item in items]
        seconds, text = self.ask("api/answers", {"reviewer": "ann", "answers": answers})
        assert not json.loads(text)["refused"], text
        return seconds

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def measure(review, repeats):
    """Median milliseconds of each kind of request."""
    times = {"20 questions": [], "1 answer": [], "20 answers": [], "thumbnail": [], "image": []}
    for _ in range(repeats):
        seconds, items = review.next_items()
        times["20 questions"].append(seconds)
        times["thumbnail"].append(review.ask(f"thumbnail/{items[0]['item']}")[0])
        times["image"].append(review.ask(f"image/{items[0]['item']}")[0])
        times["1 answer"].append(review.answer(items[:1]))
        times["20 answers"].append(review.answer(items[1:] + review.next_items()[1][-1:]))
    return {name: 1000 * statistics.median(seconds) for name, seconds in times.items()}


def answer_half(review, images):
    for _ in range(images // 2 // 500):
        _, text = review.ask("api/items", {"reviewer": "ann", "count": 500, "mode": "single"})
        review.answer(json.loads(text)["items"])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=50)
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    arguments = parser.parse_args()
    pictures.enter_environment()
    program = arguments.build / "preannotate"
    print_header(program, f"review of {arguments.images:,} drafts")
    print("answered  start s (CPU s)  memory MiB   20 questions  1 answer  20 answers  "
          "thumbnail  image   ms")
    with tempfile.TemporaryDirectory() as folder:
        drafts = write_drafts(Path(folder), arguments.images, arguments.classes)
        for half in (False, True):
            review = Review(program, drafts)
            ms = measure(review, arguments.repeats)
            print(f"{'half' if half else 'none':8}  {review.start_s:7.1f} ({review.cpu_s:.1f})"
                  f"  {review.memory_mib:13.0f}  " + "  ".join(f"{value:.1f}" for value in ms.values()))
            if not half:
                answer_half(review, arguments.images)
            review.end()


if __name__ == "__main__":
    main()
