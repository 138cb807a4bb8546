#!/usr/bin/env python3
"""Fails when a row of docs/bad_input.md has no test that names it, or a test names no row there.

  check_bad_input.py [--list]    --list: the tests of each row

A test names its rows in the comment lines above it ("Row 27: ...", "Rows 3, 4: ..."), or in its own
name (Row60Killed...).
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROW = re.compile(r"^\| *(\d+) *\|", re.MULTILINE)
NAMED = re.compile(r"\bRows? (\d+(?:(?:, | and |-)\d+)*)")
TEST = re.compile(r"^TEST(?:_[FP])?\((\w+), *(\w+)\)")


def rows_in(text):
    for match in NAMED.finditer(text):
        for part in re.split(r", | and ", match[1]):
            first, _, last = part.partition("-")
            yield from range(int(first), int(last or first) + 1)


def tests_of_rows():
    found = {}
    for path in sorted((ROOT / "tests").rglob("*_test.cpp")):
        comment = []
        for line in path.read_text().splitlines():
            test = TEST.match(line)
            if test:
                rows = set(rows_in(" ".join(comment)))
                rows.update(int(n) for n in re.findall(r"Row(\d+)", test[2]))
                for row in rows:
                    found.setdefault(row, []).append(f"{path.parent.name}/{test[1]}.{test[2]}")
            comment = comment + [line.strip("/ ")] if line.startswith("//") else []
    return found


def main():
    rows = [int(n) for n in ROW.findall((ROOT / "docs" / "bad_input.md").read_text())]
    tests = tests_of_rows()
    if "--list" in sys.argv:
        for row in rows:
            print(row, *tests.get(row, ["-"]), sep="\t")
    missing = [row for row in rows if row not in tests]
    unknown = sorted(set(tests) - set(rows))
    for row in missing:
        print(f"docs/bad_input.md: row {row} has no test that names it")
    for row in unknown:
        print(f"{tests[row][0]}: names row {row}, which docs/bad_input.md does not have")
    print(f"bad input: {len(rows)} rows, {sum(map(len, tests.values()))} namings in tests, "
          f"{len(missing)} without a test")
    return 1 if missing or unknown or rows != list(range(1, len(rows) + 1)) else 0


if __name__ == "__main__":
    sys.exit(main())
