"""The labelled sets, and copies of parts of them."""

import argparse
import os
import shutil
from pathlib import Path

from .machine import ROOT

# Sets of one folder per class, with a seed to train on and a pool to draft and be scored on.
CLASSIFICATION = ["clothing", "sign_digits"]


def arguments(description):
    """A parser with what every benchmark takes."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path,
                        default=os.environ.get("PREANNOTATE_DATA") or ROOT.parent / "shared/data",
                        help="folder of the labelled sets [$PREANNOTATE_DATA, else %(default)s]")
    parser.add_argument("--program", type=Path, default=ROOT / "build/preannotate",
                        help="[%(default)s]")
    return parser


def parse(parser, words):
    """Arguments, after a look at the two things that are not in the repository."""
    args = parser.parse_args(words)
    args.data, args.program = Path(args.data), args.program.resolve()
    if not args.program.is_file():
        parser.error(f"{args.program} is not there: run scripts/dev.sh build, or name --program")
    if not args.data.is_dir():
        parser.error(f"{args.data} is not there: name the folder of the labelled sets")
    return args


def split_at_dashes(words):
    """["a", "--", "b", "--", "c"] -> ["a"], [["b"], ["c"]]: options, and variants of train's."""
    parts = [[]]
    for word in words:
        if word == "--":
            parts.append([])
        else:
            parts[-1].append(word)
    return parts[0], parts[1:] or [[]]


def place(source, target):
    """The file under another name: a hard link where the file system allows it, else a copy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def seed_with(folder, per_class, target):
    """The first `per_class` seeds of each class; seed.txt lists them round-robin."""
    lines = (folder / "seed.txt").read_text().split()
    classes = len({line.split("/")[0] for line in lines})
    for line in lines[:per_class * classes]:
        place(folder / "seed" / line, target / line)
    return target


def images_in(folder):
    return sorted(path for path in folder.rglob("*")
                  if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
