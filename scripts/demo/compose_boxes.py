#!/usr/bin/env python3
"""Composes the pictures of the demo's detection round: several Tux Paint stamps in each.

  compose_boxes.py OUTPUT   writes OUTPUT/seed/{annotations.json,images/*.jpg},
                            OUTPUT/unlabelled/*.jpg, OUTPUT/truth.json

Boxes are those of the stamps' opaque pixels. As in compose.py, no stamp of the seed, nor another of
the same subject, is in an unlabelled picture, and the same --random-seed gives the same pictures.
"""

import argparse
import json
import os
import shutil
from multiprocessing import Pool

import numpy as np
from PIL import Image

import backgrounds
from compose import LARGEST_ENLARGEMENT, READABLE, add_shadow, prepared, save, under_some_light
from stamps import STAMPS_DIR, load_stamp, split_stamps

CLASSES = ["coin", "flower", "fruit", "road_sign", "vehicle"]
SEED, UNLABELLED = 30, 60
OBJECTS = (2, 6)  # a picture: at least, below
SIDE = (0.18, 0.42)  # of an object's longer side, as a share of the picture's short one
SIZES = [(640, 480), (640, 427), (480, 640), (600, 600)]
MOST_COVERED = 0.15  # of a box, by another
OPAQUE = 96
ATTEMPTS = 40


def box_of(stamp, at):
    """[left, top, right, bottom] of the opaque pixels of a stamp placed there."""
    opaque = np.asarray(stamp.getchannel("A")) >= OPAQUE
    rows, columns = np.flatnonzero(opaque.any(axis=1)), np.flatnonzero(opaque.any(axis=0))
    return [int(at[0] + columns[0]), int(at[1] + rows[0]),
            int(at[0] + columns[-1] + 1), int(at[1] + rows[-1] + 1)]


def area(box):
    return max(0, box[2] - box[0]) * max(0, box[3] - box[1])


def covered(a, b):
    """Share of the smaller box that lies in the other."""
    shared = [max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])]
    return area(shared) / min(area(a), area(b))


def free_place(rng, stamp, size, horizon, taken):
    """(place, box) wholly in the picture and hardly on another object, or None."""
    width, height = size
    for _ in range(ATTEMPTS):
        left = int(rng.integers(0, max(1, width - stamp.width)))
        lowest = max(1, height - stamp.height)
        top = int(rng.integers(0, lowest))
        if horizon is not None:  # the feet stand on the ground
            top = int(rng.integers(min(lowest - 1, max(0, horizon + 8 - stamp.height)), lowest))
        box = box_of(stamp, (left, top))
        if all(covered(box, other) <= MOST_COVERED for other in taken):
            return (left, top), box
    return None


def compose(rng, names, stamps_of_class, everything):
    """(picture, [(class, box)]): an object for each of `names` that finds a place."""
    width, height = SIZES[rng.integers(len(SIZES))]
    clutter = [load_stamp(everything[i]) for i in rng.integers(len(everything), size=3)]
    horizon = None
    if rng.random() < 0.4:
        pixels, horizon = backgrounds.scene(rng, width, height, clutter)
    else:
        pixels = backgrounds.SURFACES[rng.integers(len(backgrounds.SURFACES))](rng, width, height)
    canvas = Image.fromarray(np.uint8(np.clip(pixels, 0, 255)))
    objects = []
    for name in names:
        own = stamps_of_class[name]
        stamp = load_stamp(own[rng.integers(len(own))])
        side = min(rng.uniform(*SIDE) * min(width, height), max(stamp.size) * LARGEST_ENLARGEMENT)
        stamp = prepared(rng, stamp, side, horizon is not None, name not in READABLE)
        found = free_place(rng, stamp, canvas.size, horizon, [box for _, box in objects])
        if found:
            at, box = found
            add_shadow(canvas, stamp, at, rng, upright=horizon is not None)
            canvas.paste(stamp, at, stamp)
            objects.append((name, box))
    return under_some_light(rng, canvas), objects


def compose_and_save(job):
    """(width, height, [(class, box)]) of the picture."""
    random_seed, index, names, stamps_of_class, path = job
    rng = np.random.default_rng([random_seed, index])
    everything = [path for name in CLASSES for path in stamps_of_class[name]]
    image, objects = compose(rng, names, stamps_of_class, everything)
    save(rng, image, path, turned=False)
    return image.width, image.height, objects


def plan(rng, pictures):
    """Classes of the objects of each picture; in all of them together each is as frequent."""
    counts = rng.integers(*OBJECTS, size=pictures)
    names = np.resize(CLASSES, counts.sum())
    rng.shuffle(names)
    return [list(map(str, part)) for part in np.split(names, np.cumsum(counts)[:-1])]


def coco(names, composed):
    """The document of pictures with these file names."""
    document = {"info": {"description": "composed from Tux Paint stamps"}, "licenses": [],
                "categories": [{"id": i + 1, "name": name} for i, name in enumerate(CLASSES)],
                "images": [], "annotations": []}
    for number, (name, (width, height, objects)) in enumerate(zip(names, composed), start=1):
        document["images"].append(
            {"id": number, "file_name": name, "width": width, "height": height})
        for category, box in objects:
            document["annotations"].append({
                "id": len(document["annotations"]) + 1, "image_id": number, "iscrowd": 0,
                "category_id": CLASSES.index(category) + 1, "area": area(box),
                "bbox": [box[0], box[1], box[2] - box[0], box[3] - box[1]]})
    return document


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", help="folder to write seed/, unlabelled/ and truth.json into")
    parser.add_argument("--random-seed", type=int, default=1)
    arguments = parser.parse_args()
    if not os.path.isdir(STAMPS_DIR):
        parser.error(f"no stamps in {STAMPS_DIR}: install tuxpaint-stamps-default")

    rng = np.random.default_rng(arguments.random_seed)
    sides = split_stamps(rng)
    parts = [("seed/images", "seed/annotations.json", "SEED", SEED),
             ("unlabelled", "truth.json", "IMG", UNLABELLED)]
    for side, (folder, file, prefix, pictures) in enumerate(parts):
        folder = os.path.join(arguments.output, folder)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        names = [f"{prefix}_{i + 1:04}.jpg" for i in range(pictures)]
        stamps_of_class = {name: sides[name][side] for name in CLASSES}
        jobs = [(2 * arguments.random_seed + side, i, classes, stamps_of_class,
                 os.path.join(folder, names[i])) for i, classes in enumerate(plan(rng, pictures))]
        with Pool() as pool:
            document = coco(names, pool.map(compose_and_save, jobs, chunksize=4))
        with open(os.path.join(arguments.output, file), "w") as out:
            json.dump(document, out)
        print(f"{file}: {pictures} pictures with {len(document['annotations'])} boxes "
              f"of {len(CLASSES)} classes")


if __name__ == "__main__":
    main()
