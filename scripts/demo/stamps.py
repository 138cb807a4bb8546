"""The stamps of Debian's tuxpaint-stamps-default as classes, split into two sides by subject."""

import os
import re

import numpy as np
from PIL import Image

STAMPS_DIR = "/usr/share/tuxpaint/stamps"

# class: the folders it is made of, and the stamps in them (lower case) that show something else.
CLASSES = {
    "bird": (["animals/birds"], {"penguin_with_yellowbug", "pengwin", "tux"}),
    "building": (["town/houses"], {"cave_entrance", "city", "farm"}),
    "coin": ([f"symbols/money/{c}" for c in ("canadian/coins", "euro/coins", "japanese", "us/coins")],
             set()),
    "flower": (["plants/flowers"], set()),
    "fruit": (["food/fruit"], {"apple_core"}),
    "insect": (["animals/insects"],
               {"brown_slug", "woodlouse", "snail", "snail2", "spider_computer", "spider_football", "wings"}),
    "mammal": (["animals/mammals"], {"teddy_bear", "edward_bear"}),
    "road_sign": (["town/roadsigns"], {"traffic_cone", "toilets"}),
    "vegetable": (["food/vegetables"], {"mushroom"}),
    "vehicle": (["vehicles"], {"7spoke256", "wheel_tractor", "trainsign", "sedan_police"}),
}

LONGEST_SIDE_PX = 700


def list_stamps(name):
    """Paths of the PNG stamps of a class, sorted; mirrored doubles are left out."""
    folders, other_things = CLASSES[name]
    found = []
    for folder in folders:
        for parent, _, files in os.walk(os.path.join(STAMPS_DIR, folder)):
            for file in files:
                stem, extension = os.path.splitext(file)
                if extension == ".png" and stem.lower() not in other_things and "mirror" not in stem:
                    found.append(os.path.join(parent, file))
    return sorted(found)


def subject(path):
    """The first word of a stamp's name: `pig_golden2` and `pig` may be the same animal."""
    return re.split(r"[_-]", os.path.splitext(os.path.basename(path))[0].lower())[0]


def split_stamps(rng, seed_share=0.5):
    """Returns {class: (seed paths, unlabelled paths)}; a subject is on one side only."""
    sides = {}
    for name in sorted(CLASSES):
        by_subject = {}
        for path in list_stamps(name):
            by_subject.setdefault(subject(path), []).append(path)
        subjects = sorted(by_subject)
        rng.shuffle(subjects)
        wanted = seed_share * sum(map(len, by_subject.values()))
        seed, unlabelled = [], []
        for one in subjects:
            (seed if len(seed) < wanted else unlabelled).extend(by_subject[one])
        sides[name] = (seed, unlabelled)
    return sides


def load_stamp(path):
    """The stamp as RGBA without its empty margin."""
    image = Image.open(path).convert("RGBA")
    opaque = np.asarray(image)[..., 3] > 16
    rows, columns = np.flatnonzero(opaque.any(axis=1)), np.flatnonzero(opaque.any(axis=0))
    image = image.crop((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
    image.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX), Image.Resampling.LANCZOS)
    return image
