"""pycocotools, in a virtual environment of its own."""

import os
import subprocess
import sys
import venv
from pathlib import Path

from .machine import cache_folder

VERSION = "2.0.11"


def enter_environment():
    """Runs the script again with the Python of an environment with pycocotools, made where absent."""
    folder = cache_folder() / "coco-venv"
    python = folder / "bin/python"
    if Path(sys.prefix).resolve() == folder.resolve():
        return
    check = ("from importlib.metadata import version; import numpy; "
             f"assert version('pycocotools') == '{VERSION}'")
    if not python.exists() or subprocess.run([python, "-c", check], capture_output=True).returncode:
        print(f"installing pycocotools {VERSION} into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", f"pycocotools=={VERSION}"],
                       check=True)
    os.execv(python, [str(python), *sys.argv])
