"""Drafts folders as predict writes them, made without a model: pictures that say what they are."""

import hashlib
import json
import os
import random

from PIL import Image, ImageDraw

MODEL = "0123456789ab"


def picture(path, text, size=(320, 240), boxes=()):
    path.parent.mkdir(parents=True, exist_ok=True)
    shade = 40 + hash_of(text.encode("utf-8", "surrogatepass"))[0] % 160
    image = Image.new("RGB", size, (shade, 120, 200 - shade))
    draw = ImageDraw.Draw(image)
    draw.text((10, 10), text.encode("ascii", "replace").decode(), fill="white")
    for x, y, width, height in boxes:
        draw.ellipse((x, y, x + width, y + height), fill=(230, 220, 90))
    image.save(path, format="JPEG")  # whatever its name


def hash_of(data):
    return hashlib.sha256(data).digest()


def draft_id(image, place):
    return hash_of(f"{image}|{place}".encode("utf-8", "surrogatepass")).hex()[:12]


def write_folder(folder, source, task, categories, lines):
    folder.mkdir(parents=True)
    run = {"format_version": 1, "kind": "drafts", "tool_version": "0.1.0", "model_version": MODEL,
           "task": task, "categories": categories, "source": [str(source)], "options": {}}
    (folder / "run.json").write_text(json.dumps(run))
    (folder / "summary.json").write_text("{}")
    with open(folder / "drafts.jsonl", "w") as ledger:
        for line in lines:
            ledger.write(json.dumps(line, ensure_ascii=False) + "\n")
    return folder


def line_of(source, image, labels, uncertainty, size=(320, 240), **more):
    sha256 = hash_of((source / image).read_bytes()).hex()
    return {"image": image, "sha256": sha256, "width": size[0], "height": size[1], "orientation": 1,
            "status": "done", "bucket": "review", "uncertainty": round(uncertainty, 6),
            "labels": labels, **more}


def class_drafts(root, images, categories, several=False, seed=1):
    """A draft of one class an image, or of one or two; scores sink with the image's place."""
    dice, lines, source = random.Random(seed), [], root / "images"
    for place, image in enumerate(images):
        picture(source / image, image)
        drafted = place % len(categories)
        score = round(0.98 - 0.6 * place / len(images), 4)
        scores = [round((1 - score) / (len(categories) + dice.random()), 4) for _ in categories]
        scores[drafted] = score
        labels = [{"id": draft_id(image, "0"), "category": categories[drafted], "score": score}]
        if several and place % 3 == 0:
            second = (drafted + 1) % len(categories)
            scores[second] = 0.6
            labels.append({"id": draft_id(image, "1"), "category": categories[second], "score": 0.6})
        lines.append(line_of(source, image, labels, 1 - score, scores=scores))
    return write_folder(root / "drafts", source, "multilabel" if several else "classify",
                        categories, lines)


def box_drafts(root, images, categories, boxes, size=(640, 480)):
    """The same boxes in every image: (category, score, x, y, width, height)."""
    lines, source = [], root / "images"
    for place, image in enumerate(images):
        picture(source / image, image, size, [box[2:] for box in boxes])
        labels = [{"id": draft_id(image, number), "category": category, "score": score,
                   "bbox": [x, y, width, height]}
                  for number, (category, score, x, y, width, height) in enumerate(boxes)]
        lines.append(line_of(source, image, labels, 0.5 + place / 1000, size))
    return write_folder(root / "drafts", source, "detect", categories, lines)


def many_drafts(root, number, categories, files=20):
    """`number` images, which are links to few files."""
    source, lines = root / "images", []
    hashes = []
    for file in range(files):
        picture(root / f"file{file}.jpg", f"file {file}", (200, 150))
        hashes.append(hash_of((root / f"file{file}.jpg").read_bytes()).hex())
    for place in range(number):
        image = f"{place % 50:02d}/{place:06d}.jpg"
        path = source / image
        path.parent.mkdir(parents=True, exist_ok=True)
        os.link(root / f"file{place % files}.jpg", path)
        drafted, score = place % len(categories), round(0.4 + 0.59 * (place * 7919 % number) / number, 6)
        scores = [round((1 - score) / (len(categories) - 1), 6)] * len(categories)
        scores[drafted] = score
        lines.append({"image": image, "sha256": hashes[place % files], "width": 200, "height": 150,
                      "orientation": 1, "status": "done", "bucket": "review",
                      "uncertainty": round(1 - score, 6), "scores": scores,
                      "labels": [{"id": draft_id(image, "0"), "category": categories[drafted],
                                  "score": score}]})
    return write_folder(root / "drafts", source, "classify", categories, lines)


def answers(folder):
    """Lines of review.jsonl."""
    path = folder / "review.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
