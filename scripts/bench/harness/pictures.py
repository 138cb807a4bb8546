"""Pillow, in a virtual environment of its own, and what becomes of photographs with it."""

import os
import subprocess
import sys
import venv
from pathlib import Path

from .machine import cache_folder

VERSION = "12.0.0"


def enter_environment():
    """Runs the script again with the Python of an environment with Pillow, made where absent."""
    folder = cache_folder() / "pillow-venv"
    python = folder / "bin/python"
    if Path(sys.prefix).resolve() == folder.resolve():
        return
    check = f"from importlib.metadata import version; assert version('pillow') == '{VERSION}'"
    if not python.exists() or subprocess.run([python, "-c", check], capture_output=True).returncode:
        print(f"installing Pillow {VERSION} into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", f"pillow=={VERSION}"], check=True)
    os.execv(python, [str(python), *sys.argv])


def blurred(image):
    """As much as a lens out of focus: 3 of 224 pixels of the short side."""
    from PIL import ImageFilter
    return image.filter(ImageFilter.GaussianBlur(3 * min(image.size) / 224)), 90


def darkened(image):
    return image.point(lambda value: int(0.3 * value)), 90


def rotated(image):
    from PIL import Image
    return image.transpose(Image.Transpose.ROTATE_90), 90


def compressed(image):
    return image, 10


def changed(source, target, change):
    """target: `source` after `change`, as a JPEG; EXIF orientation is applied."""
    from PIL import Image, ImageOps
    with Image.open(source) as image:
        picture, quality = change(ImageOps.exif_transpose(image).convert("RGB"))
    target.parent.mkdir(parents=True, exist_ok=True)
    picture.save(target, "JPEG", quality=quality)
