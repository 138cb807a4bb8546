#!/usr/bin/env python3
"""Draws the drafted boxes of a sample of pictures as one picture.

  sheet_boxes.py DRAFTS SOURCE TRUTH.json SHEET.jpg

Shown boxes only. A box is right (green) when it has the class and IoU >= 0.5 of an object that no
surer box has; else it is wrong (red). An object without a right box is missed (dashed, violet).
"""

import argparse
import json
import os
import random

from PIL import Image, ImageDraw, ImageFont, ImageOps

from sheet import FONT, GAP, GREY, HEADER, INK, PADDING, RED, WHITE, read_ledger

COLUMNS, ROWS = 4, 3
CELL, CAPTION = 360, 26
GREEN, VIOLET = (46, 150, 72), (150, 40, 190)
RIGHT_IOU = 0.5


def read_truth(path):
    """{image: [{"category", "bbox"}]}"""
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    names = {category["id"]: category["name"] for category in document["categories"]}
    images = {image["id"]: image["file_name"] for image in document["images"]}
    truth = {name: [] for name in images.values()}
    for one in document["annotations"]:
        truth[images[one["image_id"]]].append(
            {"category": names[one["category_id"]], "bbox": one["bbox"]})
    return truth


def iou(a, b):
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(0, width) * max(0, height)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


def judge(boxes, objects):
    """(right boxes, wrong boxes, missed objects)"""
    right, wrong, free = [], [], list(objects)
    for box in sorted(boxes, key=lambda one: -one["score"]):
        same = [one for one in free if one["category"] == box["category"]]
        nearest = max(same, key=lambda one: iou(one["bbox"], box["bbox"]), default=None)
        if nearest and iou(nearest["bbox"], box["bbox"]) >= RIGHT_IOU:
            free.remove(nearest)
            right.append(box)
        else:
            wrong.append(box)
    return right, wrong, free


def draw_dashed(draw, box, colour, dash=9):
    left, top, right, bottom = box
    for x in range(int(left), int(right), 2 * dash):
        for y in (top, bottom):
            draw.line((x, y, min(x + dash, right), y), fill=colour, width=3)
    for y in range(int(top), int(bottom), 2 * dash):
        for x in (left, right):
            draw.line((x, y, x, min(y + dash, bottom)), fill=colour, width=3)


def draw_name(draw, box, text, colour, font):
    """On the upper edge of the box, inside where there is no room above."""
    width, height = draw.textlength(text, font=font) + 6, 17
    left, top = min(box[0], CELL - width), box[1] - height if box[1] >= height else box[1]
    draw.rectangle((left, top, left + width, top + height), fill=colour)
    draw.text((left + 3, top + 1), text, font=font, fill=WHITE)


def drawn(path, judged, font):
    """The picture in a square cell with its boxes."""
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    scale = CELL / max(image.size)
    cell = ImageOps.pad(image, (CELL, CELL), color=PADDING)
    shift = [(CELL - scale * side) / 2 for side in image.size]
    draw = ImageDraw.Draw(cell)

    def placed(one):
        x, y, width, height = one["bbox"]
        return [shift[0] + scale * x, shift[1] + scale * y,
                shift[0] + scale * (x + width), shift[1] + scale * (y + height)]

    right, wrong, missed = judged
    for one in missed:
        draw_dashed(draw, placed(one), VIOLET)
    for boxes, colour in ((right, GREEN), (wrong, RED)):
        for box in boxes:
            draw.rectangle(placed(box), outline=colour, width=3)
    for one in missed:
        draw_name(draw, placed(one), one["category"], VIOLET, font)
    for boxes, colour in ((right, GREEN), (wrong, RED)):
        for box in boxes:
            draw_name(draw, placed(box), f"{box['category']} {box['score']:.2f}", colour, font)
    return cell


def draw_header(draw, judged, font):
    """E.g. `60 images   [green] right: 180   [red] wrong: 20   [violet] missed: 30`, of all."""
    counts = [sum(len(one[kind]) for one in judged) for kind in range(3)]
    x = GAP
    texts = [(f"{len(judged)} pictures, {counts[0] + counts[1]} boxes drafted", None),
             (f"right: {counts[0]}", GREEN), (f"wrong: {counts[1]}", RED),
             (f"objects missed: {counts[2]}", VIOLET)]
    for text, colour in texts:
        if colour:
            draw.rectangle((x, 18, x + 20, 38), fill=colour)
            x += 30
        draw.text((x, 16), text, font=font, fill=INK)
        x += draw.textlength(text, font=font) + 40


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("drafts", "source", "truth", "sheet"):
        parser.add_argument(name)
    arguments = parser.parse_args()

    lines, truth = read_ledger(arguments.drafts), read_truth(arguments.truth)
    judged = {line["image"]: judge(line["labels"], truth[line["image"]]) for line in lines}
    sample = sorted(random.Random(5).sample(sorted(judged), min(len(judged), COLUMNS * ROWS)))
    rows = -(-len(sample) // COLUMNS)
    fonts = [ImageFont.truetype(FONT, size) for size in (13, 14, 20)]
    sheet = Image.new("RGB", (GAP + COLUMNS * (CELL + GAP), HEADER + rows * (CELL + CAPTION + GAP)),
                      WHITE)
    draw = ImageDraw.Draw(sheet)
    draw_header(draw, list(judged.values()), fonts[2])
    for i, image in enumerate(sample):
        left, top = GAP + i % COLUMNS * (CELL + GAP), HEADER + i // COLUMNS * (CELL + CAPTION + GAP)
        cell = drawn(os.path.join(arguments.source, image), judged[image], fonts[0])
        sheet.paste(cell, (left, top))
        draw.text((left + 2, top + CELL + 4), image, font=fonts[1], fill=GREY)
    sheet.save(arguments.sheet, "JPEG", quality=88)


if __name__ == "__main__":
    main()
