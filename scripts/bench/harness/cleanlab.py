"""cleanlab, in a virtual environment of its own."""

import os
import subprocess
import sys
import venv
from pathlib import Path

from .machine import ROOT, cache_folder

REQUIREMENTS = ROOT / "scripts/bench/cleanlab.txt"


def enter_environment():
    """Runs the script again with the Python of an environment with cleanlab, made where absent."""
    folder = cache_folder() / "cleanlab-venv"
    python = folder / "bin/python"
    if Path(sys.prefix).resolve() == folder.resolve():
        return
    stamp = folder / "requirements.txt"
    if not stamp.is_file() or stamp.read_text() != REQUIREMENTS.read_text():
        print(f"installing {REQUIREMENTS.name} into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", REQUIREMENTS], check=True)
        stamp.write_text(REQUIREMENTS.read_text())
    os.execv(python, [str(python), *sys.argv])
