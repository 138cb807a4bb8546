#!/usr/bin/env python3
"""predict against the usual ways to do the same: a folder of photographs to a class for each.

    scripts/bench/predict.py                        every part, five rounds
    scripts/bench/predict.py --parts network --repeats 9
    scripts/bench/predict.py --images 200 --json FILE

Parts: e2e (folder to drafts, with memory), network (alone), detection (the network alone at 640 px),
boxes (bccd from folder to drafts with boxes, 640 x 480), limit (cores / (decode + preprocess +
network), each alone at its fastest, and the fastest of three runs of ours in the same round), large
(12-megapixel photographs), start. The same weights, head and images everywhere; all rows of a part take turns,
ratios are those of one round, and their median is given. The peers are in peers/peer.py and run in
a virtual environment in the cache folder, made on first use.

preannotate_engine_bench and preannotate_limit_bench are built first.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness.machine import ROOT, cache_folder, load, print_header
from harness.program import Program
from harness.sets import arguments, images_in, parse

PACKAGES = ["openvino==2026.4.1", "onnxruntime==1.32.0", "onnx", "opencv-python-headless"]
PARTS = ["e2e", "network", "detection", "boxes", "limit", "large", "start"]
PEERS = ["dataloader-eager", "dataloader-frozen", "dataloader-compiled", "onnxruntime-fp32",
         "openvino-f32", "openvino-bf16"]
OURS = ["ours-fp32", "ours-bf16", "ours-int8", "ours-auto"]
PEER = Path(__file__).parent / "peers/peer.py"


def peers_python():
    folder = cache_folder() / "peers-venv"
    python = folder / "bin/python"
    imports = [python, "-c", "import torch, openvino, onnxruntime, onnx, cv2"]
    if not python.exists() or subprocess.run(imports, capture_output=True).returncode:
        print(f"installing the peers into {folder}", file=sys.stderr)
        subprocess.run([ROOT / "scripts/torch_venv.sh", folder], check=True, stdout=sys.stderr)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    return python


def tree_mib(root):
    """Memory of a process and all below it; pages that several share count once."""
    total, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                waiting += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        except OSError:
            pass
    return total / 1024


def peak_mib(child):
    """The most memory of a running process and all below it, looked at ten times a second."""
    peak = 0.0
    while child.poll() is None:
        peak = max(peak, tree_mib(child.pid))
        time.sleep(0.1)
    return peak


def timed(words, weighed=False):
    """stdout, wall seconds and, where `weighed`, peak memory of a command; None where it fails.
    Looking at memory costs time, so no run is both timed and weighed in earnest."""
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        child = subprocess.Popen([str(word) for word in words], stdout=out, stderr=errors)
        peak = peak_mib(child) if weighed else 0.0
        child.wait()
        wall_s = time.perf_counter() - start
        for file in (out, errors):
            file.seek(0)
        if child.returncode:
            lines = errors.read().strip().splitlines()
            print(f"  not run: {words[2]}: {lines[-1] if lines else child.returncode}", flush=True)
            return None
        return out.read(), wall_s, peak


class Bench:
    def __init__(self, args, folder):
        self.args, self.folder = args, folder
        self.labelled = args.data / "clothing"
        self.run = folder / "run"
        Program(args.program, folder / "cache").run(
            "train", "--data", self.labelled / "seed", "--output", self.run)
        self.python = peers_python()

    def tool(self, name):
        """A benchmark program beside the program, built first."""
        build = self.args.program.parent
        subprocess.run(["cmake", "--build", build, "--target", name], check=True,
                       stdout=subprocess.DEVNULL)
        return build / "tests/bench" / name

    def ours(self, row, source, weighed=False):
        drafts = self.folder / "drafts"
        done = timed([self.args.program, "predict", "--model", self.run, "--source", source,
                      "--output", drafts, "--force", "--json", "--quiet", "--precision",
                      row.split("-")[1]], weighed)
        if not done:
            return None
        summary = json.loads(done[0])
        used = json.loads((drafts / "run.json").read_text())["engine"].split(":")[0]
        entries = map(json.loads, (drafts / "drafts.jsonl").read_text().splitlines())
        classes = {e["image"]: e["scores"].index(max(e["scores"])) for e in entries}
        return {"images_per_s": summary["time"]["images_per_s"], "precision": used,
                "wall_s": done[1], "peak_mib": done[2], "classes": classes}

    def peer(self, row, source, weighed=False):
        paths = [str(path) for path in images_in(source)]
        listing, output = self.folder / "list.txt", self.folder / "classes.json"
        listing.write_text("\n".join(paths))
        done = timed([self.python, PEER, row, self.run, listing, output], weighed)
        if not done:
            return None
        said = json.loads(done[0].splitlines()[-1])
        classes = {str(Path(path).relative_to(source)): found
                   for path, found in json.loads(output.read_text()).items()}
        return {**said, "wall_s": done[1], "peak_mib": done[2], "classes": classes}

    def rounds(self, rows, source, repeats):
        """Row to its timed rounds, each with the peak memory of a round before them."""
        def one(row, weighed=False):
            return (self.ours if row.startswith("ours") else self.peer)(row, source, weighed)

        weights = {row: one(row, weighed=True) for row in rows}
        found = {row: [] for row in rows if weights[row]}
        for _ in range(repeats):
            for row in list(found):
                done = one(row)
                if not done:
                    del found[row]
                    continue
                found[row].append({**done, "peak_mib": weights[row]["peak_mib"]})
        return found


def median_ratio(rounds, ours, peer, figure="images_per_s"):
    if ours not in rounds or peer not in rounds:
        return None
    return statistics.median(a[figure] / b[figure] for a, b in zip(rounds[ours], rounds[peer]))


def print_rows(rounds):
    print("row               precision          images/s   least-most  wall s  MiB  agree")
    reference = rounds.get("ours-fp32", [None])[0]
    for row, done in rounds.items():
        rates = [one["images_per_s"] for one in done]
        same = "-"
        if reference:
            wanted = reference["classes"]
            same = f"{sum(done[0]['classes'].get(k) == v for k, v in wanted.items()) / len(wanted):.3f}"
        spread = f"{min(rates):.0f}-{max(rates):.0f}"
        print(f"{row:17} {done[0]['precision']:18} {statistics.median(rates):8.0f} {spread:>12}"
              f" {statistics.median(one['wall_s'] for one in done):7.2f}"
              f" {done[0]['peak_mib']:4.0f}  {same}")


def goal(name, ratio, wanted, most=False):
    if ratio is None:
        print(f"  {name}: not measured")
        return
    met = ratio <= wanted if most else ratio >= wanted
    print(f"  {name}: {ratio:.2f}, goal {'<=' if most else '>='} {wanted}: {'met' if met else 'MISSED'}")


def e2e(bench):
    source = bench.labelled / "pool"
    if bench.args.images:
        source = subset(source, bench.args.images, bench.folder / "some")
    rounds = bench.rounds(OURS + PEERS, source, bench.args.repeats)
    print_rows(rounds)
    goal("fp32 / DataLoader eager", median_ratio(rounds, "ours-fp32", "dataloader-eager"), 5)
    goal("auto / DataLoader eager", median_ratio(rounds, "ours-auto", "dataloader-eager"), 8)
    goal("fp32 / OpenVINO f32", median_ratio(rounds, "ours-fp32", "openvino-f32"), 1.2)
    goal("bf16 / OpenVINO bf16", median_ratio(rounds, "ours-bf16", "openvino-bf16"), 1.2)
    goal("peak memory, auto / DataLoader eager",
         median_ratio(rounds, "ours-auto", "dataloader-eager", "peak_mib"), 0.5, most=True)
    return rounds


def subset(source, count, target):
    for path in images_in(source)[:count]:
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(path.read_bytes())
    return target


def network(bench, side=224, precisions=("fp32", "bf16", "int8"), wanted=1.2):
    tool, rounds = bench.tool("preannotate_engine_bench"), {}
    batch = 4 if side <= 224 else 1
    for _ in range(bench.args.repeats):
        for precision in precisions:
            done = timed([tool, "--backbone", bench.run / "backbone.pt", "--precision", precision,
                          "--batch", batch, "--width", side, "--height", side, "--seconds", 3])
            if done:
                rounds.setdefault(f"ours-{precision}", []).append(json.loads(done[0]))
        for precision in ("f32", "bf16"):
            done = timed([bench.python, PEER, f"network-{precision}", bench.run, 3, side])
            if done:
                rounds.setdefault(f"openvino-{precision}", []).append(
                    json.loads(done[0].splitlines()[-1]))
    print_rates(rounds)
    for ours, peer in (("fp32", "f32"), ("bf16", "bf16")):
        goal(f"{ours} / OpenVINO {peer}", median_ratio(rounds, f"ours-{ours}", f"openvino-{peer}"),
             wanted)
    return rounds


def boxes(bench):
    """Frames of 640 x 480. Our drafts are merged by soft-NMS and calibrated, the peer's by NMS."""
    source, run = bench.args.data / "bccd/images", bench.folder / "boxes"
    Program(bench.args.program, bench.folder / "cache").run(
        "train", "--data", bench.args.data / "bccd/seed.coco.json", "--output", run, "--imgsz", 640,
        "--folds", 0)
    listing, output = bench.folder / "list.txt", bench.folder / "boxes.json"
    listing.write_text("\n".join(map(str, images_in(source))))
    rounds, drafts = {}, bench.folder / "drafts"
    for _ in range(bench.args.repeats):
        for precision in ("fp32", "bf16"):
            done = timed([bench.args.program, "predict", "--model", run, "--source", source,
                          "--output", drafts, "--force", "--json", "--quiet", "--precision",
                          precision])
            if done:
                rounds.setdefault(f"ours-{precision}", []).append(
                    {"precision": precision, **json.loads(done[0])["time"]})
        for precision in ("f32", "bf16"):
            done = timed([bench.python, PEER, f"boxes-{precision}", run, listing, output])
            if done:
                rounds.setdefault(f"openvino-{precision}", []).append(
                    json.loads(done[0].splitlines()[-1]))
    print_rates(rounds)
    print(f"  {same_boxes(drafts, source, output):.3f} of the peer's boxes above 0.3 are ours too")
    for ours, peer in (("fp32", "f32"), ("bf16", "bf16")):
        goal(f"{ours} / OpenVINO {peer}", median_ratio(rounds, f"ours-{ours}", f"openvino-{peer}"),
             1.1)
    return rounds


def same_boxes(drafts, source, output):
    """The share of the peer's boxes that overlap a draft of ours of their class by half or more;
    bccd's images fill the frame, so both are in the same pixels."""
    run = json.loads((drafts / "run.json").read_text())
    ours = {}
    for line in (drafts / "drafts.jsonl").read_text().splitlines():
        entry = json.loads(line)
        ours[entry["image"]] = [(run["categories"].index(label["category"]), *label["bbox"])
                                for label in entry["labels"] + entry.get("candidates", [])]
    same = every = 0
    for path, found in json.loads(output.read_text()).items():
        image = str(Path(path).relative_to(source))
        for category, score, *box in found:
            if score > 0.3:
                every += 1
                same += any(mine[0] == category and overlap(mine[1:], box) >= 0.5
                            for mine in ours[image])
    return same / max(every, 1)


def overlap(a, b):
    """Intersection over union of (x, y, width, height)."""
    across = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    down = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(across, 0) * max(down, 0)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


def print_rates(rounds):
    for row, done in rounds.items():
        rates = [one["images_per_s"] for one in done]
        print(f"{row:17} {done[0]['precision']:22} {statistics.median(rates):9.1f}"
              f"  ({min(rates):.1f}-{max(rates):.1f})")


def limit(bench):
    tool, ratios, rounds = bench.tool("preannotate_limit_bench"), {}, []
    source = bench.labelled / "pool"
    for _ in range(bench.args.repeats):
        for precision in ("fp32", "bf16"):
            ours = [bench.ours(f"ours-{precision}", source) for _ in range(2)]
            done = timed([tool, "--run", bench.run, "--precision", precision, "--source", source])
            ours.append(bench.ours(f"ours-{precision}", source))
            if not all(ours) or not done:
                continue
            alone = json.loads(done[0])
            fastest = max(one["images_per_s"] for one in ours)
            alone["of_the_limit"] = fastest / alone["images_per_s"]
            ratios.setdefault(precision, []).append(alone["of_the_limit"])
            rounds.append(alone)
            print(f"{precision}: ours {fastest:.0f} images/s, limit "
                  f"{alone['images_per_s']:.0f} = {alone['threads']} / (decode {alone['decode_ms']:.2f}"
                  f" + preprocess {alone['preprocess_ms']:.2f} + network {alone['network_ms']:.2f} ms)")
    for precision, found in ratios.items():
        goal(f"{precision} / limit", statistics.median(found), 0.9)
    return {"limit": rounds}


ENLARGE = """
import sys, cv2
for i, path in enumerate(sys.argv[2:]):
    big = cv2.resize(cv2.imread(path), (4000, 3000), interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(f"{sys.argv[1]}/{i:03}.jpg", big, [cv2.IMWRITE_JPEG_QUALITY, 90])
"""


def large(bench):
    folder = bench.folder / "large"
    folder.mkdir()
    subprocess.run([bench.python, "-c", ENLARGE, folder,
                    *images_in(bench.labelled / "pool")[:40]], check=True)
    rounds = bench.rounds(["ours-fp32", "ours-bf16", "openvino-f32", "openvino-bf16"], folder,
                          bench.args.repeats)
    print_rows(rounds)
    goal("fp32 / OpenVINO f32", median_ratio(rounds, "ours-fp32", "openvino-f32"), 2)
    goal("bf16 / OpenVINO bf16", median_ratio(rounds, "ours-bf16", "openvino-bf16"), 2)
    return rounds


def first_line_s(words):
    """Until the first line on stderr, and to the end."""
    start = time.perf_counter()
    child = subprocess.Popen([str(word) for word in words], stderr=subprocess.PIPE,
                             stdout=subprocess.DEVNULL)
    child.stderr.readline()
    first = time.perf_counter() - start
    child.stderr.read()
    child.wait()
    return first, time.perf_counter() - start


def start(bench):
    ten = subset(bench.labelled / "pool", 10, bench.folder / "ten")
    words = [bench.args.program, "predict", "--model", bench.run, "--source", ten, "--force",
             "--output", bench.folder / "drafts"]
    runs = [first_line_s(words) for _ in range(bench.args.repeats)]
    helps = [first_line_s([bench.args.program, "--help"])[1] for _ in range(bench.args.repeats)]
    goal("seconds to the first line", statistics.median(r[0] for r in runs), 0.1, most=True)
    goal("seconds of predict on 10 images", statistics.median(r[1] for r in runs), 1.5, most=True)
    goal("seconds of --help", statistics.median(helps), 0.15, most=True)
    return {"start": {"runs": runs, "helps": helps}}


def without_classes(rounds):
    return {row: [{k: v for k, v in one.items() if k != "classes"} if isinstance(one, dict) else one
                  for one in done] if isinstance(done, list) else done
            for row, done in rounds.items()}


def main():
    parser = arguments(__doc__)
    parser.add_argument("--parts", default=",".join(PARTS), help="[%(default)s]")
    parser.add_argument("--repeats", type=int, default=5, help="rounds [%(default)s]")
    parser.add_argument("--images", type=int, help="of e2e; the whole pool where not given")
    parser.add_argument("--json", type=Path, help="every round of every row")
    args = parse(parser, sys.argv[1:])
    print_header(args.program, "predict and its peers, EfficientNet-Lite0")
    parts = {"e2e": e2e, "network": network, "boxes": boxes, "limit": limit, "large": large,
             "start": start,
             "detection": lambda bench: network(bench, 640, ("fp32", "bf16"), 1.1)}
    kept = {}
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(args, Path(name))
        for part in args.parts.split(","):
            print(f"\n{part}, {load()}")
            kept[part] = without_classes(parts[part](bench))
    if args.json:
        args.json.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
