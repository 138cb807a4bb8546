#!/usr/bin/env python3
"""Composes the pictures of the demo from Debian's Tux Paint stamps.

  compose.py OUTPUT   writes OUTPUT/seed/<class>/*.jpg, OUTPUT/unlabelled/**, OUTPUT/truth.csv

A stamp of the seed is never in an unlabelled picture, nor is another stamp of the same subject, so
what the model is asked about is new to it. The same --random-seed gives the same pictures.
The stamps are GPL-2 and stay on the machine that installed them: nothing made here is published.
"""

import argparse
import csv
import os
import shutil
from multiprocessing import Pool

import numpy as np
from PIL import Image, ImageFilter

import backgrounds
from stamps import CLASSES, STAMPS_DIR, load_stamp, split_stamps

SEED_PER_CLASS = 25
UNLABELLED_PER_CLASS = (28, 46)  # drawn anew for every class, as real folders are not balanced
MANY_TOGETHER = {"coin", "flower", "fruit", "insect", "vegetable"}
READABLE = {"coin", "road_sign", "vehicle"}  # never mirrored
LARGEST_ENLARGEMENT = 2.4
FOLDERS = ["", "camera", "camera", "phone/spring", "phone/summer", "scans"]
EXIF_ORIENTATION = 0x0112
TURN_FOR_ORIENTATION = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90,
                        8: Image.Transpose.ROTATE_270}


def canvas_size(rng, stamp_px, share):
    """Short and long side such that the stamp fills `share` without being enlarged too much."""
    short = min(rng.uniform(240, 520), stamp_px * LARGEST_ENLARGEMENT / share)
    width, height = round(short * rng.choice([1, 1.25, 4 / 3, 1.5])), round(short)
    return (width, height) if rng.random() < 0.7 else (height, width)


def prepared(rng, stamp, side, upright, may_mirror):
    """The stamp resized so that its longer side is `side`, turned, and perhaps mirrored."""
    scale = side / max(stamp.size)
    stamp = stamp.resize([max(1, round(s * scale)) for s in stamp.size], Image.Resampling.LANCZOS)
    if may_mirror and rng.random() < 0.5:
        stamp = stamp.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    angle = rng.normal(0, 7) if upright else rng.normal(0, 30)
    return stamp.rotate(angle, Image.Resampling.BICUBIC, expand=True)


def add_shadow(canvas, stamp, at, rng, upright):
    """Darkens what is under the stamp: a flat pool at its feet, or its own soft outline."""
    mask = Image.new("L", canvas.size, 0)
    alpha = stamp.getchannel("A")
    if upright:
        pool = alpha.resize((stamp.width, max(2, stamp.height // 5)))
        mask.paste(pool, (at[0], at[1] + stamp.height - pool.height * 2 // 3), pool)
    else:
        offset = max(2, max(stamp.size) // 30)
        mask.paste(alpha, (at[0] + offset, at[1] + offset), alpha)
    mask = mask.filter(ImageFilter.GaussianBlur(max(2, max(stamp.size) / 40)))
    strength = rng.uniform(0.25, 0.5)
    canvas.paste((16, 14, 20), (0, 0), mask.point(lambda value: int(value * strength)))


def place(canvas, stamp, rng, horizon):
    width, height = canvas.size
    left = int(rng.uniform(0, max(1, width - stamp.width)))
    if horizon is None:
        top = int(rng.uniform(0, max(1, height - stamp.height)))
    else:  # the feet stand on the ground
        top = int(rng.uniform(max(horizon + 4, height * 0.72), height * 0.98)) - stamp.height
    add_shadow(canvas, stamp, (left, top), rng, upright=horizon is not None)
    canvas.paste(stamp, (left, top), stamp)


def under_some_light(rng, canvas):
    """Exposure, contrast, white balance, a vignette and sensor noise."""
    pixels = np.asarray(canvas, np.float32)
    pixels = (pixels - 128) * rng.uniform(0.75, 1.12) + 128
    pixels *= rng.uniform(0.72, 1.16) * (1 + rng.normal(0, 0.045, 3)).astype(np.float32)
    height, width = pixels.shape[:2]
    y, x = np.ogrid[-1:1:height * 1j, -1:1:width * 1j]
    pixels *= (1 - rng.uniform(0, 0.28) * (x * x + y * y) / 2)[..., None]
    pixels += rng.normal(0, rng.uniform(0.5, 7), pixels.shape)
    image = Image.fromarray(np.uint8(np.clip(pixels, 0, 255)))
    return image.filter(ImageFilter.GaussianBlur(0.9)) if rng.random() < 0.2 else image


def compose(rng, name, first, own, others):
    """A picture of class `name` that shows stamp `first`, sometimes with more from `own`.

    `others` may lie about out of focus.
    """
    first = load_stamp(first)
    copies = int(rng.integers(2, 4)) if name in MANY_TOGETHER and rng.random() < 0.25 else 1
    share = rng.uniform(0.5, 0.95) if copies == 1 else rng.uniform(0.4, 0.6)
    width, height = canvas_size(rng, max(first.size), share)
    clutter = [load_stamp(others[i]) for i in rng.integers(len(others), size=3)]

    horizon = None
    if rng.random() < 0.5:
        pixels, horizon = backgrounds.scene(rng, width, height, clutter)
    else:
        pixels = backgrounds.surface(rng, width, height, clutter)
    canvas = Image.fromarray(np.uint8(np.clip(pixels, 0, 255)))
    for copy in range(copies):
        stamp = first if copy == 0 else load_stamp(own[rng.integers(len(own))])
        side = share * min(width, height) * rng.uniform(0.85, 1)
        stamp = prepared(rng, stamp, side, horizon is not None, name not in READABLE)
        place(canvas, stamp, rng, horizon)
    return under_some_light(rng, canvas)


def save(rng, image, path, turned):
    """JPEG of any quality, or PNG by the name; `turned` ones are stored so that EXIF rights them."""
    if path.endswith(".png"):
        image.save(path)
        return
    exif = Image.Exif()
    if turned:
        orientation = int(rng.choice(list(TURN_FOR_ORIENTATION)))
        image = image.transpose(TURN_FOR_ORIENTATION[orientation])
        exif[EXIF_ORIENTATION] = orientation
    image.save(path, "JPEG", quality=int(rng.integers(55, 96)), exif=exif)


def compose_and_save(job):
    random_seed, index, name, first, own, others, path, turned = job
    rng = np.random.default_rng([random_seed, index])
    save(rng, compose(rng, name, first, own, others), path, turned)


def plan_seed():
    """Returns [(path below seed/, class)]."""
    return [(f"{name}/{i + 1:03}.jpg", name) for name in sorted(CLASSES)
            for i in range(SEED_PER_CLASS)]


def plan_unlabelled(rng):
    """Returns [(path below unlabelled/, class)] in an order that tells nothing about the class."""
    names = [name for name in sorted(CLASSES) for _ in range(rng.integers(*UNLABELLED_PER_CLASS))]
    rng.shuffle(names)
    paths = []
    for i, name in enumerate(names):
        extension = rng.choice([".jpg", ".jpg", ".jpg", ".JPG", ".jpeg", ".png"])
        paths.append((os.path.join(rng.choice(FOLDERS), f"IMG_{4001 + i}{extension}"), str(name)))
    return sorted(paths)


def jobs_for(folder, pictures, stamps_of_class, share_turned, random_seed):
    """One job a picture; the stamps of a class take turns, so that each is shown."""
    rng = np.random.default_rng(random_seed)
    everything = [path for name in sorted(stamps_of_class) for path in stamps_of_class[name]]
    shown = dict.fromkeys(stamps_of_class, 0)
    for index, (path, name) in enumerate(pictures):
        own = stamps_of_class[name]
        first = own[shown[name] % len(own)]
        shown[name] += 1
        yield (random_seed, index, name, first, own, everything, os.path.join(folder, path),
               rng.random() < share_turned)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", help="folder to write seed/, unlabelled/ and truth.csv into")
    parser.add_argument("--random-seed", type=int, default=1)
    arguments = parser.parse_args()
    if not os.path.isdir(STAMPS_DIR):
        parser.error(f"no stamps in {STAMPS_DIR}: install tuxpaint-stamps-default")

    rng = np.random.default_rng(arguments.random_seed)
    sides = split_stamps(rng)
    seed, unlabelled = plan_seed(), plan_unlabelled(rng)
    jobs = []
    for side, (folder, pictures) in enumerate([("seed", seed), ("unlabelled", unlabelled)]):
        folder = os.path.join(arguments.output, folder)
        shutil.rmtree(folder, ignore_errors=True)
        for path, _ in pictures:
            os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
        jobs += jobs_for(folder, pictures, {name: both[side] for name, both in sides.items()},
                         0.06 * side, 2 * arguments.random_seed + side)
    with Pool() as pool:
        pool.map(compose_and_save, jobs, chunksize=8)

    truth = os.path.join(arguments.output, "truth.csv")
    with open(truth, "w", newline="") as file:  # last, so that its presence says all is there
        csv.writer(file, lineterminator="\n").writerows([("path", "label"), *unlabelled])
    print(f"{len(seed)} labelled and {len(unlabelled)} unlabelled pictures "
          f"of {len(CLASSES)} classes")


if __name__ == "__main__":
    main()
