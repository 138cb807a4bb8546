"""The lines above each table that say when, where and with what it was measured."""

import json
import os
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
WIDTH = 80


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "Hardware"):
            return value.strip()
    return os.uname().machine


def load():
    return "load average " + " ".join(f"{value:.1f}" for value in os.getloadavg())


def commit():
    done = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"],
                          capture_output=True, text=True)
    return f" ({done.stdout.strip()})" if done.returncode == 0 else ""


def print_header(program, title):
    """Title, date, processor, cores, load and versions."""
    done = subprocess.run([program, "doctor", "--json"], capture_output=True, text=True)
    found = json.loads(done.stdout)
    print(title)
    print(f"{time.strftime('%Y-%m-%d %H:%M %Z')}, {processor()}, "
          f"{len(os.sched_getaffinity(0))} cores, {load()}")
    print(f"preannotate {found['version']}{commit()}, libtorch {found['libtorch']}, "
          f"OpenCV {found['opencv']}, device {found['device']}")


def cache_folder():
    """Where virtual environments are kept: that of the project's own scripts."""
    cache = os.environ.get("PREANNOTATE_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) if cache else Path(base) / "preannotate"
