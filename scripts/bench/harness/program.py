"""Runs preannotate, and says what each run cost."""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

SOME_SKIPPED = 3


@dataclass
class Done:
    document: dict  # what --json printed
    wall_s: float
    cpu_s: float  # user and system
    peak_mib: float  # resident memory


class Program:
    """build/preannotate with a feature cache of its own, so that nothing from before is measured."""

    def __init__(self, path, cache):
        self.path = path
        self.cache = cache

    def run(self, command, *options, cache=None, allowed=(0, SOME_SKIPPED)):
        """Ends the benchmark with the program's own words where it fails."""
        words = [str(word) for word in (self.path, command, "--json", *options)]
        environment = {**os.environ, "PREANNOTATE_CACHE": str(cache or self.cache)}
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            start = time.perf_counter()
            child = subprocess.Popen(words, stdout=out, stderr=err, env=environment)
            _, status, usage = os.wait4(child.pid, 0)
            wall_s = time.perf_counter() - start
            child.returncode = os.waitstatus_to_exitcode(status)
            for file in (out, err):
                file.seek(0)
            if child.returncode == SOME_SKIPPED:
                print(f"{command} left some inputs out:\n{err.read()}", file=sys.stderr)
            elif child.returncode not in allowed:
                sys.exit(f"{' '.join(words)}\nended with {child.returncode}:\n{err.read()}")
            return Done(json.load(out), wall_s, usage.ru_utime + usage.ru_stime,
                        usage.ru_maxrss / 1024)
