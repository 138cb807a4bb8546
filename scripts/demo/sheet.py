#!/usr/bin/env python3
"""Draws a sample of the drafts as one picture.

  sheet.py DRAFTS SOURCE TRUTH.csv SHEET.jpg

The sample is random, so the share of mistakes on the sheet is about that of all drafts. The frame is
green for bucket `accept` and amber for `review`; a mistake has a red cross and the true class.
"""

import argparse
import csv
import json
import os
import random

from PIL import Image, ImageDraw, ImageFont, ImageOps

COLUMNS, ROWS = 8, 5
CELL, CAPTION, GAP, HEADER, FRAME = 180, 46, 10, 56, 6
FRAME_COLOUR = {"accept": (46, 150, 72), "review": (236, 164, 32), "empty": (150, 150, 150)}
RED, INK, GREY = (208, 32, 40), (28, 28, 32), (110, 110, 116)
WHITE, PADDING = (255, 255, 255), (232, 232, 232)
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"


def read_ledger(drafts):
    with open(os.path.join(drafts, "drafts.jsonl"), encoding="utf-8") as file:
        return [line for line in map(json.loads, file) if line["status"] in ("done", "empty")]


def read_truth(path):
    with open(path, encoding="utf-8", newline="") as file:
        return {row["path"]: row["label"] for row in csv.DictReader(file)}


def best_label(line):
    """Returns (category, score), or (None, None) for an empty draft."""
    if not line["labels"]:
        return None, None
    label = max(line["labels"], key=lambda one: one["score"])
    return label["category"], label["score"]


def draw_header(draw, lines, truth, font):
    """E.g. `341 drafts   [green] accept: 290, 98 % right   [amber] review: 51, 61 % right`."""
    x = GAP
    draw.text((x, 16), f"{len(lines)} drafts", font=font, fill=INK)
    x += draw.textlength(f"{len(lines)} drafts", font=font) + 40
    for bucket, colour in FRAME_COLOUR.items():
        inside = [line for line in lines if line["bucket"] == bucket]
        if not inside:
            continue
        right = sum(best_label(line)[0] == truth[line["image"]] for line in inside)
        text = f"{bucket}: {len(inside)}, {100 * right / len(inside):.0f} % right"
        draw.rectangle((x, 18, x + 20, 38), fill=colour)
        draw.text((x + 30, 16), text, font=font, fill=INK)
        x += 30 + draw.textlength(text, font=font) + 40


def draw_cross(draw, right, top, side):
    draw.ellipse((right - side, top, right, top + side), fill=RED)
    inner = side * 0.3
    for (x1, y1), (x2, y2) in (((right - side + inner, top + inner), (right - inner, top + side - inner)),
                               ((right - side + inner, top + side - inner), (right - inner, top + inner))):
        draw.line((x1, y1, x2, y2), fill=WHITE, width=4)


def draw_draft(sheet, draw, left, top, line, source, truth, fonts):
    frame = FRAME_COLOUR.get(line["bucket"], GREY)
    draw.rectangle((left, top, left + CELL - 1, top + CELL - 1), fill=frame)
    image = ImageOps.exif_transpose(Image.open(os.path.join(source, line["image"]))).convert("RGB")
    inside = CELL - 2 * FRAME
    sheet.paste(ImageOps.pad(image, (inside, inside), color=PADDING), (left + FRAME, top + FRAME))

    category, score = best_label(line)
    right_class = truth[line["image"]]
    wrong = category != right_class
    caption = "no label" if category is None else f"{category} {score:.2f}"
    draw.text((left + 2, top + CELL + 3), caption, font=fonts[0], fill=RED if wrong else INK)
    if wrong:
        draw_cross(draw, left + CELL - FRAME - 4, top + FRAME + 4, 30)
        draw.text((left + 2, top + CELL + 23), f"is {right_class}", font=fonts[1], fill=GREY)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("drafts", "source", "truth", "sheet"):
        parser.add_argument(name)
    arguments = parser.parse_args()

    lines, truth = read_ledger(arguments.drafts), read_truth(arguments.truth)
    sample = random.Random(5).sample(lines, min(len(lines), COLUMNS * ROWS))
    rows = -(-len(sample) // COLUMNS)
    fonts = [ImageFont.truetype(FONT, size) for size in (16, 14, 20)]
    sheet = Image.new("RGB", (GAP + COLUMNS * (CELL + GAP), HEADER + rows * (CELL + CAPTION + GAP)),
                      WHITE)
    draw = ImageDraw.Draw(sheet)
    draw_header(draw, lines, truth, fonts[2])
    for i, line in enumerate(sorted(sample, key=lambda one: truth[one["image"]])):
        left, top = GAP + i % COLUMNS * (CELL + GAP), HEADER + i // COLUMNS * (CELL + CAPTION + GAP)
        draw_draft(sheet, draw, left, top, line, arguments.source, truth, fonts)
    sheet.save(arguments.sheet, "JPEG", quality=88)


if __name__ == "__main__":
    main()
